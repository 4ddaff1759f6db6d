//! A real browser.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

/// The document that Chromium has after everything was loaded, by an option more: how much of the page's own time that may take.
pub async fn dumped(url: &str, option: &str) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let out = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .args(["--disable-dev-shm-usage", "--disable-background-networking"])
        .args([
            "--disable-component-update",
            "--no-first-run",
            "--disable-sync",
        ])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"])
        .arg(option)
        .arg(format!("--user-data-dir={}", home.path().display()))
        .arg(url)
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let out = tokio::time::timeout(Duration::from_secs(120), out)
        .await
        .expect("Chromium ends")
        .unwrap_or_else(|error| {
            panic!("chromium: {error}. `apt-get install chromium`, as .ci/run does")
        });
    String::from_utf8_lossy(&out.stdout).into_owned()
}
