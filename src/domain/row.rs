//! One interaction of a run: where it is, and what its events make of it.

use serde::Serialize;

use super::activity::Activity;
use super::attempt_fault::AttemptFault;
use super::decision::{Off, Skipped};
use super::dossier::Walls;
use super::event::Event;
use super::guidance::Guidance;
use super::name::{Digest, InteractionKey};
use super::plan::Step;
use super::project::{ProjectFolder, Projects};
use super::spec::{Kind, Spec};
use super::transcript::Usage;
use super::verdict::Judgement;

/// Where one interaction is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// Its turn has not come.
    Waiting,
    /// An attempt is under way.
    Working {
        /// Which.
        attempt: u32,
        /// What it is doing.
        doing: Activity,
    },
    /// It was judged.
    Judged {
        /// The verdict with its findings.
        judgement: Judgement,
    },
    /// It was countersigned before and is put in as it was.
    Carried {
        /// The dossier of the earlier run.
        dossier: Digest,
    },
    /// It was countersigned before, and a person has changed the function since.
    Edited {
        /// The dossier of what was countersigned.
        dossier: Digest,
    },
    /// The function was there before its spec and is left as it is.
    Adopted,
    /// It was committed before, and a person took it off the branch again.
    TakenBack,
    /// Somebody wants it left alone on this pull request.
    Skipped {
        /// Who, and why.
        skipped: Skipped,
    },
    /// Somebody took it out of this run.
    CalledOff {
        /// Who: a login.
        by: String,
    },
    /// The run ended before it did.
    Stopped,
    /// Its spec is as at the merge base again, so its files are too.
    Restored,
    /// Its spec is gone, so its function goes.
    Removed,
    /// It ended without a verdict, by a fault that is not the author's.
    GivenUp {
        /// Whose fault.
        cause: AttemptFault,
        /// What went wrong.
        fault: String,
    },
}

/// One interaction of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Which.
    pub key: InteractionKey,
    /// The project that its function belongs to.
    pub project: ProjectFolder,
    /// What it is to Nango.
    pub kind: Kind,
    /// What was asked for; absent when the spec is gone.
    pub spec: Option<Spec>,
    /// Where it is.
    pub state: State,
    /// What it used up so far, all attempts together.
    pub usage: Usage,
    /// What attempts used up that failed.
    pub failed_usage: Usage,
    /// Attempts that began.
    pub attempts: u32,
    /// Attempts that failed.
    pub failures: u32,
    /// Attempts in a row of which nobody has said how they ended: the one that is under way, and those in the middle of which
    /// a process died.
    pub unended: u32,
    /// When its first attempt began; milliseconds since the epoch.
    pub started_ms: Option<i64>,
    /// Wall time, once it has ended.
    pub took_ms: Option<u64>,
    /// The walls around its agent, once known.
    pub walls: Option<Walls>,
    /// The newest sealed dossier, when there is one.
    pub dossier: Option<Digest>,
    /// What its agent was told beside the spec.
    #[serde(skip_serializing_if = "Guidance::is_empty")]
    pub guidance: Guidance,
}

impl Row {
    /// That of a step, before anything has happened.
    pub fn of(step: &Step, projects: &Projects) -> Self {
        let (kind, spec, state) = match step {
            Step::Build { spec, .. } => (spec.kind, Some(spec.clone()), State::Waiting),
            Step::Carry { spec, signed } => (
                spec.kind,
                Some(spec.clone()),
                State::Carried {
                    dossier: signed.dossier.clone(),
                },
            ),
            Step::Edited { spec, signed } => (
                spec.kind,
                Some(spec.clone()),
                State::Edited {
                    dossier: signed.dossier.clone(),
                },
            ),
            Step::Adopted { spec } => (spec.kind, Some(spec.clone()), State::Adopted),
            Step::TakenBack { spec } => (spec.kind, Some(spec.clone()), State::TakenBack),
            Step::Skipped { spec, skipped } => (
                spec.kind,
                Some(spec.clone()),
                State::Skipped {
                    skipped: skipped.clone(),
                },
            ),
            Step::Restore(placed) => (placed.kind, None, State::Restored),
            Step::Remove(placed) => (placed.kind, None, State::Removed),
        };
        Self {
            key: step.key().clone(),
            project: projects.of(step.project()).clone(),
            kind,
            spec,
            state,
            usage: Usage::default(),
            failed_usage: Usage::default(),
            attempts: 0,
            failures: 0,
            unended: 0,
            started_ms: None,
            took_ms: None,
            walls: None,
            dossier: None,
            guidance: Guidance::default(),
        }
    }

    /// Whether its build has ended, with a verdict or without.
    pub fn has_ended(&self) -> bool {
        matches!(self.state, State::Judged { .. } | State::GivenUp { .. }) || self.is_off()
    }

    /// Whether somebody took it out.
    pub fn is_off(&self) -> bool {
        matches!(self.state, State::Skipped { .. } | State::CalledOff { .. })
    }

    /// Takes in an event that is about it. What an agent still did when somebody had taken it out changes nothing but what it
    /// has used up.
    pub(super) fn apply(&mut self, event: &Event, at_ms: i64) {
        let off = self.is_off().then(|| self.state.clone());
        self.take_in(event, at_ms);
        match (off, event) {
            (Some(_), Event::CalledOff { .. }) | (None, _) => {}
            (Some(off), _) => self.state = off,
        }
    }

    fn take_in(&mut self, event: &Event, at_ms: i64) {
        match event {
            Event::AttemptStarted {
                attempt, guidance, ..
            } => {
                self.started_ms.get_or_insert(at_ms);
                // Of the one before nobody has said how it ended; what it was seen to use up was used up.
                self.failed_usage = self.usage;
                self.guidance = guidance.clone();
                self.attempts = *attempt;
                self.unended += 1;
                self.work(*attempt, Activity::Preparing);
            }
            Event::Doing {
                attempt,
                activity,
                usage,
                ..
            } => {
                self.work(*attempt, activity.clone());
                self.usage = self.failed_usage.plus(usage);
            }
            Event::Sealed { dossier, .. } => {
                self.unended = 0;
                self.dossier = Some(dossier.clone());
            }
            Event::AttemptLeft { .. } => self.unended = self.unended.saturating_sub(1),
            Event::AttemptFailed { attempt, fault, .. } => {
                self.failures += 1;
                self.unended = 0;
                self.failed_usage = self.usage;
                let fault = fault.clone();
                self.work(*attempt, Activity::Failed { fault });
            }
            Event::Judged {
                judgement,
                usage,
                took_ms,
                walls,
                ..
            } => {
                self.usage = self.failed_usage.plus(usage);
                self.took_ms = Some(*took_ms);
                self.walls = Some(walls.clone());
                self.dossier = Some(judgement.dossier.clone());
                self.state = State::Judged {
                    judgement: judgement.clone(),
                };
            }
            Event::CalledOff { by, off, .. } => match off {
                Off::Skipped { reason } => {
                    let (by, reason) = (by.clone(), reason.clone());
                    let skipped = Skipped { by, reason };
                    self.state = State::Skipped { skipped };
                }
                Off::Cancelled if self.is_under_way() => {
                    self.state = State::CalledOff { by: by.clone() };
                }
                // It had come to its end.
                Off::Cancelled => {}
            },
            Event::GivenUp { cause, fault, .. } => {
                let since = |start: i64| at_ms.saturating_sub(start).max(0) as u64;
                self.took_ms = self.started_ms.map(since);
                self.state = State::GivenUp {
                    cause: *cause,
                    fault: fault.clone(),
                };
            }
            Event::Requested { .. }
            | Event::Planned { .. }
            | Event::PackagesChosen { .. }
            | Event::WallsTried { .. }
            | Event::BaseVerified { .. }
            | Event::Verified { .. }
            | Event::WholeGood { .. }
            | Event::ProjectEmptied { .. }
            | Event::ProjectFailed { .. }
            | Event::Settled { .. }
            | Event::Ended { .. } => {}
        }
    }

    /// Whether it waits for an agent, or has one.
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, State::Waiting | State::Working { .. })
    }

    fn work(&mut self, attempt: u32, doing: Activity) {
        self.state = State::Working { attempt, doing };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guidance::Words;
    use crate::domain::plan::Placed;

    fn key() -> InteractionKey {
        "slack/users".parse().expect("a key")
    }

    fn row(state: State) -> Row {
        let step = Step::Remove(Placed {
            key: key(),
            kind: Kind::Sync,
            project: None,
        });
        let projects = Projects::one(ProjectFolder::named("nango-integrations"));
        Row {
            state,
            ..Row::of(&step, &projects)
        }
    }

    #[test]
    fn what_an_attempt_used_up_that_nobody_ended_is_counted() {
        let mut row = row(State::Waiting);
        let started = |attempt| Event::AttemptStarted {
            interaction: key(),
            attempt,
            guidance: Guidance::default(),
        };
        let doing = |attempt, input| Event::Doing {
            interaction: key(),
            attempt,
            activity: Activity::Thinking,
            usage: Usage {
                input,
                ..Usage::default()
            },
        };
        for event in [started(1), doing(1, 100), started(2)] {
            row.apply(&event, 1);
        }
        assert_eq!((row.usage.input, row.unended), (100, 2));
        row.apply(&doing(2, 30), 1);
        row.apply(&doing(2, 40), 1);
        assert_eq!(row.usage.input, 140);
    }

    #[test]
    fn what_is_called_off_stays_so_whatever_its_agent_still_does() {
        let off = |off| Event::CalledOff {
            interaction: key(),
            by: "ada".into(),
            comment: 1,
            off,
        };
        let mut called_off = row(State::Waiting);
        called_off.apply(&off(Off::Cancelled), 1);
        let failed = Event::AttemptFailed {
            interaction: key(),
            attempt: 1,
            fault: "it ended".into(),
        };
        called_off.apply(&failed, 1);
        assert_eq!(called_off.state, State::CalledOff { by: "ada".into() });
        // Somebody thinks better of it.
        let reason = Words::default();
        called_off.apply(&off(Off::Skipped { reason }), 1);
        assert!(matches!(called_off.state, State::Skipped { .. }));
        // What had ended is only left alone.
        let given_up = State::GivenUp {
            cause: AttemptFault::Ours,
            fault: String::new(),
        };
        let mut ended = row(given_up.clone());
        ended.apply(&off(Off::Cancelled), 1);
        assert_eq!(ended.state, given_up);
    }
}
