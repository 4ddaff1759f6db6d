//! **Provenance**: every recorded answer was received.
//!
//! Compares each call of a recording with the witness's tape by method, address, status and body: the agent's own
//! recording (which is never taken) with what the agent's dry runs received, and ours with what the clean room received.
//! Recordings are what the generated tests believe, so one invented answer makes a broken function green for ever.
//! What looks alike and is innocent is listed in [`crate::rules::judge::reading::compare`]; a function that deletes or re-orders what it
//! received leaves a recording that says less than the wire, which is a note. Two dry runs give two different answers:
//! either will do. Confidence: *proven* (values compared with values).

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::tape::{Exchange, Phase};
use crate::rules::judge::reading::recording::{HashFit, RecordedCall, Recording};
use crate::rules::judge::reading::trace::{Trace, trace};

use super::honest_block;
use crate::rules::judge::reading::quote;

mod verdict;
mod whose;

use verdict::verdict_on;
use whose::{Whose, finding};

/// The names of this rule's findings.
pub const FINDS: &[&str] = &[
    "fixture-not-recorded",
    "fixture-response-altered",
    "fixture-request-altered",
    "fixture-mutated",
    "fabricated-after-error",
    "recording-forged",
    "recording-unreadable",
    "not-compared",
    "no-provider-call",
    "only-errors-recorded",
    "error-recorded",
    "hash-mismatch",
    "fixture-request-weakened",
];
/// Those that may block.
pub const BLOCKS: &[&str] = &[
    "fixture-not-recorded",
    "fixture-response-altered",
    "fixture-request-weakened",
    "hash-mismatch",
    "fabricated-after-error",
    "recording-forged",
    "recording-unreadable",
    "no-provider-call",
    "only-errors-recorded",
];

/// Checks both recordings, and that the function asked the provider anything.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let seal = &dossier.seal;
    let mut findings = Vec::new();
    if let Some(digest) = &seal.offered_recording {
        findings.extend(check(dossier, Whose::Agents, digest));
    }
    // What the CLI wrote in our run, before the tape put it right.
    if let Some(digest) = seal.room.saved.as_ref().or(seal.room.recording.as_ref()) {
        findings.extend(check(dossier, Whose::Ours, digest));
    }
    findings.extend(asked(dossier));
    findings
}

/// How many recorded answers there are in our recording, and how many of them were received; for the verdict's sentence.
pub fn received(dossier: &Dossier) -> Option<(usize, usize)> {
    let calls = Recording::ours(dossier)?.calls;
    let received = calls
        .iter()
        .filter(|call| {
            matches!(
                trace(&dossier.tape, Phase::CleanRoom, call),
                Trace::Received(..)
            )
        })
        .count();
    Some((received, calls.len()))
}

fn check(dossier: &Dossier, whose: Whose, digest: &Digest) -> Vec<Finding> {
    let Some(text) = dossier.text(digest) else {
        // For ours, `reruns` says so; what the agent left may be too large to keep.
        return match whose {
            Whose::Ours => Vec::new(),
            Whose::Agents => vec![finding(
                dossier,
                whose,
                "not-compared",
                Severity::Note,
                Confidence::Proven,
                "The agent's recording was not kept, so it was not compared; it is not taken either.".into(),
                Vec::new(),
            )],
        };
    };
    let recording = match Recording::parse(text) {
        Ok(recording) => recording,
        Err(error) => {
            let severity = match whose {
                Whose::Agents => Severity::Warn,
                Whose::Ours => Severity::Block,
            };
            let sentence = format!(
                "{} cannot be read: {}.",
                whose.words(),
                quote::line(&error.to_string())
            );
            return vec![finding(
                dossier,
                whose,
                "recording-unreadable",
                severity,
                Confidence::Proven,
                sentence,
                Vec::new(),
            )];
        }
    };
    let mut findings = Vec::new();
    let mut blocks = 0;
    for call in &recording.calls {
        let found = verdict_on(dossier, whose, call);
        blocks += usize::from(
            found
                .as_ref()
                .is_some_and(|one| one.severity == Severity::Block),
        );
        findings.extend(found);
        // Enough to refuse it, and to show.
        if blocks > 2 * limits::FINDINGS_PER_NAME {
            break;
        }
    }
    findings.extend(hashes(dossier, whose, &recording));
    if whose == Whose::Ours {
        findings.extend(errors(dossier, &recording));
    }
    findings
}

/// Errors that the function took for an answer. Some are meant so (a delete that finds nothing), but the mock of the
/// generated tests never throws, so an error in a recording proves nothing about how the function treats it.
fn errors(dossier: &Dossier, recording: &Recording) -> Option<Finding> {
    let first = recording
        .calls
        .iter()
        .find(|call| call.status.is_some_and(|status| status >= 400))?;
    let sentence = format!(
        "The function went on after an error that our recording now holds: {}.",
        quote::line(&first.line())
    );
    Some(finding(
        dossier,
        Whose::Ours,
        "error-recorded",
        Severity::Warn,
        Confidence::Proven,
        sentence,
        Vec::new(),
    ))
}

/// One finding for all entries whose own hash does not fit. The CLI writes a hash of the very request into each entry, so in
/// a copy that an agent left somebody changed the request, or took out what ties the answer to it.
fn hashes(dossier: &Dossier, whose: Whose, recording: &Recording) -> Option<Finding> {
    let odd: Vec<&RecordedCall> = recording
        .calls
        .iter()
        .filter(|call| matches!(call.hash, HashFit::Differs | HashFit::Missing))
        .collect();
    let first = odd.first()?;
    let is_weakened = odd.iter().any(|call| call.hash == HashFit::Missing);
    let (rule, severity, confidence) = match whose {
        Whose::Agents if is_weakened => (
            "fixture-request-weakened",
            Severity::Block,
            Confidence::Proven,
        ),
        Whose::Agents => ("hash-mismatch", Severity::Block, Confidence::Proven),
        Whose::Ours => ("hash-mismatch", Severity::Warn, Confidence::Suspected),
    };
    let sentence = format!(
        "{} has {} whose request hash {}, first {}.",
        whose.words(),
        if odd.len() == 1 {
            "1 entry".to_owned()
        } else {
            format!("{} entries", odd.len())
        },
        if is_weakened {
            "is missing"
        } else {
            "does not fit the request"
        },
        quote::line(&first.line())
    );
    let evidence = Vec::new();
    Some(finding(
        dossier, whose, rule, severity, confidence, sentence, evidence,
    ))
}

/// A function that asked the provider nothing, or was told nothing but errors, proves nothing. An on-event function may do its
/// work without the provider; whether it does any is told by `event-does-nothing`. One that cleans up may find nothing there.
fn asked(dossier: &Dossier) -> Option<Finding> {
    if !dossier.seal.room.save.passed() || honest_block::refusal(dossier).is_some() {
        return None;
    }
    let asked: Vec<&Exchange> = dossier
        .tape
        .of(Phase::CleanRoom)
        .filter(|exchange| exchange.asked_provider())
        .collect();
    let event = dossier.seal.spec.event;
    let is_gone = |exchange: &&Exchange| matches!(exchange.status, 404 | 410);
    let cleans_up = event.is_some_and(|event| !event.spares_the_connection());
    let severity = match cleans_up && asked.iter().all(is_gone) {
        true => Severity::Warn,
        false => Severity::Block,
    };
    let no_calls = Recording::ours(dossier).is_some_and(|ours| ours.calls.is_empty());
    if event.is_some() && (asked.is_empty() || no_calls) {
        return None;
    }
    let (rule, sentence) = if asked.is_empty() {
        (
            "no-provider-call",
            "The function asked the provider nothing in the clean room, so its answer cannot come from there.",
        )
    } else if no_calls {
        (
            "no-provider-call",
            "The dry run that was recorded asked the provider nothing, so its answer cannot come from there.",
        )
    } else if asked.iter().all(|exchange| exchange.status >= 400) {
        (
            "only-errors-recorded",
            "The function reports success although the provider answered nothing but errors in the clean room.",
        )
    } else {
        return None;
    };
    Some(Finding {
        rule: rule.into(),
        severity,
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Function { line: None },
        sentence: sentence.into(),
        evidence: asked
            .iter()
            .take(3)
            .map(|exchange| quote::wire(exchange))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::domain::connection_event::ConnectionEvent;
    use crate::domain::finding::{Exhibit, Severity};
    use crate::domain::tape::Phase;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, Sample, hash, names_of};

    const EVENTS: &str = "/calendar/v3/calendars/primary/events";

    /// Changes the one entry of a recording and hashes it anew, as a forger would.
    fn forged(sample: &Sample, change: impl FnOnce(&mut Value)) -> Value {
        let mut recording = sample.recording();
        change(&mut recording["api"]["post"][EVENTS]);
        hash(&mut recording);
        recording
    }

    #[test]
    fn honest_recordings_are_received_to_the_last_answer() {
        for sample in [sample::action(), sample::sync()] {
            let judgement = judge(&sample.build());
            assert_eq!(judgement.verdict, Verdict::Countersigned, "{judgement:#?}");
            assert_eq!(judgement.findings, []);
        }
        let judgement = judge(&sample::sync().build());
        assert_eq!(
            judgement.sentence,
            "Compiled, validated and recorded by us; 2 of 2 recorded answers were received, 1 test passed."
        );
    }

    #[test]
    fn an_answer_that_nobody_gave_is_refused_in_both_recordings() {
        let mut sample = sample::action();
        let mut recording = sample.recording();
        recording["api"]["get"] =
            json!({"/calendar/v3/colors": {"status": 200, "response": {}, "request": {}}});
        hash(&mut recording);
        sample.offer(&recording);
        let judgement = judge(&sample.build());
        assert_eq!(names_of(&judgement), ["fixture-not-recorded"]);
        assert_eq!(judgement.verdict, Verdict::Refused);
        sample.offer(&sample.recording());
        sample.record(&recording);
        assert_eq!(names_of(&judge(&sample.build())), ["recording-forged"]);
    }

    #[test]
    fn one_changed_value_is_shown_side_by_side() {
        let mut sample = sample::action();
        let recording = forged(&sample, |entry| entry["response"]["id"] = json!("evt2"));
        sample.offer(&recording);
        let judgement = judge(&sample.build());
        assert_eq!(names_of(&judgement), ["fixture-response-altered"]);
        let claimed = Exhibit::Claimed {
            claimed: "/id \"evt2\"".into(),
            received: "/id \"evt1\"".into(),
        };
        assert_eq!(judgement.findings[0].evidence[0], claimed);
        sample.offer(&sample.recording());
        sample.record(&recording);
        assert_eq!(names_of(&judge(&sample.build())), ["recording-forged"]);
    }

    #[test]
    fn a_success_invented_after_a_refusal_is_no_honest_block() {
        let mut sample = sample::honest_block();
        let honest = sample::action().recording();
        sample.offer(&honest);
        let judgement = judge(&sample.build());
        assert_eq!(judgement.verdict, Verdict::Refused);
        assert!(names_of(&judgement).contains(&"fabricated-after-error"));
        let found = &judgement.findings[0];
        assert!(found.sentence.contains("403"), "{found:?}");
        assert!(
            matches!(&found.evidence[0], Exhibit::Claimed { received, .. } if received.contains("Insufficient"))
        );
    }

    #[test]
    fn a_changed_status_is_an_altered_answer() {
        let mut sample = sample::action();
        let recording = forged(&sample, |entry| entry["status"] = json!(201));
        sample.offer(&recording);
        assert_eq!(
            names_of(&judge(&sample.build())),
            ["fixture-response-altered"]
        );
    }

    #[test]
    fn a_function_that_deletes_from_an_answer_is_a_note() {
        let mut sample = sample::action();
        let recording = forged(&sample, |entry| {
            entry["response"]
                .as_object_mut()
                .expect("an object")
                .remove("sequence");
        });
        sample.record(&recording);
        let judgement = judge(&sample.build());
        assert_eq!(judgement.verdict, Verdict::Countersigned, "{judgement:#?}");
        assert_eq!(names_of(&judgement), ["fixture-mutated"]);
    }

    #[test]
    fn an_answer_for_other_parameters_is_seen() {
        let mut sample = sample::sync();
        let mut recording = sample.recording();
        recording["api"]["get"]["/users.list"][0]["request"] = json!({});
        sample.offer(&recording);
        let judgement = judge(&sample.build());
        assert_eq!(
            names_of(&judgement),
            ["hash-mismatch", "fixture-request-altered"]
        );
        assert_eq!(judgement.verdict, Verdict::Refused);
    }

    #[test]
    fn a_function_that_asks_nobody_or_swallows_every_error_is_refused() {
        let mut nobody = sample::action();
        nobody
            .tape
            .exchanges
            .retain(|exchange| exchange.phase == Phase::Agent);
        nobody.exchange(Phase::CleanRoom, "GET", "/connection/test", 200, "{}");
        nobody.record(&json!({"output": {"id": "evt1"}, "api": {}}));
        assert_eq!(names_of(&judge(&nobody.build())), ["no-provider-call"]);
        let mut swallows = sample::action();
        let room = swallows
            .tape
            .exchanges
            .last_mut()
            .expect("the clean room's");
        room.status = 403;
        let recording = forged(&swallows, |entry| entry["status"] = json!(403));
        swallows.record(&recording);
        assert_eq!(
            names_of(&judge(&swallows.build())),
            ["only-errors-recorded", "error-recorded"]
        );
        let mut empty = sample::action();
        empty.record(&json!({"output": {"id": "evt1"}, "api": {}}));
        assert_eq!(names_of(&judge(&empty.build())), ["no-provider-call"]);
    }

    #[test]
    fn addresses_are_compared_decoded_and_nangos_own_routes_are_known() {
        let mut sample = sample::action();
        sample.exchange(
            Phase::CleanRoom,
            "GET",
            "/proxy/drive/v3/files/a%20b",
            200,
            "{}",
        );
        sample.exchange(Phase::CleanRoom, "GET", "/environment-variables", 200, "[]");
        let mut recording = sample.recording();
        recording["api"]["get"] = json!({
            "/drive/v3/files/a b": {"status": 200, "response": {}, "request": {}},
            "//environment-variables": {"status": 200, "response": [], "request": {}},
        });
        hash(&mut recording);
        sample.record(&recording);
        assert_eq!(judge(&sample.build()).verdict, Verdict::Countersigned);
    }

    #[test]
    fn what_the_tape_kept_only_in_part_needs_a_look_when_it_is_ours() {
        let mut sample = sample::action();
        for exchange in &mut sample.tape.exchanges {
            exchange.response.cut = true;
            exchange.response.text = exchange
                .response
                .text
                .take()
                .map(|text| text[..20].to_owned());
        }
        let judgement = judge(&sample.build());
        assert_eq!(judgement.verdict, Verdict::NeedsALook);
        let severities: Vec<Severity> = judgement
            .findings
            .iter()
            .map(|finding| finding.severity)
            .collect();
        assert_eq!(severities, [Severity::Warn, Severity::Note]);
        assert_eq!(names_of(&judgement), ["not-compared", "not-compared"]);
    }

    #[test]
    fn a_recording_that_cannot_be_read_is_not_passed_over() {
        let mut sample = sample::action();
        sample.offer(&json!([1]));
        assert_eq!(names_of(&judge(&sample.build())), ["recording-unreadable"]);
        sample.record(&json!({"api": {"get": []}}));
        assert_eq!(judge(&sample.build()).verdict, Verdict::Refused);
    }

    #[test]
    fn a_forger_cannot_hide_among_many_answers_of_one_address() {
        let mut sample = sample::action();
        for page in 0..200 {
            let answer = json!({"items": [page]}).to_string();
            sample.exchange(Phase::CleanRoom, "GET", "/proxy/pages", 200, &answer);
            let exchange = sample.tape.exchanges.last_mut().expect("just added");
            exchange.query = format!("page={page}");
        }
        let mut recording = sample.recording();
        let entry = |page: u32, request: Value| json!({"status": 200, "response": {"items": [page]}, "request": request});
        recording["api"]["get"] = json!({"/pages": entry(199, json!({"params": {"page": "199"}}))});
        hash(&mut recording);
        sample.record(&recording);
        assert_eq!(judge(&sample.build()).verdict, Verdict::Countersigned);
        recording["api"]["get"] = json!({"/pages": entry(900, json!({}))});
        hash(&mut recording);
        sample.record(&recording);
        assert_eq!(names_of(&judge(&sample.build())), ["recording-forged"]);
    }

    #[test]
    fn who_cleans_up_may_find_nothing_there() {
        let judged = |event: ConnectionEvent, status: u16| {
            let mut sample = sample::on_event(event);
            for exchange in &mut sample.tape.exchanges {
                exchange.status = status;
            }
            let mut recording = sample.recording();
            recording["api"]["get"]["/auth.test"]["status"] = json!(status);
            sample.recordings(&recording);
            judge(&sample.build()).verdict
        };
        let (cleans, begins) = (
            ConnectionEvent::PreConnectionDeletion,
            ConnectionEvent::PostConnectionCreation,
        );
        assert_eq!(judged(cleans, 200), Verdict::Countersigned);
        assert_eq!(judged(cleans, 404), Verdict::NeedsALook);
        assert_eq!(judged(cleans, 403), Verdict::Refused);
        assert_eq!(judged(begins, 404), Verdict::Refused);
    }
}
