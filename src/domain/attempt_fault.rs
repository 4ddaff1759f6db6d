//! Why an attempt ends without a dossier.

use serde::{Deserialize, Serialize};

/// None of these is the author's fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttemptFault {
    /// Something of ours or of the machine: a full disk, a dead process, a wall that fell.
    #[default]
    Ours,
    /// The agent's server died or fell silent.
    AgentServer,
    /// The model's provider failed in a way that may pass: overloaded, unreachable, cut off.
    ProviderBusy,
    /// The model's provider refuses for good: a wrong key, no credit, an unknown model. Whoever runs Countersign has to
    /// mend it.
    ProviderRefuses,
    /// The run has cost all that it may, so no attempt was begun.
    RunBudgetSpent,
}
