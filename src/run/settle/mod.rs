//! The end of a run: accepted functions become one commit on the branch, or a reason why not.

mod again;
mod base;
mod before;
mod by_api;
mod clashes;
mod commit_message;
mod look;
mod parts;
mod projects;
mod publish;
mod settling;
mod verify;

use std::collections::BTreeMap;

use crate::domain::event::{Event, Settlement};
use crate::domain::finding::Finding;
use crate::domain::settings::Mode;
use crate::domain::tree::Edits;
use crate::edge::git::NewCommit;

use super::blocking::blocking;
use super::cancel::Cancellation;
use super::fault::Fault;
use super::log::RunLog;
use super::signatures;
use commit_message::message;
use projects::{Left, Outcome};
use publish::MadeCommit;
use settling::Settling;
pub use settling::ToSettle;

impl ToSettle<'_> {
    /// Settles the run, unless its log says that this was done; what was signed is written down before.
    pub async fn once(
        &self,
        log: &RunLog,
        cancellation: &Cancellation,
    ) -> Result<Settlement, Fault> {
        let store = &self.deps.store;
        let so_far = log.so_far().await?;
        let settlement = match &so_far.view.settlement {
            Some(settlement) => settlement.clone(),
            None => {
                clashes::leave_out(self, log, &so_far).await?;
                let so_far = log.so_far().await?;
                let settlement = match self.checkout.settings.mode {
                    Mode::Permissive => Settlement::Watched,
                    Mode::Strict => {
                        signatures::sign(store, &so_far).await?;
                        let table = self.table(log, cancellation, &so_far)?;
                        table.settle().await?
                    }
                };
                log.append(Event::Settled {
                    settlement: settlement.clone(),
                })
                .await?;
                settlement
            }
        };
        if let Settlement::Committed { commit, .. } = &settlement {
            (store.set_pushed(log.run(), commit).await)
                .map_err(|e| Fault::passing("write down the commit", e))?;
        }
        Ok(settlement)
    }
}

impl Settling<'_> {
    /// Assembles, verifies the whole of each project, commits and pushes. Doing it again after an interruption makes the
    /// same commit.
    async fn settle(&self) -> Result<Settlement, Fault> {
        let (mut edits, mut brings) = (Edits::new(), Vec::new());
        let (mut failed, mut emptied) = (BTreeMap::new(), Vec::new());
        for (project, outcome) in self.each_project().await? {
            match outcome {
                Outcome::Fits(change) => {
                    edits.extend(change.edits);
                    brings.extend(change.brings);
                    if change.left == Left::Nothing {
                        emptied.push(project);
                    }
                }
                Outcome::Fails(findings) => {
                    failed.insert(project, findings);
                }
            }
        }
        if edits.is_empty() {
            let findings: Vec<Finding> = failed.into_values().flatten().collect();
            return Ok(match findings.is_empty() {
                true => Settlement::Nothing,
                false => Settlement::WholeFailed { findings },
            });
        }
        let left_out = failed.keys().cloned().collect();
        for (project, findings) in failed {
            self.log
                .append(Event::ProjectFailed { project, findings })
                .await?;
        }
        for project in emptied {
            self.log.append(Event::ProjectEmptied { project }).await?;
        }
        let new = NewCommit {
            parent: self.checkout.head.clone(),
            edits,
            message: message(
                self.request,
                self.view,
                &brings,
                &left_out,
                self.coauthor().await?.as_deref(),
            ),
            author: self.author().await?,
            at_ms: self.planned.at_ms,
        };
        let mirror = self.checkout.mirror.clone();
        let (commit, new) = blocking(move || (mirror.commit(&new), new)).await?;
        let commit = commit.map_err(|e| Fault::passing("make the commit", e))?;
        match commit {
            None => Ok(Settlement::Nothing),
            Some(commit) => {
                let functions = brings.len();
                self.publish(MadeCommit {
                    commit,
                    new,
                    functions,
                })
                .await
            }
        }
    }
}
