//! A second server on the same database: it says what is in its way, and touches nothing.

use std::process::{Command, Stdio};

use crate::support::story::Story;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_waits_and_then_says_why_it_ends() {
    let story = Story::begin(vec![], &[]).await;
    let mut second = Command::new(env!("CARGO_BIN_EXE_countersign"));
    second
        .args(["serve", "--bind", "127.0.0.1:0"])
        .env_clear()
        .envs(story.env())
        .stdin(Stdio::null());
    let ended = tokio::task::spawn_blocking(move || second.output());
    let ended = ended.await.expect("no panic").expect("it can be started");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    for wanted in [
        "waiting for its end",
        "another Countersign works on this database",
    ] {
        assert!(said.contains(wanted), "{said}");
    }
    assert!(!said.contains("listening"), "{said}");
    story.end();
}
