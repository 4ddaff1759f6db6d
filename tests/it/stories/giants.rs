//! Webhooks as large as GitHub sends them, several at once: all are taken, and memory stays.

use std::time::Duration;

use aws_lc_rs::hmac;
use countersign_standin::testbed::Testbed;
use secrecy::ExposeSecret as _;

use crate::support::story::Story;

const MB: usize = 1024 * 1024;
const BODIES: usize = 6;
/// Two bodies of GitHub's largest, and what else a server takes that reads and answers.
const MOST: usize = 2 * 26 * MB + 30 * MB;

/// What the kernel says of the server's memory, in bytes.
fn memory(of: &Testbed, line: &str) -> usize {
    let pid = of.pid().expect("it runs");
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let line = status.lines().find_map(|found| found.strip_prefix(line));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().nth(1)?.parse::<usize>().ok());
    kilobytes.expect("a number") * 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn giant_webhooks_wait_for_one_another() {
    let story = Story::begin(Vec::new(), &[]).await;
    let pid = story.pid().expect("it runs");
    let body = format!(
        r#"{{"action":"labeled","filler":"{}"}}"#,
        "x".repeat(25 * MB)
    );
    let secret = story.github.webhook_secret();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let signature = hmac::sign(&key, body.as_bytes());
    let signature: String = signature
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let before = memory(&story, "VmRSS");
    // From here on its highest is counted anew.
    std::fs::write(format!("/proc/{pid}/clear_refs"), "5").expect("the kernel forgets");

    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let send = |n: usize| {
        let request = client
            .post(format!("http://{}/webhook", story.address()))
            .header("content-type", "application/json")
            .header("x-github-event", "pull_request")
            .header("x-github-delivery", format!("giant-{n}"))
            .header("x-hub-signature-256", format!("sha256={signature}"))
            .body(body.clone());
        tokio::spawn(request.send())
    };
    let sent: Vec<_> = (0..BODIES).map(send).collect();
    // Meanwhile small ones pass.
    let health = tokio::time::timeout(Duration::from_secs(5), story.get("/readyz"));
    assert_eq!(health.await.expect("in time"), "ok\n");
    for one in sent {
        let answer = one.await.expect("it was sent").expect("an answer");
        assert_eq!(answer.status(), 202);
    }
    let grown = memory(&story, "VmHWM").saturating_sub(before);
    eprintln!(
        "{BODIES} bodies of 25 MB: {} MB more than before",
        grown / MB
    );
    assert!(grown < MOST, "{} MB", grown / MB);
    story.quiet().await;
    let kept = story.kept_deliveries().await;
    let giants = kept.iter().filter(|(id, _)| id.starts_with("giant-"));
    assert_eq!(giants.count(), BODIES);
    assert!(
        kept.iter().all(|(_, body)| body.len() < 4_000),
        "of a body is kept what is read"
    );
    story.end();
}
