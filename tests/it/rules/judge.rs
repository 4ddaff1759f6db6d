//! Judging recordings that the real Nango CLI wrote, against the tape of the same dry runs.

use std::collections::BTreeMap;

use countersign::domain::beginning::Beginning;
use countersign::domain::claim::{Claim, ClaimReading, ClaimStatus};
use countersign::domain::clean_room::{CleanRoomStep, Outcome, Room, Taken};
use countersign::domain::dossier::{Dossier, Ended, Guard, Seal, Tools, VERSION, Walls};
use countersign::domain::dry_run::DryRunArguments;
use countersign::domain::finding::Severity;
use countersign::domain::guidance::Guidance;
use countersign::domain::name::{AttemptId, Digest, InteractionKey, RunId};
use countersign::domain::probe::ProbeOutcomes;
use countersign::domain::spec::Kind;
use countersign::domain::tape::Tape;
use countersign::domain::transcript::{Transcript, Usage};
use countersign::domain::tree::Tree;
use countersign::domain::verdict::{Judgement, Verdict};
use countersign::rules::judge::judge;
use countersign::rules::judge::reading::recording::{HashFit, Recording};

use crate::support::tools::spec;

const CREATE_EVENT: (&str, &str) = (
    include_str!("../data/dossiers/create-event.test.json"),
    include_str!("../data/dossiers/create-event.tape.json"),
);
const EVENTS: (&str, &str) = (
    include_str!("../data/dossiers/events.test.json"),
    include_str!("../data/dossiers/events.tape.json"),
);

/// A dossier with this recording, as the agent's and as ours, and this tape.
fn dossier(kind: Kind, name: &str, agents: &str, ours: &str, tape: &str) -> Dossier {
    let key: InteractionKey = format!("google-calendar/{name}").parse().expect("a key");
    let (source, test) = ("export default {};\n", "it('works');\n");
    let contents: BTreeMap<Digest, Vec<u8>> = [agents, ours, source, test]
        .into_iter()
        .map(|text| (Digest::of(text.as_bytes()), text.as_bytes().to_vec()))
        .collect();
    let digest = |text: &str| Digest::of(text.as_bytes());
    let passed = || CleanRoomStep {
        outcome: Outcome::Passed,
        said: String::new(),
        took_ms: 1,
    };
    let spec = spec(&key.to_string(), kind, None);
    let seal = Seal {
        version: VERSION,
        attempt: AttemptId {
            run: RunId::from_cause(&["story"]),
            interaction: key,
            number: 1,
        },
        workspace: None,
        allowed: vec![spec.function_path(), spec.recording_path()],
        severities: BTreeMap::new(),
        reasons: BTreeMap::new(),
        beginning: Beginning::Nothing,
        helpers: Vec::new(),
        modules: Vec::new(),
        neighbours: Vec::new(),
        rounds: Vec::new(),
        guidance: Guidance::default(),
        tools: Tools {
            agent: "opencode 1.18.33".into(),
            model: "scripted/m".into(),
            nango: "0.71.10".into(),
            lock: digest("lock"),
            skills: digest("skills"),
            had: Vec::new(),
        },
        walls: Walls {
            shell: "namespaces".into(),
            file_tools: Guard::Up,
        },
        started_ms: 0,
        ended_ms: 1,
        ended: Ended::Finished,
        usage: Usage::default(),
        before: Tree::default(),
        after: Tree::default(),
        offered_recording: Some(digest(agents)),
        transcript: digest("transcript"),
        tape: digest(tape),
        claim: ClaimReading::Read {
            claim: Box::new(Claim {
                status: ClaimStatus::Done,
                summary: "Done.".into(),
                ran: Vec::new(),
                skipped: Vec::new(),
                blocked_by: None,
                input: None,
                metadata: None,
            }),
        },
        room: Room {
            function: Taken::Source {
                digest: digest(source),
                bytes: source.len() as u64,
            },
            arguments: DryRunArguments::default(),
            compile: passed(),
            validate: passed(),
            save: passed(),
            tests: passed(),
            tests_passed: 1,
            recording: Some(digest(ours)),
            saved: None,
            test: Some(digest(test)),
            probes: ProbeOutcomes::new(),
        },
        spec,
    };
    let tape: Tape = serde_json::from_str(tape).expect("a tape");
    Dossier::new(digest("seal"), seal, Transcript::default(), tape, contents)
}

fn names(judgement: &Judgement) -> Vec<&str> {
    let findings = judgement.findings.iter();
    findings.map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn what_the_cli_recorded_was_received_and_its_hashes_fit() {
    for (text, calls) in [(CREATE_EVENT.0, 1), (EVENTS.0, 2)] {
        let recording = Recording::parse(text).expect("a recording of the CLI");
        assert_eq!(recording.calls.len(), calls);
        for call in recording.calls {
            assert_eq!(call.hash, HashFit::Fits, "{}", call.line());
        }
    }
    let (recording, tape) = CREATE_EVENT;
    let judgement = judge(&dossier(
        Kind::Action,
        "create-event",
        recording,
        recording,
        tape,
    ));
    assert_eq!(judgement.verdict, Verdict::Countersigned);
    assert_eq!(judgement.findings, []);
    assert_eq!(
        judgement.sentence,
        "Compiled, validated and recorded by us; 1 of 1 recorded answer was received, 1 test passed."
    );
}

#[test]
fn a_sync_that_changes_answers_in_place_is_only_noted() {
    let (recording, tape) = EVENTS;
    let judgement = judge(&dossier(Kind::Sync, "events", recording, recording, tape));
    assert_eq!(judgement.verdict, Verdict::Countersigned);
    assert_eq!(names(&judgement), ["fixture-mutated", "fixture-mutated"]);
    assert!(
        judgement.sentence.contains("2 of 2"),
        "{}",
        judgement.sentence
    );
}

#[test]
fn every_value_of_the_answer_that_is_changed_by_hand_is_proven() {
    let (recording, tape) = CREATE_EVENT;
    for (was, is) in [
        (
            "\"id\": \"evt_8fj2\",\n          \"etag\"",
            "\"id\": \"evt_1\",\n          \"etag\"",
        ),
        ("\"useDefault\": true", "\"useDefault\": false"),
        ("\"big\": 9007199254740992", "\"big\": 9007199254740994"),
        ("\"sequence\": 0", "\"sequence\": \"0\""),
        ("\"status\": 200", "\"status\": 201"),
        ("\"ratio\": 1\n", "\"ratio\": 1, \"more\": null\n"),
    ] {
        let forged = recording.replace(was, is);
        assert_ne!(forged, recording, "{was} is in the recording");
        let agents = judge(&dossier(
            Kind::Action,
            "create-event",
            &forged,
            recording,
            tape,
        ));
        assert_eq!(names(&agents), ["fixture-response-altered"], "{is}");
        let ours = judge(&dossier(
            Kind::Action,
            "create-event",
            recording,
            &forged,
            tape,
        ));
        assert_eq!(names(&ours), ["recording-forged"], "{is}");
        assert_eq!(ours.verdict, Verdict::Refused);
    }
}

#[test]
fn a_request_changed_by_hand_trips_over_its_hash() {
    let (recording, tape) = CREATE_EVENT;
    for (was, is) in [
        ("\"count\": 3", "\"count\": 4"),
        ("\"X-Team\": \"a\"", "\"X-Team\": \"b\""),
        ("\"hash\": \"c7", "\"hash\": \"00"),
    ] {
        let changed = recording.replace(was, is);
        assert_ne!(changed, recording, "{was} is in the recording");
        let judgement = judge(&dossier(
            Kind::Action,
            "create-event",
            &changed,
            recording,
            tape,
        ));
        assert_eq!(names(&judgement), ["hash-mismatch"], "{is}");
        assert_eq!(judgement.findings[0].severity, Severity::Block);
    }
}

#[test]
fn a_recording_of_another_phase_proves_nothing() {
    let (recording, tape) = CREATE_EVENT;
    let only_the_agent = tape.replace("\"clean-room\"", "\"agent\"");
    let judgement = judge(&dossier(
        Kind::Action,
        "create-event",
        recording,
        recording,
        &only_the_agent,
    ));
    assert_eq!(judgement.verdict, Verdict::Refused);
    assert_eq!(names(&judgement), ["no-provider-call", "recording-forged"]);
}
