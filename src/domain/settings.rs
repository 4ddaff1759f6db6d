//! A repository's settings, `.github/countersign.yml`, as the rest of the program sees them.
//! How the YAML is read is in [`crate::rules::specs`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::Severity;
use super::limits;
use super::project::{ProjectFolder, Projects};
use super::spec::{BuildLimits, Spec};

/// Whether draft pull requests are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Drafts {
    /// Not before they are ready for review.
    Wait,
    /// Like any other.
    Build,
}

/// What is committed. The other names are those of logs from before there was a word of its own for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Commit {
    /// Only what is countersigned.
    #[serde(alias = "strict")]
    Countersigned,
    /// Also what *needs a look*; a person then looks at it in the pull request.
    #[serde(alias = "permissive")]
    NeedsALook,
}

/// How the commit comes to the branch.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum CommitBy {
    /// It is made here and pushed.
    #[default]
    Git,
    /// GitHub makes it and signs it, so that it is shown as verified: for branches that require signatures.
    Api,
}

/// Whether agents are kept to their task, or watched.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Walls stand, what leads nowhere is stopped early, and what is good is committed.
    #[default]
    Strict,
    /// To see what a model does when it is let: nothing is stopped early, the walls go down where the operator allows work
    /// without them, nothing is committed, and the report says what would have been found. For test accounts only.
    Permissive,
}

/// Whether checking a function may write to the test account what its agent wrote already.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Writes {
    /// When the answer cannot be given again from the tape.
    #[default]
    Repeat,
    /// Never; what would need it is not checked.
    Once,
}

/// The settings, complete with their defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The Nango projects.
    pub projects: Projects,
    /// The folder of the specs.
    pub interactions: String,
    /// Whether drafts are built.
    pub drafts: Drafts,
    /// `provider/model` as OpenCode names it; the server's own when absent.
    pub model: Option<String>,
    /// Agents at work at once.
    pub parallel: u16,
    /// What one build may use up.
    pub build: BuildLimits,
    /// Minutes one run may take.
    pub run_minutes: u32,
    /// Dollars one run may cost.
    pub run_usd: f64,
    /// Runs of one pull request in an hour.
    pub runs_per_hour: u32,
    /// What is committed.
    pub commit: Commit,
    /// How the commit comes to the branch.
    #[serde(default)]
    pub commit_by: CommitBy,
    /// Whether agents are kept to their task.
    pub mode: Mode,
    /// Whether checking may write twice.
    #[serde(default)]
    pub writes: Writes,
    /// A folder of the repository's own skills, on the base branch.
    pub skills: Option<String>,
    /// Folders of the Nango project, besides those of an integration, in which agents may write modules.
    #[serde(default)]
    pub helpers: Vec<String>,
    /// Severities other than a rule's own, by rule.
    pub severities: BTreeMap<String, Severity>,
    /// Logins that may overrule findings besides those who maintain the repository.
    #[serde(default)]
    pub overrulers: Vec<String>,
    /// Why, by rule; there is one wherever a finding that blocks is made milder.
    #[serde(default)]
    pub reasons: BTreeMap<String, String>,
}

impl Settings {
    /// The Nango project that a spec's function belongs to.
    pub fn project_of<'a>(&'a self, spec: &'a Spec) -> &'a ProjectFolder {
        self.projects.of(spec.project.as_ref())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            projects: Projects::one(ProjectFolder::named("nango-integrations")),
            interactions: "interactions".into(),
            drafts: Drafts::Wait,
            model: None,
            parallel: limits::PARALLEL,
            build: BuildLimits {
                minutes: limits::BUILD_MINUTES,
                usd: limits::BUILD_USD,
                tokens: limits::BUILD_TOKENS,
            },
            run_minutes: limits::RUN_MINUTES,
            run_usd: limits::RUN_USD,
            runs_per_hour: limits::RUNS_PER_HOUR,
            commit: Commit::Countersigned,
            commit_by: CommitBy::Git,
            mode: Mode::Strict,
            writes: Writes::Repeat,
            skills: None,
            helpers: Vec::new(),
            severities: BTreeMap::new(),
            overrulers: Vec::new(),
            reasons: BTreeMap::new(),
        }
    }
}
