//! The files as they are written. The published schema is made from these types, so their comments are what an editor
//! shows to an author.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::patterns::{FOLDER, HOST, HTTPS, MODEL, NANGO_ID, PROJECT};
use crate::domain::connection_event::ConnectionEvent;
use crate::domain::finding::Severity;
use crate::domain::limits;
use crate::domain::settings::{Commit, CommitBy, Drafts, Mode, Writes};
use crate::domain::spec::Kind;
use crate::rules::judge;

/// The rules that a repository may give a severity to, each once.
fn rule_names() -> BTreeSet<&'static str> {
    judge::names().collect()
}

/// An interaction: one thing a product does with an API. The file's name is the function's name, its folder the
/// integration.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Countersign interaction")]
pub(super) struct RawSpec {
    /// An action is called once and answers once; a sync runs again and again and keeps records fresh; an on-event function
    /// runs when something happens to a connection.
    pub kind: Kind,
    /// What an on-event function runs at. Needed for it, and for nothing else.
    pub event: Option<ConnectionEvent>,
    /// The webhooks that a sync takes besides running again and again: the agent writes `onWebhook`.
    pub webhook: Option<RawWebhook>,
    /// The goal, in a sentence or two.
    #[schemars(length(min = 1, max = limits::DESCRIPTION_CHARS))]
    pub description: String,
    /// Pages that say how the API works.
    #[serde(default)]
    #[schemars(length(max = limits::DOCS_PAGES), inner(regex(pattern = HTTPS)))]
    pub docs: Vec<String>,
    /// Nango's connection id of the test account. The one of integration.yaml when absent.
    #[schemars(regex(pattern = NANGO_ID))]
    pub connection: Option<String>,
    /// Sample input for the dry run. The agent may find its own when absent.
    pub input: Option<Value>,
    /// Connection metadata for the dry run of a sync.
    pub metadata: Option<Map<String, Value>>,
    /// Anything else the agent should know.
    pub notes: Option<String>,
    /// The Nango project that the function belongs to, where the repository has several. The one of integration.yaml when
    /// absent.
    #[schemars(regex(pattern = PROJECT))]
    pub project: Option<String>,
    /// What one build may use up; never above the repository's own limits.
    #[serde(default)]
    pub limits: RawLimits,
}

/// The webhooks that a sync takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWebhook {
    /// The types of webhooks, as the provider names them; `*` for all.
    #[schemars(length(min = 1, max = limits::WEBHOOK_SUBSCRIPTIONS), inner(length(min = 1, max = 200)))]
    pub subscriptions: Vec<String>,
    /// A payload as it comes. The function is tried with it; without one its `onWebhook` is not tried.
    pub sample: Option<Value>,
}

/// What one build may use up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimits {
    /// Minutes of an attempt. What it waits for a core of a busy machine is not counted.
    #[schemars(range(min = 1, max = 1440))]
    pub minutes: Option<u32>,
    /// Dollars of an attempt.
    #[schemars(range(min = 0.01, max = 10_000.0))]
    pub usd: Option<f64>,
    /// Tokens of an attempt, of all kinds together.
    #[schemars(range(min = 1000, max = 1_000_000_000_000_u64))]
    pub tokens: Option<u64>,
}

/// What the interactions of one folder share.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Countersign integration")]
pub(super) struct RawIntegration {
    /// Nango's integration id (provider config key). The folder's name when absent.
    #[schemars(regex(pattern = NANGO_ID))]
    pub integration: Option<String>,
    /// Nango's connection id of the test account.
    #[schemars(regex(pattern = NANGO_ID))]
    pub connection: Option<String>,
    /// Pages that say how the API works, for all interactions of the folder.
    #[serde(default)]
    #[schemars(length(max = limits::DOCS_PAGES), inner(regex(pattern = HTTPS)))]
    pub docs: Vec<String>,
    /// Hosts, besides those of the docs, whose pages agents may read.
    #[serde(default)]
    #[schemars(length(max = 20), inner(regex(pattern = HOST)))]
    pub docs_hosts: Vec<String>,
    /// The Nango project that the functions belong to, where the repository has several.
    #[schemars(regex(pattern = PROJECT))]
    pub project: Option<String>,
}

/// A repository's settings. They are read from the base branch.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Countersign settings")]
pub(super) struct RawSettings {
    /// The Nango project's folder; `nango-integrations` when absent, `.` for the repository's root.
    #[schemars(regex(pattern = PROJECT))]
    pub project: Option<String>,
    /// The folders of several Nango projects, instead of `project`. Each spec, or the integration.yaml beside it, then says
    /// to which its function belongs.
    #[schemars(length(min = 1, max = limits::PROJECTS), inner(regex(pattern = PROJECT)))]
    pub projects: Option<Vec<String>>,
    /// The folder of the specs; `interactions` when absent.
    #[schemars(regex(pattern = FOLDER))]
    pub interactions: Option<String>,
    /// Whether draft pull requests are built; they wait when absent.
    pub drafts: Option<Drafts>,
    /// The model, `provider/model` as OpenCode names it; the server's own when absent.
    #[schemars(regex(pattern = MODEL))]
    pub model: Option<String>,
    /// Agents at work at once in one run.
    #[schemars(range(min = 1, max = 500))]
    pub parallel: Option<u16>,
    /// What builds and runs may use up.
    #[serde(default)]
    pub limits: RawRepositoryLimits,
    /// What is committed: only what is countersigned, or also what needs a look.
    pub commit: Option<Commit>,
    /// How the commit comes to the branch: made here and pushed (git), or made and signed by GitHub (api), which branches that require
    /// signatures want.
    pub commit_by: Option<CommitBy>,
    /// Agents are kept to their task (strict), or watched to see what they do (permissive): nothing is stopped early, walls
    /// go down where the operator allows it, and nothing is committed. For test accounts only.
    pub mode: Option<Mode>,
    /// Whether checking a function may write to the test account what its agent wrote already: when the answer cannot be
    /// given again from the tape (repeat), or never (once).
    pub writes: Option<Writes>,
    /// The folder of the repository's own skills.
    #[schemars(regex(pattern = FOLDER))]
    pub skills: Option<String>,
    /// Folders of the Nango project, besides `helpers`, `mappers`, `models` and `types` of an integration, in which agents may
    /// write modules that their functions import.
    #[serde(default)]
    #[schemars(length(max = 20), inner(regex(pattern = FOLDER)))]
    pub helpers: Vec<String>,
    /// Severities other than a rule's own, by the rule's name.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "enum": rule_names() }))]
    pub severities: BTreeMap<String, Severity>,
    /// Logins of people who may say `/overrule`, besides those who maintain the repository. They must be allowed to push.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 100)))]
    pub overrulers: Vec<String>,
    /// Why a severity is milder than the rule's own, by the same name; needed for rules that may block, and printed.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "enum": rule_names() }))]
    pub reasons: BTreeMap<String, String>,
}

/// What builds and runs may use up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRepositoryLimits {
    /// One build.
    #[serde(default)]
    pub build: RawLimits,
    /// One run.
    #[serde(default)]
    pub run: RawRunLimits,
    /// One pull request in an hour.
    #[serde(default)]
    pub hour: RawHourLimits,
}

/// What one run may use up.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRunLimits {
    /// Minutes of a run. What it waits for a core of a busy machine is not counted.
    #[schemars(range(min = 1, max = 10_080))]
    pub minutes: Option<u32>,
    /// Dollars.
    #[schemars(range(min = 0.01, max = 1_000_000.0))]
    pub usd: Option<f64>,
}

/// What one pull request may ask for in an hour.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHourLimits {
    /// Runs.
    #[schemars(range(min = 1, max = 1000))]
    pub runs: Option<u32>,
}
