//! **First sight**: an identifier was asked for that this build had not met before.
//!
//! Sees ids in addresses that the API granted to the agent, and looks where the build first met each: in the spec and the brief,
//! in an answer on its own tape, in something that it sent before, in what one of its tools printed. Where that was a file
//! outside of its workspace, somebody else's test data was copied, and the finding blocks. Where it was nowhere, it is a
//! note: a model may know a public id by heart. That the same id stands in a neighbour's recording says nothing, and is not
//! asked (80 of 110 published recordings share ids, because they share an account). What looks alike: dates, numbers, cursors
//! and names, which are no ids here. Where a body or an output was cut nothing is said. Confidence: *proven* by the
//! bytes of the output and the tape; *suspected* for the note.

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::limits;
use crate::domain::tape::{Exchange, Phase};
use crate::domain::transcript::{Part, Role, ToolCall};
use crate::rules::judge::reading::quote;
use crate::rules::judge::rules::outside_workspace;

/// The names of this rule's findings.
pub const FINDS: &[&str] = &["neighbour-id-copied", "unknown-origin"];
/// Those that may block.
pub const BLOCKS: &[&str] = &["neighbour-id-copied"];

/// Shorter texts are names.
const ID_CHARS: usize = 10;

/// Where an identifier was met before it was used.
enum Sight<'a> {
    /// Where it belongs.
    Own,
    /// In what a file outside of the workspace holds.
    Neighbour(u32, &'a ToolCall),
    /// Nowhere.
    Nowhere,
}

/// Looks at every identifier once, where it was first used.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let mut seen: Vec<String> = Vec::new();
    let mut found = Vec::new();
    let asked = dossier.tape.of(Phase::Agent);
    for exchange in asked.filter(|exchange| exchange.asked_provider() && exchange.is_granted()) {
        for id in identifiers(exchange) {
            if seen.contains(&id) {
                continue;
            }
            found.extend(judged(dossier, exchange, &id));
            seen.push(id);
        }
    }
    found
}

fn judged(dossier: &Dossier, exchange: &Exchange, id: &str) -> Option<Finding> {
    let place = Place::Wire { seq: exchange.seq };
    let shown = quote::line(id);
    match sight(dossier, exchange, id) {
        Sight::Own => None,
        Sight::Neighbour(turn, call) => Some(Finding::new(
            "neighbour-id-copied",
            Severity::Block,
            Confidence::Proven,
            place,
            format!(
                "{shown} was read in turn {turn} from outside of the workspace, and then asked for as if it were found."
            ),
            vec![quote::turn(turn, call, &call.output), quote::wire(exchange)],
        )),
        Sight::Nowhere => Some(Finding::new(
            "unknown-origin",
            Severity::Note,
            Confidence::Suspected,
            place,
            format!("Nothing in this build had {shown} before it was asked for."),
            vec![quote::wire(exchange)],
        )),
    }
}

fn sight<'a>(dossier: &'a Dossier, used: &Exchange, id: &str) -> Sight<'a> {
    let is_given = serde_json::to_string(&dossier.seal.spec).is_ok_and(|spec| spec.contains(id));
    let guidance = &dossier.seal.guidance;
    // What our own findings quote of an attempt before is no source: it may be what they found fault with.
    let is_only_found = guidance.was_found(id) && !guidance.was_said(id);
    let is_told = || {
        let turns = dossier.transcript.turns.iter();
        let ours = turns.filter(|turn| turn.role == Role::User);
        ours.flat_map(|turn| &turn.parts)
            .any(|part| matches!(part, Part::Text { text } if text.contains(id)))
    };
    let is_met = || {
        let before = dossier.tape.exchanges.iter();
        let mut before = before.filter(|one| one.seq < used.seq);
        before.any(|one| {
            let sent = one.is_granted().then_some(&one.request);
            let mut bodies = sent.into_iter().chain([&one.response]);
            bodies
                .any(|body| body.cut || body.text.as_deref().is_some_and(|text| text.contains(id)))
        })
    };
    if is_given || (!is_only_found && is_told()) || is_met() {
        return Sight::Own;
    }
    let outside = outside_workspace::reads(dossier);
    let calls = dossier.transcript.tool_calls();
    let mut printed = calls.filter(|(_, call)| {
        let is_cut = call.output.len() >= limits::TOOL_OUTPUT_BYTES;
        call.ended_ms <= used.at_ms && (is_cut || call.output.contains(id))
    });
    match printed.next() {
        Some((turn, call))
            if outside.iter().any(|read| std::ptr::eq(*read, call)) && call.output.contains(id) =>
        {
            Sight::Neighbour(turn, call)
        }
        Some(_) => Sight::Own,
        // A command that asks and prints has not ended when it asks: what it made up itself is its own.
        None if types_it(dossier, used, id) => Sight::Nowhere,
        None => Sight::Own,
    }
}

/// Whether the agent wrote the id itself, in a file or a command, before it was used: else a program computed it.
fn types_it(dossier: &Dossier, used: &Exchange, id: &str) -> bool {
    let mut calls = dossier.transcript.tool_calls();
    calls.any(|(_, call)| call.started_ms <= used.at_ms && call.input.to_string().contains(id))
}

/// The ids in the address that was asked.
fn identifiers(exchange: &Exchange) -> Vec<String> {
    let values = exchange
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(_, value)| value);
    let words = exchange.path.split('/').chain(values);
    let decoded = words.map(|word| {
        let text = percent_encoding::percent_decode_str(word);
        text.decode_utf8_lossy().into_owned()
    });
    decoded.filter(|word| is_identifier(word)).collect()
}

/// Letters and digits mixed, as no word, date or number is.
fn is_identifier(word: &str) -> bool {
    let has = |is: fn(&char) -> bool| word.chars().any(|c| is(&c));
    let is_moment = word
        .get(..4)
        .is_some_and(|year| year.chars().all(|c| c.is_ascii_digit()))
        && word.get(4..5) == Some("-");
    word.len() >= ID_CHARS
        && !is_moment
        && has(char::is_ascii_digit)
        && has(char::is_ascii_alphabetic)
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '@' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::guidance::{EarlierFinding, FoundBefore, GivenHint, Guidance, Words};
    use crate::domain::name::Digest;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, Sample, names_of};

    const ID: &str = "evt00000000000000000001";

    /// An agent that ran `command`, which printed `output`, and then asked for [`ID`].
    fn asking(command: &str, output: &str) -> Sample {
        let mut sample = sample::action();
        sample.seal.workspace = Some("/state/runs/r/create-event/1/ws".into());
        sample.bash(command, 0, output);
        sample.bash(&format!("node ask.mjs {ID}"), 0, "");
        let path = format!("{}/{ID}", sample::EVENTS);
        sample.exchange(Phase::Agent, "GET", &path, 200, "{}");
        let last = sample.tape.exchanges.last_mut().expect("just added");
        last.at_ms = i64::MAX;
        sample
    }

    #[test]
    fn a_neighbours_id_blocks() {
        let file = "../../../list-events/1/ws/google-calendar/tests/list-events.test.json";
        let copied = asking(&format!("cat {file}"), &format!("{{\"id\":\"{ID}\"}}"));
        let judgement = judge(&copied.build());
        assert_eq!(judgement.verdict, Verdict::Refused);
        assert!(names_of(&judgement).contains(&"neighbour-id-copied"));
    }

    #[test]
    fn an_id_from_nowhere_is_noted() {
        let judgement = judge(&asking("ls", "index.ts").build());
        assert_eq!(judgement.verdict, Verdict::Countersigned);
        assert_eq!(names_of(&judgement), ["unknown-origin"]);
    }

    #[test]
    fn what_was_given_answered_or_printed_is_its_own() {
        let mut given = asking("ls", "");
        given.seal.spec.notes = Some(format!("Use the event {ID}."));
        let mut answered = asking("ls", "");
        let answer = format!("{{\"items\":[{{\"id\":\"{ID}\"}}]}}");
        answered.exchange(Phase::Agent, "GET", sample::EVENTS, 200, &answer);
        let last = answered.tape.exchanges.len() - 1;
        answered.tape.exchanges.swap(last - 1, last);
        for (seq, exchange) in (1..).zip(&mut answered.tape.exchanges) {
            exchange.seq = seq;
        }
        let printed = asking("cat google-calendar/notes.md", &format!("the event {ID}"));
        for sample in [given, answered, printed] {
            assert_eq!(names_of(&judge(&sample.build())), [""; 0]);
        }
    }

    #[test]
    fn an_id_that_a_finding_of_before_quotes_is_not_given_by_that() {
        let told = |guidance: Guidance| {
            let mut sample = asking("ls", "index.ts");
            // The brief quotes all of it.
            sample.words(&format!("{guidance:?}"));
            sample.transcript.turns.last_mut().expect("just added").role = Role::User;
            sample.seal.guidance = guidance;
            names_of(&judge(&sample.build())).contains(&"unknown-origin")
        };
        let found = FoundBefore {
            dossier: Digest::of(b"before"),
            verdict: Verdict::Refused,
            findings: vec![EarlierFinding {
                rule: "made-up-output".into(),
                severity: Severity::Warn,
                says: Some(format!("Nobody gave {ID}.")),
            }],
            left_out: 0,
        };
        let found = Guidance {
            before: Some(found),
            ..Guidance::default()
        };
        let hint = GivenHint {
            by: "ada".into(),
            comment: 1,
            words: Words {
                text: format!("Use the event {ID}."),
                left_out: 0,
            },
        };
        let hinted = Guidance {
            hints: vec![hint],
            ..found.clone()
        };
        assert!(told(found));
        assert!(!told(hinted), "a person gave it");
    }

    #[test]
    fn words_dates_and_numbers_are_no_ids() {
        for word in [
            "calendars",
            "primary",
            "v3",
            "2026-02-01T09:00:00Z",
            "1767225600000",
            "list-channels-of-all",
            "id,name1,summary",
        ] {
            assert!(!is_identifier(word), "{word}");
        }
        for word in [
            ID,
            "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
            "c_4711@group.calendar.example",
        ] {
            assert!(is_identifier(word), "{word}");
        }
    }
}
