//! The pinned tool chain: installed once, found ever after. Look at [`ensure`].
//!
//! Node, the Nango CLI, vitest, zod and OpenCode come from npm in the versions and with the hashes of the embedded lock
//! file, into a folder named after that file. Two versions of Countersign can so share one state folder.

mod install;
mod look;
mod packages;
mod pins;
mod progress;
mod run;

use std::path::PathBuf;

pub use install::ensure;
pub use look::{OnPath, ToolchainStatus, look};
pub use packages::with_packages;
pub use pins::{NANGO, NODE, OPENCODE, VITEST, ZOD};

/// Why there is no tool chain.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// The tools do not exist for this machine.
    #[error(
        "the tool chain cannot run on {os} {arch}: it exists for x86-64 Linux only; run Countersign there, or in a container"
    )]
    Platform {
        /// The operating system.
        os: &'static str,
        /// The processor.
        arch: &'static str,
    },
    /// A program that must be on PATH is not there.
    #[error("{name} was not found on PATH: {get}")]
    NotFound {
        /// Its name.
        name: &'static str,
        /// How to get it.
        get: &'static str,
    },
    /// npm failed; its last lines say why.
    #[error("npm could not install the tool chain into {}: {said}", folder.display())]
    Npm {
        /// Where to.
        folder: PathBuf,
        /// Its last lines.
        said: String,
    },
    /// A program took longer than it may.
    #[error(
        "{what} took longer than {seconds} seconds and was ended; try again, or look at the network"
    )]
    TimedOut {
        /// What was done.
        what: String,
        /// How long it was given.
        seconds: u64,
    },
    /// What was installed is not what the lock file names.
    #[error("the tool chain in {} is not what the lock file names: {what}; delete the folder and try again", folder.display())]
    NotAsLocked {
        /// Where.
        folder: PathBuf,
        /// What differs.
        what: String,
    },
    /// Another process is installing, and does not come to an end.
    #[error("another process has been installing the tool chain for {seconds} seconds (lock file {})", lock.display())]
    Busy {
        /// The lock file.
        lock: PathBuf,
        /// How long we waited.
        seconds: u64,
    },
    /// Projects pin more sets of packages than are kept.
    #[error("{sets} sets of packages were asked for within a day already; remove one of `packages-…` in {}", folder.display())]
    TooManySets {
        /// Where they are.
        folder: PathBuf,
        /// How many.
        sets: usize,
    },
    /// The file system refused.
    #[error("{what} {} failed: {source}", path.display())]
    Files {
        /// What was tried, as `writing`.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

impl ToolError {
    fn files(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> ToolError {
        let path = path.into();
        move |source| ToolError::Files { what, path, source }
    }
}
