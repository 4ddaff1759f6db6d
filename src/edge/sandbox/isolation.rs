//! How strong the walls around a program are, and what was found out about them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How strong the walls are. The strongest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// Own namespaces for users, mounts, processes, network, IPC and names; Landlock and seccomp on top.
    Namespaces,
    /// Landlock and seccomp on the machine as it is. An agent sees no other files and no other ports. But the
    /// allowed port is open on every host, it cannot run servers of its own, and it can list the machine's processes.
    Landlock,
    /// Nothing but a clean environment, limits and a clock.
    None,
}

impl Isolation {
    /// The word for it on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Isolation::Namespaces => "namespaces",
            Isolation::Landlock => "landlock",
            Isolation::None => "none",
        }
    }

    /// The isolation that a word of [`Self::word`] names.
    pub fn of_word(word: &str) -> Option<Self> {
        [Isolation::Namespaces, Isolation::Landlock, Isolation::None]
            .into_iter()
            .find(|isolation| isolation.word() == word)
    }
}

/// As in `domain::dossier::Walls`.
impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Isolation::Namespaces => "namespaces + Landlock + seccomp",
            Isolation::Landlock => "Landlock + seccomp",
            Isolation::None => "none",
        })
    }
}

/// One thing that was tried from inside and must not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfCheck {
    /// What: `read a secret of ours`.
    pub what: String,
    /// Whether it was refused.
    pub refused: bool,
}

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IsolationReport {
    /// The walls that are used.
    pub isolation: Isolation,
    /// What was tried inside of them.
    pub tried: Vec<SelfCheck>,
    /// Why stronger walls are not used; one sentence for each.
    pub stronger: Vec<String>,
}
