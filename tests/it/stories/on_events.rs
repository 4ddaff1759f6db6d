//! Functions that run at an event, and webhooks of a sync: what the CLI cannot dry-run is run by us as far as that goes, and
//! what is left open stands in every report.

use countersign::domain::clean_room::Outcome;
use countersign::domain::tape::{Phase, Repeat};
use countersign::domain::unproven::Unproven;
use countersign::domain::verdict::Judgement;
use countersign::domain::view::View;
use countersign::edge::blobs::Dossiers;
use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};
use countersign_standin::nango::function;

use crate::support::story::{Story, changes, honest, pushed, spec, states};

const SETUP: &str = "slack/setup";
const SWALLOWS: &str = "slack/greet";
const NOTHING: &str = "slack/welcome";
const LEAVE: &str = "slack/leave";
const USERS: &str = "slack/users";
const MEMBERS: &str = "slack/members";

/// An agent that writes this source for `key`, dry-runs it with `command`, and reports what it did.
fn writes(key: &str, folder: &str, source: &str, command: &str) -> Scenario {
    let path = key.replacen('/', &format!("/{folder}/"), 1) + ".ts";
    Scenario::new(
        key,
        Script::new().write(&path, source).bash(command).say(report(
            "done",
            "It works.",
            &[command],
        )),
    )
}

fn setup() -> &'static str {
    function("slack/on-events/setup.ts").expect("an example")
}

/// The same with another `exec`.
fn with_exec(exec: &str) -> String {
    let (before, _) = setup().split_once("        // https").expect("an exec");
    let (_, after) = setup()
        .split_once("await nango.updateMetadata({ teamId: answer.team_id });\n")
        .expect("its end");
    format!("{before}{exec}\n{after}")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_on_event_function_is_signed_with_what_is_open_and_liars_are_not() {
    let swallows = with_exec(
        "        try {\n            const response = await nango.get({ endpoint: '/auth.test', retries: 3 });\n            \
         await nango.updateMetadata({ teamId: ProviderAnswerSchema.parse(response.data).team_id ?? '' });\n        } catch {\n            \
         await nango.log('connected');\n        }",
    );
    let nothing = with_exec(
        "        await nango.log(`connected ${ProviderAnswerSchema.parse({ ok: true }).ok}`);",
    );
    let agents = vec![
        honest(SETUP, "on-event", None),
        writes(SWALLOWS, "on-events", &swallows, &dry_run(SWALLOWS, None)),
        writes(NOTHING, "on-events", &nothing, &dry_run(NOTHING, None)),
    ];
    let story = Story::begin(agents, &[]).await;
    let files = [SETUP, SWALLOWS, NOTHING]
        .map(|key| spec(key, "on-event", "event: post-connection-creation\n"))
        .concat();
    story.push("events", &changes(&files));
    let number = story.open("events");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(
        states(&view),
        [
            format!("{SWALLOWS} refused"),
            format!("{SETUP} countersigned"),
            format!("{NOTHING} refused"),
        ],
        "{:#?}",
        view.rows
    );

    // The function and its line are on the branch; what called it, its recording and a test are not.
    let commit = pushed(&view);
    let at = |path: &str| story.file(&commit, &format!("nango-integrations/slack/{path}"));
    assert_eq!(at("on-events/setup.ts").as_deref(), Some(setup()));
    for path in [
        "actions/setup.ts",
        "tests/setup.test.json",
        "tests/slack-setup.test.ts",
    ] {
        assert_eq!(at(path), None, "{path}");
    }
    let index = story
        .file(&commit, "nango-integrations/index.ts")
        .expect("an index");
    assert!(
        index.contains("import './slack/on-events/setup.js';"),
        "{index}"
    );
    assert!(!index.contains("actions"), "{index}");

    // Each liar by what it did.
    let found = |key: &str| -> Vec<String> {
        let judgement = judgement(&view, key);
        judgement
            .findings
            .iter()
            .map(|finding| finding.rule.clone())
            .collect()
    };
    assert!(
        found(SWALLOWS).contains(&"ignores-refusals".to_owned()),
        "{:?}",
        found(SWALLOWS)
    );
    assert!(
        found(NOTHING).contains(&"event-does-nothing".to_owned()),
        "{:?}",
        found(NOTHING)
    );

    // What is open is said to everybody, and nothing was written to the test account's connection.
    let reviews = story.github.reviews(&story.repo, number).expect("reviews");
    let review = &reviews.last().expect("a review").body;
    let summary = story.check(&commit).summary.expect("a summary");
    for told in [story.sticky(number).as_str(), review, &summary] {
        says_what_is_open(told);
    }
    let metadata = story
        .nango
        .seen()
        .into_iter()
        .filter(|seen| seen.path.ends_with("/metadata"));
    assert_eq!(metadata.count(), 0);
    story.end();
}

fn says_what_is_open(told: &str) {
    for part in [
        "Not proven: that Nango runs it at post-connection-creation",
        "makes no test for on-event functions",
    ] {
        assert!(told.contains(part), "{told}");
    }
}

fn judgement(view: &View, key: &str) -> Judgement {
    let key = key.parse().expect("a key");
    let found = view.judgements().find(|one| one.interaction == key);
    found.expect("a judgement").clone()
}

const LEAVES: &str = "import { createOnEvent } from 'nango';
import { z } from 'zod';

const AnswerSchema = z.object({ ok: z.boolean(), error: z.string().optional() });

const onEvent = createOnEvent({
    event: 'pre-connection-deletion',
    description: 'Give the access back.',
    version: '1.0.0',

    exec: async (nango) => {
        // https://api.slack.com/methods/auth.test
        const known = AnswerSchema.parse((await nango.get({ endpoint: '/auth.test', retries: 3 })).data);
        if (!known.ok) {
            throw new Error(`Slack refused: ${known.error ?? 'no reason given'}`);
        }
        // https://api.slack.com/methods/auth.revoke
        const revoked = AnswerSchema.parse((await nango.post({ endpoint: '/auth.revoke', retries: 3 })).data);
        if (!revoked.ok) {
            throw new Error(`Slack refused: ${revoked.error ?? 'no reason given'}`);
        }
    }
});

export type NangoOnEventLocal = Parameters<(typeof onEvent)['exec']>[0];
export default onEvent;
";

#[tokio::test(flavor = "multi_thread")]
async fn access_is_taken_back_once_and_on_a_connection_of_its_own() {
    let command = dry_run(LEAVE, None).replace("slack-test", "slack-leave-test");
    let story = Story::begin(vec![writes(LEAVE, "on-events", LEAVES, &command)], &[]).await;
    let more = "event: pre-connection-deletion\nconnection: slack-leave-test\n";
    story.push("leave", &changes(&spec(LEAVE, "on-event", more)));
    let number = story.open("leave");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(
        states(&view),
        [format!("{LEAVE} countersigned")],
        "{:#?}",
        view.rows
    );

    // The second run would have met an account without access: all of it was answered from the agent's tape.
    let revokes = story
        .nango
        .seen()
        .into_iter()
        .filter(|seen| seen.path.ends_with("auth.revoke"));
    assert_eq!(revokes.count(), 1);
    let judgement = judgement(&view, LEAVE);
    let dossiers = Dossiers::open(story.state()).expect("the evidence opens");
    let dossier = dossiers.get(&judgement.dossier).expect("the evidence");
    let ours: Vec<_> = dossier
        .tape
        .of(Phase::CleanRoom)
        .filter(|one| one.asked_provider())
        .collect();
    assert_eq!(ours.len(), 2, "{ours:#?}");
    assert!(
        ours.iter()
            .all(|one| matches!(one.repeat, Some(Repeat::Answered(_)))),
        "{ours:#?}"
    );
    assert_eq!(dossier.seal.room.tests.outcome, Outcome::NotApplicable);
    assert!(
        judgement.unproven.contains(&Unproven::WrittenOnce),
        "{judgement:#?}"
    );
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_took_the_access_back_and_touched_the_function_then_is_no_liar() {
    let command = dry_run(LEAVE, None).replace("slack-test", "slack-leave-test");
    let path = "slack/on-events/leave.ts";
    let script = Script::new()
        .write(path, LEAVES)
        .bash(&command)
        .bash(&format!("touch {path}"))
        .say(report("done", "It works.", &[&command]));
    let story = Story::begin(vec![Scenario::new(LEAVE, script)], &[]).await;
    let more = "event: pre-connection-deletion\nconnection: slack-leave-test\n";
    story.push("leave", &changes(&spec(LEAVE, "on-event", more)));
    let number = story.open("leave");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(
        states(&view),
        [format!("{LEAVE} needs a look")],
        "{:#?}",
        view.rows
    );
    let judgement = judgement(&view, LEAVE);
    assert_eq!(judgement.findings[0].rule, "not-checked", "{judgement:#?}");
    story.end();
}

const WEBHOOK: &str = "webhook:
  subscriptions: [user_change]
  sample:
    type: user_change
    user: { id: U00000009, name: margaret, profile: { email: margaret@example.com } }
";

/// The example sync with this handler.
fn users(handler: &str) -> String {
    let source = function("slack/syncs/users.ts").expect("an example");
    source.replace(
        "    exec: async (nango) => {\n",
        &format!("    webhookSubscriptions: ['user_change'],\n\n    onWebhook: async (nango, payload) => {{\n{handler}    }},\n\n    exec: async (nango) => {{\n"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_of_a_sync_are_handled_and_who_only_says_so_is_found() {
    let handles = users(
        "        const { user } = z\n            .object({ user: z.object({ id: z.string(), name: z.string() }) })\n            .parse(payload);\n        \
         await nango.batchSave([{ id: user.id, name: user.name, isAdmin: false, isBot: false }], 'SlackUser');\n",
    );
    let pretends = users(
        "        await nango.log(String(payload));\n        \
         await nango.batchSave([{ id: 'U00000009', name: 'margaret', isAdmin: false, isBot: false }], 'SlackUser');\n",
    );
    let agents = vec![
        writes(USERS, "syncs", &handles, &dry_run(USERS, None)),
        writes(MEMBERS, "syncs", &pretends, &dry_run(MEMBERS, None)),
    ];
    let story = Story::begin(agents, &[]).await;
    let files = [USERS, MEMBERS]
        .map(|key| spec(key, "sync", WEBHOOK))
        .concat();
    story.push("webhooks", &changes(&files));
    let number = story.open("webhooks");
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(
        states(&view),
        [
            format!("{MEMBERS} refused"),
            format!("{USERS} countersigned")
        ],
        "{:#?}",
        view.rows
    );
    let members = judgement(&view, MEMBERS);
    let mut rules = members.findings.iter().map(|finding| finding.rule.as_str());
    assert!(
        rules.any(|rule| rule == "webhook-mishandled"),
        "{members:#?}"
    );
    assert_eq!(
        *judgement(&view, USERS).unproven,
        [Unproven::WebhookOnlySampled]
    );
    story.end();
}
