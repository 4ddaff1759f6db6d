//! Keeping the keys of an App, in files that only their owner can read.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use secrecy::ExposeSecret as _;

use crate::edge::github::MadeApp;

/// Where the keys of the App are kept, below the state folder.
#[derive(Debug, Clone)]
pub(super) struct KeyFolder(PathBuf);

impl KeyFolder {
    /// Below this state folder.
    pub fn below(state: &Path) -> Self {
        Self(state.join("app"))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The file with everything that `serve` wants to know of the App.
    pub fn env_file(&self) -> PathBuf {
        self.0.join("app.env")
    }

    /// Whether there are keys already, which are never written over.
    pub fn is_taken(&self) -> bool {
        self.env_file().exists()
    }

    /// Writes the keys. An interruption in the middle leaves no `app.env`, which is written last, and what it left is written anew.
    ///
    /// # Errors
    /// When there are keys already, or the file system refuses.
    pub fn keep(&self, app: &MadeApp, api_url: &str, server_url: &str) -> io::Result<()> {
        if self.is_taken() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)?;
        let key = self.0.join("private-key.pem");
        let secret = self.0.join("webhook-secret");
        for (path, text) in [(&key, &app.pem), (&secret, &app.webhook_secret)] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => write(path, text.expose_secret())?,
            }
        }
        let quoted =
            |path: &Path| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
        let lines = [
            format!("COUNTERSIGN_APP_ID={}", app.id),
            format!("COUNTERSIGN_PRIVATE_KEY_FILE={}", quoted(&key)),
            format!("COUNTERSIGN_WEBHOOK_SECRET_FILE={}", quoted(&secret)),
            format!("GITHUB_API_URL={api_url}"),
            format!("GITHUB_SERVER_URL={server_url}"),
        ];
        write(&self.env_file(), &(lines.join("\n") + "\n"))
    }
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
