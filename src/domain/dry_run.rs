//! What a function is given when it is dry-run in the clean room.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GivenBy {
    /// The spec's author.
    Spec,
    /// The agent, in its report.
    Report,
    /// The agent, in the last dry run that ended well.
    Transcript,
}

/// One argument of the dry run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DryRunArgument {
    /// JSON.
    pub value: Value,
    /// Who chose it.
    pub by: GivenBy,
}

/// All arguments of the dry run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DryRunArguments {
    /// An action's input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<DryRunArgument>,
    /// A sync's connection metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<DryRunArgument>,
}

impl DryRunArguments {
    /// Whether the function is run without any.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
    /// Those there are, with the words that people know them by.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &DryRunArgument)> {
        let named = [("input", &self.input), ("metadata", &self.metadata)];
        named
            .into_iter()
            .filter_map(|(name, argument)| Some((name, argument.as_ref()?)))
    }
}
