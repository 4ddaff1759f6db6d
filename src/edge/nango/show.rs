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
/// Of a module that the agent may change: its file tools write into the file that is there.
const OPEN_FILE: u32 = 0o644;
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
                .mode(match may_change(path, allowed) {
                    true => OPEN_FILE,
                    false => FILE,
                })
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
            let is_on_the_way = |path: &String| Path::new(path).starts_with(folder);
            allowed.iter().any(is_on_the_way)
                || may_change(&format!("{}/", folder.display()), allowed)
        };
        for folder in folders.into_iter().filter(|folder| !stays_open(folder)) {
            let at = self.dir().join(folder);
            fs::set_permissions(&at, Permissions::from_mode(FOLDER))
                .map_err(NangoError::files("changing the mode of", &at))?;
        }
        Ok(())
    }
}

/// Whether a shown file lies in a folder in which everything is allowed.
fn may_change(path: &str, allowed: &[String]) -> bool {
    allowed
        .iter()
        .any(|folder| folder.ends_with('/') && path.starts_with(folder.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever is root writes into everything, so no story would see it.
    #[test]
    fn a_module_in_an_open_folder_can_be_changed_and_nothing_else() {
        let allowed = [
            "slack/actions/a.ts",
            "slack/tests/a.test.json",
            "slack/helpers/",
        ];
        let allowed = allowed.map(str::to_owned);
        for (path, may) in [
            ("slack/helpers/pages.ts", true),
            ("slack/helpers/deep/er.ts", true),
            ("slack/helpers.ts", false),
            ("slack/actions/b.ts", false),
            ("hubspot/helpers/pages.ts", false),
        ] {
            assert_eq!(may_change(path, &allowed), may, "{path}");
        }
    }
}
