//! After the agent: take its one file, try it in the clean room, and seal all the evidence.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use crate::domain::clean_room::Room;
use crate::domain::dossier::{Dossier, Round, Seal, Tools, VERSION, Walls};
use crate::domain::dry_run::DryRunArguments;
use crate::domain::limits;
use crate::domain::module::Module;
use crate::domain::name::Digest;
use crate::domain::settings::{Settings, Writes};
use crate::domain::spec::Spec;
use crate::domain::tape::Exchange;
use crate::domain::tree::{Entry, Tree};
use crate::edge::blobs::Evidence;
use crate::edge::nango::{Contents, scaffold, take, touched_ms};
use crate::edge::witness::Replay;

use super::clean_room::{RoomFunction, try_function};
use super::neighbours;
use super::prepare::{self, Prepared};
use super::work::Worked;
use crate::rules::{dry_run, replay, undo};
use crate::run::blocking::blocking;
use crate::run::cancel::Cancellation;
use crate::run::fault::Fault;
use crate::run::ground::TakenModules;
use crate::run::kept::evidence::patiently;
use crate::run::machine::Machine;

/// What the evidence says about its own circumstances.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// What the attempt was made with.
    pub tools: &'a Tools,
    /// The walls around the agent.
    pub walls: &'a Walls,
    /// The repository's settings.
    pub settings: &'a Settings,
    /// Milliseconds since the epoch.
    pub started_ms: i64,
    /// The time.
    pub now: &'a (dyn Fn() -> i64 + Send + Sync),
}

/// Tries the function and seals the dossier. `earlier` is the round before; when the function is as it was then, it is not
/// tried again.
pub async fn gather(
    machine: &Machine,
    prepared: &Prepared,
    worked: Worked,
    circumstances: &Circumstances<'_>,
    earlier: Option<(&Dossier, Round)>,
    cancellation: &Cancellation,
) -> Result<Dossier, Fault> {
    let spec = &prepared.brief.spec;
    let ended_ms = (circumstances.now)();
    let after = prepared
        .workspace
        .tree()
        .map_err(|e| Fault::passing("look at what the agent left", e))?;
    let mut contents = prepared.originals.clone();
    let changes = prepared.before.changes_to(&after);
    let changed = changes
        .iter()
        .filter_map(|change| change.after.as_ref().map(|entry| (&change.path, entry)));
    contents.extend(prepare::contents(prepared.workspace.dir(), changed));
    let (taken, source) = take(
        prepared.workspace.dir(),
        &spec.function_path(),
        &scaffold(spec),
    );
    let modules = match &source {
        Some(source) => {
            let (ground, source) = (prepared.ground.clone(), source.clone());
            let workspace = prepared.workspace.dir().to_owned();
            blocking(move || ground.modules(&workspace, &source)).await?
        }
        None => TakenModules::default(),
    };
    contents.extend(modules.contents.clone());
    let before = earlier.as_ref().map(|(dossier, _)| *dossier);
    let arguments = arguments(spec, &worked, &after, &contents);
    let unchanged = before.filter(|before| {
        let room = &before.seal.room;
        room.function == taken
            && room.arguments == arguments
            && before.seal.modules == modules.modules
    });
    let (room, neighbours) = match (source, unchanged) {
        (_, Some(before)) => {
            contents.extend(room_contents(before));
            (before.seal.room.clone(), before.seal.neighbours.clone())
        }
        (None, None) => (Room::untried(taken), Vec::new()),
        (Some(source), None) => {
            prepared.access.replay(Replay {
                answers: replayable(prepared, &worked, &modules.modules),
                writes: writes(spec, circumstances.settings),
            });
            let function = RoomFunction {
                source,
                modules: modules.sources.clone(),
                arguments,
            };
            let tried = try_function(machine, prepared, function, before, cancellation).await;
            match &tried {
                Ok(_) => clean_up(prepared, before).await,
                // What our run created before it was called back is ours to remove too, as far as that goes quickly.
                Err(_) => {
                    let patience = Duration::from_secs(limits::LEAVE_SECONDS);
                    if timeout(patience, clean_up(prepared, before)).await.is_err() {
                        tracing::warn!("what our run created may still be there");
                    }
                }
            }
            let (room, found) = tried?;
            contents.extend(found);
            // What does not work itself is mended first.
            let neighbours = match room.passed() {
                true => neighbours::try_all(machine, prepared, &modules, cancellation).await?,
                false => Vec::new(),
            };
            (room, neighbours)
        }
    };
    let tape = match (before, unchanged) {
        (Some(before), Some(_)) => prepared.access.tape().after_idle_round(&before.tape),
        (Some(before), None) => prepared.access.tape().after_round(&before.tape),
        (None, _) => prepared.access.tape(),
    };
    let rounds = match earlier {
        None => Vec::new(),
        Some((before, round)) => {
            contents.extend(earlier_functions(before));
            let earlier = before.seal.rounds.iter().cloned();
            earlier.chain([round]).collect()
        }
    };
    let offered_recording = match after.get(&spec.recording_path()) {
        Some(Entry::File { digest, .. }) => Some(digest.clone()),
        Some(Entry::Link { .. } | Entry::Other { .. }) | None => None,
    };
    let dossiers = machine.dossiers.clone();
    let settings = circumstances.settings;
    let seal = {
        let attempt = prepared.attempt.clone();
        let spec = spec.clone();
        let workspace = prepared.workspace.dir().display().to_string();
        let guidance = prepared.brief.guidance.clone();
        let allowed = vec![spec.function_path(), spec.recording_path()];
        let helpers = prepared.ground.folders().to_vec();
        let modules = modules.modules;
        let (severities, reasons) = (settings.severities.clone(), settings.reasons.clone());
        let (tools, walls) = (circumstances.tools.clone(), circumstances.walls.clone());
        let started_ms = circumstances.started_ms;
        let (ended, claim, usage) = (worked.ended, worked.claim, worked.transcript.usage);
        let before = prepared.before.clone();
        let beginning = prepared.brief.ground.beginning.clone();
        move |evidence: Evidence| Seal {
            version: VERSION,
            attempt,
            spec,
            workspace: Some(workspace),
            allowed,
            helpers,
            modules,
            severities,
            reasons,
            beginning,
            tools,
            walls,
            started_ms,
            ended_ms,
            ended,
            usage,
            before,
            after,
            offered_recording,
            transcript: evidence.transcript,
            tape: evidence.tape,
            claim,
            room,
            neighbours,
            rounds,
            guidance,
        }
    };
    let all = Arc::new((worked.transcript, tape, contents));
    let seal = move || {
        let (transcript, tape, contents) = &*all;
        dossiers.seal(transcript, tape, contents, seal.clone())
    };
    patiently(cancellation, "seal the evidence", seal).await
}

/// Whether our run may write what cannot be answered from the tape. A function that takes access back is never run twice: the
/// second time it meets a world in which its work is done.
fn writes(spec: &Spec, settings: &Settings) -> Writes {
    match spec.event {
        Some(event) if !event.spares_the_connection() => Writes::Once,
        Some(_) | None => settings.writes,
    }
}

/// What the clean room of a round before made.
fn room_contents(before: &Dossier) -> Contents {
    let room = &before.seal.room;
    let made = [
        room.function.source(),
        room.recording.as_ref(),
        room.saved.as_ref(),
        room.test.as_ref(),
    ];
    kept(before, made.into_iter().flatten())
}

/// The function as it was in the round before and in those before that.
fn earlier_functions(before: &Dossier) -> Contents {
    let rounds = before.seal.rounds.iter();
    let functions = rounds.filter_map(|round| round.function.as_ref());
    kept(before, functions.chain(before.seal.room.function.source()))
}

fn kept<'a>(dossier: &Dossier, digests: impl Iterator<Item = &'a Digest>) -> Contents {
    digests
        .filter_map(|digest| Some((digest.clone(), dossier.content(digest)?.to_vec())))
        .collect()
}

/// What the function is run with, which may lie in a file that the agent left.
fn arguments(spec: &Spec, worked: &Worked, after: &Tree, contents: &Contents) -> DryRunArguments {
    let left = |path: &str| match after.get(path) {
        Some(Entry::File { digest, .. }) => String::from_utf8(contents.get(digest)?.clone()).ok(),
        _ => None,
    };
    dry_run::arguments(spec, &worked.claim, &worked.transcript, left)
}

/// What need not be asked again. The file's own time is the kernel's, which no agent can turn back.
fn replayable(prepared: &Prepared, worked: &Worked, modules: &[Module]) -> Vec<Exchange> {
    let spec = &prepared.brief.spec;
    let at = |path: &str| touched_ms(prepared.workspace.dir(), path);
    // A module that is not shown cannot have been touched.
    let modules = modules.iter().filter_map(|module| at(&module.path));
    let touched = at(&spec.function_path()).map(|own| modules.fold(own, i64::max));
    let (transcript, tape) = (&worked.transcript, prepared.access.tape());
    touched.map_or_else(Vec::new, |touched| {
        replay::replayable(spec, transcript, &tape, touched)
    })
}

/// Removes what our run created in the test account, as far as the API allows.
async fn clean_up(prepared: &Prepared, before: Option<&Dossier>) {
    let tape = prepared.access.tape();
    let tape = match before {
        Some(before) => tape.after_round(&before.tape),
        None => tape,
    };
    for undo in undo::undos(&tape) {
        prepared.access.clean_up(&undo).await;
    }
}
