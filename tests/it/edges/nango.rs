//! Stories of the tool chain, the Nango project and the clean room.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use countersign::domain::claim::{Claim, ClaimReading};
use countersign::domain::clean_room::{Outcome, Room};
use countersign::domain::dry_run::DryRunArguments;
use countersign::domain::limits;
use countersign::domain::name::{AttemptId, RunId};
use countersign::domain::probe::ProbeOutcome;
use countersign::domain::program::{Program, ProgramEnd};
use countersign::domain::spec::{Kind, Spec};
use countersign::domain::tape::Phase;
use countersign::domain::transcript::Transcript;
use countersign::edge::nango::{
    Contents, RoomFolder, Template, Tried, WholeFolder, Workspace, compile, environment,
    lay_private, scaffold,
};
use countersign::edge::witness::{Admission, Aside, MetadataWrites, Witness, WitnessConfig};
use countersign::rules::{dry_run, probes};
use countersign_standin::nango::{CANARY_TOKEN, NangoStandIn, function};
use serde_json::{Value, json};

use crate::support::tools::{run, spec, template, tools};

pub(super) const SECRET: &str = "0f0e0d0c-0b0a-4908-8706-050403020100";

/// A workspace with the scaffold of `spec`.
fn workspace(template: &Template, dir: &Path, spec: &Spec) -> Workspace {
    Workspace::lay(template, dir, spec, scaffold(spec).as_bytes()).expect("a workspace")
}

/// Runs a program away from the threads that the stand-in answers on.
async fn ran(program: Program) -> ProgramEnd {
    tokio::task::spawn_blocking(move || run(&program))
        .await
        .expect("the program ran")
}

/// What the spec says.
pub(super) fn arguments(spec: &Spec) -> DryRunArguments {
    dry_run::arguments(spec, &ClaimReading::Missing, &Transcript::default(), |_| {
        None
    })
}

pub(super) async fn tried(
    template: &Template,
    dir: &Path,
    spec: &Spec,
    source: &str,
    port: u16,
) -> (RoomFolder, Tried) {
    let room =
        RoomFolder::lay(template, dir, spec, source.as_bytes(), &[], "nonce").expect("a room");
    let program = room
        .try_it(port, SECRET, &arguments(spec))
        .expect("a program");
    let end = ran(program).await;
    let tried = room.read_tried(&end).expect("a reading");
    (room, tried)
}

async fn clean_room(spec: &Spec, source: &str, port: u16) -> (Room, Contents) {
    clean_room_of(&template(), spec, source, port).await
}

pub(super) async fn clean_room_of(
    template: &Template,
    spec: &Spec,
    source: &str,
    port: u16,
) -> (Room, Contents) {
    let dir = tempfile::tempdir().expect("a folder");
    let (room, tried) = tried(template, dir.path(), spec, source, port).await;
    match room.test_it(&tried, &probes::modules()).expect("a folder") {
        Some(program) => {
            let end = ran(program).await;
            room.conclude(arguments(spec), tried, Some(&end))
        }
        None => room.conclude(arguments(spec), tried, None),
    }
}

/// The private folder of a program.
fn private() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    lay_private(folder.path()).expect("folders");
    folder
}

/// `nango dryrun --validate --save` of one function, as a person would type it after [`compile`].
fn dry_run(template: &Template, spec: &Spec, dir: &Path, private: &Path, port: u16) -> Program {
    let mut program = compile(template, dir, private, limits::ROOM_SECONDS);
    let quiet = program.argv.split_off(3);
    program.argv[2] = "dryrun".to_owned();
    let integration = spec.key.integration.as_str();
    let flags = [
        "-e",
        "dev",
        "--integration-id",
        integration,
        "--validate",
        "--save",
    ];
    program.argv.extend(flags.map(str::to_owned));
    if let (Kind::Action, Some(input)) = (spec.kind, &spec.input) {
        program.argv.extend(["-i".to_owned(), input.to_string()]);
    }
    program.argv.extend(quiet);
    program
        .argv
        .extend([spec.key.name.to_string(), spec.connection.clone()]);
    program.walled.port = Some(port);
    program.walled.env = environment(template, private, Some(port), SECRET);
    program
}

pub(super) fn create_event() -> Spec {
    let input = json!({
        "calendarId": "primary",
        "summary": "Countersign test event",
        "start": "2026-02-01T09:00:00Z",
        "end": "2026-02-01T10:00:00Z",
        "attendees": ["ada@example.com"],
        "reminderMinutes": 15,
    });
    spec("google-calendar/create-event", Kind::Action, Some(input))
}

pub(super) fn source(spec: &Spec) -> &'static str {
    function(&spec.function_path()).expect("an example function")
}

#[test]
fn the_tool_chain_is_installed_once_and_whole() {
    let tools = tools();
    let status = countersign::edge::toolchain::look(tools.root.parent().expect("a parent"));
    assert_eq!(status.installed, Some(tools));
    assert!(status.installed.is_some(), "{status:?}");
}

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
pub(super) async fn honest_functions_stand_the_probes(room: &RoomFolder, tried: &Tried) {
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

#[tokio::test(flavor = "multi_thread")]
async fn a_scaffold_type_checks_and_a_workspace_holds_what_we_laid() {
    let template = template();
    for kind in Kind::ALL {
        let mut spec = spec("example/do-it", kind, None);
        spec.description = "It's a \\ 'trap'\nimport './x.js';\u{2028}*/ ${process}".to_owned();
        spec.docs = vec!["https://a.example/\nimport './y.js'".to_owned()];
        let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
        let workspace = workspace(&template, dir.path(), &spec);
        let tree = workspace.tree().expect("a tree");
        let paths: Vec<&str> = tree.0.keys().map(String::as_str).collect();
        let function = spec.function_path();
        let mut expected = vec![
            ".env",
            ".gitignore",
            ".nango/.gitkeep",
            "index.ts",
            "package.json",
            "tsconfig.json",
            "vite.config.ts",
            "vitest.setup.ts",
        ];
        expected.insert(3, &function);
        // What calls a function that the CLI's dry run cannot.
        let trigger = spec.trigger_path();
        if let Some(trigger) = &trigger {
            expected.insert(3, trigger);
        }
        assert_eq!(paths, expected);
        let (taken, bytes) =
            countersign::edge::nango::take(workspace.dir(), &function, &scaffold(&spec));
        assert_eq!(
            (taken.source(), bytes),
            (None, None),
            "an untouched scaffold is nothing"
        );
        let end = ran(compile(&template, workspace.dir(), private.path(), 300)).await;
        assert_eq!(end.code, Some(0), "{}\n{end:#?}", scaffold(&spec));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_a_workspace_work_as_agents_type_them() {
    let habits = "npx nango compile && nango generate:tests && vitest run && ! npm install";
    let end = typed(&template(), habits).await;
    assert_eq!(end.code, Some(0), "{end:#?}");
    assert!(
        end.stdout.contains("Mocks saved to") && end.stdout.contains("1 passed"),
        "{}",
        end.stdout
    );
    assert!(end.stderr.contains("packages are fixed"), "{}", end.stderr);
}

/// In a workspace with a good function: the very commands that the skill teaches, and what agents type besides.
pub(super) async fn typed(template: &Template, besides: &str) -> ProgramEnd {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let spec = create_event();
    let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
    let workspace = workspace(template, dir.path(), &spec);
    std::fs::write(workspace.dir().join(spec.function_path()), source(&spec)).expect("a file");
    let input = spec.input.clone().expect("an input").to_string();
    std::fs::write(workspace.dir().join("in.json"), input).expect("a file");
    let mut shell = dry_run(
        template,
        &spec,
        workspace.dir(),
        private.path(),
        nango.port(),
    );
    let skill = include_str!("../../../skills/dry-running-nango-functions/SKILL.md");
    let taught = fenced(skill, "sh").join("\n");
    let words = format!("{taught}\n{besides}");
    shell.argv = vec!["/bin/sh".to_owned(), "-ec".to_owned(), words];
    ran(shell).await
}

/// The fenced blocks of one language in a skill.
fn fenced(skill: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = skill.split(&fence).skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_skills_show_compiles_and_parses() {
    let template = template();
    let blocks = fenced(
        include_str!("../../../skills/building-nango-functions/SKILL.md"),
        "ts",
    );
    let [action, sync, schema, webhook, on_event] = blocks.as_slice() else {
        panic!("{blocks:#?}")
    };
    // What the skill adds to the sync, in its place.
    let with_webhook = sync
        .replace("const sync =", &format!("{schema}\nconst sync ="))
        .replace("    exec:", &format!("{webhook}\n    exec:"));
    for (kind, block) in [
        (Kind::Action, action),
        (Kind::Sync, sync),
        (Kind::Sync, &with_webhook),
        (Kind::OnEvent, on_event),
    ] {
        let spec = spec("example/taught", kind, None);
        let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
        let workspace = workspace(&template, dir.path(), &spec);
        std::fs::write(workspace.dir().join(spec.function_path()), block).expect("a file");
        let end = ran(compile(&template, workspace.dir(), private.path(), 300)).await;
        assert_eq!(end.code, Some(0), "{end:#?}");
    }
    let reports = fenced(
        include_str!("../../../skills/testing-and-reporting/SKILL.md"),
        "json",
    );
    for report in &reports {
        serde_json::from_str::<Claim>(report).expect("a report as it is read");
    }
    assert_eq!(reports.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_project_is_compiled_and_tested_at_once_and_a_failure_names_its_test() {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let template = template();
    let (project, private) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let put = |path: &str, bytes: &[u8]| {
        let path = project.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    };
    let mut index = String::new();
    for (path, bytes) in template.files() {
        put(path, bytes);
    }
    for spec in [create_event(), spec("slack/users", Kind::Sync, None)] {
        let (room, contents) = clean_room(&spec, source(&spec), nango.port()).await;
        put(&spec.function_path(), source(&spec).as_bytes());
        put(
            &spec.recording_path(),
            &contents[&room.recording.expect("a recording")],
        );
        put(&spec.test_path(), &contents[&room.test.expect("a test")]);
        index += &format!(
            "import './{}';\n",
            spec.function_path().replace(".ts", ".js")
        );
    }
    put("index.ts", index.as_bytes());
    // Configuration of the project's own, which must not matter.
    put(
        "vitest.config.ts",
        b"export default { test: { include: ['nothing'], passWithNoTests: true } };",
    );
    put("postcss.config.cjs", b"throw new Error('loaded');");

    let whole = WholeFolder::open(&template, project.path(), private.path()).expect("a project");
    let compiled = whole.read_compile(&ran(whole.compile_it()).await);
    assert!(compiled.passed(), "{compiled:#?}");
    let result = whole.read_tests(&ran(whole.test_it(&[], &[])).await);
    assert!(result.tests.passed(), "{result:#?}");
    assert_eq!(result.files.iter().map(|file| file.passed).sum::<u32>(), 3);

    let users = spec("slack/users", Kind::Sync, None);
    put(
        &users.function_path(),
        source(&users)
            .replace("user.is_admin ?? false", "false")
            .as_bytes(),
    );
    let result = whole.read_tests(&ran(whole.test_it(&[], &[])).await);
    assert_eq!(result.tests.outcome, Outcome::Failed);
    assert!(
        result
            .tests
            .said
            .contains("slack/tests/slack-users.test.ts"),
        "{}",
        result.tests.said
    );
    let failed: Vec<&str> = result
        .files
        .iter()
        .filter(|file| !file.failed.is_empty())
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(failed, ["slack/tests/slack-users.test.ts"]);
}

/// What `work` took: wall time and the processor time of the programs that it ran, in milliseconds.
async fn cost<F: Future>(work: F) -> (F::Output, f64, f64) {
    use nix::sys::resource::{UsageWho, getrusage};
    let cpu = || {
        let used = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage");
        let ms = |time: nix::sys::time::TimeVal| {
            time.tv_sec() as f64 * 1e3 + time.tv_usec() as f64 / 1e3
        };
        ms(used.user_time()) + ms(used.system_time())
    };
    let (started, before) = (std::time::Instant::now(), cpu());
    let done = work.await;
    (done, started.elapsed().as_secs_f64() * 1e3, cpu() - before)
}

fn bytes(dir: &Path) -> u64 {
    walkdir::WalkDir::new(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.metadata().ok())
        .filter(|meta| meta.is_file())
        .map(|meta| meta.len())
        .sum()
}

/// Run alone: `cargo test --test it measures_workspaces -- --ignored --nocapture`. Asks the package registry.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn measures_workspaces() {
    let (template, spec) = (template(), create_event());
    let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
    let rounds = 50;
    let (_, wall, _) = cost(async {
        for round in 0..rounds {
            workspace(&template, &dir.path().join(round.to_string()), &spec);
        }
    })
    .await;
    let ours = wall / f64::from(rounds);
    let size = bytes(&dir.path().join("0"));

    let theirs = dir.path().join("init");
    std::fs::create_dir(&theirs).expect("a folder");
    let mut init = compile(&template, &theirs, private.path(), 600);
    init.argv.splice(
        2..,
        ["init", ".", "--no-interactive", "--no-telemetry"].map(str::to_owned),
    );
    // As somebody would do it by hand: with dependencies, from the machine's own npm and its cache.
    init.walled.env = std::env::vars().collect();
    init.walled
        .env
        .insert("NANGO_CLI_UPGRADE_MODE".to_owned(), "ignore".to_owned());
    let (end, wall, _) = cost(ran(init)).await;
    assert!(theirs.join("node_modules").is_dir(), "{end:#?}");
    println!(
        "workspace: {ours:.1} ms, {size} bytes; nango init: {wall:.0} ms, {} bytes; {:.0} times",
        bytes(&theirs),
        wall / ours
    );
    assert!(wall > 50.0 * ours);
}

/// Run alone: `cargo test --test it measures_the_room -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn measures_the_room() {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let (template, spec) = (template(), create_event());
    let (_, wall, cpu) = cost(clean_room(&spec, source(&spec), nango.port())).await;

    let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
    let workspace = workspace(&template, dir.path(), &spec);
    std::fs::write(workspace.dir().join(spec.function_path()), source(&spec)).expect("a file");
    let save = dry_run(
        &template,
        &spec,
        workspace.dir(),
        private.path(),
        nango.port(),
    );
    let mut validate = save.clone();
    validate.argv.retain(|argument| argument != "--save");
    let build = compile(&template, workspace.dir(), private.path(), 300);
    let mut generate = build.clone();
    generate.argv[2] = "generate:tests".to_owned();
    let mut test = build.clone();
    test.argv[1] = template.tools().vitest.to_string_lossy().into_owned();
    test.argv
        .splice(2.., ["run", "--no-cache"].map(str::to_owned));
    let (_, by_hand, by_hand_cpu) = cost(async {
        for program in [build, validate, save, generate, test] {
            let end = ran(program).await;
            assert_eq!(end.code, Some(0), "{end:#?}");
        }
    })
    .await;
    println!(
        "room: {wall:.0} ms wall, {cpu:.0} ms CPU; by hand: {by_hand:.0} ms wall, {by_hand_cpu:.0} ms CPU; CPU ratio {:.1}",
        by_hand_cpu / cpu
    );
    assert!(by_hand_cpu > 1.5 * cpu);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_in_refuses_what_the_real_ones_refuse() {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let http = reqwest::Client::new();
    let ask = async |method: &str, path: &str, connection: &str, key: &str, body: Value| {
        let method = method.parse().expect("a method");
        let integration = connection.trim_end_matches("-test");
        let answer = http
            .request(method, format!("{}{path}", nango.url()))
            .bearer_auth(key)
            .header("Connection-Id", connection)
            .header("Provider-Config-Key", integration)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or_default())
    };
    let get = async |path: &str, connection: &str| {
        ask("GET", path, connection, SECRET, Value::Null).await
    };

    assert_eq!(
        ask("GET", "/integrations", "", "another", Value::Null)
            .await
            .0,
        401
    );
    assert_eq!(
        get("/connection/nobody?provider_config_key=slack", "")
            .await
            .0,
        404
    );
    assert_eq!(
        get("/connection/slack-test?provider_config_key=nope", "")
            .await
            .0,
        400
    );
    let (_, connection) = get("/connection/slack-test?provider_config_key=slack", "").await;
    assert_eq!(connection["credentials"]["access_token"], CANARY_TOKEN);
    assert_eq!(get("/proxy/users.list", "nobody").await.0, 400);

    // Google: pages, then a sync token that shows only what changed since.
    let calendar = "google-calendar-test";
    let events = "/proxy/calendar/v3/calendars/primary/events";
    let (_, first) = get(&format!("{events}?maxResults=4"), calendar).await;
    assert_eq!(
        (
            first["items"].as_array().map(Vec::len),
            &first["nextSyncToken"]
        ),
        (Some(4), &Value::Null)
    );
    let token = first["nextPageToken"].as_str().expect("a page token");
    let (_, last) = get(
        &format!("{events}?maxResults=4&pageToken={token}"),
        calendar,
    )
    .await;
    let sync = last["nextSyncToken"].as_str().expect("a sync token");
    let gone = last["items"][0]["id"].as_str().expect("an event");
    assert_eq!(
        ask(
            "DELETE",
            &format!("{events}/{gone}"),
            calendar,
            SECRET,
            Value::Null
        )
        .await
        .0,
        204
    );
    assert_eq!(
        ask(
            "DELETE",
            &format!("{events}/{gone}"),
            calendar,
            SECRET,
            Value::Null
        )
        .await
        .0,
        410
    );
    let (_, changed) = get(&format!("{events}?syncToken={sync}"), calendar).await;
    assert_eq!(
        (
            &changed["items"][0]["status"],
            changed["items"].as_array().map(Vec::len)
        ),
        (&json!("cancelled"), Some(1))
    );
    assert_eq!(
        get(&format!("{events}?syncToken=old"), calendar).await.0,
        410
    );
    let missing = json!({ "start": { "dateTime": "2026-02-01T09:00:00Z" } });
    assert_eq!(ask("POST", events, calendar, SECRET, missing).await.0, 400);
    let (status, refused) = ask(
        "POST",
        "/proxy/calendar/v3/calendars/primary/acl",
        calendar,
        SECRET,
        json!({}),
    )
    .await;
    assert_eq!(
        (status, &refused["error"]["errors"][0]["reason"]),
        (403, &json!("insufficientPermissions"))
    );

    // Slack refuses with 200.
    let (status, answer) = ask(
        "POST",
        "/proxy/chat.postMessage",
        "slack-test",
        SECRET,
        json!({ "channel": "C404", "text": "x" }),
    )
    .await;
    assert_eq!(
        (status, answer),
        (200, json!({ "ok": false, "error": "channel_not_found" }))
    );

    // HubSpot: a bound on pages, no twins, scopes.
    let contacts = "/proxy/crm/v3/objects/contacts";
    assert_eq!(
        get(&format!("{contacts}?limit=101"), "hubspot-test")
            .await
            .0,
        400
    );
    let ada = json!({ "properties": { "email": "ada@example.com" } });
    assert_eq!(
        ask("POST", contacts, "hubspot-test", SECRET, ada).await.0,
        409
    );
    let (status, answer) = get("/proxy/crm/v3/objects/deals", "hubspot-test").await;
    assert_eq!(
        (status, &answer["category"]),
        (403, &json!("MISSING_SCOPES"))
    );

    // Drive has three pages of three.
    let (_, files) = get(
        "/proxy/drive/v3/files?pageSize=3&pageToken=page-6",
        "google-drive-test",
    )
    .await;
    assert_eq!(
        (
            files["files"].as_array().map(Vec::len),
            &files["nextPageToken"]
        ),
        (Some(1), &Value::Null)
    );
}
