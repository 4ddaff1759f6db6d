//! What OpenCode is run with.

use std::collections::BTreeMap;
use std::path::PathBuf;

use secrecy::SecretString;

use crate::domain::program::Unsandboxed;
use crate::domain::toolchain::ToolChain;
use crate::os::own_clock::OwnClock;

/// What OpenCode is run with.
#[derive(Debug, Clone)]
pub struct OpenCodeConfig {
    /// Where its binary is.
    pub toolchain: ToolChain,
    /// A folder of ours, outside every workspace, for the homes of its servers.
    pub home: PathBuf,
    /// The program that runs shell commands in the sandbox. It is called as `shell -c COMMAND` in the workspace, with
    /// `COUNTERSIGN_POLICY` naming the session's policy file.
    pub shell: PathBuf,
    /// Whether that program may run commands without walls; then their trial leaves the shell out.
    pub unsandboxed: Unsandboxed,
    /// An `opencode.json` with the operator's providers and models; nothing else of it is used.
    pub operator_config: Option<PathBuf>,
    /// `provider/model`; the operator's own when absent.
    pub model: Option<String>,
    /// Environment for the server, besides what the operator's providers name as `{env:NAME}`: proxies, certificates.
    pub extra_env: BTreeMap<String, SecretString>,
    /// What its answers are waited for by.
    pub clock: OwnClock,
}
