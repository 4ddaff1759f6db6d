//! What libgit2 has to be told once per process.

use std::sync::OnceLock;

use git2::{ConfigLevel, opts};

use super::error::GitError;
use super::transport;

/// Prepares libgit2: no configuration of the machine or the user steers us, and http goes through our own transport.
pub(super) fn libgit2() -> Result<(), GitError> {
    static DONE: OnceLock<Result<(), String>> = OnceLock::new();
    DONE.get_or_init(|| prepare().map_err(|e| e.message().to_owned()))
        .clone()
        .map_err(|message| GitError::Git {
            doing: "be set up",
            source: git2::Error::from_str(&message),
        })
}

fn prepare() -> Result<(), git2::Error> {
    let levels = [
        ConfigLevel::ProgramData,
        ConfigLevel::System,
        ConfigLevel::XDG,
        ConfigLevel::Global,
    ];
    // SAFETY: libgit2 asks that its global options are not changed while it is used. Every way into this module comes
    // through `libgit2` above first, which runs this once while all others wait.
    unsafe {
        for level in levels {
            opts::set_search_path(level, "")?;
        }
        // A mirror on a mounted volume may belong to another user than the process. The check protects from hooks and
        // configured programs, which libgit2 does not run.
        opts::set_verify_owner_validation(false)?;
        transport::register("http")?;
        transport::register("https")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_configuration_outside_of_a_repository_is_read() -> Result<(), Box<dyn std::error::Error>>
    {
        libgit2()?;
        for level in [ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global] {
            // SAFETY: nothing changes the option after `libgit2`.
            let path = unsafe { opts::get_search_path(level)? };
            assert!(path.is_empty(), "{level:?}: {path:?}");
        }
        assert!(
            git2::Config::open_default()?
                .entries(None)?
                .next()
                .is_none()
        );
        Ok(())
    }
}
