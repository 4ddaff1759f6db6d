//! The home of one server: a folder that nobody else uses, and that is removed when its server has ended.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::edge::agent::AgentError;
use crate::os::files;

const PLUGIN: &str = include_str!("plugin.js");
const PREFIX: &str = "server-";
const LOCK: &str = "lock";

/// A server's home. The lock says that its process lives; the folder goes with the value.
pub(super) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes one below `home` and removes those whose processes have died.
    pub fn make(home: &Path, version: &str) -> Result<Self, AgentError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| AgentError::Folder { path, source }
        };
        fs::create_dir_all(home).map_err(failed(home))?;
        let home = home.canonicalize().map_err(failed(home))?;
        remove_abandoned(&home);
        let path = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(&home)
            .map_err(failed(&home))?
            .keep();
        let lock = File::create(path.join(LOCK)).map_err(failed(&path))?;
        lock.lock().map_err(failed(&path))?;
        let folder = Self { path, _lock: lock };
        folder.fill(version).map_err(failed(&folder.path))?;
        Ok(folder)
    }

    fn fill(&self, version: &str) -> std::io::Result<()> {
        for name in ["home", "data", "cache", "state", "tmp", "bin"] {
            fs::create_dir(self.path.join(name))?;
        }
        let config = self.config();
        fs::create_dir_all(config.join("plugin"))?;
        fs::write(config.join("plugin/countersign.js"), PLUGIN)?;
        fs::write(self.models(), "{}")?;
        // OpenCode installs its plugin package beside every configuration, unless a lock file says that it is there.
        fs::create_dir(config.join("node_modules"))?;
        let lock =
            json!({ "packages": { "": { "dependencies": { "@opencode-ai/plugin": version } } } });
        fs::write(config.join("package-lock.json"), lock.to_string())?;
        // It downloads ripgrep when there is none, even to load a skill. This one finds nothing; agents search with
        // the shell, inside the sandbox.
        let ripgrep = self.bin().join("rg");
        fs::write(&ripgrep, "#!/bin/sh\nexit 1\n")?;
        fs::set_permissions(&ripgrep, fs::Permissions::from_mode(0o755))
    }

    /// Writes the configuration; it may hold an operator's keys, so nobody else reads it.
    pub fn configure(&self, config: &Value) -> Result<(), AgentError> {
        let path = self.config().join("opencode.json");
        let write = || {
            fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&path)?
                .write_all(config.to_string().as_bytes())
        };
        write().map_err(|source| AgentError::Folder {
            path: path.clone(),
            source,
        })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// Programs that come before the system's.
    pub fn bin(&self) -> PathBuf {
        self.path.join("bin")
    }
    /// The catalogue of models that OpenCode reads instead of its own large one; what is used is in the configuration.
    pub fn models(&self) -> PathBuf {
        self.path.join("models.json")
    }
    /// What OpenCode takes as its configuration folder, below `XDG_CONFIG_HOME`.
    fn config(&self) -> PathBuf {
        self.path.join("config/opencode")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::debug!(path = %self.path.display(), %error, "an agent server's folder stays behind");
        }
    }
}

/// Removes the folders of servers whose processes were killed: their locks are free. One that is being made right now
/// may have no lock yet and is left alone.
fn remove_abandoned(home: &Path) {
    let Ok(entries) = fs::read_dir(home) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let ours = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
        let abandoned = ours && files::is_free(&path.join(LOCK));
        if abandoned {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PLUGIN;
    use crate::domain::attempt_folder::AttemptFolder;

    #[test]
    fn the_plugin_looks_for_the_policy_where_it_is_laid() {
        let beside = format!(
            "path.join(path.dirname(workspace), \"{}\")",
            AttemptFolder::POLICY
        );
        assert!(PLUGIN.contains(&beside));
    }
}
