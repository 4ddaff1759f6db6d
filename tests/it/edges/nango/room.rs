//! The clean room: what it finds, what it records, and what is planted in it.

use std::sync::Arc;
use std::time::Duration;

use countersign::domain::clean_room::Outcome;
use countersign::domain::limits;
use countersign::domain::name::{AttemptId, RunId};
use countersign::domain::probe::ProbeOutcome;
use countersign::domain::spec::{Kind, Spec};
use countersign::domain::tape::Phase;
use countersign::edge::nango::{RoomFolder, Tried, compile};
use countersign::edge::witness::{Admission, Aside, MetadataWrites, Witness, WitnessConfig};
use countersign::rules::probes;
use countersign_standin::nango::{CANARY_TOKEN, NangoStandIn};
use serde_json::{Value, json};

use super::{
    SECRET, arguments, clean_room, create_event, dry_run, private, ran, source, tried, workspace,
};
use crate::support::tools::{spec, template};

#[tokio::test(flavor = "multi_thread")]
async fn honest_functions_pass_the_clean_room() {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let channels = spec(
        "slack/list-channels",
        Kind::Action,
        Some(json!({ "limit": 2 })),
    );
    for (spec, provider_calls, tests) in [
        (create_event(), 1, 1),
        (channels, 1, 1),
        (spec("google-calendar/events", Kind::Sync, None), 3, 2),
        (spec("slack/users", Kind::Sync, None), 3, 2),
        (spec("hubspot/contacts", Kind::Sync, None), 3, 2),
    ] {
        let before = nango.seen().len();
        let (room, contents) = clean_room(&spec, source(&spec), nango.port()).await;
        assert!(room.passed(), "{}: {room:#?}", spec.key);
        assert_eq!(room.tests_passed, tests, "{}", spec.key);
        let calls = nango.seen()[before..]
            .iter()
            .filter(|seen| seen.path.starts_with("/proxy/"))
            .count();
        assert_eq!(calls, provider_calls, "{} runs once", spec.key);

        let recording = &contents[&room.recording.expect("a recording")];
        let text = String::from_utf8_lossy(recording);
        assert!(
            !text.contains(CANARY_TOKEN) && !text.contains("canary-session-cookie"),
            "{text}"
        );
        let recording: Value = serde_json::from_slice(recording).expect("JSON");
        match spec.kind {
            Kind::Action => assert!(recording["output"].is_object(), "{recording}"),
            Kind::OnEvent => assert!(recording["output"].is_null(), "{recording}"),
            Kind::Sync => assert!(recording["nango"]["batchSave"].is_object(), "{recording}"),
        }
    }
}

/// The CLI calls an integration as its folder is called; the account may know it by another id.
#[tokio::test(flavor = "multi_thread")]
async fn the_cli_works_in_a_folder_that_is_not_called_as_the_integration() {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let witness = Witness::start(WitnessConfig {
        upstream: nango.url(),
        secret: SECRET.into(),
        patience: Duration::from_secs(limits::WIRE_SECONDS),
        now: Arc::new(|| 0),
        aside: Aside::nobody(),
    })
    .await
    .expect("a witness");
    let spec = Spec {
        connection: "google-calendar-test".into(),
        integration_id: "google-calendar".into(),
        ..spec(
            "team-calendar/create-event",
            Kind::Action,
            create_event().input,
        )
    };
    let pass = witness
        .admit(Admission {
            attempt: AttemptId {
                run: RunId::from_cause(&["folder"]),
                interaction: spec.key.clone(),
                number: 1,
            },
            connection: spec.connection.clone(),
            integration_id: spec.integration_id.clone(),
            mode: countersign::domain::settings::Mode::Strict,
            metadata: MetadataWrites::Refused,
        })
        .expect("a pass");
    let dir = tempfile::tempdir().expect("a folder");
    let source = source(&create_event());
    let room = RoomFolder::lay(
        &template(),
        dir.path(),
        &spec,
        source.as_bytes(),
        &[],
        "nonce",
    )
    .expect("a room");
    let end = ran(room
        .try_it(
            witness.port(),
            &pass.key(Phase::CleanRoom),
            &arguments(&spec),
        )
        .expect("a program"))
    .await;
    let tried = room.read_tried(&end).expect("a reading");
    let tested = ran(room
        .test_it(&tried, &probes::modules())
        .expect("a folder")
        .expect("a test"))
    .await;
    let (room, contents) = room.conclude(arguments(&spec), tried, Some(&tested));
    assert!(room.passed(), "{room:#?}");
    assert!(
        nango.seen().iter().all(|seen| seen.status < 400),
        "{:#?}",
        nango.seen()
    );
    let recording = &contents[&room.recording.expect("a recording")];
    let recording: Value = serde_json::from_slice(recording).expect("JSON");
    assert_eq!(recording["output"]["summary"], "Countersign test event");
    for exchange in pass.tape().exchanges {
        let said = exchange.response.text.unwrap_or_default();
        assert!(
            !said.contains(r#""provider_config_key":"google-calendar""#),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_room_says_which_step_failed_and_why() {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");

    let refused = spec(
        "google-calendar/share-calendar",
        Kind::Action,
        Some(json!({ "calendarId": "primary", "email": "a@example.com", "role": "reader" })),
    );
    let (room, contents) = clean_room(&refused, source(&refused), nango.port()).await;
    assert!(room.compile.passed(), "{room:#?}");
    assert_eq!(room.validate.outcome, Outcome::Failed);
    assert!(
        room.validate
            .said
            .contains("insufficient authentication scopes"),
        "{}",
        room.validate.said
    );
    assert_eq!(
        (room.save.outcome, room.recording, contents.len()),
        (Outcome::Skipped, None, 1)
    );

    let spec = create_event();
    let type_error = source(&spec).replace("id: event.id", "id: 1");
    let (room, _) = clean_room(&spec, &type_error, nango.port()).await;
    assert_eq!(room.compile.outcome, Outcome::Failed);
    assert!(
        room.compile
            .said
            .contains("google-calendar/actions/create-event.ts"),
        "{}",
        room.compile.said
    );

    let wrong_output = source(&spec).replace("id: event.id", "id: JSON.parse('1')");
    let (room, _) = clean_room(&spec, &wrong_output, nango.port()).await;
    assert_eq!(room.validate.outcome, Outcome::Failed);
    assert!(
        room.validate.said.contains("invalid_action_output"),
        "{}",
        room.validate.said
    );

    let leaves = source(&spec).replace(
        "const config:",
        "(console.log as any).constructor('return process')().exit(0);\n        const config:",
    );
    let (room, _) = clean_room(&spec, &leaves, nango.port()).await;
    assert_eq!(
        room.validate.outcome,
        Outcome::Failed,
        "code 0 proves nothing: {room:#?}"
    );

    // A function that breaks out of the CLI's sandbox and writes what a good room would hold, but knows no nonce.
    let forges = leaves.replace(
        ".exit(0)",
        ".getBuiltinModule('node:fs').writeFileSync('../out/report.json', JSON.stringify({ nonce: '', steps: { compile: { passed: true, said: '', took_ms: 1 }, dry_run: { passed: true, said: '', took_ms: 1 } } }));\n(console.log as any).constructor('return process')().exit(0)",
    );
    let (room, _) = clean_room(&spec, &forges, nango.port()).await;
    assert_eq!(room.compile.outcome, Outcome::Failed, "{room:#?}");
    assert!(room.compile.said.contains("code 0"), "{room:#?}");

    let mut elsewhere = spec.clone();
    elsewhere.connection = "nobody".to_owned();
    let (room, _) = clean_room(&elsewhere, source(&spec), nango.port()).await;
    assert_eq!(
        room.validate.outcome,
        Outcome::Broken,
        "not the function's fault: {room:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_function_plants_in_its_room_leads_nobody() {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let spec = create_event();
    let plants = |code: &str| {
        let escape =
            "(console.log as any).constructor('return process')().getBuiltinModule('node:fs')";
        source(&spec).replace(
            "const config:",
            &format!("const fs = {escape};\n        {code}\n        const config:"),
        )
    };

    // A module that vitest would prefer to the function.
    let sibling =
        plants("fs.writeFileSync('google-calendar/actions/create-event.js', 'throw new Error()');");
    let (room, _) = clean_room(&spec, &sibling, nango.port()).await;
    assert_eq!(
        (room.save.outcome, room.tests.outcome),
        (Outcome::Passed, Outcome::Passed),
        "{room:#?}"
    );

    // A link through which the recording is written and read somewhere else.
    let outside = tempfile::tempdir().expect("a folder");
    let link = plants(&format!(
        "fs.symlinkSync('{}', 'google-calendar/tests');",
        outside.path().display()
    ));
    let (room, _) = clean_room(&spec, &link, nango.port()).await;
    assert_eq!(room.save.outcome, Outcome::Failed, "{room:#?}");
    assert!(room.save.said.contains("symbolic link"), "{room:#?}");
    let names: Vec<_> = std::fs::read_dir(outside.path())
        .expect("a folder")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(
        names,
        ["create-event.test.json"],
        "nothing but what its own process wrote"
    );
}

/// No probe fails, none is unknown, and the plainest of them applies.
pub(in crate::edges) async fn honest_functions_stand_the_probes(room: &RoomFolder, tried: &Tried) {
    let probes = probes::modules();
    let recording = tried.recording.as_ref().expect("a recording");
    let program = room.probe_it(recording, &probes);
    let program = program.expect("files");
    let found = room.read_probes(&probes, &ran(program).await);
    assert_eq!(found.len(), probes.probes.len());
    for outcome in found.values() {
        let stands = matches!(
            outcome,
            ProbeOutcome::Passed | ProbeOutcome::NotApplicable { .. }
        );
        assert!(stands, "{found:#?}");
    }
    assert_eq!(found["refused-calls"], ProbeOutcome::Passed);
    assert_eq!(found["changed-answers"], ProbeOutcome::Passed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_room_records_what_the_cli_records_and_generates_what_it_generates() {
    let template = template();
    for spec in [
        create_event(),
        spec("google-calendar/events", Kind::Sync, None),
        spec("hubspot/contacts", Kind::Sync, None),
    ] {
        // A stand-in each, so that both meet the same world.
        let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
        let dir = tempfile::tempdir().expect("a folder");
        let (room, ours) = tried(&template, dir.path(), &spec, source(&spec), nango.port()).await;
        honest_functions_stand_the_probes(&room, &ours).await;

        let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
        let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
        let workspace = workspace(&template, dir.path(), &spec);
        std::fs::write(workspace.dir().join(spec.function_path()), source(&spec)).expect("a file");
        let end = ran(compile(&template, workspace.dir(), private.path(), 300)).await;
        assert_eq!(end.code, Some(0), "{end:#?}");
        let end = ran(dry_run(
            &template,
            &spec,
            workspace.dir(),
            private.path(),
            nango.port(),
        ))
        .await;
        assert_eq!(end.code, Some(0), "{end:#?}");
        let mut generate = compile(&template, workspace.dir(), private.path(), 300);
        generate.argv[2] = "generate:tests".to_owned();
        let end = ran(generate).await;
        assert!(end.stdout.contains("Generated 1 test file"), "{end:#?}");

        let theirs =
            std::fs::read(workspace.dir().join(spec.recording_path())).expect("their recording");
        assert_eq!(
            undated(&ours.recording.expect("our recording")),
            undated(&theirs)
        );
        let theirs =
            std::fs::read_to_string(workspace.dir().join(spec.test_path())).expect("their test");
        assert_eq!(
            String::from_utf8(ours.test.expect("our test")).expect("text"),
            theirs
        );
    }
}

/// A recording without what differs from second to second, and without hop headers, which we leave out.
fn undated(recording: &[u8]) -> Value {
    fn visit(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::Object(headers)) = fields.get_mut("headers") {
                    headers.retain(|name, _| {
                        !["date", "connection", "transfer-encoding", "keep-alive"]
                            .contains(&name.as_str())
                    });
                }
                fields.values_mut().for_each(visit);
            }
            Value::Array(items) => items.iter_mut().for_each(visit),
            _ => {}
        }
    }
    let mut value = serde_json::from_slice(recording).expect("JSON");
    visit(&mut value);
    value
}
