//! Several Nango projects in one repository: one run, one commit and one report for all, and none of them waits for another.

use countersign::domain::event::Settlement;
use countersign::domain::finding::Place;
use countersign::domain::project::ProjectFolder;
use countersign::domain::view::View;
use countersign_standin::nango::function;

use crate::support::story::{
    EVENT_INPUT, Story, changes, create_event, honest, pushed, spec, states,
};

const CHANNELS: &str = "slack/list-channels";
const USERS: &str = "slack/users";
const EVENT: &str = "google-calendar/create-event";
const SETTINGS: &str = ".github/countersign.yml";
const MODULE: &str = "{\"private\": true, \"type\": \"module\"}\n";
/// A test that passes until the project has a function of this name.
const NO_CHANNELS: &str = "import { expect, it } from 'vitest';\nimport { existsSync } from 'node:fs';\n\
    it('lists no channels', () => expect(existsSync('slack/actions/list-channels.ts')).toBe(false));\n";

/// A spec in a project that it names itself.
fn spec_in(project: &str, key: &str, kind: &str, more: &str) -> Vec<(String, String)> {
    spec(key, kind, &format!("project: {project}\n{more}"))
}

/// `google-calendar/create-event` in a project.
fn event_in(project: &str) -> Vec<(String, String)> {
    let mut files = create_event();
    for (path, text) in &mut files {
        if path.ends_with("create-event.yaml") {
            text.push_str(&format!("project: {project}\n"));
        }
    }
    files
}

fn failed(view: &View) -> Vec<String> {
    view.failed.keys().map(ToString::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_projects_of_different_versions_share_a_run_and_a_commit() {
    let manifest = |nango: &str, vitest: &str, more: &str| {
        format!(
            "{{\"private\": true, {more}\"devDependencies\": {{\"nango\": \"{nango}\", \"zod\": \"4.3.6\", \"vitest\": \"{vitest}\"}}}}\n"
        )
    };
    let newer = manifest("0.70.4", "3.2.4", "\"type\": \"module\", ");
    // A package that is no module, which the CLI does not like and did not like before.
    let older = manifest("0.69.46", "2.1.9", "");
    let theirs = function("slack/actions/list-channels.ts").expect("one");
    let agents = vec![
        honest(CHANNELS, "action", Some("{}")),
        honest(USERS, "sync", None),
    ];
    let base = [
        (SETTINGS, Some("projects: [apps/chat, apps/people]\n")),
        ("apps/chat/package.json", Some(newer.as_str())),
        ("apps/chat/index.ts", Some("// Chat.\n")),
        ("apps/people/package.json", Some(older.as_str())),
        (
            "apps/people/index.ts",
            Some("import './old/actions/list-channels.js';\r\n"),
        ),
        ("apps/people/old/actions/list-channels.ts", Some(theirs)),
    ];
    let story = Story::begin(agents, &base).await;
    // One folder of specs, and a folder of that name in both projects.
    let mut specs = spec(CHANNELS, "action", "input: {}\n");
    specs.extend(spec_in("apps/people", USERS, "sync", ""));
    for (path, text) in &mut specs {
        if path.ends_with("integration.yaml") {
            text.push_str("project: apps/chat\n");
        }
    }
    story.push("two", &changes(&specs));
    let number = story.open("two");
    let view = story.views(number, 1).await.remove(0);
    let built = [
        format!("{CHANNELS} countersigned"),
        format!("{USERS} countersigned"),
    ];
    assert_eq!(states(&view), built);
    assert_eq!(failed(&view), Vec::<String>::new());
    let head = pushed(&view);
    let text = |path: &str| story.file(&head, path);
    assert_eq!(
        text("apps/chat/index.ts").as_deref(),
        Some("// Chat.\n\n// -- Integration: slack\nimport './slack/actions/list-channels.js';\n")
    );
    assert_eq!(
        text("apps/people/index.ts").as_deref(),
        Some("import './old/actions/list-channels.js';\r\nimport './slack/syncs/users.js';\r\n")
    );
    for there in [
        "apps/chat/slack/actions/list-channels.ts",
        "apps/chat/slack/tests/list-channels.test.json",
        "apps/people/slack/syncs/users.ts",
        "apps/people/slack/tests/slack-users.test.ts",
    ] {
        assert!(text(there).is_some(), "{there}");
    }
    for nowhere in [
        "apps/chat/slack/syncs/users.ts",
        "apps/people/slack/actions/list-channels.ts",
        "nango-integrations/index.ts",
    ] {
        assert_eq!(text(nowhere), None, "{nowhere}");
    }
    let sticky = story.sticky(number);
    for told in [
        "apps/chat: made and checked with nango 0.70.4, zod 4.3.6, vitest 3.2.4",
        "apps/people: made and checked with nango 0.69.46, zod 4.3.6, vitest 2.1.9",
        "action in apps/chat",
        "sync in apps/people",
        "apps/people/old/actions/list-channels.ts",
    ] {
        assert!(sticky.contains(told), "{told} is not in\n{sticky}");
    }
    let remarks = story.remarks(number);
    let at = "apps/people/slack/syncs/users.ts:1".to_owned();
    assert!(remarks.contains(&at), "{remarks:?}");

    story.push("two", &[("other.txt", Some("other\n"))]);
    let second = story.views(number, 2).await.remove(1);
    let carried = [format!("{CHANNELS} carried"), format!("{USERS} carried")];
    assert_eq!(states(&second), carried);
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_fails_keeps_no_other_from_its_commit() {
    // It does not compile, and never did.
    let legacy = "import { createAction } from 'nango';\nimport { z } from 'zod';\n\nconst action = createAction({\n    \
        description: 'Old.',\n    version: '1.0.0',\n    input: z.object({}),\n    output: z.object({}),\n    \
        exec: async (nango) => {\n        await nango.oldCall('/old');\n        return {};\n    }\n});\n\nexport default action;\n";
    let agents = vec![
        honest(EVENT, "action", Some(EVENT_INPUT)),
        honest(CHANNELS, "action", Some("{}")),
        honest(USERS, "sync", None),
    ];
    let base = [
        (
            SETTINGS,
            Some("projects: [apps/ill, apps/strict, apps/whole]\n"),
        ),
        ("apps/ill/package.json", Some(MODULE)),
        (
            "apps/ill/index.ts",
            Some("import './old/actions/legacy.js';\n"),
        ),
        ("apps/ill/old/actions/legacy.ts", Some(legacy)),
        ("apps/strict/package.json", Some(MODULE)),
        ("apps/strict/index.ts", Some("// Strict.\n")),
        ("apps/strict/slack/tests/none.test.ts", Some(NO_CHANNELS)),
    ];
    let story = Story::begin(agents, &base).await;
    let mut specs = event_in("apps/ill");
    specs.extend(spec_in("apps/strict", CHANNELS, "action", "input: {}\n"));
    specs.extend(spec_in("apps/whole", USERS, "sync", ""));
    story.push("three", &changes(&specs));
    let number = story.open("three");
    let view = story.views(number, 1).await.remove(0);
    let built = [
        format!("{EVENT} countersigned"),
        format!("{CHANNELS} countersigned"),
        format!("{USERS} countersigned"),
    ];
    assert_eq!(states(&view), built);
    assert_eq!(failed(&view), ["apps/strict"]);
    let head = pushed(&view);
    let has = |path: &str| story.file(&head, path).is_some();
    assert!(has("apps/ill/google-calendar/actions/create-event.ts"));
    assert!(has("apps/whole/slack/syncs/users.ts"));
    assert!(has("apps/whole/package.json"), "it was made");
    assert!(!has("apps/strict/slack/actions/list-channels.ts"));
    let before = view.all_before();
    let files: Vec<_> = (before.failing.iter())
        .filter_map(|one| one.file.as_deref())
        .collect();
    assert!(
        files.contains(&"apps/ill/old/actions/legacy.ts"),
        "{files:?}"
    );
    let check = story.check(&head);
    assert_eq!(check.conclusion.as_deref(), Some("failure"));
    let sticky = story.sticky(number);
    for told in [
        "apps/strict as a whole fails, 3 countersigned",
        "Nothing was committed in apps/strict:",
        "apps/strict: The project with all accepted functions in it fails at: tests.",
    ] {
        assert!(sticky.contains(told), "{told} is not in\n{sticky}");
    }

    // Mended by a person, and nothing is built again.
    let asked = story.model.requests().len();
    story.push("three", &[("apps/strict/slack/tests/none.test.ts", None)]);
    let second = story.views(number, 2).await.remove(1);
    let carried = [EVENT, CHANNELS, USERS].map(|key| format!("{key} carried"));
    assert_eq!(states(&second), carried);
    assert_eq!(failed(&second), Vec::<String>::new());
    let function = "apps/strict/slack/actions/list-channels.ts";
    assert!(story.file(&pushed(&second), function).is_some());
    assert_eq!(story.model.requests().len(), asked, "no agent worked");
    story.end();
}

/// A project with one function in it, and the spec of that.
fn with_channels(project: &str) -> Vec<(String, String)> {
    let source = function("slack/actions/list-channels.ts").expect("one");
    let mut files = spec_in(project, CHANNELS, "action", "input: {}\n");
    for (path, text) in [
        ("package.json", MODULE),
        (
            "index.ts",
            "// Ours.\nimport './slack/actions/list-channels.js';\n",
        ),
        ("slack/actions/list-channels.ts", source),
    ] {
        files.push((format!("{project}/{path}"), text.to_owned()));
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_that_moves_to_another_project_takes_its_function_along() {
    let agents = vec![
        honest(CHANNELS, "action", Some("{}")),
        honest(EVENT, "action", Some(EVENT_INPUT)),
        honest(EVENT, "action", Some(EVENT_INPUT)),
    ];
    let mut base = with_channels("apps/a");
    base.push((SETTINGS.into(), "projects: [apps/a, apps/b]\n".into()));
    let story = Story::begin(agents, &changes(&base)).await;
    // One that was there moves, another is new.
    let mut specs = spec_in("apps/b", CHANNELS, "action", "input: {}\n");
    specs.extend(event_in("apps/a"));
    story.push("move", &changes(&specs));
    let number = story.open("move");
    let first = story.views(number, 1).await.remove(0);
    let built = [
        format!("{EVENT} countersigned"),
        format!("{CHANNELS} countersigned"),
    ];
    assert_eq!(states(&first), built);
    let head = pushed(&first);
    let has = |head, path: &str| story.file(head, path).is_some();
    assert!(has(&head, "apps/b/slack/actions/list-channels.ts"));
    assert!(!has(&head, "apps/a/slack/actions/list-channels.ts"));
    assert!(has(&head, "apps/a/google-calendar/actions/create-event.ts"));
    // Its agent began from it.
    let of_channels = first
        .judgements()
        .find(|one| one.interaction.to_string() == CHANNELS);
    let mut findings = of_channels.expect("a judgement").findings.iter();
    assert!(
        findings.any(|one| one.rule == "former-unchanged"),
        "{of_channels:?}"
    );
    let index = |head| story.file(head, "apps/a/index.ts").expect("an index");
    assert!(!index(&head).contains("list-channels"), "{}", index(&head));

    // What this pull request brought moves, too.
    story.push("move", &changes(&event_in("apps/b")));
    let second = story.views(number, 2).await.remove(1);
    assert_eq!(failed(&second), Vec::<String>::new());
    let states_now = [
        format!("{EVENT} countersigned"),
        format!("{CHANNELS} carried"),
    ];
    assert_eq!(states(&second), states_now);
    let head = pushed(&second);
    assert!(has(&head, "apps/b/google-calendar/actions/create-event.ts"));
    for gone in [
        "google-calendar/actions/create-event.ts",
        "google-calendar/tests/create-event.test.json",
        "google-calendar/tests/google-calendar-create-event.test.ts",
    ] {
        assert!(!has(&head, &format!("apps/a/{gone}")), "{gone}");
    }
    assert!(!index(&head).contains("create-event"), "{}", index(&head));
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_stays_where_it_was_when_its_new_project_does_not_take_it() {
    let agents = vec![
        honest(CHANNELS, "action", Some("{}")),
        honest(EVENT, "action", Some(EVENT_INPUT)),
    ];
    let mut base = with_channels("apps/a");
    for (path, text) in [
        (SETTINGS, "projects: [apps/a, apps/b]\n"),
        ("apps/b/package.json", MODULE),
        ("apps/b/index.ts", "// Theirs.\n"),
        ("apps/b/slack/tests/none.test.ts", NO_CHANNELS),
    ] {
        base.push((path.into(), text.into()));
    }
    let story = Story::begin(agents, &changes(&base)).await;
    let mut specs = spec_in("apps/b", CHANNELS, "action", "input: {}\n");
    specs.extend(event_in("apps/a"));
    story.push("move", &changes(&specs));
    let number = story.open("move");
    let view = story.views(number, 1).await.remove(0);
    let built = [
        format!("{EVENT} countersigned"),
        format!("{CHANNELS} countersigned"),
    ];
    assert_eq!(states(&view), built);
    assert_eq!(failed(&view), ["apps/b"]);
    let head = pushed(&view);
    let has = |path: &str| story.file(&head, path).is_some();
    assert!(!has("apps/b/slack/actions/list-channels.ts"));
    assert!(has("apps/a/slack/actions/list-channels.ts"));
    assert!(has("apps/a/google-calendar/actions/create-event.ts"));
    let index = story.file(&head, "apps/a/index.ts").expect("an index");
    assert!(index.contains("list-channels"), "{index}");
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_of_the_old_kind_refuses_only_what_is_its_own() {
    let agents = vec![honest(USERS, "sync", None)];
    let base = [
        (SETTINGS, Some("projects: [apps/old, apps/new]\n")),
        ("apps/old/nango.yaml", Some("integrations: {}\n")),
    ];
    let story = Story::begin(agents, &base).await;
    let mut specs = spec_in("apps/old", CHANNELS, "action", "input: {}\n");
    specs.extend(spec_in("apps/new", USERS, "sync", ""));
    let head = story.push("add", &changes(&specs));
    let number = story.open("add");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(states(&view), [format!("{USERS} countersigned")]);
    assert_eq!(story.asked(CHANNELS), 0, "no agent began");
    let [problem] = &view.problems[..] else {
        panic!("{:?}", view.problems);
    };
    assert_eq!(problem.rule, "old-project");
    let Place::Repository { path, .. } = &problem.place else {
        panic!("{problem:?}");
    };
    assert_eq!(path, "interactions/slack/list-channels.yaml");
    let way_out = "apps/old/nango.yaml shows that the project still describes its functions in YAML; first run `npx nango \
                   migrate-to-zero-yaml`";
    assert!(problem.sentence.contains(way_out), "{}", problem.sentence);
    assert!(matches!(
        view.settlement,
        Some(Settlement::Committed { .. })
    ));
    let check = story.check(&head);
    assert_eq!(check.conclusion.as_deref(), Some("failure"));
    let projects = view.projects.expect("projects");
    assert_eq!(
        projects.iter().next(),
        Some(&ProjectFolder::named("apps/old"))
    );
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_countersigned_for_another_project_is_built_again() {
    let agents = vec![
        honest(EVENT, "action", Some(EVENT_INPUT)),
        honest(EVENT, "action", Some(EVENT_INPUT)),
    ];
    let story = Story::begin(agents, &[(SETTINGS, Some("project: apps/a\n"))]).await;
    story.push("add", &changes(&create_event()));
    let number = story.open("add");
    let first = story.views(number, 1).await.remove(0);
    assert_eq!(states(&first), [format!("{EVENT} countersigned")]);
    let function = "google-calendar/actions/create-event.ts";
    let has = |head: &_, project: &str| {
        let path = format!("{project}/{function}");
        story.file(head, &path).is_some()
    };
    assert!(has(&pushed(&first), "apps/a"));

    // Not a word of the spec is another.
    story.push("main", &[(SETTINGS, Some("projects: [apps/b]\n"))]);
    story.push("add", &[("other.txt", Some("other\n"))]);
    let second = story.told(number, 2).await;
    assert_eq!(states(&second), [format!("{EVENT} countersigned")]);
    assert_eq!(failed(&second), Vec::<String>::new());
    assert!(has(&pushed(&second), "apps/b"));
    assert!(!has(&pushed(&second), "apps/a"), "it has moved");
    story.end();
}
