//! Many interactions of three APIs at once, into a project that people keep by hand; then a second push. Meanwhile
//! webhooks keep coming, and GitHub does not wait for its answers.

use std::time::Duration;

use countersign::domain::event::Settlement;
use countersign_standin::github::ReviewState;
use countersign_standin::model::script::dry_run;
use countersign_standin::model::{Scenario, Script};
use countersign_standin::names::Sha;

use crate::support::answered::Answered;
use crate::support::story::{
    EVENT_INPUT, Story, changes, create_event, honest, liar, pushed, spec, states,
};

const SHARE: &str = "google-calendar/share-calendar";
const SHARE_INPUT: &str = r#"{"calendarId":"primary","email":"ada@example.com","role":"reader"}"#;
const PACKAGE: &str = "{\n  \"name\": \"acme-integrations\",\n  \"private\": true,\n  \"type\": \"module\",\n  \
                       \"//\": \"Kept by hand: ask ops before changing anything.\",\n  \
                       \"dependencies\": { \"nango\": \"0.71.10\", \"zod\": \"4.0.5\" }\n}\n";
const TSCONFIG: &str = r#"{
  "$schema": "https://json.schemastore.org/tsconfig",
  "$comment": "This file is managed by Nango, do not edit it manually.",
  "include": ["index.ts", "**/*.ts"],
  "exclude": ["node_modules", "dist", "build", ".nango"],
  "compilerOptions": {
    "module": "node16",
    "target": "esnext",
    "strict": true,
    "esModuleInterop": true,
    "skipLibCheck": true,
    "forceConsistentCasingInFileNames": true,
    "moduleResolution": "node16",
    "allowUnusedLabels": false,
    "allowUnreachableCode": false,
    "exactOptionalPropertyTypes": true,
    "noFallthroughCasesInSwitch": true,
    "noImplicitOverride": true,
    "noImplicitReturns": true,
    "noPropertyAccessFromIndexSignature": true,
    "noUncheckedIndexedAccess": true,
    "noUnusedLocals": true,
    "noUnusedParameters": true,
    "declaration": false,
    "sourceMap": true,
    "composite": false,
    "checkJs": false,
    "noEmit": true
  }
}
"#;
const INDEX: &str = "// Ours since 2024.\nimport './team-chat/actions/list-rooms.js';\n";
const ROOMS: &str = "nango-integrations/team-chat/actions/list-rooms.ts";
const BURST: usize = 50;

/// Meets the same refusal twice; the witness ends it before it can say anything.
fn refused_twice() -> Scenario {
    let try_it = dry_run(SHARE, Some(SHARE_INPUT));
    let script = Script::new()
        .write_example(SHARE, "action")
        .bash(&try_it)
        .bash(&try_it);
    Scenario::new(SHARE, script.say("Nobody should hear this."))
}

#[tokio::test(flavor = "multi_thread")]
async fn three_apis_at_once_and_then_a_second_push() {
    let agents = vec![
        honest("google-calendar/create-event", "action", Some(EVENT_INPUT)),
        refused_twice(),
        honest("hubspot/contacts", "sync", None),
        liar("slack/list-channels", "action", Some("{}")),
        honest("slack/users", "sync", None),
    ];
    let rooms = countersign_standin::nango::function("slack/actions/list-channels.ts");
    let kept = [
        ("nango-integrations/package.json", Some(PACKAGE)),
        ("nango-integrations/index.ts", Some(INDEX)),
        ("nango-integrations/tsconfig.json", Some(TSCONFIG)),
        ("nango-integrations/notes.md", Some("Ours.\n")),
        (ROOMS, rooms),
    ];
    let story = Story::begin(agents, &kept).await;
    let github = &story.github;
    let mut files = create_event();
    let share = format!("input: {SHARE_INPUT}\n");
    files.extend(spec(SHARE, "action", &share));
    files.extend(spec("hubspot/contacts", "sync", ""));
    files.extend(spec("slack/list-channels", "action", "input: {}\n"));
    files.extend(spec("slack/users", "sync", ""));
    let head = story.push("five", &changes(&files));
    let number = story.open("five");

    // While agents work, GitHub brings a burst of other tidings.
    story
        .until("agents at work", async |story| {
            story.asked("slack/users") > 0
        })
        .await;
    for n in 0..BURST {
        let words = format!("Nice, number {n}.");
        github
            .comment(&story.repo, number, "bob", &words)
            .expect("a comment");
    }
    let first = story.views(number, 1).await.remove(0);
    answered_at_once(&story);
    assert_eq!(
        states(&first),
        [
            "google-calendar/create-event countersigned",
            "google-calendar/share-calendar blocked",
            "hubspot/contacts countersigned",
            "slack/list-channels refused",
            "slack/users countersigned",
        ]
    );
    let one = pushed(&first);
    let Some(Settlement::Committed { paths, .. }) = first.settlement else {
        panic!("{:?}", first.settlement)
    };
    let mut expected = vec!["nango-integrations/index.ts".to_owned()];
    for (integration, folder, name) in [
        ("google-calendar", "actions", "create-event"),
        ("hubspot", "syncs", "contacts"),
        ("slack", "syncs", "users"),
    ] {
        let at = format!("nango-integrations/{integration}");
        expected.push(format!("{at}/{folder}/{name}.ts"));
        expected.push(format!("{at}/tests/{name}.test.json"));
        expected.push(format!("{at}/tests/{integration}-{name}.test.ts"));
    }
    expected.sort();
    assert_eq!(paths, expected, "nothing else is touched");
    for (path, text) in kept.iter().filter(|(path, _)| !path.ends_with("index.ts")) {
        assert_eq!(story.file(&one, path).as_deref(), *text, "{path}");
    }
    imports(
        &story
            .file(&one, "nango-integrations/index.ts")
            .expect("an index"),
        &[
            "google-calendar/actions/create-event",
            "hubspot/syncs/contacts",
            "slack/syncs/users",
        ],
    );
    told(&story, number, &head, &one);

    // Ada changes one spec and takes another away.
    let keys = [
        "google-calendar/create-event",
        "hubspot/contacts",
        "slack/users",
    ];
    let before = keys.map(|key| story.asked(key));
    let changed = "kind: sync\ndescription: What a story wants now of hubspot/contacts.\n";
    let second_head = story.push(
        "five",
        &[
            ("interactions/hubspot/contacts.yaml", Some(changed)),
            ("interactions/slack/users.yaml", None),
        ],
    );
    let second = story.views(number, 2).await.remove(1);
    assert_eq!(
        states(&second),
        [
            "google-calendar/create-event carried",
            "google-calendar/share-calendar blocked",
            "hubspot/contacts countersigned",
            "slack/list-channels refused",
            "slack/users removed",
        ]
    );
    let after = keys.map(|key| story.asked(key));
    assert_eq!(
        (after[0], after[2]),
        (before[0], before[2]),
        "carried, removed"
    );
    assert!(after[1] > before[1], "built anew");
    let two = pushed(&second);
    for gone in [
        "syncs/users.ts",
        "tests/users.test.json",
        "tests/slack-users.test.ts",
    ] {
        let path = format!("nango-integrations/slack/{gone}");
        assert!(story.file(&one, &path).is_some(), "{path} was there");
        assert_eq!(story.file(&two, &path), None, "{path}");
    }
    for (path, text) in kept.iter().filter(|(path, _)| !path.ends_with("index.ts")) {
        assert_eq!(story.file(&two, path).as_deref(), *text, "{path}");
    }
    imports(
        &story
            .file(&two, "nango-integrations/index.ts")
            .expect("an index"),
        &[
            "google-calendar/actions/create-event",
            "hubspot/syncs/contacts",
        ],
    );
    for head in [&second_head, &two] {
        assert_eq!(story.check(head).conclusion.as_deref(), Some("failure"));
    }
    assert_eq!(story.reviewed(number), [one, two]);
    assert!(story.sticky(number).contains("carried"));
    story.end();
}

/// What a reviewer sees of the first run.
fn told(story: &Story, number: u64, head: &Sha, one: &Sha) {
    for head in [head, one] {
        assert_eq!(story.checks_on(head), 1);
        let check = story.check(head);
        assert_eq!(check.conclusion.as_deref(), Some("failure"));
        assert_eq!(
            check.title.as_deref(),
            Some("1 refused, 1 blocked, 3 countersigned")
        );
        let table = check.summary.expect("a summary");
        for row in [
            "| `slack/list-channels`<br><sub>action</sub> | ❌&nbsp;refused |",
            "| `google-calendar/share-calendar`<br><sub>action</sub> | ⛔&nbsp;blocked |",
            "| `hubspot/contacts`<br><sub>sync</sub> | ✅&nbsp;countersigned |",
        ] {
            assert!(table.contains(row), "{row} in\n{table}");
        }
        let mut annotated: Vec<&str> = check
            .annotations
            .iter()
            .map(|one| one.path.as_str())
            .collect();
        annotated.sort();
        annotated.dedup();
        let specs = [
            "interactions/google-calendar/share-calendar.yaml",
            "interactions/slack/list-channels.yaml",
        ];
        assert_eq!(annotated, specs);
    }
    let reviews = story.github.reviews(&story.repo, number).expect("reviews");
    assert_eq!(reviews.len(), 1);
    assert_eq!(
        (&reviews[0].commit, reviews[0].state),
        (one, ReviewState::Commented)
    );
    let mut remarks = story.remarks(number);
    remarks.sort();
    assert_eq!(
        remarks,
        [
            "interactions/google-calendar/create-event.yaml:2",
            "interactions/google-calendar/share-calendar.yaml:2",
            "interactions/hubspot/contacts.yaml:2",
            "interactions/slack/list-channels.yaml:2",
            "interactions/slack/users.yaml:2",
            "nango-integrations/google-calendar/actions/create-event.ts:1",
            "nango-integrations/hubspot/syncs/contacts.ts:1",
            "nango-integrations/slack/syncs/users.ts:1",
        ]
    );
    let sticky = story.sticky(number);
    assert!(
        sticky.contains("403"),
        "the refusal from outside is quoted: {sticky}"
    );
    assert!(!sticky.contains("Nobody should hear this"));

    let message = story.github.message(&story.repo, one).expect("a message");
    for line in [
        "feat: countersign 3 functions\n",
        "\nCountersign-Run: ",
        "\nCountersign-Verdict: 3 countersigned, 1 blocked, 1 refused\n",
        "\nCo-authored-by: ada <",
    ] {
        assert!(message.contains(line), "{line:?} in\n{message}");
    }
    let (bot, id) = story.github.bot();
    let git = git2::Repository::open_bare(story.github.git_dir(&story.repo).expect("a folder"));
    let git = git.expect("a repository");
    let commit = git
        .find_commit(one.as_str().parse().expect("an id"))
        .expect("the commit");
    assert_eq!(commit.author().name(), Ok(bot.as_str()));
    let email = commit.author().email().unwrap_or_default().to_owned();
    assert!(
        email.starts_with(&format!("{id}+{bot}@users.noreply.")),
        "{email}"
    );
}

/// The imports of an index are these, in this order, and its first line is as it was.
fn imports(index: &str, functions: &[&str]) {
    assert_eq!(index.lines().next(), INDEX.lines().next());
    let found: Vec<&str> = index
        .lines()
        .filter(|line| line.starts_with("import"))
        .collect();
    // What the team wrote stays where it is; what is ours is sorted below it.
    let theirs = ["team-chat/actions/list-rooms"];
    let expected: Vec<String> = theirs
        .iter()
        .chain(functions)
        .map(|path| format!("import './{path}.js';"))
        .collect();
    assert_eq!(found, expected, "{index}");
}

/// GitHub gives up after ten seconds; we mean to answer within a tenth of one. Other stories take the same two cores,
/// so that a few may take longer here.
fn answered_at_once(story: &Story) {
    let answered = Answered::of(story, "Nice, number");
    assert_eq!(answered.len(), BURST);
    answered.print();
    let (half, most) = (answered.at(50), answered.at(95));
    assert!(half < Duration::from_millis(100), "half took {half:?}");
    assert!(most < Duration::from_secs(1), "95 % took {most:?}");
}
