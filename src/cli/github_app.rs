//! For `doctor`: the App as GitHub has it, asked with its own key.

use crate::app::GitHubSetup;
use crate::cli::args::DoctorArgs;
use crate::edge::github::{GitHub, GitHubError, SentDelivery};
use crate::os::clock::{Clock as _, SystemClock};

use super::doctor_report::DoctorReport;

/// How far back deliveries are looked at, in milliseconds.
const HOUR_MS: i64 = 60 * 60 * 1000;

/// Asks for the App, its permissions, and where its webhooks go, when its id and key are set.
pub(super) async fn look(args: &DoctorArgs, report: &mut DoctorReport) {
    let Ok(setup) = GitHubSetup::from_args(&args.github) else {
        return;
    };
    let github = match setup.connect() {
        Ok(github) => github,
        Err(error) => return report.missing("GitHub App", &error.to_string()),
    };
    match github.registered().await {
        Ok(app) => match app.lacks() {
            lacks if lacks.is_empty() => report.good("GitHub App", &app.slug),
            lacks => report.missing(
                "GitHub App",
                &format!(
                    "{} lacks {}; mend that on {}",
                    app.slug,
                    lacks.join(", "),
                    app.page
                ),
            ),
        },
        Err(error) => return report.missing("GitHub App", &error.to_string()),
    }
    match webhooks(&github, args.github.public_url.as_deref()).await {
        Ok(Found::Good(words)) => report.good("webhooks", &words),
        Ok(Found::Note(words)) => report.note("webhooks", &words),
        Err(error) => report.note("webhooks", &error.to_string()),
    }
}

enum Found {
    Good(String),
    Note(String),
}

async fn webhooks(github: &GitHub, public_url: Option<&str>) -> Result<Found, GitHubError> {
    let Some(address) = github.webhook_address().await? else {
        let words =
            "the App has no address for them; `serve --missed-seconds 10` fetches what happens";
        return Ok(Found::Note(words.into()));
    };
    let expected = public_url.map(|url| format!("{}/webhook", url.trim_end_matches('/')));
    if let Some(expected) = expected.filter(|expected| *expected != address) {
        let words = format!("they go to {address}, and COUNTERSIGN_PUBLIC_URL says {expected}");
        return Ok(Found::Note(words));
    }
    let sent = github.sent_since(SystemClock.now_ms() - HOUR_MS).await?;
    let arrived = sent.iter().filter(|one| one.has_arrived()).count();
    Ok(match sent.iter().find(|one| !one.has_arrived()) {
        None => Found::Good(format!("{address}, {arrived} arrived in the last hour")),
        Some(SentDelivery { status, .. }) => Found::Note(format!(
            "{address}: {arrived} of {} arrived in the last hour; the last that did not ended with {}. `serve` fetches those",
            sent.len(),
            match status {
                0 => "no answer".to_owned(),
                status => status.to_string(),
            }
        )),
    })
}
