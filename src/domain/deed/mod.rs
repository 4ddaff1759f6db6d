//! What an agent's tool call does, in words that every agent shares. Rules match on these and never on an agent's own names
//! of tools; each agent's adapter has the one table that turns its calls into deeds.

mod opencode;

pub use opencode::of_opencode;

use serde::{Deserialize, Serialize};

/// One tool call's deed. Paths are as the agent gave them, relative to its workspace or absolute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "kebab-case")]
pub enum Deed {
    /// A shell command.
    Shell {
        /// As it was typed.
        command: String,
        /// The folder that it starts in; empty for the workspace.
        folder: String,
    },
    /// Contents of files were read or searched.
    Read {
        /// Which, or the folder that was searched.
        path: String,
    },
    /// Names of files were listed.
    List {
        /// Where.
        path: String,
    },
    /// A file was written whole.
    Write {
        /// Which.
        path: String,
        /// All that it holds now.
        content: String,
    },
    /// A part of a file was replaced.
    Edit {
        /// Which.
        path: String,
        /// What was put in.
        text: String,
    },
    /// Files were changed by a patch.
    Patch {
        /// Those that it adds, changes, deletes or moves to.
        paths: Vec<String>,
    },
    /// A page was read.
    Fetch {
        /// Its address.
        url: String,
    },
    /// Anything else.
    #[default]
    Other,
}

impl Deed {
    /// The files that it changes, each with what was put into it as far as that is known.
    pub fn changes(&self) -> Vec<(&str, &str)> {
        match self {
            Deed::Write { path, content } => vec![(path, content)],
            Deed::Edit { path, text } => vec![(path, text)],
            Deed::Patch { paths } => paths.iter().map(|path| (path.as_str(), "")).collect(),
            Deed::Shell { .. }
            | Deed::Read { .. }
            | Deed::List { .. }
            | Deed::Fetch { .. }
            | Deed::Other => Vec::new(),
        }
    }
}
