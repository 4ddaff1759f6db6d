//! Carrying out what a comment decides about single interactions.

use crate::domain::decision::Off;
use crate::domain::guidance::Words;
use crate::domain::history::History;
use crate::domain::name::InteractionKey;
use crate::domain::view::View;
use crate::edge::store::{AppendError, CallOff};
use crate::run::deps::Deps;
use crate::run::fault::Fault;

/// Who decides, in which comment, on a pull request with which runs.
#[derive(Clone, Copy)]
pub struct Deciding<'a> {
    /// What is done with it.
    pub deps: &'a Deps,
    /// The runs of the pull request.
    pub history: &'a History,
    /// A login.
    pub by: &'a str,
    /// The comment's id.
    pub comment: u64,
}

impl Deciding<'_> {
    /// Takes interactions out of the run that is under way. Returns those on which nobody is at work.
    pub async fn cancel(&self, keys: &[InteractionKey]) -> Result<Vec<InteractionKey>, Fault> {
        self.call_off(keys, &Off::Cancelled).await
    }

    /// The same, to leave them alone from now on. Returns those for which another run has to say so.
    pub async fn skip(
        &self,
        keys: &[InteractionKey],
        reason: &Words,
    ) -> Result<Vec<InteractionKey>, Fault> {
        let reason = reason.clone();
        self.call_off(keys, &Off::Skipped { reason }).await
    }

    async fn call_off(
        &self,
        keys: &[InteractionKey],
        off: &Off,
    ) -> Result<Vec<InteractionKey>, Fault> {
        let newest = self.history.newest().filter(is_open);
        let mut left = Vec::new();
        for key in keys {
            if self.history.was_called_off(key, self.comment) {
                continue;
            }
            let row = newest.as_ref().and_then(|view| view.row(key));
            let can_end = row.is_some_and(|row| match off {
                Off::Cancelled => row.is_under_way(),
                Off::Skipped { .. } => true,
            });
            let run = newest.as_ref().and_then(|view| view.request.as_ref());
            let Some(request) = run.filter(|_| can_end) else {
                left.push(key.clone());
                continue;
            };
            let what = CallOff {
                interaction: key.clone(),
                by: self.by.to_owned(),
                comment: self.comment,
                off: off.clone(),
            };
            match self.deps.store.call_off(&request.run, what).await {
                Ok(()) => {}
                Err(AppendError::Over { .. }) => left.push(key.clone()),
                Err(error) => {
                    return Err(Fault::passing("take an interaction out of a run", error));
                }
            }
        }
        Ok(left)
    }
}

/// Whether what its rows say can still change what comes of it.
fn is_open(view: &View) -> bool {
    view.ending.is_none() && view.settlement.is_none()
}
