//! Where a recorded call comes from: [`trace`].

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::tape::{Exchange, Phase, Tape};

use super::compare::{Likeness, compare};
use super::recording::RecordedCall;

/// Where a recorded call comes from.
pub enum Trace<'a> {
    /// It was received, as well as this says.
    Received(Received, &'a Exchange),
    /// Nobody asked that.
    NotAsked,
    /// It was asked, but only errors came back where the recording has a success.
    OnlyErrors(Vec<&'a Exchange>),
    /// It was asked and answered differently.
    Altered(&'a Exchange, String, String),
    /// It cannot be told.
    Unknown(&'a Exchange, &'static str),
}

/// How well it was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// The same value.
    Whole,
    /// As far as the tape goes.
    Beginning,
    /// With parts missing or moved.
    Lessened,
    /// But for another question of the same address.
    ForAnotherRequest,
}

/// Looks for a recorded call among the exchanges of its phase.
pub fn trace<'a>(tape: &'a Tape, phase: Phase, call: &RecordedCall) -> Trace<'a> {
    let path = call.wire_path();
    let asked: Vec<&Exchange> = tape
        .of(phase)
        .filter(|exchange| exchange.method.eq_ignore_ascii_case(&call.method))
        .filter(|exchange| same_path(&exchange.path, &path))
        .collect();
    if asked.is_empty() {
        return Trace::NotAsked;
    }
    let candidates = candidates(&asked, call);
    // Whoever was left out counts only when it answered the same question.
    let are_too_many = candidates
        .get(limits::COMPARE_CANDIDATES)
        .is_some_and(|one| !one.other_query);
    let mut best: Option<(Likeness, bool, &Exchange)> = None;
    for Candidate {
        other_query,
        exchange,
        ..
    } in candidates.into_iter().take(limits::COMPARE_CANDIDATES)
    {
        let likeness = compare(&call.response, &exchange.response);
        let rank = (likeness.rank(), other_query);
        if best
            .as_ref()
            .is_none_or(|(found, other, _)| rank < (found.rank(), *other))
        {
            best = Some((likeness, other_query, exchange));
        }
        if rank == (0, false) {
            break;
        }
    }
    if are_too_many && let Some((Likeness::Altered { .. }, _, exchange)) = &best {
        return Trace::Unknown(exchange, "the tape has too many answers of this address");
    }
    let success = call
        .status
        .is_some_and(|status| (200..300).contains(&status));
    match best {
        Some((Likeness::Equal | Likeness::EqualInPart | Likeness::Lessened, true, exchange)) => {
            Trace::Received(Received::ForAnotherRequest, exchange)
        }
        Some((Likeness::Equal, _, exchange)) => Trace::Received(Received::Whole, exchange),
        Some((Likeness::EqualInPart, _, exchange)) => {
            Trace::Received(Received::Beginning, exchange)
        }
        Some((Likeness::Lessened, _, exchange)) => Trace::Received(Received::Lessened, exchange),
        Some((Likeness::Unknown(why), _, exchange)) => Trace::Unknown(exchange, why),
        Some((
            Likeness::Altered {
                at,
                claimed,
                received,
            },
            _,
            exchange,
        )) => Trace::Altered(
            exchange,
            format!("{at} {claimed}"),
            format!("{at} {received}"),
        ),
        None if success && asked.iter().all(|exchange| exchange.status >= 400) => {
            Trace::OnlyErrors(asked)
        }
        None => {
            let last = asked[asked.len() - 1];
            Trace::Altered(last, call.line(), last.line())
        }
    }
}

/// An exchange that may be the one that was recorded.
struct Candidate<'a> {
    other_query: bool,
    other_body: bool,
    exchange: &'a Exchange,
}

/// Those with the recorded status. The exchange that has the very request comes first, so that honest recordings need one
/// comparison for each call.
fn candidates<'a>(asked: &[&'a Exchange], call: &RecordedCall) -> Vec<Candidate<'a>> {
    let body = call.data.as_ref().map(|data| match data {
        serde_json::Value::String(text) => Digest::of(text.as_bytes()),
        data => Digest::of(data.to_string().as_bytes()),
    });
    let mut candidates: Vec<Candidate<'a>> = asked
        .iter()
        .filter(|exchange| Some(exchange.status) == call.status)
        .map(|exchange| Candidate {
            other_query: !same_query(exchange, call),
            other_body: exchange.request.digest != body,
            exchange,
        })
        .collect();
    candidates.sort_by_key(|one| (one.other_query, one.other_body, one.exchange.seq));
    candidates
}

/// The recorder takes addresses from a parsed URL, the tape has them as they were sent: compare them decoded.
fn same_path(wire: &str, recorded: &str) -> bool {
    wire == recorded || percent_decode_str(wire).eq(percent_decode_str(recorded))
}

/// Whether the query is the recorded one; of a repeated name the recorder keeps the last value.
fn same_query(exchange: &Exchange, call: &RecordedCall) -> bool {
    let wire: BTreeMap<String, String> = form_urlencoded::parse(exchange.query.as_bytes())
        .into_owned()
        .collect();
    let recorded: BTreeMap<String, String> = call.params.iter().cloned().collect();
    wire == recorded
}
