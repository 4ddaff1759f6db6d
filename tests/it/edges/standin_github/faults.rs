//! Faults and the judge of it all.

use super::*;

#[tokio::test]
async fn faults_happen_when_they_were_planned() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let comments = format!("/repos/{repo}/issues/{number}/comments");
    let route = "/repos/{owner}/{repo}/issues/{issue_number}/comments";
    let body = json!({ "body": "once" });
    github.fail_next("POST", route, FaultKind::Status(502));
    assert_eq!(client.post(&comments, body.clone()).await?.status, 502);
    github.fail_next("POST", "/repos/*/comments", FaultKind::DropConnection);
    assert!(client.post(&comments, body.clone()).await.is_err());
    assert_eq!(github.comments(&repo, number)?.len(), 0, "nothing was done");
    github.fail_next("POST", route, FaultKind::AfterApply);
    assert!(client.post(&comments, body.clone()).await.is_err());
    assert_eq!(github.comments(&repo, number)?.len(), 1, "it was done");
    github.fail_next("GET", route, FaultKind::Delay(Duration::from_millis(80)));
    let begun = std::time::Instant::now();
    assert_eq!(client.get(&comments).await?.status, 200);
    assert!(begun.elapsed() >= Duration::from_millis(80));

    let told = Arc::new(Mutex::new(Vec::new()));
    let kept = told.clone();
    github.on_request(move |seen, moment| {
        kept.lock().expect("no poison").push((moment, seen.status))
    });
    client.post(&comments, body.clone()).await?;
    client.post(&comments, json!({})).await?;
    client.get(&comments).await?;
    let told = told.lock().expect("no poison").clone();
    assert_eq!(
        told,
        [
            (Moment::Before, 0),
            (Moment::After, 201),
            (Moment::Before, 0)
        ]
    );

    github.require_write_gap(Some(Duration::from_secs(3600)));
    assert_eq!(client.post(&comments, body.clone()).await?.status, 201);
    let soon = client.post(&comments, body.clone()).await?;
    let wait = soon.headers["retry-after"].to_str()?;
    assert_eq!((soon.status, wait), (403, "1"));
    github.require_write_gap(Some(Duration::from_millis(1)));
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(client.post(&comments, body).await?.status, 201);
    Ok(())
}

#[tokio::test]
async fn the_description_sees_what_github_would_not_know() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let head = github.pull(&repo, number)?.head;
    client
        .post(
            &format!("/repos/{repo}/check-runs"),
            json!({ "name": "c", "head_sha": head, "colour": "red" }),
        )
        .await?;
    client
        .get(&format!("/repos/{repo}/pulls?perpage=100"))
        .await?;
    client
        .get(&format!("/repos/{repo}/pulls?per_page=ten"))
        .await?;
    client.get("/nonsense").await?;
    let seen = github.requests();
    let what: Vec<_> = openapi::check(&seen)
        .into_iter()
        .map(|one| (one.route, one.what))
        .collect();
    assert_eq!(what.len(), 4, "{what:#?}");
    assert!(what[0].1.contains("colour"), "{what:?}");
    assert!(what[1].1.contains("perpage"), "{what:?}");
    assert!(what[2].1.contains("integer"), "{what:?}");
    assert!(what[3].1.contains("no route"), "{what:?}");
    let scope = seen
        .last()
        .and_then(|one| one.token.clone())
        .context("a scope")?;
    assert!(
        scope.covers(&repo)
            && scope.may("checks", Level::Write)
            && !scope.may("checks", Level::Admin)
    );
    Ok(())
}

#[tokio::test]
async fn every_route_is_githubs_and_answers_as_described() -> Result<()> {
    for (method, template) in GitHubStandIn::routes() {
        assert!(openapi::knows(&method, template), "{method} {template}");
    }
    let (github, repo, number) = with_pull().await?;
    let app = Client::app(&github)?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let id = github.installation(&repo).context("an installation")?;
    for path in [
        "/app/installations".to_owned(),
        format!("/app/installations/{id}"),
    ] {
        assert_eq!(app.get(&path).await?.status, 200, "{path}");
    }
    let head = github.pull(&repo, number)?.head;
    let at = format!("/repos/{repo}");
    let comment = github.comment(&repo, number, "ada", "hello")?;
    let review = json!({ "body": "see", "event": "COMMENT", "comments": [{ "path": "new.txt", "line": 2, "body": "x" }] });
    let review = client
        .post(&format!("{at}/pulls/{number}/reviews"), review)
        .await?
        .body["id"]
        .clone();
    let inline = github.review_comments(&repo, number)?[0].id;
    let answer =
        json!({ "body": "y", "in_reply_to": inline, "commit_id": head, "path": "new.txt" });
    let answer = client
        .post(&format!("{at}/pulls/{number}/comments"), answer)
        .await?;
    assert_eq!(
        answer.body["in_reply_to_id"],
        json!(inline),
        "{}",
        answer.body
    );
    let suite = client
        .get(&format!("{at}/commits/{head}/check-suites"))
        .await?
        .body["check_suites"][0]["id"]
        .clone();
    let run = json!({ "name": "c", "head_sha": head });
    let run = client.post(&format!("{at}/check-runs"), run).await?.body["id"].clone();
    for path in [
        format!("{at}/pulls/comments/{inline}/reactions"),
        format!("{at}/issues/comments/{comment}/reactions"),
    ] {
        assert_eq!(
            client
                .post(&path, json!({ "content": "rocket" }))
                .await?
                .status,
            201
        );
        assert_eq!(client.get(&path).await?.body[0]["content"], "rocket");
    }
    for path in [
        "/installation/repositories".to_owned(),
        at.clone(),
        format!("{at}/pulls?state=all&head=acme:topic&base=main"),
        format!("{at}/pulls/{number}/commits"),
        format!("{at}/pulls/{number}/reviews"),
        format!("{at}/pulls/{number}/reviews/{review}"),
        format!("{at}/commits/{head}"),
        format!("{at}/commits/topic/pulls"),
        format!("{at}/git/ref/heads/topic"),
        format!("{at}/check-runs/{run}"),
        format!("{at}/check-suites/{suite}"),
        format!("{at}/check-suites/{suite}/check-runs"),
        format!("{at}/issues/comments/{comment}"),
    ] {
        let reply = client.get(&path).await?;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        assert_ne!(reply.body, json!([]), "{path} lists something");
    }
    assert_eq!(github.unexpected().len(), 0);
    assert_described(&github);
    Ok(())
}
