//! The end of a run: accepted functions become one commit on the branch, or a reason why not.

mod base;
mod clashes;
mod commit_message;
mod look;
mod parts;
mod publish;
mod settling;
mod verify;

use crate::domain::event::{Event, Settlement};
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::history::History;
use crate::domain::plan::Step;
use crate::domain::settings::Mode;
use crate::edge::git::NewCommit;
use crate::rules::assemble::{AssembleProblem, assemble};

use super::blocking::blocking;
use super::cancel::Cancellation;
use super::deps::Deps;
use super::fault::Fault;
use super::fetch::Checkout;
use super::log::{Planned, RunLog};
use super::signatures;
use commit_message::message;
use parts::{only_new_modules, removed};
use publish::MadeCommit;
use settling::Settling;

/// Settles the run, unless its log says that this was done; what was signed is written down before.
pub async fn once(
    deps: &Deps,
    log: &RunLog,
    cancellation: &Cancellation,
    checkout: &Checkout,
    planned: &Planned,
    history: &History,
) -> Result<Settlement, Fault> {
    let so_far = log.so_far().await?;
    let settlement = match &so_far.view.settlement {
        Some(settlement) => settlement.clone(),
        None => {
            clashes::leave_out(deps, log, checkout, planned, &so_far).await?;
            let so_far = log.so_far().await?;
            let is_watched = checkout.settings.mode == Mode::Permissive;
            if !is_watched {
                signatures::sign(&deps.store, &so_far).await?;
            }
            let mut bases = history.bases(&checkout.head);
            bases.extend(so_far.view.bases.clone());
            let table = Settling {
                log,
                bases,
                machine: &deps.machine,
                github: deps.github.as_ref(),
                checkout,
                request: so_far.request()?,
                planned,
                view: &so_far.view,
                cancellation,
            };
            let settlement = if is_watched {
                Settlement::Watched
            } else {
                table.settle().await?
            };
            log.append(Event::Settled {
                settlement: settlement.clone(),
            })
            .await?;
            settlement
        }
    };
    if let Settlement::Committed { commit, .. } = &settlement {
        deps.store
            .set_pushed(log.run(), commit)
            .await
            .map_err(|e| Fault::passing("write down the commit", e))?;
    }
    Ok(settlement)
}

impl Settling<'_> {
    /// Assembles, verifies the whole, commits and pushes. Doing it again after an interruption makes the same commit.
    pub async fn settle(&self) -> Result<Settlement, Fault> {
        let parts = self.parts().await?;
        let goes = |step: &Step| matches!(step, Step::Remove { .. });
        let is_asked = !parts.is_empty() || self.planned.plan.steps.iter().any(goes);
        let present = match self.present().await? {
            Ok(present) => present,
            Err(problem) if is_asked => {
                return Ok(Settlement::WholeFailed {
                    findings: vec![unfit(problem)],
                });
            }
            Err(_) => return Ok(Settlement::Nothing),
        };
        let parts = only_new_modules(self.view, parts, &present);
        let removed = removed(&self.planned.plan, &parts, &present);
        let edits = match assemble(&present, &parts, &removed).map_err(unfit) {
            Ok(edits) => self.news(edits).await?,
            Err(finding) => {
                return Ok(Settlement::WholeFailed {
                    findings: vec![finding],
                });
            }
        };
        if edits.is_empty() {
            return Ok(Settlement::Nothing);
        }
        let findings = self.verify(&present, &edits, &parts).await?;
        if !findings.is_empty() {
            return Ok(Settlement::WholeFailed { findings });
        }
        let paths: Vec<String> = edits.keys().cloned().collect();
        let new = NewCommit {
            parent: self.checkout.head.clone(),
            edits,
            message: message(
                self.request,
                self.view,
                &parts,
                self.coauthor().await?.as_deref(),
            ),
            author: self.author().await?,
            at_ms: self.planned.at_ms,
        };
        let mirror = self.checkout.mirror.clone();
        let commit = blocking(move || mirror.commit(&new))
            .await?
            .map_err(|e| Fault::passing("make the commit", e))?;
        match commit {
            None => Ok(Settlement::Nothing),
            Some(commit) => {
                let functions = parts.len();
                self.publish(MadeCommit {
                    commit,
                    paths,
                    functions,
                })
                .await
            }
        }
    }
}

fn unfit(problem: AssembleProblem) -> Finding {
    Finding {
        rule: "assemble".into(),
        severity: Severity::Block,
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Build,
        sentence: problem.to_string(),
        evidence: Vec::new(),
    }
}
