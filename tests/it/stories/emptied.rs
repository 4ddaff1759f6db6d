//! The last spec of a project goes, and its function with it: an empty project is left, and nothing fails for it.

use countersign::domain::event::Settlement;
use countersign::domain::project::ProjectFolder;
use countersign_standin::nango::function;

use crate::support::story::{Story, changes, pushed, spec, states};

const CHANNELS: &str = "slack/list-channels";
const FUNCTION: &str = "nango-integrations/slack/actions/list-channels.ts";
const INDEX: &str = "nango-integrations/index.ts";
const TEST: &str = "nango-integrations/slack/tests/others.test.ts";
const GONE: [(&str, Option<&str>); 2] = [
    ("interactions/slack/list-channels.yaml", None),
    ("interactions/slack/integration.yaml", None),
];
/// A person's own function, and a test of theirs that needs the one that goes.
const OTHER: &str = "nango-integrations/slack/actions/other.ts";
const NEEDS_CHANNELS: &str = "import { expect, it } from 'vitest';\nimport { existsSync } from 'node:fs';\n\
    it('lists channels', () => expect(existsSync('slack/actions/list-channels.ts')).toBe(true));\n";

/// A project with the function of one spec, and the spec.
fn with_channels(index: &str) -> Vec<(String, String)> {
    let mut files = spec(CHANNELS, "action", "input: {}\n");
    let source = function("slack/actions/list-channels.ts").expect("one");
    for (path, text) in [
        (
            "nango-integrations/package.json",
            "{\"private\": true, \"type\": \"module\"}\n",
        ),
        (INDEX, index),
        (FUNCTION, source),
    ] {
        files.push((path.to_owned(), text.to_owned()));
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_function_of_a_project_goes_and_an_empty_project_is_left() {
    let base = with_channels("import './slack/actions/list-channels.js';\n");
    let story = Story::begin(vec![], &changes(&base)).await;
    story.push("last", &GONE);
    let number = story.open("last");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(states(&view), [format!("{CHANNELS} removed")]);
    let commit = pushed(&view);
    assert_eq!(story.file(&commit, FUNCTION), None);
    assert_eq!(story.file(&commit, INDEX).as_deref(), Some(""));
    let emptied = view.emptied.iter().collect::<Vec<_>>();
    assert_eq!(emptied, [&ProjectFolder::named("nango-integrations")]);
    let check = story.check(&commit);
    assert_eq!(check.conclusion.as_deref(), Some("success"), "{check:?}");
    let told = "No function is left in nango-integrations";
    let summary = check.summary.unwrap_or_default();
    for said in [summary, story.sticky(number)] {
        assert!(said.replace('\\', "").contains(told), "{said}");
    }
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_that_others_are_left_in_still_fails_when_they_do() {
    let mut base = with_channels(
        "import './slack/actions/list-channels.js';\nimport './slack/actions/other.js';\n",
    );
    let other = function("slack/actions/list-channels.ts").expect("one");
    base.push((OTHER.into(), other.into()));
    base.push((TEST.into(), NEEDS_CHANNELS.into()));
    let story = Story::begin(vec![], &changes(&base)).await;
    let head = story.push("last", &GONE);
    let number = story.open("last");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(states(&view), [format!("{CHANNELS} removed")]);
    let Some(Settlement::WholeFailed { findings }) = &view.settlement else {
        panic!("{:?}", view.settlement);
    };
    let said = &findings[0].sentence;
    assert!(said.ends_with("fails at: tests."), "{said}");
    assert!(view.emptied.is_empty(), "{:?}", view.emptied);
    let check = story.check(&head);
    assert_eq!(check.conclusion.as_deref(), Some("failure"));
    assert!(!story.sticky(number).contains("No function is left"));
    story.end();
}
