//! What was asked of the stand-in, and faults that a test plans for what will be asked.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::auth::TokenScope;

/// One request as it was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Counts from 0, in the order of arrival.
    pub number: usize,
    /// `GET`, `POST`, …
    pub method: String,
    /// Without the API's prefix; with the repository for git.
    pub path: String,
    /// As it came, without the question mark.
    pub query: String,
    /// The row of the table that it fits, as GitHub's description writes it; none for git and for what nobody knows.
    pub route: Option<&'static str>,
    /// The JSON body; null when there was none.
    pub body: Value,
    /// The answer's status; 0 while there is none, and when the connection was dropped unapplied.
    pub status: u16,
    /// The JSON of the answer; null when there was none.
    pub answer: Value,
    /// What the caller's installation token reaches, if that is what it came with.
    pub token: Option<TokenScope>,
}

/// When a hook on requests is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A write has arrived and nothing has happened yet. It will, even if the hook ends the process that sent it.
    Before,
    /// A write was applied and is not answered yet.
    After,
}

/// Called around each write, on a thread that may block.
pub type OnRequest = Arc<dyn Fn(&Seen, Moment) + Send + Sync>;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// This status and nothing done.
    Status(u16),
    /// No answer and nothing done.
    DropConnection,
    /// It takes so long; then all is well.
    Delay(Duration),
    /// 403 in the words of the secondary rate limit, with so many seconds to wait, and nothing done.
    RetryAfter(u64),
    /// It is done, and then there is no answer.
    AfterApply,
    /// It is done, and the answer breaks off in its middle.
    CutAnswer,
}

/// A fault that waits for its request.
#[derive(Debug)]
struct Fault {
    method: String,
    pattern: String,
    kind: FaultKind,
}

/// Faults and the pace of writes.
#[derive(Default)]
pub(super) struct Faults {
    planned: Vec<Fault>,
    pub on_request: Option<OnRequest>,
    /// Writes of content that come sooner after one another are refused.
    pub write_gap: Option<Duration>,
    last_write: Option<Instant>,
}

impl Faults {
    pub fn plan(&mut self, method: &str, pattern: &str, kind: FaultKind) {
        self.planned.push(Fault {
            method: method.to_ascii_uppercase(),
            pattern: pattern.to_owned(),
            kind,
        });
    }
    /// The fault that this request meets; it is used up.
    pub fn take(&mut self, seen: &Seen) -> Option<FaultKind> {
        let at = self.planned.iter().position(|fault| {
            fault.method == seen.method
                && (Some(fault.pattern.as_str()) == seen.route || glob(&fault.pattern, &seen.path))
        })?;
        Some(self.planned.remove(at).kind)
    }
    /// Whether a write comes too soon after the one before.
    pub fn is_too_soon(&mut self) -> bool {
        let Some(gap) = self.write_gap else {
            return false;
        };
        let too_soon = self.last_write.is_some_and(|last| last.elapsed() < gap);
        if !too_soon {
            self.last_write = Some(Instant::now());
        }
        too_soon
    }
}

/// Whether `text` fits `pattern`, in which a star stands for anything.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, rest)) => text.strip_prefix(before).is_some_and(|left| {
            rest.is_empty()
                || (0..=left.len()).any(|at| left.get(at..).is_some_and(|tail| glob(rest, tail)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(glob(
            "/repos/*/issues/*/comments",
            "/repos/a/b/issues/7/comments"
        ));
        assert!(glob("*", ""));
        assert!(glob("/a*", "/a"));
        assert!(!glob("/repos/*/pulls", "/repos/a/b/issues"));
        assert!(!glob("/a", "/a/b"));
    }
}
