//! The tape: every exchange between a workspace (or the clean room) and the Nango API, as the witness saw it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::name::Digest;

/// Who spoke to the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The agent, in its workspace.
    Agent,
    /// We, in the clean room, with the function taken from the agent.
    CleanRoom,
    /// We, in the clean room of an earlier round, with what the function was then.
    EarlierRoom,
    /// We, removing what our run created.
    CleanUp,
}

/// A body as it was passed on, after credentials were blanked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// The text, or its first [`super::limits::TAPE_BODY_BYTES`]; absent when it is not UTF-8 or empty.
    pub text: Option<String>,
    /// Bytes of the whole.
    pub bytes: u64,
    /// Of the whole; absent when empty.
    pub digest: Option<Digest>,
    /// Whether `text` is only the beginning.
    pub cut: bool,
    /// The media type that was declared.
    pub media_type: Option<String>,
}

/// What the witness did with a request that had been made before, instead of asking the API again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeat {
    /// It got the answer of this exchange.
    Answered(u32),
    /// It would have written a second time, and the repository's settings forbid it.
    HeldBack,
}

/// One request and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Counts from 1 over both phases; reports quote it.
    pub seq: u32,
    /// Whose it is.
    pub phase: Phase,
    /// Milliseconds since the epoch when the request had arrived.
    pub at_ms: i64,
    /// Milliseconds until the answer was passed on.
    pub took_ms: u64,
    /// Upper case.
    pub method: String,
    /// Without the query: `/proxy/calendar/v3/calendars/primary/events`.
    pub path: String,
    /// Raw, without `?`; empty when there is none.
    pub query: String,
    /// The connection that was named, if any.
    pub connection: Option<String>,
    /// What was sent.
    pub request: Body,
    /// The answer's status, as passed on.
    pub status: u16,
    /// What came back, as passed on.
    pub response: Body,
    /// The answer's headers, as passed on; of a repeated name the last. None on tapes of before they were kept, and none
    /// when there are too many to keep.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub response_headers: BTreeMap<String, String>,
    /// What the witness did with a request of ours that the agent had made before; absent when the API was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// Why the witness answered itself instead of asking the API; absent when the API answered.
    pub refused: Option<String>,
}

impl Exchange {
    /// Whether this asks the provider to change something. Some APIs also read by POST; that does no harm here.
    pub fn writes(&self) -> bool {
        self.path.starts_with("/proxy/") && self.method != "GET"
    }
    /// Whether the API granted it.
    pub fn is_granted(&self) -> bool {
        self.refused.is_none() && (200..300).contains(&self.status)
    }
    /// Whether the other asks for the very same.
    pub fn asks_like(&self, other: &Exchange) -> bool {
        (&self.method, &self.path, &self.query, &self.request.digest)
            == (
                &other.method,
                &other.path,
                &other.query,
                &other.request.digest,
            )
    }
    /// Whether this asked the provider behind Nango something (and not Nango itself), and the API answered.
    pub fn asked_provider(&self) -> bool {
        self.refused.is_none() && self.path.starts_with("/proxy/")
    }
    /// One line for a report: `POST /proxy/calendar/v3/… → 403`.
    pub fn line(&self) -> String {
        let query = if self.query.is_empty() {
            String::new()
        } else {
            format!("?{}", self.query)
        };
        format!("{} {}{query} → {}", self.method, self.path, self.status)
    }
}

/// All exchanges of one attempt, in the order in which their requests arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tape {
    /// In order.
    pub exchanges: Vec<Exchange>,
}

impl Tape {
    /// The tape after a further round: what our run of the earlier round asked counts no more.
    pub fn after_round(mut self, earlier: &Tape) -> Self {
        let last = earlier.exchanges.last().map_or(0, |exchange| exchange.seq);
        for exchange in &mut self.exchanges {
            if exchange.seq <= last && exchange.phase == Phase::CleanRoom {
                exchange.phase = Phase::EarlierRoom;
            }
        }
        self
    }

    /// The tape after a further round that left the function as it was: phases stay as they were.
    pub fn after_idle_round(mut self, earlier: &Tape) -> Self {
        for (exchange, before) in self.exchanges.iter_mut().zip(&earlier.exchanges) {
            exchange.phase = before.phase;
        }
        self
    }

    /// The exchanges of one phase.
    pub fn of(&self, phase: Phase) -> impl Iterator<Item = &Exchange> {
        self.exchanges
            .iter()
            .filter(move |exchange| exchange.phase == phase)
    }
}

/// Access that the test account refused more than once: where agents begin to invent, and where a build ends in peace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRefused {
    /// 401 or 403.
    pub status: u16,
    /// Upper case.
    pub method: String,
    /// As in [`Exchange::path`].
    pub path: String,
    /// The exchanges that show it, by number.
    pub seqs: Vec<u32>,
    /// The API's own message, shortened; empty when it gave none.
    pub message: String,
}
