//! Stories of the tool chain, the Nango project and the clean room.

mod measure;
mod room;
mod standin;
mod whole;
mod workspace;

use std::path::Path;

use countersign::domain::claim::ClaimReading;
use countersign::domain::clean_room::Room;
use countersign::domain::dry_run::DryRunArguments;
use countersign::domain::limits;
use countersign::domain::program::{Program, ProgramEnd};
use countersign::domain::spec::{Kind, Spec};
use countersign::domain::transcript::Transcript;
use countersign::edge::nango::{
    Contents, RoomFolder, Template, Tried, Workspace, compile, environment, lay_private, scaffold,
};
use countersign::rules::{dry_run, probes};
use countersign_standin::nango::function;
use serde_json::json;

use crate::support::tools::{run, spec, template, tools};

pub(super) use room::honest_functions_stand_the_probes;
pub(super) use workspace::typed;

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
