//! What has to be there in the end, whatever happened on the way.

use std::collections::BTreeMap;

use countersign_standin::github::CheckRun;
use countersign_standin::names::Sha;

use super::world::Living;
use crate::support::story::Story;

/// Where the function is.
pub const FUNCTION: &str = "nango-integrations/google-calendar/actions/create-event.ts";

/// What is not as it should be; nothing when all is well.
pub async fn complaints(story: &Story, living: &Living, function: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut expect = |holds: bool, what: String| {
        if !holds {
            found.push(what);
        }
    };
    let (github, repo, number) = (&story.github, &living.repo, living.number);
    let pull = github.pull(repo, number).expect("a pull request");

    let there = github.file(repo, &pull.head, FUNCTION).expect("a look");
    expect(
        there.as_deref() == Some(function),
        format!("the function is {there:?}"),
    );
    let commits = github.commits_between(repo, &pull.base, &pull.head);
    let ours = commits.expect("commits").into_iter().filter(|commit| {
        let message = github.message(repo, commit).expect("a message");
        message.contains("Countersign-Run: ")
    });
    let ours: Vec<Sha> = ours.collect();
    expect(ours.len() == 1, format!("commits of ours: {ours:?}"));

    let mut checks: BTreeMap<String, Vec<CheckRun>> = BTreeMap::new();
    for check in github.check_runs(repo).expect("checks") {
        checks
            .entry(check.head.to_string())
            .or_default()
            .push(check);
    }
    for (head, checks) in &checks {
        let said: Vec<_> = checks
            .iter()
            .map(|check| (&check.status, &check.conclusion, &check.title))
            .collect();
        // One for each run that was asked for at this head; the newest is the one that counts.
        let mut runs: Vec<_> = checks.iter().map(|check| &check.external_id).collect();
        runs.sort();
        runs.dedup();
        let are_over = checks.iter().all(|check| check.status == "completed");
        expect(
            runs.len() == checks.len() && are_over,
            format!("checks of {head}: {said:?}"),
        );
    }
    let last = checks.get(&pull.head.to_string());
    let last = last.and_then(|all| all.iter().max_by_key(|check| check.id));
    let conclusion = last.and_then(|check| check.conclusion.clone());
    expect(
        conclusion.as_deref() == Some("success"),
        format!("the newest head {}: {conclusion:?}", pull.head),
    );

    let bot = github.bot().0;
    let comments = github.comments(repo, number).expect("comments");
    let said: Vec<&String> = comments
        .iter()
        .filter(|comment| comment.author == bot)
        .map(|comment| &comment.body)
        .collect();
    let holding = |marker: &str| said.iter().filter(|body| body.contains(marker)).count();
    let summaries = holding("<!-- countersign:summary -->");
    expect(summaries == 1, format!("{summaries} summaries"));
    for asked in &living.asked {
        let answers = holding(&format!("countersign:answer:{asked} "));
        expect(answers == 1, format!("{answers} answers to {asked}"));
        let comment = comments.iter().find(|comment| comment.id == *asked);
        let reactions = &comment.expect("the comment").reactions;
        let reactions: Vec<&str> = reactions.iter().map(|one| one.content.as_str()).collect();
        expect(
            reactions == ["eyes"],
            format!("reactions to {asked}: {reactions:?}"),
        );
    }
    let others = said.len() - summaries - living.asked.len().min(said.len() - summaries);
    expect(others == 0, format!("{others} other comments: {said:?}"));

    let reviews = github.reviews(repo, number).expect("reviews");
    let ours = reviews.iter().filter(|review| review.author == bot);
    let current: Vec<&Sha> = ours
        .filter(|review| !review.is_minimized)
        .map(|review| &review.commit)
        .collect();
    expect(current.len() <= 1, format!("reviews in sight: {current:?}"));

    let store = story.store().await;
    let runs = store.runs_of(&format!("{repo}#{number}")).await;
    for row in runs.expect("runs") {
        expect(
            row.ended_ms.is_some(),
            format!("the run {} has no end", row.run),
        );
    }
    store.close().await;
    found
}
