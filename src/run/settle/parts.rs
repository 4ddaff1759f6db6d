//! What goes into the project, and what is there.

use crate::domain::limits;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::plan::{Plan, Step};
use crate::domain::spec::Kind;
use crate::domain::tree::Edits;
use crate::domain::verdict::{Accepted, Parts};
use crate::domain::view::State;
use crate::edge::blobs::Dossiers;
use crate::edge::git::GitError;
use crate::rules::assemble::{INDEX, Present};
use crate::rules::judge::judge;
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

use super::clashes::is_left_out;
use super::settling::Settling;

impl Settling<'_> {
    /// The files of everything that may be put in: judged now, or carried from an earlier run.
    ///
    /// Modules of what is carried go in only where the head has none: others may have changed them since.
    pub(super) async fn parts(&self, present: &Present) -> Result<Vec<Parts>, Fault> {
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
                    let (dossiers, id) = (self.machine.dossiers.clone(), dossier.clone());
                    let dossier = blocking(move || dossiers.get(&id)).await?;
                    let dossier = dossier
                        .map_err(|e| Fault::passing("open the evidence of an earlier run", e))?;
                    judge(&dossier).accept(spec, self.checkout.settings.commit)
                }
                State::Waiting
                | State::Working { .. }
                | State::Edited { .. }
                | State::Adopted
                | State::Removed
                | State::GivenUp { .. } => None,
            };
            accepted.extend(leave);
        }
        let dossiers = self.machine.dossiers.clone();
        let parts: Result<Vec<Parts>, Fault> = blocking(move || {
            accepted
                .into_iter()
                .map(|one| part(&dossiers, one))
                .collect()
        })
        .await?;
        let is_carried = |part: &Parts| {
            let row = self.view.row(&part.accepted.spec().key);
            row.is_some_and(|row| matches!(row.state, State::Carried { .. }))
        };
        let mut parts = parts?;
        for part in parts.iter_mut().filter(|part| is_carried(part)) {
            part.modules.retain(|path, _| !present.paths.contains(path));
        }
        Ok(parts)
    }

    /// The edits that change anything: what is carried is mostly there already.
    pub(super) async fn news(&self, edits: Edits) -> Result<Edits, Fault> {
        let (mirror, head) = (self.checkout.mirror.clone(), self.checkout.head.clone());
        blocking(move || {
            let mut news = Edits::new();
            for (path, content) in edits {
                let there = mirror.read(&head, &path, limits::RECORDING_BYTES);
                // What cannot be read is no regular file of this size, so it is something else than ours.
                if there.ok().flatten() != content {
                    news.insert(path, content);
                }
            }
            news
        })
        .await
    }

    /// The project at the head.
    pub(super) async fn present(&self) -> Result<Present, Fault> {
        let project = self.checkout.settings.project.clone();
        let (mirror, head) = (self.checkout.mirror.clone(), self.checkout.head.clone());
        let template = self.machine.template.files().clone();
        blocking(move || {
            let prefix = if project.is_empty() {
                String::new()
            } else {
                format!("{project}/")
            };
            let paths = mirror
                .list(&head, &project)?
                .into_iter()
                .filter_map(|file| file.path.strip_prefix(&prefix).map(str::to_owned))
                .collect();
            let index = mirror.read(
                &head,
                &format!("{prefix}{INDEX}"),
                limits::EVIDENCE_FILE_BYTES,
            )?;
            Ok::<_, GitError>(Present {
                project,
                paths,
                index,
                template,
            })
        })
        .await?
        .map_err(|e| Fault::passing("read the project at the head", e))
    }
}

/// What goes: functions whose spec is gone, and the function of the other kind when a spec's kind was changed.
pub(super) fn removed(
    plan: &Plan,
    parts: &[Parts],
    present: &Present,
) -> Vec<(InteractionKey, Kind)> {
    let gone = plan.steps.iter().filter_map(|step| match step {
        Step::Remove { key, kind } => Some((key.clone(), *kind)),
        Step::Build { .. } | Step::Carry { .. } | Step::Edited { .. } | Step::Adopted { .. } => {
            None
        }
    });
    let turned = parts.iter().filter_map(|part| {
        let mut other = part.accepted.spec().clone();
        other.kind = match other.kind {
            Kind::Action => Kind::Sync,
            Kind::Sync => Kind::Action,
        };
        present
            .paths
            .contains(&other.function_path())
            .then_some((other.key, other.kind))
    });
    gone.chain(turned).collect()
}

fn part(dossiers: &Dossiers, accepted: Accepted) -> Result<Parts, Fault> {
    let dossier = dossiers
        .get(accepted.dossier())
        .map_err(|e| Fault::passing("open the evidence of a function", e))?;
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
        recording: content(room.recording.as_ref())?,
        test: content(room.test.as_ref())?,
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
