//! A run of the demo, as it is watched from outside: from another process's log, until its words are on GitHub.

use std::time::Duration;

use countersign_standin::names::RepoName;
use countersign_standin::testbed::Testbed;

use crate::cli::error::CommandError;
use crate::domain::name::{RunId, Sha};
use crate::domain::view::View;
use crate::edge::store::Store;
use crate::report::terminal::{self, Live, Manner};

/// How long the whole play may take once the tool chain is there.
const PLAY: Duration = Duration::from_secs(300);
/// How long words may take to reach GitHub after the run has ended.
const WORDS: Duration = Duration::from_secs(30);

/// Shows the run that follows `before` until it has ended and its words have arrived, and then its report.
pub async fn played(
    testbed: &Testbed,
    store: &Store,
    repo: &RepoName,
    number: u64,
    before: Option<&View>,
) -> Result<View, CommandError> {
    let place = format!("{repo}#{number}");
    let watching = watch(store, &place, before);
    let view = tokio::time::timeout(PLAY, watching).await.map_err(|_| {
        CommandError::Fault(format!(
            "the run did not end in {} s; the server's log is {}",
            PLAY.as_secs(),
            testbed.log_path().display()
        ))
    })??;
    words_have_arrived(testbed, repo, &view).await?;
    say!("");
    say!("{}", terminal::report(&view).trim_end());
    Ok(view)
}

/// Shows the run that follows `before` from another process's log until it has ended.
async fn watch(store: &Store, place: &str, before: Option<&View>) -> Result<View, CommandError> {
    let mut live = Live::new(Manner::of_stderr());
    let mut run: Option<RunId> = None;
    let past = before.and_then(|view| Some(&view.request.as_ref()?.run));
    loop {
        if run.is_none() {
            run = store
                .runs_of(place)
                .await
                .map_err(CommandError::fault)?
                .into_iter()
                .map(|row| row.run)
                .find(|run| Some(run) != past);
        }
        if let Some(run) = &run {
            let events = store
                .events(run, live.view().latest_seq)
                .await
                .map_err(CommandError::fault)?;
            events.iter().for_each(|logged| live.show(logged));
        }
        if live.view().ending.is_some() {
            return Ok(live.view().clone());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits until GitHub shows what the log says.
async fn words_have_arrived(
    testbed: &Testbed,
    repo: &RepoName,
    view: &View,
) -> Result<(), CommandError> {
    let heads: Vec<_> = view
        .request
        .iter()
        .map(|request| request.head())
        .chain(view.pushed())
        .map(Sha::as_str)
        .collect();
    let arrived = async {
        loop {
            let checks = testbed
                .github
                .check_runs(repo)
                .map_err(CommandError::fault)?;
            let done = |head| {
                checks
                    .iter()
                    .any(|check| check.head.as_str() == head && check.status == "completed")
            };
            let number = view
                .request
                .as_ref()
                .and_then(|request| request.pull())
                .map_or(1, |pull| pull.number);
            let reviews = testbed
                .github
                .reviews(repo, number)
                .map_err(CommandError::fault)?;
            let is_reviewed = reviews
                .iter()
                .any(|review| Some(&review.commit.as_str()) == heads.last());
            if is_reviewed && heads.iter().all(|head| done(*head)) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    match tokio::time::timeout(WORDS, arrived).await {
        Ok(arrived) => arrived,
        Err(_) => Err(CommandError::Fault(format!(
            "the report did not reach the pull request; the server's log is {}",
            testbed.log_path().display()
        ))),
    }
}
