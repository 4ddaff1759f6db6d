//! Packages that a project pins: installed from the registry, and everything of ours works with them, from the oldest CLI
//! that we support to the newest.

use countersign::domain::clean_room::Outcome;
use countersign::domain::packages::{Package, Pinned};
use countersign::domain::spec::Kind;
use countersign::edge::nango::Template;
use countersign::edge::toolchain::{ToolError, with_packages};
use countersign_standin::nango::NangoStandIn;
use serde_json::json;

use super::nango::{
    SECRET, clean_room_of, create_event, honest_functions_stand_the_probes, source, tried, typed,
};
use crate::support::tools::{spec, tools};

fn pinned(nango: &str, zod: &str, vitest: &str) -> Pinned {
    let package = |version: &str| Package {
        version: version.to_owned(),
        integrity: None,
    };
    Pinned {
        nango: package(nango),
        zod: Some(package(zod)),
        vitest: Some(package(vitest)),
    }
}

fn template(pinned: &Pinned) -> Template {
    let tools = with_packages(&tools(), pinned, &|said| eprintln!("{said}"));
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools/templates");
    Template::ensure(&folder, &tools.expect("packages")).expect("a template")
}

/// Everything that a build does with the tool chain.
async fn works(pinned: Pinned) {
    let named = pinned.to_string();
    let template = tokio::task::spawn_blocking(move || template(&pinned))
        .await
        .expect("a template");
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let channels = spec(
        "slack/list-channels",
        Kind::Action,
        Some(json!({ "limit": 2 })),
    );
    for spec in [
        create_event(),
        channels,
        spec("google-calendar/events", Kind::Sync, None),
    ] {
        let (room, _) = clean_room_of(&template, &spec, source(&spec), nango.port()).await;
        assert!(room.passed(), "{named}, {}: {room:#?}", spec.key);
        let dir = tempfile::tempdir().expect("a folder");
        let (room, tried) = tried(&template, dir.path(), &spec, source(&spec), nango.port()).await;
        honest_functions_stand_the_probes(&room, &tried).await;
    }

    // The CLI has no dry run for on-event functions: what calls them has to work with every version.
    let setup = spec("slack/setup", Kind::OnEvent, None);
    let dir = tempfile::tempdir().expect("a folder");
    let (_, on_event) = tried(&template, dir.path(), &setup, source(&setup), nango.port()).await;
    assert!(on_event.save.passed(), "{named}: {on_event:#?}");
    assert_eq!(on_event.test, None, "{named}");
    let recording = on_event.recording.expect("a recording");
    let recording: serde_json::Value = serde_json::from_slice(&recording).expect("JSON");
    let asked = &recording["api"]["get"]["/auth.test"];
    assert!(
        asked.to_string().contains("T00000001"),
        "{named}: {recording}"
    );

    let spec = create_event();
    let type_error = source(&spec).replace("id: event.id", "id: 1");
    let (room, _) = clean_room_of(&template, &spec, &type_error, nango.port()).await;
    assert_eq!(room.compile.outcome, Outcome::Failed, "{named}: {room:#?}");
    assert!(
        room.compile
            .said
            .contains("google-calendar/actions/create-event.ts"),
        "{named}: {}",
        room.compile.said
    );
    let wrong_output = source(&spec).replace("id: event.id", "id: JSON.parse('1')");
    let (room, _) = clean_room_of(&template, &spec, &wrong_output, nango.port()).await;
    assert!(room.compile.passed(), "{named}: {room:#?}");
    assert_eq!(room.validate.outcome, Outcome::Failed, "{named}: {room:#?}");

    let end = typed(&template, "nango generate:tests && vitest run").await;
    assert_eq!(end.code, Some(0), "{named}: {end:#?}");
    assert!(end.stdout.contains("1 passed"), "{named}: {}", end.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_oldest_cli() {
    works(pinned("0.69.46", "4.3.6", "2.1.9")).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it takes minutes; the two others are the ends of what we support"]
async fn with_one_between_and_another_vitest() {
    works(pinned("0.70.4", "4.3.6", "3.2.4")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_newest_and_the_newest_of_what_it_is_used_with() {
    works(pinned("0.71.10", "4.3.6", "4.1.12")).await;
}

#[test]
fn what_cannot_work_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut elsewhere = tools();
    elsewhere.root = dir.path().join("tools");
    let mut pinned = pinned("0.69.46", "4.3.6", "2.1.9");
    pinned.nango.integrity = Some("sha512-another".into());
    let refused = with_packages(&elsewhere, &pinned, &|_| {}).expect_err("it is another");
    assert!(
        matches!(refused, ToolError::NotAsLocked { .. }),
        "{refused}"
    );
    assert!(
        refused
            .to_string()
            .contains("nango 0.69.46 has another hash"),
        "{refused}"
    );
    let apart = self::pinned("0.70.9", "4.6.7", "2.1.9");
    let refused = with_packages(&elsewhere, &apart, &|_| {}).expect_err("they do not fit");
    assert!(
        refused
            .to_string()
            .contains("no function compiles with zod 4.6.7 beside nango 0.70.9"),
        "{refused}"
    );
    let ours = with_packages(
        &tools(),
        &self::pinned("0.71.10", "4.3.6", "2.1.9"),
        &|_| {},
    );
    assert_eq!(
        ours.expect("ours"),
        tools(),
        "our own versions are not installed again"
    );
}
