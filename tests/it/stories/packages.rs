//! A project at the repository's root that pins versions of its own: functions are made and checked with those.

use crate::support::story::{
    EVENT_INPUT, Story, changes, create_event, honest, pushed, spec, states,
};

const CHANNELS: &str = "slack/list-channels";
const EVENT: &str = "google-calendar/create-event";
const MANIFEST: &str = r#"{"name": "app", "private": true, "type": "module", "devDependencies": {"nango": "^0.70.0", "zod": "4.3.6", "vitest": "3.2.4"}}"#;
const LOCK: &str = "lockfileVersion: '9.0'\r\n\r\nimporters:\r\n\r\n  .:\r\n    devDependencies:\r\n      nango:\r\n        specifier: ^0.70.0\r\n        version: 0.70.4(postcss@8.5.33)\r\n      vitest:\r\n        specifier: 3.2.4\r\n        version: 3.2.4\r\n      zod:\r\n        specifier: 4.3.6\r\n        version: 4.3.6\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_project_at_the_root_keeps_its_versions() {
    let agents = vec![honest(EVENT, "action", Some(EVENT_INPUT))];
    let files = [
        (".github/countersign.yml", Some("project: .\n")),
        ("package.json", Some(MANIFEST)),
        ("pnpm-lock.yaml", Some(LOCK)),
        ("index.ts", Some("// Ours.\r\n")),
    ];
    let story = Story::begin(agents, &files).await;
    story.push("add", &changes(&create_event()));
    let number = story.open("add");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(states(&view), [format!("{EVENT} countersigned")]);
    let head = pushed(&view);
    let function = story.file(&head, "google-calendar/actions/create-event.ts");
    assert!(function.is_some(), "it lies at the root");
    let index = story.file(&head, "index.ts").expect("an index");
    assert_eq!(
        index,
        "// Ours.\r\n\r\n// -- Integration: google-calendar\r\nimport './google-calendar/actions/create-event.js';\r\n"
    );
    assert_eq!(
        story.file(&head, "package.json").as_deref(),
        Some(MANIFEST),
        "what pins the versions stays as it was"
    );
    let sticky = story.sticky(number);
    assert!(
        sticky.contains("nango 0.70.4, zod 4.3.6, vitest 3.2.4, as pnpm-lock.yaml says"),
        "{sticky}"
    );
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_whose_versions_cannot_be_had_is_told_why() {
    let agents = vec![honest(EVENT, "action", Some(EVENT_INPUT))];
    let old = MANIFEST.replace("^0.70.0", "0.62.1");
    let files = [
        ("nango-integrations/package.json", Some(old.as_str())),
        ("nango-integrations/index.ts", Some("// Ours.\n")),
    ];
    let story = Story::begin(agents, &files).await;
    story.push("add", &changes(&create_event()));
    let number = story.open("add");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(states(&view), [format!("{EVENT} countersigned")]);
    let sticky = story.sticky(number);
    assert!(
        sticky.contains("pins nango 0.62.1, and Countersign works with 0.69.46 and later"),
        "{sticky}"
    );
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_of_the_old_kind_hears_of_the_way_out() {
    let files = [
        ("nango-integrations/nango.yaml", Some("integrations: {}\n")),
        ("nango-integrations/index.ts", Some("// Half way.\n")),
    ];
    let story = Story::begin(vec![], &files).await;
    let head = story.push("add", &changes(&create_event()));
    let number = story.open("add");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(states(&view), Vec::<String>::new());
    let check = story.check(&head);
    assert_eq!(check.conclusion.as_deref(), Some("action_required"));
    let sticky = story.sticky(number);
    assert!(
        sticky.contains("npx nango migrate-to-zero-yaml"),
        "{sticky}"
    );
    assert!(story.model.requests().is_empty(), "no agent began");
    story.end();
}

/// What was countersigned and not committed is not a person's: the head still has what its agent began from.
#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_could_not_be_committed_is_no_edit_of_a_person() {
    let agents = vec![honest(CHANNELS, "action", Some("{}"))];
    let theirs =
        countersign_standin::nango::function("slack/actions/list-channels.ts").expect("one");
    let theirs = theirs.replace("?? 100", "?? 50");
    let files = [
        (
            "nango-integrations/package.json",
            Some(r#"{"type": "module"}"#),
        ),
        (
            "nango-integrations/index.ts",
            Some("import './slack/actions/list-channels.js';\n"),
        ),
        (
            "nango-integrations/slack/actions/list-channels.ts",
            Some(theirs.as_str()),
        ),
    ];
    let story = Story::begin(agents, &files).await;
    let mut changed = spec(CHANNELS, "action", "input: {}\n");
    // A test of theirs that only the new function breaks.
    let breaks = "import { expect, it } from 'vitest';\nimport { readFileSync } from 'node:fs';\n\
        it('keeps its limit', () => expect(readFileSync('slack/actions/list-channels.ts', 'utf8')).toContain('?? 50'));\n";
    changed.push((
        "nango-integrations/slack/tests/limit.test.ts".into(),
        breaks.into(),
    ));
    story.push("add", &changes(&changed));
    let number = story.open("add");
    let first = story.views(number, 1).await.remove(0);
    assert_eq!(states(&first), [format!("{CHANNELS} adopted")]);
    let github = &story.github;
    let asks = |words: &str| {
        let asks = github.comment(&story.repo, number, "ada", words);
        asks.expect("a comment");
    };
    asks("/retry slack/list-channels");
    let second = story.views(number, 2).await.remove(1);
    assert_eq!(states(&second), [format!("{CHANNELS} countersigned")]);
    assert!(second.pushed().is_none(), "the whole does not pass");

    let fixed = [("nango-integrations/slack/tests/limit.test.ts", None)];
    story.push("add", &fixed);
    let third = story.views(number, 3).await.remove(2);
    assert_eq!(states(&third), [format!("{CHANNELS} carried")]);
    let built = story.file(
        &pushed(&third),
        "nango-integrations/slack/actions/list-channels.ts",
    );
    assert!(built.expect("the function").contains("?? 100"));
    story.end();
}
