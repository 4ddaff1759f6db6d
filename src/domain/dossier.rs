//! The sealed evidence of one attempt. The [`Seal`] is what lies on disk as JSON and names everything else by digest;
//! the [`Dossier`] is the seal with all that it names, opened and checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::beginning::Beginning;
use super::claim::ClaimReading;
use super::clean_room::Room;
use super::finding::Severity;
use super::guidance::Guidance;
use super::module::Module;
use super::name::{AttemptId, Digest};
use super::neighbour::Neighbour;
use super::skill::HadSkill;
use super::spec::Spec;
use super::tape::{AccessRefused, Tape};
use super::transcript::{Transcript, Usage};
use super::tree::Tree;

/// The format of a [`Seal`] and of what it names; a newer one is refused with a clear error. Version 1 had tool calls
/// without their deeds.
pub const VERSION: u32 = 2;

/// How an agent's work ended, as we saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ended", rename_all = "kebab-case")]
pub enum Ended {
    /// The agent stopped by itself.
    Finished,
    /// The test account refused the same thing again, so we ended it.
    AccessRefused(AccessRefused),
    /// A limit was reached.
    Limit {
        /// Which, for a person: `15 minutes`, `$1.00`, `4000000 tokens`, `180 seconds without a sign of life`.
        which: String,
    },
    /// The model's provider failed for good.
    ProviderFailed {
        /// Its message.
        message: String,
    },
}

/// Which walls stood around the agent. Every report says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walls {
    /// For a person: `namespaces + Landlock + seccomp`, `Landlock + seccomp`, `none`.
    pub shell: String,
    /// Whether paths of file tools were checked by the plugin.
    pub file_tools: Guard,
}

/// Whether a wall was tried and stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Guard {
    /// A call that must be refused was refused.
    Up,
    /// The operator said that agents may work without.
    Down,
}

/// What an attempt was made with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tools {
    /// For example `opencode 1.18.33`.
    pub agent: String,
    /// `provider/model`.
    pub model: String,
    /// For example `0.71.10`.
    pub nango: String,
    /// Of the tool chain's lock file.
    pub lock: Digest,
    /// Of all skills together that the agent had.
    pub skills: Digest,
    /// Each of them; none in old evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub had: Vec<HadSkill>,
}

/// A round of an agent's work after which it was shown what was found, so that it could mend it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// The evidence of that round, sealed as it was then.
    pub dossier: Digest,
    /// The names of what was found, without notes.
    pub found: Vec<String>,
    /// The function as it was then.
    pub function: Option<Digest>,
    /// The agent's modules as they were then, by path; absent when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modules: Option<BTreeMap<String, Digest>>,
}

/// The index of an attempt's evidence. Its id is the digest of its JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seal {
    /// [`VERSION`].
    pub version: u32,
    /// Whose evidence this is.
    pub attempt: AttemptId,
    /// What was asked for.
    pub spec: Spec,
    /// Where the workspace lay, absolute and canonical: a transcript names its files by it. Absent when unknown.
    #[serde(default)]
    pub workspace: Option<String>,
    /// Paths that the agent was allowed to change; a trailing `/` means all below. Relative to the workspace.
    pub allowed: Vec<String>,
    /// Folders in which it could write modules that its function imports; each ends with `/`. Relative to the workspace.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helpers: Vec<String>,
    /// The modules that were taken with its function.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modules: Vec<Module>,
    /// The repository's own severities at the time, by rule, so that judging needs nothing but the dossier.
    pub severities: BTreeMap<String, Severity>,
    /// Why, by rule, as the repository gives it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reasons: BTreeMap<String, String>,
    /// What the agent began from.
    #[serde(default, skip_serializing_if = "Beginning::is_nothing")]
    pub beginning: Beginning,
    /// What it was made with.
    pub tools: Tools,
    /// The walls around the agent.
    pub walls: Walls,
    /// Milliseconds since the epoch.
    pub started_ms: i64,
    /// Milliseconds since the epoch.
    pub ended_ms: i64,
    /// How the agent's work ended.
    pub ended: Ended,
    /// What it used up.
    pub usage: Usage,
    /// The workspace as it was handed over.
    pub before: Tree,
    /// The workspace as the agent left it. `node_modules` (ours, read-only) is in neither.
    pub after: Tree,
    /// The agent's own recording, if it left one.
    pub offered_recording: Option<Digest>,
    /// Blob of the [`Transcript`] as JSON.
    pub transcript: Digest,
    /// Blob of the [`Tape`] as JSON.
    pub tape: Digest,
    /// What the agent says.
    pub claim: ClaimReading,
    /// What the clean room found.
    pub room: Room,
    /// Functions at the head that import a module which the agent changed; looked at when its own passed every step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neighbours: Vec<Neighbour>,
    /// The rounds before, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rounds: Vec<Round>,
    /// What the agent was told beside its spec.
    #[serde(default, skip_serializing_if = "Guidance::is_empty")]
    pub guidance: Guidance,
}

/// A [`Seal`] with all that it names.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// The digest of the seal's JSON.
    pub id: Digest,
    /// The index.
    pub seal: Seal,
    /// What the agent did.
    pub transcript: Transcript,
    /// What was on the wire.
    pub tape: Tape,
    contents: BTreeMap<Digest, Vec<u8>>,
}

impl Round {
    /// Whether nothing of the agent's work is another since.
    pub fn is_as_in(&self, seal: &Seal) -> bool {
        let modules = self.modules.as_ref();
        self.function.as_ref() == seal.room.function.source()
            && modules.is_none_or(|modules| *modules == seal.agents_modules())
    }
}

impl Seal {
    /// The modules that are the agent's work, by path.
    pub fn agents_modules(&self) -> BTreeMap<String, Digest> {
        let modules = self.modules.iter().filter(|module| module.is_agents());
        modules
            .map(|module| (module.path.clone(), module.content.clone()))
            .collect()
    }
}

impl Dossier {
    /// Puts a dossier together; `contents` holds the blobs that the seal names, by their digest.
    pub fn new(
        id: Digest,
        seal: Seal,
        transcript: Transcript,
        tape: Tape,
        contents: BTreeMap<Digest, Vec<u8>>,
    ) -> Self {
        Self {
            id,
            seal,
            transcript,
            tape,
            contents,
        }
    }
    /// The same with a content besides.
    pub fn keeping(mut self, digest: Digest, content: &[u8]) -> Self {
        self.contents.insert(digest, content.to_vec());
        self
    }
    /// The content with this digest, if it was kept.
    pub fn content(&self, digest: &Digest) -> Option<&[u8]> {
        self.contents.get(digest).map(Vec::as_slice)
    }
    /// The same as text, if it was kept and is UTF-8.
    pub fn text(&self, digest: &Digest) -> Option<&str> {
        self.content(digest)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
    }
}
