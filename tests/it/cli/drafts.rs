//! `countersign new` and `countersign import`: specs that nobody has to write alone, and that are right at once.

use crate::support::checkout::Checkout;

const ACTION: &str = "import { createAction } from 'nango';\nimport { z } from 'zod';\n\nexport default createAction({\n    description: 'Posts a \"message\": into a channel',\n    input: z.object({}),\n    output: z.object({}),\n    exec: async (nango) => {\n        // https://docs.slack.dev/reference/methods/chat.postMessage\n        return (await nango.post({ endpoint: '/chat.postMessage', retries: 3 })).data;\n    }\n});\n";
const SYNC: &str = "import { createSync } from 'nango';\r\nexport default createSync({ exec: async (nango) => {} });\r\n";
const ON_EVENT: &str = "import { createOnEvent } from 'nango';\nexport default createOnEvent({\n    event: 'post-connection-creation',\n    description: 'Keep the team.',\n    exec: async (nango) => {}\n});\n";

#[test]
fn a_function_that_runs_at_an_event_gets_a_spec_that_is_right() {
    let checkout = Checkout::bare(&[]);
    let said = checkout.run(&[
        "new",
        "slack/leave",
        "Give the access back.",
        "--on-event",
        "pre-connection-deletion",
    ]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!(said.out, @r#"
    interactions/slack/leave.yaml: on-event function
    interactions/slack/integration.yaml: the connection `slack-test` is a guess; put the id of your test account's connection there
      missing: docs (agents read no page of the API)
      missing: a connection that nothing else uses (made of the name; a dry run may take its access away)
    "#);
    let spec = checkout.repository().join("interactions/slack/leave.yaml");
    insta::assert_snapshot!(std::fs::read_to_string(spec).expect("a spec"), @r#"
    # yaml-language-server: $schema=../../.github/countersign/spec.schema.json
    kind: on-event
    event: pre-connection-deletion
    description: Give the access back.
    connection: slack-leave-test
    # docs: pages that say how the API works; agents read no others
    "#);
    assert_eq!(checkout.run(&["check"]).out, "1 spec, no errors\n");
    let both = checkout.run(&[
        "new",
        "slack/x",
        "X.",
        "--kind",
        "sync",
        "--on-event",
        "validate-connection",
    ]);
    assert_eq!(both.code, Some(2), "{}", both.err);
}

#[test]
fn a_sentence_becomes_a_spec_that_is_right() {
    let checkout = Checkout::bare(&[]);
    let said = checkout.run(&["new", "slack/post-message", "Post a message:", "at once."]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!(said.out, @r#"
    interactions/slack/post-message.yaml: action, by the sound of the sentence (`--kind` says otherwise)
    interactions/slack/integration.yaml: the connection `slack-test` is a guess; put the id of your test account's connection there
      missing: docs (agents read no page of the API)
      missing: a sample input (the agent finds its own)
    "#);
    let read = |path: &str| std::fs::read_to_string(checkout.repository().join(path)).expect(path);
    insta::assert_snapshot!(read("interactions/slack/post-message.yaml"), @r#"
    # yaml-language-server: $schema=../../.github/countersign/spec.schema.json
    kind: action
    description: "Post a message: at once."
    # docs: pages that say how the API works; agents read no others
    "#);
    insta::assert_snapshot!(read("interactions/slack/integration.yaml"), @r#"
    # yaml-language-server: $schema=../../.github/countersign/integration.schema.json
    connection: slack-test
    "#);
    assert!(read(".github/countersign/spec.schema.json").contains("Countersign interaction"));
    let checked = checkout.run(&["check"]);
    assert_eq!(checked.out, "1 spec, no errors\n", "{}", checked.err);

    // What is there is never written over, and what would be wrong is not written.
    let again = checkout.run(&["new", "slack/post-message", "Something else."]);
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("is there already"), "{}", again.err);
    let wrong = checkout.run(&[
        "new",
        "slack/users",
        "Keep users fresh.",
        "--docs",
        "no-page",
    ]);
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.err.contains("an https:// address"), "{}", wrong.err);
    assert!(
        !checkout
            .repository()
            .join("interactions/slack/users.yaml")
            .exists()
    );
    let right = [
        "new",
        "slack/users",
        "Keep users fresh.",
        "--connection",
        "other",
    ];
    assert_eq!(checkout.run(&right).code, Some(0));
    assert!(read("interactions/slack/users.yaml").contains("kind: sync"));
    assert!(read("interactions/slack/users.yaml").contains("connection: other"));
}

#[test]
fn a_project_gets_specs_for_the_functions_that_it_has() {
    let recording = r#"{"input": {"channel": "C1"}, "output": {}, "api": {}}"#;
    let checkout = Checkout::bare(&[
        (
            "apps/nango/index.ts",
            "import './slack/actions/post-message.js'\n",
        ),
        ("apps/nango/slack/actions/post-message.ts", ACTION),
        ("apps/nango/slack/tests/post-message.test.json", recording),
        ("apps/nango/slack/syncs/users.ts", SYNC),
        ("apps/nango/slack/syncs/Old_Users.ts", SYNC),
        ("apps/nango/slack/actions/users-again.ts", SYNC),
        (
            "apps/nango/slack/helpers/page.ts",
            "export const page = 1;\n",
        ),
        ("apps/nango/slack/on-events/setup.ts", ON_EVENT),
        ("apps/nango/slack/on-events/twin.ts", ON_EVENT),
        ("apps/nango/slack/syncs/twin.ts", SYNC),
        ("apps/nango/slack/on-events/wrong.ts", "export default 1;\n"),
    ]);
    let import = ["import", "apps/nango"];
    let said = checkout.run(&import);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!(said.out, @r#"
    interactions/slack/integration.yaml: the connection `slack-test` is a guess; put the id of your test account's connection there
    interactions/slack/post-message.yaml: action
    slack/actions/users-again.ts: no spec, it is a sync and lies among the actions
    interactions/slack/setup.yaml: on-event function; missing: docs (agents read no page of the API)
    slack/on-events/twin.ts: no spec, slack/syncs/twin.ts has the same name; rename one of them
    slack/on-events/wrong.ts: no spec, it calls none of Nango's `createAction`, `createSync` and `createOnEvent`
    slack/syncs/Old_Users.ts: no spec, `Old_Users` is not kebab-case (lower-case letters and digits, joined by single hyphens, a letter first)
    slack/syncs/twin.ts: no spec, slack/on-events/twin.ts has the same name; rename one of them
    interactions/slack/users.yaml: sync; missing: docs (agents read no page of the API), a description (made of the name)
    3 new specs, 0 had one, of 8 files
    What is there stays as it is until its spec changes or somebody says `/retry` of it on a pull request.
    .github/countersign.yml: Countersign looks for the project in `nango-integrations`; write `project: apps/nango` there
    "#);
    let read = |path: &str| std::fs::read_to_string(checkout.repository().join(path)).expect(path);
    insta::assert_snapshot!(read("interactions/slack/post-message.yaml"), @r#"
    # yaml-language-server: $schema=../../.github/countersign/spec.schema.json
    kind: action
    description: "Posts a \"message\": into a channel"
    docs:
    - https://docs.slack.dev/reference/methods/chat.postMessage
    input:
      channel: C1
    "#);
    insta::assert_snapshot!(read("interactions/slack/users.yaml"), @r#"
    # yaml-language-server: $schema=../../.github/countersign/spec.schema.json
    kind: sync
    description: Keep users fresh.
    # docs: pages that say how the API works; agents read no others
    "#);
    insta::assert_snapshot!(read("interactions/slack/setup.yaml"), @r#"
    # yaml-language-server: $schema=../../.github/countersign/spec.schema.json
    kind: on-event
    event: post-connection-creation
    description: Keep the team.
    # docs: pages that say how the API works; agents read no others
    "#);
    let checked = checkout.run(&["check"]);
    assert_eq!(checked.out, "3 specs, no errors\n", "{}", checked.err);

    let again = checkout.run(&import);
    assert!(
        again.out.contains("0 new specs, 3 had one, of 8 files"),
        "{}",
        again.out
    );

    checkout.write("apps/nango/nango.yaml", "integrations: {}\n");
    let old = checkout.run(&import);
    assert_eq!(old.code, Some(2));
    assert!(
        old.err.contains("npx nango migrate-to-zero-yaml"),
        "{}",
        old.err
    );
}

#[test]
fn the_schemas_of_this_repository_are_those_of_the_product() {
    let checkout = Checkout::bare(&[]);
    assert_eq!(checkout.run(&["new", "a/b", "Get it."]).code, Some(0));
    let ours = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for which in ["spec", "integration", "settings"] {
        let path = format!(".github/countersign/{which}.schema.json");
        let read = |root: &std::path::Path| std::fs::read_to_string(root.join(&path)).expect(&path);
        assert_eq!(read(ours), read(&checkout.repository()), "{path}");
    }
}

const TWO: (&str, &str) = (
    ".github/countersign.yml",
    "projects: [apps/mail, apps/crm]\n",
);

#[test]
fn with_several_projects_a_new_spec_says_which() {
    let checkout = Checkout::bare(&[TWO]);
    let read = |path: &str| std::fs::read_to_string(checkout.repository().join(path)).expect(path);
    let new = |key: &str, more: &[&str]| {
        let args = [&["new", key, "List the users."], more].concat();
        checkout.run(&args)
    };
    let unsaid = new("slack/users", &[]);
    assert_eq!(unsaid.code, Some(2));
    insta::assert_snapshot!(unsaid.err, @"countersign: this repository has several Nango projects; say with --project which: `apps/mail`, `apps/crm`");
    let unknown = new("slack/users", &["--project", "apps/mial"]);
    assert_eq!(unknown.code, Some(2));
    insta::assert_snapshot!(unknown.err, @"countersign: `apps/mial` is none of this repository's Nango projects (`apps/mail`, `apps/crm`); .github/countersign.yml says which there are");
    assert!(!checkout.repository().join("interactions").exists());

    assert_eq!(
        new("slack/users", &["--project", "apps/mail/"]).code,
        Some(0)
    );
    assert!(read("interactions/slack/integration.yaml").contains("project: apps/mail\n"));
    assert!(!read("interactions/slack/users.yaml").contains("project:"));
    // What the folder shares goes without saying.
    assert_eq!(new("slack/teams", &[]).code, Some(0));
    assert!(!read("interactions/slack/teams.yaml").contains("project:"));
    assert_eq!(new("slack/deals", &["--project", "apps/crm"]).code, Some(0));
    assert!(read("interactions/slack/deals.yaml").contains("project: apps/crm\n"));
    let checked = checkout.run(&["check"]);
    assert_eq!(checked.out, "3 specs, no errors\n", "{}", checked.err);
}

#[test]
fn a_project_is_named_only_where_there_are_several() {
    let checkout = Checkout::bare(&[]);
    let new = [
        "new",
        "slack/users",
        "List the users.",
        "--project",
        "nango-integrations",
    ];
    assert_eq!(checkout.run(&new).code, Some(0));
    let shared = checkout
        .repository()
        .join("interactions/slack/integration.yaml");
    let shared = std::fs::read_to_string(shared).expect("a file");
    assert!(!shared.contains("project:"), "{shared}");
    let other = [
        "new",
        "slack/teams",
        "List the teams.",
        "--project",
        "apps/mail",
    ];
    assert_eq!(checkout.run(&other).code, Some(2));
}

#[test]
fn functions_of_several_projects_keep_apart() {
    let checkout = Checkout::bare(&[
        TWO,
        ("apps/mail/slack/actions/post-message.ts", ACTION),
        ("apps/mail/slack/syncs/users.ts", SYNC),
        ("apps/crm/slack/syncs/users.ts", SYNC),
        ("apps/crm/slack/syncs/deals.ts", SYNC),
        ("apps/other/slack/syncs/more.ts", SYNC),
    ]);
    let read = |path: &str| std::fs::read_to_string(checkout.repository().join(path)).expect(path);
    let unknown = checkout.run(&["import", "apps/other"]);
    assert_eq!(unknown.code, Some(2));
    insta::assert_snapshot!(unknown.err, @"countersign: `apps/other` is none of this repository's Nango projects (`apps/mail`, `apps/crm`); .github/countersign.yml says which there are");
    assert_eq!(checkout.run(&["import", "apps/mail"]).code, Some(0));
    assert!(read("interactions/slack/integration.yaml").contains("project: apps/mail\n"));
    let second = checkout.run(&["import", "apps/crm"]);
    insta::assert_snapshot!(second.out, @r"
    interactions/slack/deals.yaml: sync; missing: docs (agents read no page of the API), a description (made of the name)
    slack/syncs/users.ts: no spec, interactions/slack/users.yaml is that of the function in apps/mail; give one of the two functions another name
    1 new spec, 0 had one, of 2 files
    What is there stays as it is until its spec changes or somebody says `/retry` of it on a pull request.
    ");
    assert!(read("interactions/slack/deals.yaml").contains("project: apps/crm\n"));
    let checked = checkout.run(&["check"]);
    assert_eq!(checked.out, "3 specs, no errors\n", "{}", checked.err);
    let again = checkout.run(&["import", "apps/mail"]);
    assert!(
        again.out.contains("0 new specs, 2 had one, of 2 files"),
        "{}",
        again.out
    );
}

#[test]
fn a_second_project_is_not_taken_for_the_only_one() {
    let checkout = Checkout::bare(&[
        ("nango-integrations/index.ts", "// Ours.\n"),
        ("apps/crm/slack/syncs/deals.ts", SYNC),
    ]);
    let said = checkout.run(&["import", "apps/crm"]);
    assert_eq!(said.code, Some(2));
    insta::assert_snapshot!(said.err, @"countersign: Countersign looks for the project in `nango-integrations`, which is there, too; write `projects: [nango-integrations, apps/crm]` into .github/countersign.yml first");
    assert!(!checkout.repository().join("interactions").exists());
}
