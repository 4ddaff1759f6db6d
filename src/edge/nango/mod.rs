//! The Nango project and CLI: scaffold, commands as values, parsers of what they say. Look at [`RoomFolder`], the clean
//! room, first.
//!
//! Programs are only described here, as [`crate::domain::program::Program`]; whoever calls runs them inside walls, because
//! compiling, dry-running and testing a function all execute what an agent wrote.

mod bin;
mod clean_room;
mod command;
mod env;
mod files;
mod neighbour;
mod outcome;
mod probes;
mod proof;
mod quick;
mod render;
mod scaffold;
mod show;
mod snapshot;
mod step;
mod strip_headers;
mod survey;
mod take;
mod template;
mod vitest;
mod whole;
mod workspace;

use std::path::PathBuf;

pub use clean_room::{Contents, RoomFolder};
pub use command::compile;
pub use env::{environment, lay_private};
pub use outcome::is_recording;
pub use quick::Checkers;
pub use scaffold::scaffold;
pub use snapshot::walk;
pub use step::Tried;
pub use survey::Part;
pub use take::{read_inside, take, touched_ms};
pub use template::Template;
pub use vitest::{FileResult, Outside, WholeResult};
pub use whole::WholeFolder;
pub use workspace::{Source, Workspace};

/// Why a folder could not be made or read. Never about the function in it: that is an
/// [`crate::domain::clean_room::Outcome`].
#[derive(Debug, thiserror::Error)]
pub enum NangoError {
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
    /// The CLI did not make a project.
    #[error("`nango init` made no project in {}: {said}; reinstall the tool chain by deleting its folder", folder.display())]
    Init {
        /// Where.
        folder: PathBuf,
        /// What it said.
        said: String,
    },
    /// The CLI did not come to an end.
    #[error("`nango init` made no project in {} within {seconds} seconds and was ended; try again, or reinstall the tool chain by deleting its folder", folder.display())]
    InitTimedOut {
        /// Where.
        folder: PathBuf,
        /// How long it was given.
        seconds: u64,
    },
}

impl NangoError {
    pub(crate) fn files(
        what: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> NangoError {
        let path = path.into();
        move |source| NangoError::Files { what, path, source }
    }
}
