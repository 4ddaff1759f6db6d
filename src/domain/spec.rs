//! An interaction spec as the rest of the program sees it: complete, checked, defaults filled in.
//! How the YAML is read is in [`crate::rules::specs`].

use serde::{Deserialize, Serialize};

use super::connection_event::ConnectionEvent;
use super::name::{Digest, InteractionKey};
use super::project::ProjectFolder;
use super::sync_webhook::SyncWebhook;

/// What a function is to Nango.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Called once, answers once.
    Action,
    /// Runs again and again and keeps records fresh.
    Sync,
    /// Runs when something happens to a connection; answers nothing.
    OnEvent,
}

impl Kind {
    /// Every kind, in the order in which people meet them.
    pub const ALL: [Kind; 3] = [Kind::Action, Kind::Sync, Kind::OnEvent];

    /// The folder in which Nango keeps functions of this kind: `actions`, `syncs` or `on-events`.
    pub fn folder(self) -> &'static str {
        match self {
            Kind::Action => "actions",
            Kind::Sync => "syncs",
            Kind::OnEvent => "on-events",
        }
    }
    /// The word for a person: `action`, `sync` or `on-event function`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Action => "action",
            Kind::Sync => "sync",
            Kind::OnEvent => "on-event function",
        }
    }
    /// The same with its article: `an action`.
    pub fn phrase(self) -> &'static str {
        match self {
            Kind::Action => "an action",
            Kind::Sync => "a sync",
            Kind::OnEvent => "an on-event function",
        }
    }
    /// The word in a spec: `action`, `sync` or `on-event`.
    pub fn key(self) -> &'static str {
        match self {
            Kind::Action => "action",
            Kind::Sync => "sync",
            Kind::OnEvent => "on-event",
        }
    }
    /// Whether the CLI makes a test for functions of this kind, which stands in the project with the recording it runs on.
    pub fn is_tested(self) -> bool {
        match self {
            Kind::Action | Kind::Sync => true,
            Kind::OnEvent => false,
        }
    }
    /// The other kinds.
    pub fn others(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |other| *other != self)
    }
}

/// What one build may use up. Already the smaller of what the spec and the repository allow.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BuildLimits {
    /// Wall time of an attempt.
    pub minutes: u32,
    /// Dollars of an attempt, as the agent's server counts them.
    pub usd: f64,
    /// Tokens of an attempt, of all kinds together.
    pub tokens: u64,
}

/// One interaction that somebody asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// Its name, from the path of the file.
    pub key: InteractionKey,
    /// The Nango project that its function belongs to. Specs in logs and dossiers of before do not say: there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectFolder>,
    /// What it is to Nango.
    pub kind: Kind,
    /// What an on-event function runs at; absent for the other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<ConnectionEvent>,
    /// The webhooks that a sync takes besides; absent for the other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<SyncWebhook>,
    /// The goal, in the author's words. Untrusted text.
    pub description: String,
    /// Pages that say how the API works: the spec's own first, then the integration's.
    pub docs: Vec<String>,
    /// Hosts, besides those of `docs`, whose pages the agent may read.
    pub docs_hosts: Vec<String>,
    /// Nango's connection id of the test account.
    pub connection: String,
    /// Nango's integration id (provider config key); the folder's name unless `integration.yaml` says otherwise.
    pub integration_id: String,
    /// Sample input for the dry run.
    pub input: Option<serde_json::Value>,
    /// Connection metadata for the dry run of a sync.
    pub metadata: Option<serde_json::Value>,
    /// Anything else the author wants the agent to know. Untrusted text.
    pub notes: Option<String>,
    /// What a build of it may use up.
    pub limits: BuildLimits,
    /// The spec file, relative to the repository's root.
    pub path: String,
    /// The line of `description` in that file, 1 when unknown: where a remark about the interaction is anchored.
    pub line: u32,
    /// Of the spec file's text.
    pub text: Digest,
    /// Of the text of `integration.yaml`, when there is one.
    pub integration_text: Option<Digest>,
}

/// Where the files of a function are, relative to the Nango project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionPaths {
    /// Its source: `slack/syncs/users.ts`.
    pub function: String,
    /// The recording of its dry run: `slack/tests/users.test.json`. Nango has no place for the kind in it. That of an on-event
    /// function is made in workspaces, and never stands in a project.
    pub recording: String,
    /// Its generated test: `slack/tests/slack-users.test.ts`; of an on-event function there is none.
    pub test: String,
}

impl FunctionPaths {
    /// The paths of one function.
    pub fn of(key: &InteractionKey, kind: Kind) -> Self {
        let (integration, name) = (&key.integration, &key.name);
        Self {
            function: format!("{integration}/{}/{name}.ts", kind.folder()),
            recording: format!("{integration}/tests/{name}.test.json"),
            test: format!("{integration}/tests/{integration}-{name}.test.ts"),
        }
    }
}

impl Spec {
    /// All paths of the function.
    pub fn paths(&self) -> FunctionPaths {
        FunctionPaths::of(&self.key, self.kind)
    }
    /// The function's source file, relative to the Nango project: `slack/syncs/users.ts`.
    pub fn function_path(&self) -> String {
        self.paths().function
    }
    /// The action that calls an on-event function in workspaces and clean rooms, because the CLI's dry run cannot: relative to
    /// the Nango project, `slack/actions/setup.ts`. The other kinds need none.
    pub fn trigger_path(&self) -> Option<String> {
        match self.kind {
            Kind::Action | Kind::Sync => None,
            Kind::OnEvent => Some(FunctionPaths::of(&self.key, Kind::Action).function),
        }
    }
    /// The recording of the dry run, relative to the Nango project: `slack/tests/users.test.json`.
    pub fn recording_path(&self) -> String {
        self.paths().recording
    }
    /// The generated test, relative to the Nango project: `slack/tests/slack-users.test.ts`.
    pub fn test_path(&self) -> String {
        self.paths().test
    }
}
