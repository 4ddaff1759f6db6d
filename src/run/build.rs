//! One interaction, from its first attempt to a verdict or to giving up.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::activity::Activity;
use crate::domain::attempt_fault::AttemptFault;
use crate::domain::decision::Overrulings;
use crate::domain::event::Event;
use crate::domain::guidance::Guidance;
use crate::domain::limits;
use crate::domain::name::{AttemptId, Digest, InteractionKey};
use crate::domain::plan::Signed;
use crate::domain::settings::Settings;
use crate::domain::spec::Spec;
use crate::domain::transcript::Usage;
use crate::domain::verdict::Verdict;
use crate::edge::engine::Engine;
use crate::rules::judge::reading::workspace_paths::relative_to;
use crate::rules::retry::{NextAttempt, again};
use crate::text::clip::shorten;

use super::attempt::budget::Budget;
use super::attempt::gather::Circumstances;
use super::attempt::prepare::{Prepared, prepare};
use super::attempt::rounds::{AttemptEnd, rounds};
use super::attempt::work::{Patience, WorkFault};
use super::cancel::Cancellation;
use super::fault::{CancelCause, Fault};
use super::ground::GroundOfRun;
use super::judging::judged_of;
use super::log::{RunLog, SoFar};
use super::machine::Machine;
use super::machines::Machines;
use super::skills::Skills;
use crate::domain::history::Earlier;

/// Everything that one build needs to know of its run.
pub struct Builder<'a> {
    /// Tools, walls, witness, agent, with each project's packages.
    pub machines: &'a Machines,
    /// The run's log.
    pub log: &'a RunLog,
    /// How the run is cancelled.
    pub cancellation: &'a Cancellation,
    /// The repository's settings.
    pub settings: &'a Settings,
    /// The run's skills.
    pub skills: &'a Skills,
    /// What agents are told beside their specs; nothing to those that are not in it.
    pub guidance: &'a BTreeMap<InteractionKey, Guidance>,
    /// What people overruled.
    pub overrulings: &'a Overrulings,
    /// The projects at the head.
    pub ground: &'a GroundOfRun,
    /// Who says when it is a build's turn.
    pub engine: &'a dyn Engine,
    /// Milliseconds since the epoch.
    pub now: &'a (dyn Fn() -> i64 + Send + Sync),
}

/// What one attempt came to.
enum Attempted {
    /// Its evidence is sealed.
    Sealed(Digest),
    /// A fault that is not the author's.
    Failed(AttemptFault, String),
}

impl Builder<'_> {
    /// What a spec's function is built on.
    fn machine(&self, spec: &Spec) -> &Machine {
        self.machines.of(self.settings.project_of(spec))
    }

    /// Builds `spec`, going on from what the log says was done before.
    #[tracing::instrument(skip_all, fields(interaction = %spec.key))]
    pub async fn build(
        &self,
        spec: &Spec,
        fingerprint: &Digest,
        so_far: &SoFar,
    ) -> Result<(), Fault> {
        if so_far.has_ended(&spec.key) {
            return Ok(());
        }
        // Absent when the run was planned after the log was read: nothing was begun then.
        let before = so_far.view.row(&spec.key);
        let started_ms = before.and_then(|row| row.started_ms);
        if let Some(dossier) = before.and_then(|row| row.dossier.as_ref()) {
            return self.judge(spec, fingerprint, dossier, started_ms).await;
        }
        let started_ms = started_ms.unwrap_or_else(|| (self.now)());
        let guidance = self.guidance.get(&spec.key).cloned().unwrap_or_default();
        let (begun, mut failures) = before.map_or((0, 0), |row| (row.attempts, row.failures));
        for number in begun + 1.. {
            self.cancellation.check()?;
            let attempt = AttemptId {
                run: self.log.run().clone(),
                interaction: spec.key.clone(),
                number,
            };
            self.log
                .append(Event::AttemptStarted {
                    interaction: spec.key.clone(),
                    attempt: number,
                    guidance: guidance.clone(),
                })
                .await?;
            let attempted = match self.attempt(attempt, spec, guidance.clone()).await {
                // The disk is full, a program did not start: that is told in its own words, and tried again as often as any.
                Err(fault @ Fault::Passing { .. }) => {
                    Attempted::Failed(AttemptFault::Ours, fault.to_string())
                }
                Err(fault @ (Fault::Away { .. } | Fault::Cancelled(CancelCause::Shutdown))) => {
                    self.leave(spec, number).await;
                    return Err(fault);
                }
                attempted => attempted?,
            };
            match attempted {
                Attempted::Sealed(dossier) => {
                    return self
                        .judge(spec, fingerprint, &dossier, Some(started_ms))
                        .await;
                }
                Attempted::Failed(kind, fault) => {
                    failures += 1;
                    let event = Event::AttemptFailed {
                        interaction: spec.key.clone(),
                        attempt: number,
                        fault: fault.clone(),
                    };
                    self.log.append(event).await?;
                    match again(failures, kind) {
                        NextAttempt::GiveUp => {
                            self.log
                                .append(Event::GivenUp {
                                    spec: Box::new(spec.clone()),
                                    cause: kind,
                                    fault,
                                })
                                .await?;
                            return Ok(());
                        }
                        NextAttempt::Try => self.pause(failures).await?,
                    }
                }
            }
        }
        Err(Fault::bug("attempts never end"))
    }

    /// Says that the attempt did not bring its process down: that was told to end, or waits for somebody else.
    async fn leave(&self, spec: &Spec, attempt: u32) {
        let interaction = spec.key.clone();
        let left = Event::AttemptLeft {
            interaction,
            attempt,
        };
        self.log.mention(left).await;
    }

    /// Whether the evidence of an earlier judgement is still whole.
    pub async fn has(&self, spec: &Spec, dossier: &Digest) -> Result<bool, Fault> {
        let (dossiers, id) = (self.machine(spec).dossiers.clone(), dossier.clone());
        let found = super::blocking::blocking(move || dossiers.find(&id)).await?;
        let found = found.map_err(|e| Fault::evidence("open the evidence of an earlier run", e))?;
        Ok(found.is_some())
    }

    /// Lets an earlier judgement stand, for an interaction that nobody asked to build again; without what people have overruled
    /// since.
    pub async fn stands(
        &self,
        spec: &Spec,
        earlier: &Earlier,
        so_far: &SoFar,
    ) -> Result<(), Fault> {
        if so_far.has_ended(&spec.key) {
            return Ok(());
        }
        let dossier = &earlier.judgement.dossier;
        let judgement = match self.overrulings.of(dossier) {
            [] => earlier.judgement.clone(),
            overrulings => {
                let dossiers = &self.machine(spec).dossiers;
                let what = "open the evidence of an earlier run";
                judged_of(dossiers, dossier, overrulings, what).await?.1
            }
        };
        let event = Event::Judged {
            spec: Box::new(spec.clone()),
            fingerprint: earlier.fingerprint.clone(),
            judgement,
            usage: Usage::default(),
            took_ms: 0,
            walls: earlier.walls.clone(),
        };
        self.log.append(event).await.map(drop)
    }

    /// Judges what is carried by the rules of today. When they do not countersign it any more, that is its verdict in this
    /// run, and it is told like any other: nothing is carried, or left out, in silence.
    pub async fn carry(&self, spec: &Spec, signed: &Signed, so_far: &SoFar) -> Result<(), Fault> {
        if so_far.has_ended(&spec.key) {
            return Ok(());
        }
        let dossiers = &self.machine(spec).dossiers;
        let what = "open the evidence of an earlier run";
        let overrulings = self.overrulings.of(&signed.dossier);
        let judged = judged_of(dossiers, &signed.dossier, overrulings, what);
        let (dossier, judgement) = judged.await?;
        if judgement.verdict == Verdict::Countersigned {
            return Ok(());
        }
        let event = Event::Judged {
            spec: Box::new(spec.clone()),
            fingerprint: signed.fingerprint.clone(),
            judgement: judgement.after_countersigned(),
            usage: Usage::default(),
            took_ms: 0,
            walls: dossier.seal.walls.clone(),
        };
        self.log.append(event).await.map(drop)
    }

    /// Ends a build without a verdict.
    pub async fn give_up(
        &self,
        spec: &Spec,
        cause: AttemptFault,
        fault: String,
        so_far: &SoFar,
    ) -> Result<(), Fault> {
        if so_far.has_ended(&spec.key) {
            return Ok(());
        }
        self.log
            .append(Event::GivenUp {
                spec: Box::new(spec.clone()),
                cause,
                fault,
            })
            .await
            .map(drop)
    }

    /// One attempt: prepare, and then its rounds.
    #[tracing::instrument(name = "attempt", skip_all, fields(number = attempt.number))]
    async fn attempt(
        &self,
        attempt: AttemptId,
        spec: &Spec,
        guidance: Guidance,
    ) -> Result<Attempted, Fault> {
        let started_ms = (self.now)();
        let machine = self.machine(spec);
        let walls = machine.walls_of(self.settings.mode).await?;
        let model = self.settings.model.as_deref();
        let ground = self.ground.of(spec, &machine.dossiers).await?;
        let skills = self.skills.of(&spec.key.integration);
        let prepared = prepare(
            machine,
            attempt,
            spec,
            guidance,
            &skills,
            self.settings,
            ground,
        )
        .await?;
        let budget = Budget::new(
            spec.limits,
            prepared.clock.clone(),
            self.cancellation.token(),
        );
        let (told, mut doing) = tokio::sync::mpsc::unbounded_channel::<(Activity, Usage)>();
        let tools = machine.tools(model, &skills);
        let circumstances = Circumstances {
            tools: &tools,
            walls: &walls,
            settings: self.settings,
            started_ms,
            now: self.now,
        };
        let working = rounds(
            machine,
            &prepared,
            &budget,
            &circumstances,
            self.cancellation,
            told,
        );
        let mentioning = async {
            while let Some((activity, usage)) = doing.recv().await {
                self.mention(&prepared, activity, usage).await;
            }
        };
        let (sealed, ()) = tokio::join!(working, mentioning);
        if sealed.is_err() {
            // Whatever went wrong after it was called back is not the agent's failure: its server may be gone already.
            self.cancellation.check()?;
        }
        let sealed = match sealed {
            Ok(dossier) => dossier.id,
            Err(AttemptEnd::Work(fault)) => {
                return Ok(Attempted::Failed(kind_of(&fault), fault.to_string()));
            }
            Err(AttemptEnd::Ours(cancelled @ Fault::Cancelled(_))) => return Err(cancelled),
            Err(AttemptEnd::Ours(fault)) => {
                return Ok(Attempted::Failed(AttemptFault::Ours, fault.to_string()));
            }
        };
        let (interaction, number) = (spec.key.clone(), prepared.attempt.number);
        self.log
            .append(Event::Sealed {
                interaction,
                attempt: number,
                dossier: sealed.clone(),
            })
            .await?;
        Ok(Attempted::Sealed(sealed))
    }

    async fn judge(
        &self,
        spec: &Spec,
        fingerprint: &Digest,
        dossier: &Digest,
        started_ms: Option<i64>,
    ) -> Result<(), Fault> {
        let dossiers = &self.machine(spec).dossiers;
        let overrulings = self.overrulings.of(dossier);
        let judged = judged_of(dossiers, dossier, overrulings, "open the evidence");
        let (dossier, judgement) = judged.await?;
        let took_ms = ((self.now)() - started_ms.unwrap_or(dossier.seal.started_ms)).max(0) as u64;
        self.log
            .append(Event::Judged {
                spec: Box::new(spec.clone()),
                fingerprint: fingerprint.clone(),
                judgement,
                usage: dossier.seal.usage,
                took_ms,
                walls: dossier.seal.walls.clone(),
            })
            .await?;
        Ok(())
    }

    /// Tells people who watch what the attempt does, with paths as the agent knows them.
    async fn mention(&self, prepared: &Prepared, activity: Activity, usage: Usage) {
        let activity = match activity {
            Activity::Tool { name, about } => {
                let workspace = prepared.workspace.dir().display().to_string();
                // Cut when the paths are short, not before.
                let about = shorten(&relative_to(&about, &workspace), limits::DOING_CHARS);
                Activity::Tool { name, about }
            }
            other => other,
        };
        let event = Event::Doing {
            interaction: prepared.attempt.interaction.clone(),
            attempt: prepared.attempt.number,
            activity,
            usage,
        };
        self.log.mention(event).await;
    }

    /// Waits before the next attempt, longer each time.
    async fn pause(&self, failures: u32) -> Result<(), Fault> {
        tokio::select! {
            cancelled = self.cancellation.cancelled() => Err(cancelled),
            () = tokio::time::sleep(Duration::from_secs(2) * failures) => Ok(()),
        }
    }
}

fn kind_of(fault: &WorkFault) -> AttemptFault {
    match fault {
        WorkFault::Provider(Patience::Passing, _) => AttemptFault::ProviderBusy,
        WorkFault::Provider(Patience::Lasting, _) => AttemptFault::ProviderRefuses,
        WorkFault::Agent(error) if !error.is_passing() => AttemptFault::ProviderRefuses,
        WorkFault::Lost | WorkFault::Agent(_) => AttemptFault::AgentServer,
        WorkFault::Cancelled => AttemptFault::Ours,
    }
}
