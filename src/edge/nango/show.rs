//! What an agent sees of a project besides its own function: sources at their places, read-only.
//!
//! Modes are no wall, an agent could change them: they tell it what is not its to change, and a change is found afterwards.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use super::workspace::Workspace;
use super::{NangoError, files};

const FILE: u32 = 0o444;
const FOLDER: u32 = 0o555;

impl Workspace {
    /// Lays `sources` (paths relative to the workspace, with their texts). What is there already stays. Folders become
    /// read-only, too, but for those on the way to what is `allowed` (a trailing `/` means all below), where programs put
    /// their own files beside it.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn show(&self, sources: &[(&str, &str)], allowed: &[String]) -> Result<(), NangoError> {
        let mut folders = BTreeSet::new();
        for (path, text) in sources {
            let at = self.dir().join(path);
            let ours = Path::new(path).ancestors().skip(1);
            folders.extend(ours.filter(|folder| !folder.as_os_str().is_empty()));
            if let Some(folder) = at.parent() {
                files::make(folder)?;
            }
            let made = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(FILE)
                .open(&at);
            match made {
                Ok(mut file) => file
                    .write_all(text.as_bytes())
                    .map_err(NangoError::files("writing", &at))?,
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(NangoError::files("writing", &at)(error)),
            }
        }
        let stays_open = |folder: &Path| {
            allowed
                .iter()
                .any(|path| Path::new(path).starts_with(folder))
        };
        for folder in folders.into_iter().filter(|folder| !stays_open(folder)) {
            let at = self.dir().join(folder);
            fs::set_permissions(&at, Permissions::from_mode(FOLDER))
                .map_err(NangoError::files("changing the mode of", &at))?;
        }
        Ok(())
    }
}
