//! What an agent says it did. Believed by nobody; compared with what happened.

use serde::{Deserialize, Serialize};

/// How the agent says it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClaimStatus {
    /// The function is finished and its dry run succeeded.
    Done,
    /// Something outside makes it impossible; the evidence is named.
    Blocked,
    /// Something is there, but not all that was asked for.
    Partial,
}

/// An SDK feature that the agent left out, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Skipped {
    /// For example `pagination`, `checkpoint`, `delete tracking`.
    pub feature: String,
    /// Why it is not needed or not possible.
    pub reason: String,
}

/// An agent's final report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// How it ended.
    pub status: ClaimStatus,
    /// One or two sentences.
    pub summary: String,
    /// The commands it ran to check its work, as typed.
    #[serde(default)]
    pub ran: Vec<String>,
    /// SDK features that it left out.
    #[serde(default)]
    pub skipped: Vec<Skipped>,
    /// With `blocked`: what refused, as it was seen (status, address, message).
    #[serde(default)]
    pub blocked_by: Option<String>,
    /// The input with which its dry run of an action succeeded, when the spec gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<serde_json::Value>,
    /// The metadata with which its dry run of a sync succeeded, when the spec gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<serde_json::Value>,
}

/// What was found where the final report should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reading", rename_all = "lowercase")]
pub enum ClaimReading {
    /// A valid report.
    Read {
        /// The report.
        claim: Box<Claim>,
    },
    /// No report at all.
    Missing,
    /// Something that is not a valid report.
    Invalid {
        /// What is wrong with it.
        why: String,
    },
}

impl ClaimReading {
    /// The report, if there is a valid one.
    pub fn claim(&self) -> Option<&Claim> {
        match self {
            ClaimReading::Read { claim } => Some(claim),
            ClaimReading::Missing | ClaimReading::Invalid { .. } => None,
        }
    }
}
