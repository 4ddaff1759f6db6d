//! `countersign setup` in a real browser: an App is made on a GitHub of our own, its keys are kept, and `doctor` uses them.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Duration;

use countersign_standin::github::{FaultKind, GitHubStandIn, Options};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::browser::dumped;
use crate::support::checkout::{Checkout, said};

/// How long the command may take for anything.
const SOON: Duration = Duration::from_secs(60);

/// An attribute's value, where it stands first behind `before`.
fn attribute(html: &str, before: &str) -> String {
    let (_, rest) = html
        .split_once(before)
        .unwrap_or_else(|| panic!("{before} in {html}"));
    let (value, _) = rest.split_once('"').expect("its end");
    value
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#38;", "&")
        .replace("&amp;", "&")
}

/// The command, on a GitHub of our own.
fn command(checkout: &Checkout, github: &GitHubStandIn, more: &[&str]) -> std::process::Command {
    let mut all = vec!["setup", "--organization", "acme"];
    all.extend_from_slice(more);
    let mut command = checkout.command(&all);
    command
        .env("GITHUB_API_URL", github.api_url())
        .env("GITHUB_SERVER_URL", github.server_url())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    command
}

/// It, and the address of its page.
async fn begun(command: std::process::Command) -> (Child, String) {
    let mut command = Command::from(command);
    let mut running = command.kill_on_drop(true).spawn().expect("it starts");
    let mut out = BufReader::new(running.stdout.take().expect("its output")).lines();
    let line = tokio::time::timeout(SOON, out.next_line()).await;
    let line = line.expect("a line in time").expect("a line").expect("one");
    let url = line
        .split_whitespace()
        .nth(1)
        .expect("an address")
        .to_owned();
    (running, url)
}

/// Somebody with a browser.
fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy();
    let client = client.redirect(reqwest::redirect::Policy::none());
    client.build().expect("a client")
}

async fn get(url: &str) -> (u16, String) {
    let answer = client().get(url).send().await.expect("an answer");
    (
        answer.status().as_u16(),
        answer.text().await.expect("a page"),
    )
}

/// Does what the page's button does, and says where GitHub sends the browser then.
async fn agreed(page: &str) -> String {
    let manifest = attribute(page, "name=\"manifest\" value=\"");
    let form = reqwest::Url::parse_with_params("http://form/", [("manifest", &manifest)]);
    let form = form.expect("a form").query().expect("a field").to_owned();
    let agreed = client()
        .post(attribute(page, "<form action=\""))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .expect("GitHub answers");
    assert_eq!(agreed.status(), 302);
    let back = agreed.headers()["location"].to_str();
    back.expect("an address").to_owned()
}

async fn code(mut running: Child) -> Option<i32> {
    let ended = tokio::time::timeout(SOON, running.wait()).await;
    ended.expect("it ends").expect("a status").code()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_is_made_and_its_keys_are_kept() {
    let github = GitHubStandIn::start(Options::default())
        .await
        .expect("a GitHub");
    let checkout = Checkout::bare(&[]);
    let webhook = ["--webhook", "https://countersign.example/webhook"];
    let (running, url) = begun(command(&checkout, &github, &webhook)).await;

    // What the App asks for, and a button; the page has no script, and its policy allows none.
    let page = dumped(&url, "--virtual-time-budget=2000").await;
    for words in [
        "Make the GitHub App “Countersign”",
        "the organisation acme",
        "<td>pull requests</td><td>read and write</td>",
        "https://countersign.example/webhook",
        "<button type=\"submit\">Continue on GitHub</button>",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    assert!(!page.contains("<script"), "{page}");

    let action = attribute(&page, "<form action=\"");
    let place = "organizations/acme/settings/apps/new?state=";
    assert!(
        action.starts_with(&format!("{}/{place}", github.server_url())),
        "{action}"
    );
    let back = agreed(&page).await;
    assert!(back.starts_with(&format!("{url}made?code=")), "{back}");

    // Another's answer is not taken, nor a code that is none.
    let (status, page) = get(&format!("{url}made?code=code-1&state=another")).await;
    assert!(
        status == 400 && page.contains("was not asked for"),
        "{page}"
    );
    let (before, state) = back.split_once("code=").expect("a code");
    let state = state.split_once('&').expect("a state").1;
    let (status, page) = get(&format!("{before}code=code-1&{state}")).await;
    assert!(
        status == 502 && page.contains("does not take the code (404)"),
        "{page}"
    );
    let (_, page) = get(&format!("{before}code=../../app&{state}")).await;
    assert!(page.contains("no code of one"), "{page}");

    let (status, page) = get(&back).await;
    assert_eq!(status, 200, "{page}");
    let installing = attribute(&page, "class=\"button\" href=\"");
    assert_eq!(
        installing,
        format!("{}/apps/countersign/installations/new", github.server_url())
    );
    assert!(page.contains("every permission and every event"), "{page}");
    assert_eq!(code(running).await, Some(0));

    // Only their owner can read the keys, and they are the App's.
    let folder = checkout.home().join(".local/state/countersign/app");
    for (name, mode) in [
        ("", 0o700),
        ("private-key.pem", 0o600),
        ("webhook-secret", 0o600),
        ("app.env", 0o600),
    ] {
        let there = std::fs::metadata(folder.join(name)).expect(name);
        assert_eq!(there.permissions().mode() & 0o777, mode, "{name}");
    }
    let env = std::fs::read_to_string(folder.join("app.env")).expect("the file");
    let mut doctor = checkout.command(&["doctor"]);
    for line in env.lines() {
        let (name, value) = line.split_once('=').expect("a variable");
        doctor.env(name, value.trim_matches('\''));
    }
    doctor.env("COUNTERSIGN_PUBLIC_URL", "https://countersign.example");
    let asked = tokio::task::spawn_blocking(move || said(doctor.output().expect("it runs")));
    let asked = asked.await.expect("what doctor says");
    for line in [
        "  ok       GitHub App: countersign",
        "  ok       webhooks: https://countersign.example/webhook, 0 arrived in the last hour",
    ] {
        assert!(asked.out.contains(line), "{line} in {}", asked.out);
    }

    // What is there is not written over.
    let again = command(&checkout, &github, &[]).output();
    let again = said(again.expect("it runs"));
    assert_eq!(again.code, Some(2));
    assert!(again.err.contains("there is an App already"), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_cannot_be_asked_for_is_made_all_the_same() {
    let github = GitHubStandIn::start(Options::default()).await;
    let github = github.expect("a GitHub");
    let checkout = Checkout::bare(&[]);
    let (running, url) = begun(command(&checkout, &github, &[])).await;
    let (_, page) = get(&url).await;
    assert!(page.contains("--missed-seconds 10"), "{page}");
    let back = agreed(&page).await;
    github.fail_next("GET", "/app", FaultKind::Status(404));
    let (status, page) = get(&back).await;
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("could not be asked"), "{page}");
    assert!(!page.contains("Begin again"), "there is an App: {page}");
    assert_eq!(code(running).await, Some(0));
    let app = checkout.home().join(".local/state/countersign/app");
    assert!(app.join("app.env").is_file());
}
