//! A request that removes what a request of ours created.

use serde_json::Value;

/// One such request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undo {
    /// The exchange that created it; see [`super::tape::Exchange::seq`].
    pub created: u32,
    /// Upper case.
    pub method: String,
    /// As on the tape: `/proxy/calendar/v3/calendars/primary/events/evt1`.
    pub path: String,
    /// JSON, when there is one.
    pub body: Option<Value>,
}
