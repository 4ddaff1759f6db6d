//! Where people say something at a pull request.

/// A text of theirs, as GitHub finds it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommentAt {
    /// A comment in the conversation.
    Conversation {
        /// Its number.
        id: u64,
    },
    /// A comment at a line, or an answer to one.
    Line {
        /// Its number.
        id: u64,
        /// The file. Untrusted.
        path: String,
    },
    /// What a review says as a whole.
    Review {
        /// Its number.
        id: u64,
        /// Its name in GitHub's other API.
        node: String,
    },
}

impl CommentAt {
    /// Its number; those of another kind may have the same.
    pub fn id(&self) -> u64 {
        match self {
            Self::Conversation { id } | Self::Line { id, .. } | Self::Review { id, .. } => *id,
        }
    }

    /// What tells it from all others of a pull request.
    pub fn name(&self) -> String {
        match self {
            Self::Conversation { id } => id.to_string(),
            Self::Line { id, .. } => format!("line-{id}"),
            Self::Review { id, .. } => format!("review-{id}"),
        }
    }

    /// The file at which it stands.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Line { path, .. } => Some(path),
            Self::Conversation { .. } | Self::Review { .. } => None,
        }
    }
}
