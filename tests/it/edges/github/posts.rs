//! What is posted: each thing once, however often it is asked for, and in a form that GitHub takes.

use std::sync::{Arc, Mutex};

use axum::http::Method;
use countersign::domain::button::Button;
use countersign::domain::name::Sha;
use countersign::domain::post::Reaction;
use countersign::domain::post::{
    Annotation, AnnotationLevel, CheckRun, CheckStatus, Conclusion, LineComment, Review,
};
use countersign::edge::github::GitHubError;
use serde_json::{Value, json};

use super::fixture::{APP_ID, github, server, shop};
use super::page::Page;
use crate::support::listener::{Listener, json as answer};

const MARKER: &str = "<!-- countersign:sticky -->";

async fn page() -> (Arc<Mutex<Page>>, Listener) {
    let page: Arc<Mutex<Page>> = Arc::default();
    let shared = page.clone();
    let server = server(move |asked| shared.lock().expect("no panic").answer(asked)).await;
    (page, server)
}

fn somebodys(id: u64, login: &str, body: &str) -> Value {
    json!({ "id": id, "user": { "login": login, "id": 1, "type": "User" }, "body": body })
}

fn head() -> Sha {
    "a".repeat(40).parse().expect("an object id")
}

#[tokio::test]
async fn the_sticky_comment_is_there_once_however_often_it_is_written() -> Result<(), GitHubError> {
    let (page, server) = page().await;
    page.lock().expect("no panic").comments = vec![
        somebodys(1001, "ada", "first!"),
        somebodys(1002, "mallory", MARKER),
    ];
    let github = github(&server.url);
    let write = |body: &'static str, known| {
        let github = github.clone();
        async move {
            let body = github.redacted(body.to_owned());
            github.ensure_sticky(&shop(), 1, MARKER, &body, known).await
        }
    };
    let id = write("one", None).await?;
    assert_eq!(
        write("two", None).await?,
        id,
        "found again by its marker, on the last page"
    );
    assert_eq!(
        write("three", Some(id)).await?,
        id,
        "or by its id, without a search"
    );
    let writes = server.lines("PATCH").len();
    assert_eq!(write("three", None).await?, id);
    assert_eq!(
        server.lines("PATCH").len(),
        writes,
        "what it says already is not written again"
    );

    let comments = page.lock().expect("no panic").comments.clone();
    assert_eq!(comments.len(), 3);
    assert_eq!(comments[2]["body"], format!("three\n\n{MARKER}"));
    assert_eq!(
        comments[1],
        somebodys(1002, "mallory", MARKER),
        "not ours, not touched"
    );
    Ok(())
}

#[tokio::test]
async fn a_sticky_comment_that_somebody_deleted_is_written_anew_once() -> Result<(), GitHubError> {
    let (page, server) = page().await;
    let github = github(&server.url);
    let says = |words: &str| github.redacted(words.to_owned());
    let gone = github
        .ensure_sticky(&shop(), 1, MARKER, &says("one"), None)
        .await?;
    page.lock().expect("no panic").comments.clear();
    let new = github
        .ensure_sticky(&shop(), 1, MARKER, &says("two"), Some(gone))
        .await?;
    assert_ne!(new, gone);
    assert_eq!(
        github
            .ensure_sticky(&shop(), 1, MARKER, &says("two"), Some(gone))
            .await?,
        new
    );
    assert_eq!(page.lock().expect("no panic").comments.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_comment_is_never_longer_than_github_takes() -> Result<(), GitHubError> {
    let (_page, server) = page().await;
    let github = github(&server.url);
    let long = github.redacted("ä".repeat(70_000));
    github
        .ensure_sticky(&shop(), 1, MARKER, &long, None)
        .await?;
    for asked in server.lines("POST /repos") {
        let body = asked.body["body"].as_str().expect("a body");
        assert!(body.chars().count() <= 65_536);
    }
    Ok(())
}

fn check(annotations: usize) -> CheckRun {
    CheckRun {
        external_id: "0123456789ab".into(),
        status: CheckStatus::Completed,
        conclusion: Some(Conclusion::Failure),
        title: "1 of 2 countersigned".into(),
        summary: "A table.".into(),
        text: None,
        annotations: (1..=annotations)
            .map(|line| Annotation {
                path: "interactions/slack/users.yaml".into(),
                line: line as u32,
                level: AnnotationLevel::Warning,
                title: "odd".into(),
                message: "Why?".into(),
            })
            .collect(),
        buttons: Button::ALL.to_vec(),
        details_url: None,
        started_ms: 0,
        completed_ms: Some(60_000),
    }
}

fn lines_sent(server: &Listener) -> Vec<u64> {
    server
        .asked()
        .iter()
        .filter_map(|asked| asked.body["output"]["annotations"].as_array().cloned())
        .flatten()
        .filter_map(|annotation| annotation["start_line"].as_u64())
        .collect()
}

#[tokio::test]
async fn a_check_run_is_there_once_and_its_annotations_too() -> Result<(), GitHubError> {
    let (page, server) = page().await;
    let github = github(&server.url);
    let ensure = |annotations, known| {
        let github = github.clone();
        async move {
            let check = github.redacted(check(annotations));
            github
                .ensure_check(&shop(), &head(), "Countersign", &check, known)
                .await
        }
    };
    let id = ensure(120, None).await?;
    assert_eq!(lines_sent(&server), (1..=120).collect::<Vec<u64>>());
    let first = &server.lines("POST /repos/acme/shop/check-runs")[0].body;
    assert_eq!(
        (&first["head_sha"], &first["conclusion"]),
        (&json!(head()), &json!("failure"))
    );
    assert_eq!(server.lines("PATCH").len(), 2);

    assert_eq!(ensure(120, Some(id)).await?, id);
    assert_eq!(
        ensure(130, None).await?,
        id,
        "found again by its external id"
    );
    assert_eq!(
        lines_sent(&server),
        (1..=130).collect::<Vec<u64>>(),
        "each line once"
    );
    assert_eq!(ensure(500, Some(id)).await?, id);
    assert_eq!(
        lines_sent(&server),
        (1..=200).collect::<Vec<u64>>(),
        "and not without end"
    );

    page.lock().expect("no panic").checks.clear();
    assert_ne!(
        ensure(0, Some(id)).await?,
        id,
        "one that is gone is made anew"
    );
    Ok(())
}

#[tokio::test]
async fn another_apps_check_run_is_not_ours() -> Result<(), GitHubError> {
    let (page, server) = page().await;
    page.lock().expect("no panic").checks = vec![
        json!({ "id": 1001, "external_id": "0123456789ab", "app": { "id": 1 } }),
        json!({ "id": 1002, "external_id": "another-run", "app": { "id": APP_ID } }),
    ];
    let github = github(&server.url);
    let check = github.redacted(check(0));
    let id = github
        .ensure_check(&shop(), &head(), "Counter sign", &check, None)
        .await?;
    assert!(id < 1000);
    let asked = &server.lines("GET /repos")[0];
    assert!(
        asked.query.contains("check_name=Counter%20sign"),
        "{}",
        asked.query
    );
    Ok(())
}

fn remark(path: &str, line: u32) -> LineComment {
    LineComment {
        path: path.into(),
        line,
        body: format!("About line {line}."),
    }
}

#[tokio::test]
async fn a_review_is_there_once_and_approves_nothing() -> Result<(), GitHubError> {
    let (page, server) = page().await;
    let github = github(&server.url);
    let review = github.redacted(Review {
        body: "Report.".into(),
        comments: vec![remark("a.ts", 3)],
    });
    page.lock().expect("no panic").reviews = vec![somebodys(1001, "mallory", MARKER)];
    let id = github
        .ensure_review(&shop(), 1, &head(), MARKER, &review)
        .await?;
    assert_eq!(
        github
            .ensure_review(&shop(), 1, &head(), MARKER, &review)
            .await?,
        id
    );
    let sent = server.lines("POST /repos");
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].body,
        json!({
            "commit_id": head(),
            "event": "COMMENT",
            "body": format!("Report.\n\n{MARKER}"),
            "comments": [{ "path": "a.ts", "line": 3, "side": "RIGHT", "body": "About line 3." }],
        })
    );
    Ok(())
}

#[tokio::test]
async fn one_remark_outside_the_diff_does_not_lose_the_review() -> Result<(), GitHubError> {
    let (page, server) = page().await;
    let github = github(&server.url);
    let review = github.redacted(Review {
        body: "Report.".into(),
        comments: vec![remark("a.ts", 3), remark("a.ts", 11)],
    });
    github
        .ensure_review(&shop(), 1, &head(), MARKER, &review)
        .await?;
    assert_eq!(server.lines("POST /repos").len(), 2);
    let reviews = page.lock().expect("no panic").reviews.clone();
    assert_eq!(reviews.len(), 1);
    assert_eq!(reviews[0].get("comments"), None);
    assert_eq!(
        reviews[0]["body"],
        format!(
            "Report.\n\n`a.ts`, line 3:\n\nAbout line 3.\n\n`a.ts`, line 11:\n\nAbout line 11.\n\n{MARKER}"
        )
    );
    Ok(())
}

#[tokio::test]
async fn more_remarks_than_one_review_holds_go_into_its_body() -> Result<(), GitHubError> {
    let (page, server) = page().await;
    let mut comments = vec![remark("a.ts", 3); 30];
    comments.push(remark("a.ts", 4));
    let body = "Report.".into();
    let github = github(&server.url);
    let review = github.redacted(Review { body, comments });
    github
        .ensure_review(&shop(), 1, &head(), MARKER, &review)
        .await?;
    let review = page.lock().expect("no panic").reviews[0].clone();
    assert_eq!(review["comments"].as_array().map(Vec::len), Some(30));
    assert!(
        review["body"]
            .as_str()
            .is_some_and(|body| body.contains("line 4"))
    );
    Ok(())
}

#[tokio::test]
async fn a_review_that_is_refused_without_remarks_is_an_error() {
    let server = server(|asked| match asked.method {
        Method::GET => answer(200, json!([])),
        _ => answer(422, json!({ "message": "No" })),
    })
    .await;
    let github = github(&server.url);
    let review = github.redacted(Review {
        body: "Report.".into(),
        comments: vec![],
    });
    let result = github
        .ensure_review(&shop(), 1, &head(), MARKER, &review)
        .await;
    assert_eq!(result.expect_err("an error").status(), Some(422));
    assert_eq!(server.lines("POST /repos").len(), 1);
}

#[tokio::test]
async fn a_reaction_says_what_it_means() -> Result<(), GitHubError> {
    let server = server(|_| answer(200, json!({ "id": 1 }))).await;
    let github = github(&server.url);
    github.react(&shop(), 5, Reaction::Eyes).await?;
    github.react(&shop(), 5, Reaction::Confused).await?;
    let sent: Vec<Value> = server
        .lines("POST /repos/acme/shop/issues/comments/5/reactions")
        .iter()
        .map(|asked| asked.body["content"].clone())
        .collect();
    assert_eq!(sent, ["eyes", "confused"]);
    Ok(())
}

#[tokio::test]
async fn no_surface_carries_a_token() -> Result<(), GitHubError> {
    let (_page, server) = page().await;
    let github = github(&server.url);
    let token = format!("ghs_{}", "a1B2".repeat(9));
    let words = format!("it said {token} and more");
    let sticky = github.redacted(words.clone());
    github
        .ensure_sticky(&shop(), 1, MARKER, &sticky, None)
        .await?;
    let review = github.redacted(Review {
        body: words.clone(),
        comments: vec![LineComment {
            path: "a.ts".into(),
            line: 3,
            body: words.clone(),
        }],
    });
    github
        .ensure_review(&shop(), 1, &head(), MARKER, &review)
        .await?;
    let mut check = check(1);
    check.title = words.clone();
    check.summary = words.clone();
    check.text = Some(words.clone());
    check.annotations[0].message = words.clone();
    check.annotations[0].title = words;
    let check = github.redacted(check);
    github
        .ensure_check(&shop(), &head(), "Countersign", &check, None)
        .await?;
    let sent = server.lines("POST /repos");
    assert_eq!(sent.len(), 3);
    for asked in sent {
        let body = asked.body.to_string();
        assert!(
            body.contains("[redacted]") && !body.contains(&token),
            "{body}"
        );
    }
    Ok(())
}
