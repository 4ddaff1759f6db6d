//! `countersign action`: events of a pull request, each worked off in a step of a workflow, with the token of that step.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;

use countersign_standin::github::Role;
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest};

const KEY: &str = "google-calendar/create-event";

/// What one step left.
struct Step {
    code: Option<i32>,
    said: String,
    summary: String,
    output: String,
}

/// The newest event of that name that GitHub has for an App, as a workflow has it: without an installation.
fn event(story: &Story, name: &str) -> PathBuf {
    let all = story.github.deliveries();
    let newest = all.iter().rev().find(|one| one.event == name);
    let body = &newest.expect("an event").body;
    let mut body: Value = serde_json::from_str(body).expect("JSON");
    body.as_object_mut()
        .expect("an object")
        .remove("installation");
    let path = story.state().with_file_name(format!("{name}.json"));
    std::fs::write(&path, body.to_string()).expect("a file");
    path
}

/// A step in a workflow that was started by this event, on a machine of its own.
async fn step(story: &Story, name: &str, (run, attempt): (&str, &str)) -> Step {
    let folder = story.state().with_file_name(format!("runner-{run}"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let token = story.github.workflow_token(&story.repo).expect("a token");
    let mut env: BTreeMap<String, String> = story.env();
    env.retain(|name, _| {
        let of_app = [
            "COUNTERSIGN_APP_ID",
            "COUNTERSIGN_PRIVATE_KEY",
            "COUNTERSIGN_WEBHOOK_SECRET",
        ];
        !of_app.contains(&name.as_str()) && name != "COUNTERSIGN_BIND"
    });
    let (summary, output) = (
        folder.join(format!("summary-{attempt}.md")),
        folder.join(format!("output-{attempt}")),
    );
    for (name, value) in [
        ("GITHUB_EVENT_NAME", name.to_owned()),
        (
            "GITHUB_EVENT_PATH",
            event(story, name).display().to_string(),
        ),
        ("GITHUB_RUN_ID", run.to_owned()),
        ("GITHUB_RUN_ATTEMPT", attempt.to_owned()),
        ("GITHUB_STEP_SUMMARY", summary.display().to_string()),
        ("GITHUB_OUTPUT", output.display().to_string()),
        ("GITHUB_TOKEN", token.expose_secret().to_owned()),
        ("COUNTERSIGN_LOGIN", story.github.bot().0),
        (
            "COUNTERSIGN_STATE_DIR",
            folder.join("state").display().to_string(),
        ),
        ("HOME", folder.display().to_string()),
    ] {
        env.insert(name.to_owned(), value);
    }
    let ended = tokio::process::Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("action")
        .env_clear()
        .envs(env)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = ended.await.expect("countersign runs");
    let said = [ended.stdout, ended.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!said.contains(token.expose_secret()), "the token was said");
    Step {
        code: ended.status.code(),
        said,
        summary: std::fs::read_to_string(summary).unwrap_or_default(),
        output: std::fs::read_to_string(output).unwrap_or_default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_a_workflow_does_what_the_server_does() {
    let agents = vec![honest(KEY, "action", Some(EVENT_INPUT))];
    let story = Story::without_server(agents, &[]).await;
    let github = &story.github;
    github.set_webhook_url(None);
    story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");

    let opened = step(&story, "pull_request", ("1", "1")).await;
    assert_eq!(opened.code, Some(0), "{}", opened.said);
    let head = github
        .pull(&story.repo, number)
        .expect("a pull request")
        .head;
    assert!(
        opened.output.contains("conclusion=success\n"),
        "{}",
        opened.output
    );
    assert!(
        opened.output.contains(&format!("commit={head}\n")),
        "{}",
        opened.output
    );
    assert!(
        opened.summary.contains("create-event"),
        "{}",
        opened.summary
    );
    assert_eq!(story.check(&head).conclusion.as_deref(), Some("success"));
    assert!(story.sticky(number).contains("countersigned"));

    // Run again where the first one ran: the same is told, and nothing is done twice.
    let asked = story.model.requests().len();
    let again = step(&story, "pull_request", ("1", "2")).await;
    assert_eq!(again.code, Some(0), "{}", again.said);
    assert_eq!(again.output, opened.output);
    assert_eq!(story.model.requests().len(), asked);

    // The next step runs elsewhere and knows nothing of the first; it finds what that one wrote and writes nothing twice.
    let asked = github
        .comment(&story.repo, number, "ada", "/status")
        .expect("a comment");
    let status = step(&story, "issue_comment", ("2", "1")).await;
    assert_eq!(status.code, Some(0), "{}", status.said);
    let answer = format!("countersign:answer:{asked} ");
    let answers = story
        .said(number)
        .into_iter()
        .filter(|said| said.contains(&answer));
    assert_eq!(answers.count(), 1);
    assert_eq!(story.reactions(number, asked), ["eyes"]);
    story.sticky(number);

    // Whoever may not write is not obeyed here either.
    github
        .set_permission(&story.repo, "eve", Role::Read)
        .expect("a role");
    github
        .comment(&story.repo, number, "eve", "/retry")
        .expect("a comment");
    let before = story.model.requests().len();
    let refused = step(&story, "issue_comment", ("3", "1")).await;
    assert_eq!(refused.code, Some(0), "{}", refused.said);
    assert!(refused.output.is_empty(), "{}", refused.output);
    assert_eq!(story.model.requests().len(), before);
    story.end();
}
