//! What happens in a run, as it is appended to the log. Every report is rendered from these and nothing else.

use serde::{Deserialize, Serialize};

use super::activity::Activity;
use super::attempt_fault::AttemptFault;
use super::decision::Off;
use super::dossier::Walls;
use super::ending::Ending;
use super::failure::Before;
use super::finding::Finding;
use super::guidance::Guidance;
use super::name::{Digest, InteractionKey, Sha};
use super::packages::Packages;
use super::plan::Plan;
use super::project::{ProjectFolder, Projects};
use super::pull::Request;
use super::settings::{Commit, Mode};
use super::spec::Spec;
use super::transcript::Usage;
use super::verdict::Judgement;

/// One entry of a run's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logged {
    /// Counts from 1 within the run.
    pub seq: i64,
    /// Milliseconds since the epoch.
    pub at_ms: i64,
    /// What happened.
    pub event: Event,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The run was asked for. Always the first.
    Requested {
        /// By whom and for what.
        request: Request,
    },
    /// Specs were read and compared.
    Planned {
        /// What will be done.
        plan: Plan,
        /// The merge base that the head was compared with.
        merge_base: Sha,
        /// The newest commit of the base branch, with the settings and skills of this run. Logs of older versions do not say.
        #[serde(default)]
        base: Option<Sha>,
        /// The Nango projects, from the settings.
        #[serde(alias = "project")]
        projects: Projects,
        /// What is committed, from the settings.
        #[serde(alias = "mode")]
        commit: Commit,
        /// Whether agents are kept to their task, from the settings.
        #[serde(default)]
        watched: Mode,
    },
    /// It was looked which packages the project pins.
    PackagesChosen {
        /// Which project, where there are several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<ProjectFolder>,
        /// With which the run works.
        packages: Packages,
    },
    /// The agents' walls were tried.
    WallsTried {
        /// Which stand.
        walls: Walls,
    },
    /// An attempt began.
    AttemptStarted {
        /// Of what.
        interaction: InteractionKey,
        /// Which.
        attempt: u32,
        /// What its agent is told beside the spec.
        #[serde(default, skip_serializing_if = "Guidance::is_empty")]
        guidance: Guidance,
    },
    /// What the attempt is doing now. Only for people who watch.
    Doing {
        /// Of what.
        interaction: InteractionKey,
        /// Which.
        attempt: u32,
        /// What.
        #[serde(alias = "words")]
        activity: Activity,
        /// What it has used up so far.
        usage: Usage,
    },
    /// An attempt's evidence was sealed.
    Sealed {
        /// Of what.
        interaction: InteractionKey,
        /// Which.
        attempt: u32,
        /// The dossier.
        dossier: Digest,
    },
    /// An attempt ended by a fault that is not the author's: ours, the machine's, the model provider's.
    AttemptFailed {
        /// Of what.
        interaction: InteractionKey,
        /// Which.
        attempt: u32,
        /// What went wrong.
        fault: String,
    },
    /// An attempt was put down because its process was told to end, or has to wait for somebody else; another begins in its
    /// place. A process that dies says nothing.
    AttemptLeft {
        /// Of what.
        interaction: InteractionKey,
        /// Which.
        attempt: u32,
    },
    /// A dossier was judged: the build has ended.
    Judged {
        /// What was asked for.
        spec: Box<Spec>,
        /// The fingerprint of what went into it.
        fingerprint: Digest,
        /// What was made of it.
        judgement: Judgement,
        /// What its last attempt used up.
        usage: Usage,
        /// Wall time of all its attempts.
        took_ms: u64,
        /// The walls around the agent.
        walls: Walls,
    },
    /// A build ended without a verdict, by faults that are not the author's.
    GivenUp {
        /// What was asked for.
        spec: Box<Spec>,
        /// Whose fault. Logs of the version before do not say.
        #[serde(default)]
        cause: AttemptFault,
        /// What went wrong in the last attempt.
        fault: String,
    },
    /// Somebody took an interaction out of the run while it was under way. The rest goes on.
    CalledOff {
        /// Which.
        interaction: InteractionKey,
        /// Who: a login.
        by: String,
        /// The comment that says so.
        comment: u64,
        /// How.
        off: Off,
    },
    /// The head without the run's functions was verified, because the whole with them is not green.
    BaseVerified {
        /// Which project, where there are several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<ProjectFolder>,
        /// Of everything that the result depends on: the commit, the project, the tools, what was tried.
        key: Digest,
        /// What fails, as a blob that holds a list of [`super::failure::Failure`].
        failures: Digest,
    },
    /// The project was verified with the run's functions in it, and there is something to say of the rest.
    Verified {
        /// Which project, where there are several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<ProjectFolder>,
        /// What was wrong with it before.
        before: Before,
    },
    /// Everything in the project was seen to be good with the run's functions in it.
    WholeGood {
        /// Which project, where there are several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        project: Option<ProjectFolder>,
        /// What was good, as a blob that holds a list of digests; see `rules::whole::Footprints`.
        good: Digest,
        /// Functions and tests that were as they had been seen to be good before, and were not verified again.
        known: usize,
    },
    /// The run's commit takes the last function out of a project.
    ProjectEmptied {
        /// Which.
        project: ProjectFolder,
    },
    /// One project of several does not go together with the run's functions, so nothing of it is in the commit.
    ProjectFailed {
        /// Which.
        project: ProjectFolder,
        /// Why, with what the programs said.
        findings: Vec<Finding>,
    },
    /// The run's result was put together, or not.
    Settled {
        /// How.
        settlement: Settlement,
    },
    /// The run is over. Always the last.
    Ended {
        /// How.
        ending: Ending,
    },
}

/// What became of the commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "settlement", rename_all = "kebab-case")]
pub enum Settlement {
    /// The branch carries it.
    Committed {
        /// The commit.
        commit: Sha,
        /// The branch.
        branch: String,
        /// The paths that it changes, from the repository's root.
        paths: Vec<String>,
    },
    /// The agents were only watched, so nothing is committed.
    Watched,
    /// There was nothing that the branch does not have already.
    Nothing,
    /// The assembled project as a whole does not compile or its tests fail, so nothing was committed.
    WholeFailed {
        /// Why, with what the programs said.
        findings: Vec<Finding>,
    },
    /// There is a commit, but the pull request's branch is in a fork that we cannot write to.
    Fork {
        /// How many functions would have been committed.
        functions: u32,
        /// The change as a patch that `git apply` takes.
        patch: Digest,
    },
    /// The branch moved; nothing was overwritten.
    Moved {
        /// What it points to now; absent when it was deleted.
        to: Option<Sha>,
    },
    /// GitHub took the push but refused the branch (protection rules, missing permission).
    PushRefused {
        /// Its words.
        reason: String,
    },
}

impl Event {
    /// The interaction that it is about, when it is about one.
    pub fn interaction(&self) -> Option<&InteractionKey> {
        match self {
            Event::AttemptStarted { interaction, .. }
            | Event::Doing { interaction, .. }
            | Event::Sealed { interaction, .. }
            | Event::AttemptFailed { interaction, .. }
            | Event::AttemptLeft { interaction, .. }
            | Event::CalledOff { interaction, .. } => Some(interaction),
            Event::Judged { spec, .. } | Event::GivenUp { spec, .. } => Some(&spec.key),
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
            | Event::Ended { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::view::View;

    #[test]
    fn logs_of_when_there_was_one_project_are_read() {
        let sha = "a".repeat(40);
        let planned = format!(
            r#"{{"event": "planned", "plan": {{"steps": [{{"step": "remove", "key": "slack/users", "kind": "sync"}}], "problems": []}},
                "merge_base": "{sha}", "project": "apps/nango", "commit": "countersigned"}}"#
        );
        let chosen = r#"{"event": "packages-chosen", "packages": {"packages": "ours"}}"#;
        let events = [chosen, &planned].map(|text| Logged {
            seq: 1,
            at_ms: 1,
            event: serde_json::from_str(text).expect("an event"),
        });
        let view = View::of(&events);
        assert_eq!(view.rows[0].project.as_str(), "apps/nango");
        assert_eq!(view.to_name(&view.rows[0]), None, "it goes without saying");
        assert_eq!(view.packages.of(None), Some(&Packages::Ours));
    }
}
