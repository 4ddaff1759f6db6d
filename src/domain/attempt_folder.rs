//! The folders of one attempt: where the agent works, and what lies beside that, out of its reach.

use std::path::{Path, PathBuf};

use super::name::AttemptId;

/// The folder of an attempt, below that of its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptFolder(PathBuf);

impl AttemptFolder {
    /// What the agent's own folder is called.
    pub const WORKSPACE: &str = "workspace";
    /// What the file beside it is called that says what its tools may do: a [`super::program::Policy`]. `plugin.js` of
    /// OpenCode knows it by the same name.
    pub const POLICY: &str = "policy.json";

    /// That of `attempt`, when the folders of runs lie in `runs`.
    pub fn of(runs: &Path, attempt: &AttemptId) -> Self {
        let name = format!(
            "{}--{}-{}",
            attempt.interaction.integration, attempt.interaction.name, attempt.number
        );
        Self(runs.join(attempt.run.as_str()).join(name))
    }
    /// The same by its real path.
    ///
    /// # Errors
    /// When it is not there.
    pub fn canonical(&self) -> std::io::Result<Self> {
        self.0.canonicalize().map(Self)
    }
    /// The one that this is the workspace of.
    pub fn around(workspace: &Path) -> Option<Self> {
        let folder = workspace.parent()?;
        (workspace.file_name()? == Self::WORKSPACE).then(|| Self(folder.to_owned()))
    }
    /// Itself.
    pub fn path(&self) -> &Path {
        &self.0
    }
    /// Where the agent works.
    pub fn workspace(&self) -> PathBuf {
        self.0.join(Self::WORKSPACE)
    }
    /// What its tools may do.
    pub fn policy(&self) -> PathBuf {
        self.0.join(Self::POLICY)
    }
    /// Where our own runs of its function happen.
    pub fn room(&self) -> PathBuf {
        self.0.join("room")
    }
    /// Where functions that import what the agent changed are run.
    pub fn neighbours(&self) -> PathBuf {
        self.0.join("neighbours")
    }
    /// Its shell's home.
    pub fn home(&self) -> PathBuf {
        self.0.join("home")
    }
    /// Its shell's temporary files.
    pub fn tmp(&self) -> PathBuf {
        self.0.join("tmp")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_known_by_its_name_and_lies_beside_its_policy() {
        let attempt = AttemptId {
            run: "0123456789ab".parse().expect("a run"),
            interaction: "slack/users".parse().expect("a key"),
            number: 2,
        };
        let folder = AttemptFolder::of(Path::new("/runs"), &attempt);
        assert_eq!(
            folder.path(),
            Path::new("/runs/0123456789ab/slack--users-2")
        );
        assert_eq!(
            AttemptFolder::around(&folder.workspace()),
            Some(folder.clone())
        );
        assert_eq!(AttemptFolder::around(folder.path()), None);
        assert_eq!(folder.policy().parent(), folder.workspace().parent());
    }
}
