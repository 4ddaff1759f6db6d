//! What is posted on a pull request, as data. Made by `report`, sent by `edge::github`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::button::Button;

/// How a check run is going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// Not begun.
    Queued,
    /// Under way.
    InProgress,
    /// Over; there is a conclusion.
    Completed,
}

/// How a check run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// All is well, or there was nothing to do.
    Success,
    /// The author has something to mend.
    Failure,
    /// A person should look; or a fault that is not the author's.
    Neutral,
    /// Somebody stopped it, or something newer took its place.
    Cancelled,
    /// A limit was reached.
    TimedOut,
    /// A person has to do something.
    ActionRequired,
}

impl Conclusion {
    /// GitHub's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Neutral => "neutral",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::ActionRequired => "action_required",
        }
    }
}

/// How loud an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnnotationLevel {
    /// Worth knowing.
    Notice,
    /// A person should look.
    Warning,
    /// To be mended.
    Failure,
}

/// A remark at a line, shown in *Files changed*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// From the repository's root.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// How loud.
    pub level: AnnotationLevel,
    /// At most 255 characters.
    pub title: String,
    /// Plain text.
    pub message: String,
}

/// A check run as it should be now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRun {
    /// Our run, as the check run's `external_id`.
    pub external_id: String,
    /// How it is going.
    pub status: CheckStatus,
    /// How it ended, with `Completed` only.
    pub conclusion: Option<Conclusion>,
    /// A line.
    pub title: String,
    /// Markdown, at most [`super::limits::CHECK_CHARS`].
    pub summary: String,
    /// Markdown, at most [`super::limits::CHECK_CHARS`].
    pub text: Option<String>,
    /// All of them; sending splits them up.
    pub annotations: Vec<Annotation>,
    /// What people may press.
    pub buttons: Vec<Button>,
    /// Our page about the run, when there is a public address.
    pub details_url: Option<String>,
    /// Milliseconds since the epoch.
    pub started_ms: i64,
    /// Milliseconds since the epoch, with `Completed` only.
    pub completed_ms: Option<i64>,
}

/// A comment at a line of the diff (the new side).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineComment {
    /// From the repository's root.
    pub path: String,
    /// On the new side, from 1; inside a hunk.
    pub line: u32,
    /// Markdown.
    pub body: String,
}

/// A review. Always a comment, never an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Markdown, at most [`super::limits::COMMENT_CHARS`].
    pub body: String,
    /// At most [`super::limits::REVIEW_COMMENTS`].
    pub comments: Vec<LineComment>,
}

/// A review of ours that GitHub has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReview {
    /// Its name in GitHub's other API.
    pub id: String,
    /// Its id.
    pub number: Option<u64>,
    /// Its page.
    pub url: String,
    /// Markdown.
    pub body: String,
    /// Whether it is hidden already.
    pub is_minimized: bool,
}

/// A thread that began with a remark of ours at a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnThread {
    /// Its name in GitHub's other API.
    pub id: String,
    /// From the repository's root.
    pub path: String,
    /// Our remark. Markdown.
    pub body: String,
    /// Whether somebody called it done.
    pub is_resolved: bool,
    /// Whether its lines have changed since.
    pub is_outdated: bool,
    /// Whether anybody else said something.
    pub is_answered: bool,
}

/// The lines of the new side that a pull request's diff shows: where a comment may be anchored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchors(pub BTreeMap<String, Vec<(u32, u32)>>);

impl Anchors {
    /// Whether `line` of `path` is inside a hunk.
    pub fn holds(&self, path: &str, line: u32) -> bool {
        self.0.get(path).is_some_and(|ranges| {
            ranges
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&line))
        })
    }
}

/// What a reaction says. GitHub shows it as a small picture below the comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reaction {
    /// Seen and accepted.
    Eyes,
    /// Not understood.
    Confused,
}
