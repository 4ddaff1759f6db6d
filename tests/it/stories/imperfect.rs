//! A project that was not perfect before: it does not type-check, a test lacks its recording, tests are of another runner.
//! Two honest functions get their commit all the same, and what was failing before is told. What is new is refused.

use countersign::domain::event::{Event, Settlement};
use countersign::domain::failure::{NotOurs, Stage};
use countersign::domain::finding::{Exhibit, Finding};
use countersign::domain::view::View;
use countersign_standin::github::FileChange;

use crate::support::story::{
    EVENT_INPUT, Story, changes, create_event, honest, pushed, spec, states,
};

const PACKAGE: &str = "{ \"name\": \"theirs\", \"private\": true, \"type\": \"module\" }\n";
/// Names a package that is not installed here.
const TSCONFIG: &str = "{ \"extends\": \"@tsconfig/node22/tsconfig.json\", \"compilerOptions\": { \"noEmit\": true } }\n";
const LISTED: &str = include_str!("../../standin/src/nango/functions/list-channels.ts");
const USERS: &str = include_str!("../../standin/src/nango/functions/users.ts");

/// A function for another major version of the SDK's package, with fifteen type errors of its own.
fn legacy() -> String {
    let calls: Vec<String> = (1..=15)
        .map(|n| format!("        await nango.oldCall{n}('/old/{n}');\n"))
        .collect();
    format!(
        "import {{ createAction }} from 'nango';\nimport {{ z }} from 'zod';\n\nconst action = createAction({{\n    \
         description: 'As it was written once.',\n    version: '1.0.0',\n    input: z.object({{}}),\n    output: z.object({{}}),\n    \
         exec: async (nango) => {{\n{}        return {{}};\n    }}\n}});\n\nexport default action;\n",
        calls.concat()
    )
}

/// A pull request that asks for two functions, in a repository whose base branch has these files of a project.
async fn two_functions(files: &[(&str, &str)]) -> (Story, View, u64) {
    let paths: Vec<(String, &str)> = files
        .iter()
        .map(|(path, text)| (format!("nango-integrations/{path}"), *text))
        .collect();
    let mut base: Vec<FileChange<'_>> = paths
        .iter()
        .map(|(path, text)| (path.as_str(), Some(*text)))
        .collect();
    if !files.iter().any(|(path, _)| *path == "package.json") {
        base.push(("nango-integrations/package.json", Some(PACKAGE)));
    }
    base.push(("nango-integrations/tsconfig.json", Some(TSCONFIG)));
    let agents = vec![
        honest("google-calendar/create-event", "action", Some(EVENT_INPUT)),
        honest("slack/users", "sync", None),
    ];
    let story = Story::begin(agents, &base).await;
    let mut specs = create_event();
    specs.extend(spec("slack/users", "sync", ""));
    story.push("two", &changes(&specs));
    let number = story.open("two");
    let view = story.views(number, 1).await.remove(0);
    (story, view, number)
}

fn both_countersigned(view: &View) {
    assert_eq!(
        states(view),
        [
            "google-calendar/create-event countersigned",
            "slack/users countersigned"
        ]
    );
}

/// How often the base was verified in all runs of a pull request.
async fn bases(story: &Story, number: u64) -> usize {
    let mut bases = 0;
    let store = story.store().await;
    for row in story.runs(number).await {
        let events = store.events(&row.run, 0).await.expect("events");
        let is_base = |event: &Event| matches!(event, Event::BaseVerified { .. });
        bases += events.iter().filter(|one| is_base(&one.event)).count();
    }
    store.close().await;
    bases
}

#[tokio::test(flavor = "multi_thread")]
async fn fifteen_type_errors_of_another_sdk_are_told_and_do_not_count() {
    let legacy = legacy();
    let files = [
        ("index.ts", "import './slack/actions/legacy.js';\n"),
        ("slack/actions/legacy.ts", legacy.as_str()),
    ];
    let (story, view, number) = two_functions(&files).await;
    both_countersigned(&view);
    let commit = pushed(&view);
    assert_eq!(story.check(&commit).conclusion.as_deref(), Some("success"));
    assert_eq!(
        (view.all_before().failures, view.all_before().asides),
        (15, 0)
    );
    assert!(
        (view.all_before().failing.iter())
            .all(|one| one.stage == Stage::Types && one.what == "TS2339")
    );
    let sticky = story.sticky(number);
    for words in [
        "Was failing before: 15",
        "slack/actions/legacy.ts:10 TS2339",
        "Property 'oldCall1' does not exist",
    ] {
        assert_eq!(sticky.matches(words).count(), 1, "{words} in {sticky}");
    }
    assert_eq!(bases(&story, number).await, 1, "compiled, not tested");
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_without_its_recording_is_not_ours_to_run() {
    let test = "import { expect, it } from 'vitest';\nimport createAction from '../actions/list-channels.js';\n\n\
                const nangoMock = new global.vitest.NangoActionMock({ dirname: __dirname, name: 'list-channels', Model: 'X' });\n\n\
                it('lists', async () => {\n    expect(await createAction.exec(nangoMock, {})).toEqual(await nangoMock.getOutput());\n});\n";
    let files = [
        ("index.ts", "import './slack/actions/list-channels.js';\n"),
        ("slack/actions/list-channels.ts", LISTED),
        ("slack/tests/slack-list-channels.test.ts", test),
    ];
    let (story, view, number) = two_functions(&files).await;
    both_countersigned(&view);
    pushed(&view);
    assert_eq!(
        (view.all_before().failures, view.all_before().asides),
        (0, 1)
    );
    assert_eq!(view.all_before().aside[0].why, NotOurs::NoRecording);
    let sticky = story.sticky(number);
    assert!(sticky.contains("Not ours to run: 1"), "{sticky}");
    assert!(sticky.contains("slack-list-channels.test.ts"), "{sticky}");
    assert_eq!(bases(&story, number).await, 1, "tested, not compiled");
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn tests_of_other_runners_are_not_run() {
    let files = [
        ("index.ts", "import './slack/actions/list-channels.js';\n"),
        ("slack/actions/list-channels.ts", LISTED),
        (
            "slack/tests/list.test.ts",
            "import { expect, test } from 'bun:test';\ntest('one', () => expect(1).toBe(1));\n",
        ),
        (
            "slack/__tests__/list.spec.ts",
            "describe('one', () => { it('is one', () => { expect(1).toBe(1); }); });\n",
        ),
    ];
    let (story, view, number) = two_functions(&files).await;
    both_countersigned(&view);
    pushed(&view);
    let before = view.all_before();
    let why: Vec<&NotOurs> = before.aside.iter().map(|one| &one.why).collect();
    let bun = NotOurs::Runner {
        module: "bun:test".into(),
    };
    assert_eq!(why, [&NotOurs::Elsewhere, &bun]);
    assert_eq!(view.all_before().failures, 0);
    let sticky = story.sticky(number);
    assert!(sticky.contains("Not ours to run: 2"), "{sticky}");
    assert_eq!(bases(&story, number).await, 0, "the whole is green");
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_new_function_breaks_is_refused_apart_from_what_was_broken() {
    // Members has the model that users will have, which the CLI tells only when types are good; and a test counts functions.
    let legacy = legacy();
    let counts = "import { readFileSync } from 'node:fs';\nimport { expect, it } from 'vitest';\n\n\
                  it('has two functions', () => {\n    \
                  expect(readFileSync('index.ts', 'utf8').match(/^import/gm)).toHaveLength(2);\n});\n\
                  it('was red before', () => {\n    expect(1).toBe(2);\n});\n";
    let files = [
        (
            "index.ts",
            "import './slack/syncs/members.js';\nimport './slack/actions/legacy.js';\n",
        ),
        ("slack/actions/legacy.ts", legacy.as_str()),
        ("slack/syncs/members.ts", USERS),
        ("slack/tests/count.test.ts", counts),
    ];
    let (story, view, number) = two_functions(&files).await;
    both_countersigned(&view);
    let finding = new_failure(&view);
    assert_eq!(
        finding.sentence,
        "The project with all accepted functions in it fails at: compile, tests. This is new; 16 failures that were there \
         before do not count."
    );
    let said: Vec<&str> = finding.evidence.iter().map(text).collect();
    assert!(said[0].contains("SlackUser"), "{said:?}");
    assert!(said[1].contains("has two functions"), "{said:?}");
    for old in ["oldCall", "was red before"] {
        assert!(!said.concat().contains(old), "{old} in {said:?}");
    }
    assert_eq!(view.all_before().failures, 16);
    assert_eq!(bases(&story, number).await, 2, "compiled and tested");

    // The same head again: what failed before is known.
    let asks = story
        .github
        .comment(&story.repo, number, "ada", "/retry slack/users");
    asks.expect("a comment");
    let again = story.views(number, 2).await.remove(1);
    assert_eq!(new_failure(&again).sentence, finding.sentence);
    assert_eq!(bases(&story, number).await, 2, "once per head");
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_that_changes_what_all_share_fails_nobody_else() {
    // The largest file runs first.
    let long = format!("// {}\n", "long ".repeat(8_000));
    let changes = "import { it } from 'vitest';\n\nArray.prototype.map = function () { return []; } as never;\n\
                   JSON.stringify = () => 'nothing';\nit('is green', () => {});\n";
    let files = [
        ("index.ts", "import './slack/actions/list-channels.js';\n"),
        ("slack/actions/list-channels.ts", LISTED),
        ("a/tests/changes.test.ts", &*(long.clone() + changes)),
        ("b/tests/changes.test.ts", &*(long + changes)),
    ];
    let (story, view, number) = two_functions(&files).await;
    both_countersigned(&view);
    pushed(&view);
    assert_eq!(view.all_before().failures, 0);
    assert_eq!(bases(&story, number).await, 0, "the whole is green");
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_that_is_no_module_fails_all_functions_alike_and_ours_is_one_of_them() {
    let files = [
        ("index.ts", "import './slack/actions/list-channels.js';\n"),
        ("slack/actions/list-channels.ts", LISTED),
        ("package.json", "{ \"private\": true }\n"),
    ];
    let (story, view, number) = two_functions(&files).await;
    both_countersigned(&view);
    pushed(&view);
    let before = view.all_before();
    let told = &before.failing;
    assert!(!told.is_empty());
    assert!(
        told.iter().all(|one| one.said.contains("CommonJS")),
        "{told:#?}"
    );
    assert_eq!(bases(&story, number).await, 1, "compiled, not tested");
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_nobody_can_read_is_told_as_the_projects_own() {
    let files = [
        ("index.ts", "import './slack/actions/list-channels.js';\n"),
        ("slack/actions/list-channels.ts", LISTED),
        ("package.json", "{ \"type\": "),
    ];
    let (story, view, number) = two_functions(&files).await;
    both_countersigned(&view);
    let sentence = &new_failure(&view).sentence;
    assert!(
        sentence.starts_with("nango-integrations/package.json is no JSON"),
        "{sentence}"
    );
    assert_eq!(bases(&story, number).await, 0, "nothing was run");
    story.end();
}

fn new_failure(view: &View) -> Finding {
    match &view.settlement {
        Some(Settlement::WholeFailed { findings }) if findings.len() == 1 => findings[0].clone(),
        other => panic!("{other:#?}"),
    }
}

fn text(exhibit: &Exhibit) -> &str {
    match exhibit {
        Exhibit::Output { text, .. } => text,
        other => panic!("{other:?}"),
    }
}
