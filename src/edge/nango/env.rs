//! The whole environment of a program that works with a Nango project.

use std::collections::BTreeMap;
use std::path::Path;

use super::NangoError;
use super::files::{argument, make};
use super::template::Template;

/// Makes the private folders of a program below `dir`: `home`, `tmp`, and `out` for what it reports.
///
/// # Errors
/// When the file system refuses.
pub fn lay_private(dir: &Path) -> Result<(), NangoError> {
    for name in ["home", "tmp", "out"] {
        make(&dir.join(name))?;
    }
    Ok(())
}

/// The environment of a program whose private folders were laid into `private` by [`lay_private`].
///
/// `port` is the witness's on loopback; `key` names the workspace to it and is worth nothing anywhere else. The CLI
/// takes any string for a key (0.71.10), and reads both from `.env` only when they are not set.
pub fn environment(
    template: &Template,
    private: &Path,
    port: Option<u16>,
    key: &str,
) -> BTreeMap<String, String> {
    let mut env: BTreeMap<String, String> = [
        ("PATH", template.path_env()),
        ("HOME", argument(&private.join("home"))),
        ("TMPDIR", argument(&private.join("tmp"))),
        ("CI", "1".to_owned()),
        ("NO_COLOR", "1".to_owned()),
        ("LANG", "C.UTF-8".to_owned()),
        ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
        // Without these the CLI asks a registry for updates and sends telemetry to its API.
        ("NANGO_CLI_UPGRADE_MODE", "ignore".to_owned()),
        ("NANGO_CLI_TELEMETRY", "false".to_owned()),
        ("NANGO_CLI_DEPENDENCY_UPDATE", "false".to_owned()),
        ("NANGO_SECRET_KEY_DEV", key.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    // Never without an address: the CLI would ask Nango's cloud. Port 9 (discard) is closed everywhere.
    let host = format!("http://127.0.0.1:{}", port.unwrap_or(9));
    env.insert("NANGO_HOSTPORT".to_owned(), host);
    env
}
