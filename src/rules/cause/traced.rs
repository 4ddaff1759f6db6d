//! Ways through the graph, and causes that are put to the test: each with what looks alike and is not.

use serde_json::json;

use crate::domain::cause::{CauseClass, CauseStep, RootCause};
use crate::domain::claim::ClaimStatus;
use crate::domain::finding::{Confidence, Place};
use crate::domain::tape::Phase;
use crate::domain::transcript::ToolStatus;
use crate::rules::judge::judge;
use crate::rules::judge::sample::{self, EVENTS, Sample};

const TYPES: &str = "err - google-calendar/actions/create-event.ts:9:2 \n  Property 'x' does not exist on type 'Y'.";

fn cause(sample: &Sample) -> RootCause {
    judge(&sample.build()).cause.expect("a cause")
}

fn turns(cause: &RootCause) -> Vec<u32> {
    let turn = |step: &CauseStep| match step.place {
        Place::Turn { number } => Some(number),
        _ => None,
    };
    cause.chain.iter().filter_map(turn).collect()
}

/// No turns yet, and a step of the clean room that fails.
fn failing(trial: &str, said: &str) -> Sample {
    let mut sample = sample::failing(trial, said);
    sample.transcript.turns.clear();
    sample.seal.offered_recording = None;
    sample
}

fn write(sample: &mut Sample, content: &str) {
    let path = sample.seal.spec.function_path();
    put(sample, &path, content);
}

fn put(sample: &mut Sample, path: &str, content: &str) {
    let input = json!({"filePath": path, "content": content});
    sample.tool("write", input, ToolStatus::Completed, "");
}

#[test]
fn a_type_error_leads_to_the_version_that_failed_first() {
    let mut sample = failing("compile", TYPES);
    write(&mut sample, "one");
    sample.bash("nango compile", 0, "");
    write(&mut sample, "two");
    sample.bash(
        "nango compile",
        1,
        "err - a.ts:3:1\n  Property 'x' does not exist on type 'Y'.",
    );
    write(&mut sample, "three");
    let found = cause(&sample);
    assert_eq!(found.class, CauseClass::TypeError);
    assert_eq!(turns(&found), [3, 4], "{found:#?}");

    // Another error that was mended in between is not it.
    let mut other = failing("compile", TYPES);
    write(&mut other, "one");
    other.bash(
        "nango compile",
        1,
        "err - a.ts:3:1\n  Cannot find name 'q'.",
    );
    write(&mut other, "two");
    assert_eq!(turns(&cause(&other)), [3]);
}

#[test]
fn what_was_mended_and_broken_again_leads_to_the_last_break() {
    let said = "AssertionError: expected 1 to deeply equal 2";
    let mut sample = failing("tests", said);
    for (content, exit, output) in [("one", 1, said), ("two", 0, "1 passed"), ("three", 1, said)] {
        write(&mut sample, content);
        sample.bash("npx vitest run", exit, output);
    }
    let found = cause(&sample);
    assert_eq!(found.class, CauseClass::UnstableOutput);
    assert_eq!(turns(&found), [5, 6], "{found:#?}");
}

#[test]
fn a_test_that_throws_by_itself_is_the_code() {
    let thrown = "should output the action output that is expected\nTypeError: nango.f is not a function\n    at Object.exec (a.ts:5:1)";
    assert_eq!(cause(&failing("tests", thrown)).class, CauseClass::OwnCode);
    // A generated test is named so whatever becomes of it.
    let hung = "should output the action output that is expected\nTest timed out";
    assert_eq!(cause(&failing("tests", hung)).class, CauseClass::Unknown);
}

#[test]
fn a_line_leads_to_the_version_that_brought_it() {
    let source = "// @ts-nocheck\nexport default createAction({});\n";
    let mut sample = sample::action();
    sample.transcript.turns.clear();
    for content in ["export default createAction({});\n", source] {
        write(&mut sample, content);
    }
    write(&mut sample, source);
    sample.function(source);
    let found = cause(&sample);
    assert_eq!(found.class, CauseClass::OwnCode);
    assert_eq!(turns(&found), [2], "{found:#?}");
    assert!(found.confidence >= Confidence::Reproduced);

    // It was there from the start: nothing was tried without it.
    let mut once = sample::action();
    once.transcript.turns.clear();
    write(&mut once, source);
    once.function(source);
    assert_eq!(turns(&cause(&once)), [1]);
}

/// A recording of what the API never said, after two refusals of which one is of the same address.
fn made_up_for(path: &str) -> Sample {
    let mut sample = sample::honest_block();
    sample.transcript.turns.clear();
    sample.tape.exchanges.clear();
    sample.exchange(Phase::Agent, "GET", "/proxy/colors", 403, "{}");
    sample.exchange(Phase::Agent, "POST", EVENTS, 403, "{}");
    for command in ["nango dryrun a test", "nango dryrun b test"] {
        sample.bash(command, 1, "Request failed with status code 403");
    }
    let entry = json!({"status": 200, "response": {"id": "made-up"}, "request": {}});
    let recording = json!({"api": {"post": {path: entry}}});
    let at = sample.seal.spec.recording_path();
    put(&mut sample, &at, &recording.to_string());
    sample.say(ClaimStatus::Done, "Recorded.");
    sample.offer(&recording);
    sample
}

#[test]
fn what_was_made_up_leads_to_the_refusal_that_it_stands_for() {
    let found = cause(&made_up_for("/calendar/v3/calendars/primary/events"));
    assert_eq!(found.class, CauseClass::MissingScope);
    assert_eq!(found.target, format!("POST {EVENTS}"));
    assert_eq!(turns(&found), [2, 3], "{found:#?}");
    // Had the API said so, it would not have been found.
    assert_eq!(found.confidence, Confidence::Reproduced);

    // Something that nobody asked for does not go when the API says yes.
    let found = cause(&made_up_for("/calendar/v3/colors/of/mine"));
    assert_eq!(found.confidence, Confidence::Inferred, "{found:#?}");
}

#[test]
fn a_changed_configuration_leads_to_the_check_that_failed() {
    let changed = |exit: i32, output: &str| {
        let mut sample = sample::action();
        sample.bash("npx vitest run", exit, output);
        put(&mut sample, "vitest.config.ts", "x");
        sample.leave("vitest.config.ts", "x");
        cause(&sample)
    };
    let found = changed(1, "FAIL a.test.ts\nAssertionError: expected 1 to equal 2");
    assert_eq!(found.class, CauseClass::UnstableOutput);
    assert_eq!(found.confidence, Confidence::Inferred);
    assert_eq!(turns(&found), [3, 4], "{found:#?}");
    let found = changed(0, "Tests  1 passed (1)");
    assert_eq!(found.class, CauseClass::Conduct, "nothing was wrong");
    assert!(
        found
            .deed
            .is_some_and(|deed| deed.contains("vitest.config.ts"))
    );
}

#[test]
fn a_deletion_leads_to_where_its_id_was_seen() {
    let mut sample = sample::action();
    let listed = r#"{"items":[{"id":"evt00000000000001"}]}"#;
    let one = format!("{EVENTS}/evt00000000000001");
    sample.exchange(Phase::Agent, "GET", EVENTS, 200, listed);
    sample.exchange(Phase::Agent, "DELETE", &one, 204, "");
    let found = cause(&sample);
    assert_eq!(found.class, CauseClass::Conduct);
    let wire: Vec<&Place> = found.chain.iter().map(|step| &step.place).collect();
    let (seen, used) = (Place::Wire { seq: 3 }, Place::Wire { seq: 4 });
    assert!(wire.contains(&&seen) && wire.contains(&&used), "{found:#?}");
    let last = found.chain.last().map(|step| step.quote.as_str());
    assert_eq!(last, Some("foreign-data-deleted"));
}

#[test]
fn a_header_that_the_function_sends_is_the_code() {
    let refused = |phases: &[Phase]| {
        let mut sample = failing("dry run", "An error occurred during execution");
        sample.tape.exchanges.clear();
        for phase in phases {
            sample.exchange(*phase, "GET", "/proxy/colors", 403, "{}");
            let last = sample.tape.exchanges.last_mut().expect("just added");
            last.refused = Some("the header base-url-override would send it elsewhere".into());
        }
        cause(&sample).class
    };
    assert_eq!(
        refused(&[Phase::Agent, Phase::CleanRoom]),
        CauseClass::OwnCode
    );
    let mut by_hand = sample::honest_block();
    by_hand.seal.ended = crate::domain::dossier::Ended::Finished;
    by_hand.tape.exchanges.truncate(1);
    by_hand.tape.exchanges[0].refused = Some("the header base-url-override is refused".into());
    assert_eq!(cause(&by_hand).class, CauseClass::WitnessRefused);
}

#[test]
fn a_chain_has_four_steps_at_most_and_ends_with_what_was_found() {
    let all = [
        made_up_for("/calendar/v3/calendars/primary/events"),
        failing("compile", TYPES),
    ];
    for sample in all {
        let judgement = judge(&sample.build());
        let chain = judgement.cause.expect("a cause").chain;
        assert!((1..=4).contains(&chain.len()), "{chain:#?}");
        let last = chain.last().map(|step| step.quote.clone());
        assert!(
            judgement
                .findings
                .iter()
                .any(|finding| Some(&finding.rule) == last.as_ref())
        );
    }
}
