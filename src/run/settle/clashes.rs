//! Builds of one run that wrote the same module, each in its way: only one of them can go in.

use std::collections::BTreeMap;

use crate::domain::dossier::Dossier;
use crate::domain::event::Event;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::module::Module;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::plan::Step;
use crate::domain::project::ProjectFolder;
use crate::domain::row::{Row, State};
use crate::domain::verdict::{Judgement, Verdict};
use crate::run::blocking::blocking;
use crate::run::fault::Fault;
use crate::run::fetch::Checkout;
use crate::run::log::{RunLog, SoFar};

use super::settling::ToSettle;

/// What a build is told by that was left out for another one's sake.
pub(super) const CLASH: &str = "helper-clash";

/// Whether a judgement says that its function is left out for another one's sake.
pub(super) fn is_left_out(judgement: &Judgement) -> bool {
    judgement.findings.iter().any(|one| one.rule == CLASH)
}

/// Leaves out, with a finding that says so, every build whose modules do not go together with those of a build before it.
/// Nothing of it is lost: its evidence stays, and built again it begins from what the other one left.
pub(super) async fn leave_out(
    of: &ToSettle<'_>,
    log: &RunLog,
    so_far: &SoFar,
) -> Result<(), Fault> {
    let (checkout, planned) = (of.checkout, of.planned);
    let settings = &checkout.settings;
    // By their paths from the repository's root.
    let mut first: BTreeMap<String, (Digest, InteractionKey)> = BTreeMap::new();
    let is_carried = |row: &&Row| matches!(row.state, State::Carried { .. });
    let rows = so_far.view.rows.iter();
    let carried = rows.clone().filter(is_carried);
    for row in carried.chain(rows.filter(|row| !is_carried(row))) {
        let Some(spec) = &row.spec else { continue };
        let (judgement, dossier) = match &row.state {
            State::Carried { dossier } => (None, dossier),
            State::Judged { judgement }
                if judgement.accept(spec, settings.commit).is_some() && !is_left_out(judgement) =>
            {
                (Some(judgement), &judgement.dossier)
            }
            _ => continue,
        };
        let (dossiers, id) = (of.deps.machine.dossiers.clone(), dossier.clone());
        let dossier = blocking(move || dossiers.get(&id))
            .await?
            .map_err(|e| Fault::evidence("open the evidence of a function", e))?;
        let clash = clash(&first, &row.project, &dossier);
        match (clash, judgement) {
            (Some((path, by)), Some(judgement)) => {
                let fingerprint = planned.plan.steps.iter().find_map(|step| match step {
                    Step::Build { spec, fingerprint } if spec.key == row.key => Some(fingerprint),
                    _ => None,
                });
                let judgement = left_out(judgement, &path, &by);
                log.append(Event::Judged {
                    spec: Box::new(spec.clone()),
                    fingerprint: fingerprint
                        .cloned()
                        .ok_or_else(|| Fault::bug("what was judged was not planned"))?,
                    judgement,
                    usage: dossier.seal.usage,
                    took_ms: row.took_ms.unwrap_or_default(),
                    walls: dossier.seal.walls.clone(),
                })
                .await?;
            }
            (None, _) | (Some(_), None) => {
                let agents = dossier.seal.modules.iter().filter(|one| one.is_agents());
                // What is carried is in the branch mostly, and the others began from it there.
                let path = |module: &Module| row.project.path(&module.path);
                let is_new =
                    |module: &&Module| judgement.is_some() || !is_there(checkout, &path(module));
                for module in agents.filter(is_new) {
                    first
                        .entry(path(module))
                        .or_insert_with(|| (module.content.clone(), row.key.clone()));
                }
            }
        }
    }
    Ok(())
}

/// Whether the head has something at a path.
fn is_there(checkout: &Checkout, path: &str) -> bool {
    let there = checkout.mirror.entry(&checkout.head, path);
    there.is_ok_and(|there| there.is_some())
}

/// The first module that somebody before has written otherwise, and who.
fn clash(
    first: &BTreeMap<String, (Digest, InteractionKey)>,
    project: &ProjectFolder,
    dossier: &Dossier,
) -> Option<(String, InteractionKey)> {
    let mut modules = dossier.seal.modules.iter();
    modules.find_map(|module| {
        let path = project.path(&module.path);
        let (content, by) = first.get(&path)?;
        (*content != module.content).then(|| (path, by.clone()))
    })
}

fn left_out(judgement: &Judgement, path: &str, by: &InteractionKey) -> Judgement {
    let sentence = format!(
        "It was good by itself, but {by} brings another {path} in the same run, and that one goes in. `/retry {}` builds it \
         again on what is there then.",
        judgement.interaction
    );
    let finding = Finding::new(
        CLASH,
        Severity::Warn,
        Confidence::Proven,
        Place::Build,
        sentence.clone(),
        Vec::new(),
    );
    let mut left_out = judgement.clone();
    left_out.verdict = Verdict::NeedsALook;
    left_out.sentence = sentence;
    left_out.findings.insert(0, finding);
    left_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_left_out_is_told_for_whom_and_what_to_do() {
        let judgement = Judgement {
            dossier: Digest::of(b"dossier"),
            interaction: "slack/two".parse().expect("a key"),
            verdict: Verdict::Countersigned,
            sentence: String::new(),
            cause: None,
            unproven: Box::default(),
            findings: vec![],
        };
        assert!(!is_left_out(&judgement));
        let by = "slack/one".parse().expect("a key");
        let left_out = left_out(&judgement, "nango/slack/helpers/a.ts", &by);
        assert!(is_left_out(&left_out));
        assert_eq!(left_out.verdict, Verdict::NeedsALook);
        assert!(
            left_out
                .sentence
                .contains("slack/one brings another nango/slack/helpers/a.ts")
        );
        assert!(left_out.sentence.contains("`/retry slack/two`"));
    }
}
