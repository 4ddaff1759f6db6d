//! After the agent: take its one file, try it in the clean room, and seal all the evidence.

use std::collections::BTreeMap;

use crate::domain::clean_room::Room;
use crate::domain::dossier::{Dossier, Seal, Tools, VERSION, Walls};
use crate::domain::dry_run::DryRunArguments;
use crate::domain::finding::Severity;
use crate::domain::settings::Writes;
use crate::domain::spec::Spec;
use crate::domain::tape::{Exchange, Phase};
use crate::domain::tree::{Entry, Tree};
use crate::edge::nango::{Contents, RoomFolder, scaffold, take, touched_ms};
use crate::edge::witness::Replay;

use super::prepare::{self, Prepared};
use super::work::Worked;
use crate::os::random;
use crate::rules::rebuild::rebuild;
use crate::rules::{dry_run, probes, replay};
use crate::run::blocking::blocking;
use crate::run::cancel::Cancellation;
use crate::run::fault::Fault;
use crate::run::machine::Machine;

/// What the evidence says about its own circumstances.
#[derive(Debug, Clone)]
pub struct Circumstances {
    /// What the attempt was made with.
    pub tools: Tools,
    /// The walls around the agent.
    pub walls: Walls,
    /// Whether our check may write to the test account twice.
    pub writes: Writes,
    /// The repository's severities.
    pub severities: BTreeMap<String, Severity>,
    /// Why it changed them.
    pub reasons: BTreeMap<String, String>,
    /// Milliseconds since the epoch.
    pub started_ms: i64,
    /// Milliseconds since the epoch.
    pub ended_ms: i64,
}

/// Tries the function and seals the dossier.
pub async fn gather(
    machine: &Machine,
    prepared: &Prepared,
    worked: Worked,
    circumstances: Circumstances,
    cancellation: &Cancellation,
) -> Result<Dossier, Fault> {
    let spec = &prepared.brief.spec;
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
    let room = match source {
        None => Room::untried(taken),
        Some(source) => {
            let arguments = arguments(spec, &worked, &after, &contents);
            prepared.access.replay(Replay {
                answers: replayable(prepared, &worked),
                writes: circumstances.writes,
            });
            let tried = try_function(machine, prepared, &source, arguments, cancellation);
            let (room, found) = tried.await?;
            contents.extend(found);
            room
        }
    };
    prepared.access.close();
    let offered_recording = match after.get(&spec.recording_path()) {
        Some(Entry::File { digest, .. }) => Some(digest.clone()),
        Some(Entry::Link { .. } | Entry::Other { .. }) | None => None,
    };
    let (dossiers, tape) = (machine.dossiers.clone(), prepared.access.tape());
    let (attempt, spec, allowed) = (
        prepared.attempt.clone(),
        spec.clone(),
        prepared.brief.allowed.clone(),
    );
    let before = prepared.before.clone();
    let workspace = prepared.workspace.dir().display().to_string();
    let Worked {
        ended,
        transcript,
        claim,
    } = worked;
    let usage = transcript.usage;
    blocking(move || {
        dossiers.seal(&transcript, &tape, &contents, |evidence| Seal {
            version: VERSION,
            attempt,
            spec,
            workspace: Some(workspace),
            allowed,
            severities: circumstances.severities,
            reasons: circumstances.reasons,
            tools: circumstances.tools,
            walls: circumstances.walls,
            started_ms: circumstances.started_ms,
            ended_ms: circumstances.ended_ms,
            ended,
            usage,
            before,
            after,
            offered_recording,
            transcript: evidence.transcript,
            tape: evidence.tape,
            claim,
            room,
        })
    })
    .await?
    .map_err(|e| Fault::passing("seal the evidence", e))
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
fn replayable(prepared: &Prepared, worked: &Worked) -> Vec<Exchange> {
    let spec = &prepared.brief.spec;
    let touched = touched_ms(prepared.workspace.dir(), &spec.function_path());
    let (transcript, tape) = (&worked.transcript, prepared.access.tape());
    touched.map_or_else(Vec::new, |touched| {
        replay::replayable(spec, transcript, &tape, touched)
    })
}

/// The clean room: fresh project, the agent's source, our everything else.
async fn try_function(
    machine: &Machine,
    prepared: &Prepared,
    source: &[u8],
    arguments: DryRunArguments,
    cancellation: &Cancellation,
) -> Result<(Room, Contents), Fault> {
    let folder = prepared.folder.room();
    // Unguessable, so that code in the clean room cannot write our own report beforehand.
    let nonce = random::hex::<24>().map_err(Fault::bug)?;
    let lay = {
        let (template, spec, source) = (
            machine.template.clone(),
            prepared.brief.spec.clone(),
            source.to_vec(),
        );
        blocking(move || RoomFolder::lay(&template, &folder, &spec, &source, &nonce))
    };
    let room = lay
        .await?
        .map_err(|e| Fault::passing("lay out the clean room", e))?;
    let program = room
        .try_it(
            machine.witness.port(),
            &prepared.access.key(Phase::CleanRoom),
            &arguments,
        )
        .map_err(|e| Fault::passing("lay out the clean room", e))?;
    let end = machine.run(&program, cancellation).await?;
    let tape = prepared.access.tape();
    let tried = room
        .read_tried(&end)
        .map_err(|e| Fault::passing("read what the clean room found", e))?
        .put_right(|recording| rebuild(recording, &tape));
    let tests = room
        .test_it(&tried)
        .map_err(|e| Fault::passing("lay out the tests", e))?;
    let tests = match tests {
        Some(program) => Some(machine.run(&program, cancellation).await?),
        None => None,
    };
    let recording = tried.recording.clone();
    let (mut found, contents) = room.conclude(arguments, tried, tests.as_ref());
    // What does not pass its own tests is not worth an experiment.
    if let Some(recording) = recording.filter(|_| found.passed()) {
        let sources = probes::sources();
        let program = room
            .probe_it(&recording, probes::ENGINE, &sources)
            .map_err(|e| Fault::passing("lay out the probes", e))?;
        let end = machine.run(&program, cancellation).await?;
        found.probes = room.read_probes(&sources, &end);
    }
    Ok((found, contents))
}
