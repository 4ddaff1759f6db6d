//! What goes into the project, and what is there.

use crate::domain::limits;
use crate::domain::name::{Digest, InteractionKey, Sha};
use crate::domain::row::State;
use crate::domain::spec::{FunctionPaths, Kind};
use crate::domain::tree::Edits;
use crate::domain::verdict::{Accepted, Parts, Tested};
use crate::domain::view::View;
use crate::edge::blobs::Dossiers;
use crate::edge::git::{GitError, Mirror};
use crate::rules::assemble::{AssembleProblem, INDEX, MANIFEST, Present, say_the_same};
use crate::run::blocking::blocking;
use crate::run::fault::Fault;
use crate::run::judging::judged_of;

use super::clashes::is_left_out;
use super::settling::{InProject, Settling};

/// What the path of a recording ends with.
const RECORDING: &str = ".test.json";

impl Settling<'_> {
    /// The files of everything that may be put in: judged now, or carried from an earlier run.
    pub(super) async fn parts(&self) -> Result<Vec<Parts>, Fault> {
        let mut accepted = Vec::new();
        for row in &self.view.rows {
            let Some(spec) = &row.spec else { continue };
            let leave = match &row.state {
                State::Judged { judgement } if is_left_out(judgement) => None,
                State::Judged { judgement } => {
                    judgement.accept(spec, self.checkout.settings.commit)
                }
                // Judged again rather than remembered: what the rules of today refuse has a row that says so.
                State::Carried { dossier } => {
                    let what = "open the evidence of an earlier run";
                    let overrulings = self.overrulings.of(dossier);
                    let judged = judged_of(self.dossiers, dossier, overrulings, what);
                    let (_, judgement) = judged.await?;
                    judgement.accept(spec, self.checkout.settings.commit)
                }
                State::Waiting
                | State::Stopped
                | State::Working { .. }
                | State::Edited { .. }
                | State::Adopted
                | State::TakenBack
                | State::Skipped { .. }
                | State::CalledOff { .. }
                | State::Restored
                | State::Removed
                | State::GivenUp { .. } => None,
            };
            accepted.extend(leave);
        }
        let dossiers = self.dossiers.clone();
        blocking(move || {
            accepted
                .into_iter()
                .map(|one| part(&dossiers, one))
                .collect()
        })
        .await?
    }

    /// The edits that change anything: what is carried is mostly there already.
    pub(super) async fn news(&self, edits: Edits) -> Result<Edits, Fault> {
        let (mirror, head) = (self.checkout.mirror.clone(), self.checkout.head.clone());
        blocking(move || {
            let mut news = Edits::new();
            for (path, content) in edits {
                let there = mirror.read(&head, &path, limits::RECORDING_BYTES);
                // What cannot be read is no regular file of this size, so it is something else than ours.
                let is_there = match (there.ok().flatten(), &content) {
                    (Some(there), Some(content)) if path.ends_with(RECORDING) => {
                        say_the_same(&there, content)
                    }
                    (there, content) => there == *content,
                };
                if !is_there {
                    news.insert(path, content);
                }
            }
            news
        })
        .await
    }
}

impl InProject<'_> {
    /// The project at the head, or why nothing can be put into it.
    pub(super) async fn present(&self) -> Result<Result<Present, AssembleProblem>, Fault> {
        let project = self.project.clone();
        let checkout = self.run.checkout;
        let (mirror, head) = (checkout.mirror.clone(), checkout.head.clone());
        let template = self.machine.template.files().clone();
        blocking(move || {
            let prefix = project.path("");
            let paths = mirror
                .list(&head, project.as_str())?
                .into_iter()
                .filter_map(|file| file.path.strip_prefix(&prefix).map(str::to_owned))
                .collect();
            let at = format!("{prefix}{INDEX}");
            let index = match mirror.read(&head, &at, limits::EVIDENCE_FILE_BYTES) {
                Ok(index) => index,
                Err(why @ (GitError::NotAFile { .. } | GitError::TooMuch { .. })) => {
                    return Ok(Err(AssembleProblem::IndexUnreadable(why.to_string())));
                }
                Err(other) => return Err(other),
            };
            if let Some(problem) = unreadable(&mirror, &head, &format!("{prefix}{MANIFEST}"))? {
                return Ok(Err(problem));
            }
            Ok::<_, GitError>(Ok(Present {
                project: project.as_str().to_owned(),
                paths,
                index,
                template,
            }))
        })
        .await?
        .map_err(|e| Fault::passing("read the project at the head", e))
    }
}

/// Why nothing can be done with a project because of its manifest; neither the CLI nor vitest say it well, or at all.
fn unreadable(mirror: &Mirror, head: &Sha, at: &str) -> Result<Option<AssembleProblem>, GitError> {
    let why = match mirror.read(head, at, limits::EVIDENCE_FILE_BYTES) {
        Ok(None) => return Ok(None),
        // npm takes a byte order mark, too.
        Ok(Some(bytes)) => match serde_json::from_slice::<serde::de::IgnoredAny>(
            bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes),
        ) {
            Ok(_) => return Ok(None),
            Err(error) => error.to_string(),
        },
        Err(why @ (GitError::NotAFile { .. } | GitError::TooMuch { .. })) => why.to_string(),
        Err(other) => return Err(other),
    };
    Ok(Some(AssembleProblem::Manifest(at.to_owned(), why)))
}

/// The parts without modules of what is carried where the head has such: others may have changed them since.
pub(super) fn only_new_modules(
    view: &View,
    mut parts: Vec<Parts>,
    present: &Present,
) -> Vec<Parts> {
    let is_carried = |part: &Parts| {
        let row = view.row(&part.accepted.spec().key);
        row.is_some_and(|row| matches!(row.state, State::Carried { .. }))
    };
    for part in parts.iter_mut().filter(|part| is_carried(part)) {
        part.modules.retain(|path, _| !present.paths.contains(path));
    }
    parts
}

/// What goes because it has turned into something else: functions of another kind when a spec's kind was changed.
pub(super) fn turned(parts: &[Parts], present: &Present) -> Vec<(InteractionKey, Kind)> {
    let turned = parts.iter().flat_map(|part| {
        let spec = part.accepted.spec();
        let others = spec.kind.others().filter(|other| {
            let function = FunctionPaths::of(&spec.key, *other).function;
            present.paths.contains(&function)
        });
        others
            .map(|other| (spec.key.clone(), other))
            .collect::<Vec<_>>()
    });
    turned.collect()
}

fn part(dossiers: &Dossiers, accepted: Accepted) -> Result<Parts, Fault> {
    let dossier = dossiers
        .get(accepted.dossier())
        .map_err(|e| Fault::evidence("open the evidence of a function", e))?;
    let room = &dossier.seal.room;
    let content = |digest: Option<&Digest>| {
        digest
            .and_then(|digest| dossier.content(digest))
            .map(<[u8]>::to_vec)
            .ok_or_else(|| {
                Fault::bug(format!(
                    "dossier {} was accepted without its parts",
                    dossier.id
                ))
            })
    };
    Ok(Parts {
        source: content(room.function.source())?,
        tested: match accepted.spec().kind.is_tested() {
            true => Some(Tested {
                recording: content(room.recording.as_ref())?,
                test: content(room.test.as_ref())?,
            }),
            false => None,
        },
        modules: dossier
            .seal
            .modules
            .iter()
            .filter(|module| module.is_agents())
            .map(|module| Ok((module.path.clone(), content(Some(&module.content))?)))
            .collect::<Result<_, Fault>>()?,
        accepted,
    })
}
