//! Requests and answers: addresses, pages, failures, and the pace.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use countersign::domain::permission::Permission;
use countersign::domain::place::RepoRef;
use countersign::domain::post::Reaction;
use countersign::domain::pull::PullState;
use countersign::domain::review_comment::Anchor;
use countersign::edge::github::{Again, GitHub, GitHubConfig, GitHubError};
use serde_json::{Value, json};

use super::fixture::{config, github, server, shop};
use crate::support::listener::{Asked, Listener, json as answer};

fn pull(number: u64, change: Value) -> Value {
    let sha = |digit: &str| digit.repeat(40);
    let mut pull = json!({
        "number": number,
        "state": "open",
        "draft": false,
        "user": { "login": "ada" },
        "head": { "sha": sha("a"), "ref": "topic", "repo": { "full_name": "acme/shop" } },
        "base": { "sha": sha("b"), "ref": "main", "repo": { "full_name": "acme/shop" } },
    });
    for (field, value) in change.as_object().into_iter().flatten() {
        pull[field] = value.clone();
    }
    pull
}

#[tokio::test]
async fn an_enterprise_servers_address_keeps_its_path_and_its_tokens() -> Result<(), GitHubError> {
    // The server knows itself by another name, as behind a proxy. The second page is still asked for at our address.
    let server = server(|asked| {
        let authorized = asked.header("authorization").starts_with("Bearer ghs_");
        match (asked.path.as_str(), authorized) {
            ("/api/v3/repos/acme/shop/pulls", true) if asked.query.contains("page=2") => {
                answer(200, json!([pull(2, json!({ "draft": true }))]))
            }
            ("/api/v3/repos/acme/shop/pulls", true) => (
                [(
                    "link",
                    "<https://ghe.internal/api/v3/repos/acme/shop/pulls?per_page=100&page=2>; rel=\"next\", \
                     <https://ghe.internal/api/v3/repos/acme/shop/pulls?page=2>; rel=\"last\"",
                )],
                answer(200, json!([pull(1, json!({}))])),
            )
                .into_response(),
            _ => answer(401, json!({ "message": "Requires authentication" })),
        }
    })
    .await;
    for base in [
        format!("{}/api/v3", server.url),
        format!("{}/api/v3/", server.url),
    ] {
        let github = github(&base);
        let pulls = github.open_pulls(&shop()).await?;
        let seen: Vec<_> = pulls.iter().map(|pull| (pull.number, pull.state)).collect();
        assert_eq!(seen, [(1, PullState::Open), (2, PullState::Draft)]);
        assert_eq!(github.bot_identity(&shop()).await?.user_id, 99);
    }
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| asked.path.starts_with("/api/v3/")),
        "{:?}",
        server.asked().iter().map(Asked::line).collect::<Vec<_>>()
    );
    Ok(())
}

#[tokio::test]
async fn a_base_path_that_begins_like_a_route_is_no_trap() -> Result<(), GitHubError> {
    let server = Listener::start(|asked| match asked.path.as_str() {
        "/ap/app" => answer(200, json!({ "slug": "countersign" })),
        _ => answer(404, json!({})),
    })
    .await;
    let github = github(&format!("{}/ap", server.url));
    assert_eq!(github.bot_login().await?, "countersign[bot]");
    Ok(())
}

#[tokio::test]
async fn addresses_are_checked_and_not_derived() {
    for (api, server, name) in [
        (
            "github.example.com",
            "https://github.example.com",
            "GITHUB_API_URL",
        ),
        (
            "https://u:p@github.example.com",
            "https://github.example.com",
            "GITHUB_API_URL",
        ),
        ("https://api.example.com", "", "GITHUB_SERVER_URL"),
    ] {
        let config = GitHubConfig {
            server_url: server.into(),
            ..config(api)
        };
        let error = GitHub::new(config).err().expect("an error").to_string();
        assert!(error.starts_with(name), "{error}");
        assert!(!error.contains("u:p"), "{error}");
    }
    let github = github("http://127.0.0.1:1/api");
    assert_eq!(
        github.clone_url(&shop().repo),
        "http://127.0.0.1:1/acme/shop.git"
    );
}

#[tokio::test]
async fn an_endless_list_ends() {
    let server = server(|asked| {
        let next = "</repos/acme/shop/issues/1/comments?page=2&per_page=100>; rel=\"next\"";
        assert!(asked.query.contains("per_page=100"));
        ([("link", next)], answer(200, json!([]))).into_response()
    })
    .await;
    let error = github(&server.url).comments(&shop(), 1).await;
    assert!(
        matches!(error, Err(GitHubError::TooLong { .. })),
        "{error:?}"
    );
    assert_eq!(server.lines("GET /repos").len(), 50);
}

#[tokio::test]
async fn a_read_is_repeated_and_a_write_is_not() {
    let server = server(|_| answer(502, json!({ "message": "Server Error" }))).await;
    let github = github(&server.url);
    let read = github.comments(&shop(), 1).await.expect_err("an error");
    let write = github
        .react(&shop(), 1, Reaction::Eyes)
        .await
        .expect_err("an error");
    for error in [read, write] {
        assert_eq!((error.status(), error.again()), (Some(502), Again::Later));
    }
    assert_eq!(server.lines("GET /repos").len(), 3);
    assert_eq!(server.lines("POST /repos").len(), 1);
}

#[tokio::test]
async fn a_read_that_succeeds_at_last_is_a_success() -> Result<(), GitHubError> {
    let tries = AtomicUsize::new(0);
    let server = server(move |_| match tries.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => answer(503, json!({})),
        _ => answer(200, json!([{ "id": 3, "user": null, "body": null }])),
    })
    .await;
    let comments = github(&server.url).comments(&shop(), 1).await?;
    assert_eq!((comments[0].id, comments[0].author.as_str()), (3, ""));
    Ok(())
}

#[tokio::test]
async fn nobody_there_is_an_error_with_a_cause() {
    let error = github("http://127.0.0.1:1")
        .bot_login()
        .await
        .expect_err("an error");
    assert!(
        matches!(error, GitHubError::Unreachable { .. }),
        "{error:?}"
    );
    assert_eq!(error.again(), Again::Later);
}

#[tokio::test]
async fn a_limited_installation_falls_silent_and_the_others_do_not() {
    let server = server(|asked| match asked.path.as_str() {
        "/repos/acme/shop/issues/comments/1/reactions" => {
            ([("retry-after", "30")], answer(429, json!({}))).into_response()
        }
        _ => answer(201, json!({ "id": 1 })),
    })
    .await;
    let github = github(&server.url);
    let now = jiff::Timestamp::now().as_millisecond();
    let error = github
        .react(&shop(), 1, Reaction::Eyes)
        .await
        .expect_err("an error");
    let Again::At(retry_at) = error.again() else {
        panic!("{error:?}");
    };
    assert!(
        (29_000..=35_000).contains(&(retry_at - now)),
        "{}",
        retry_at - now
    );

    let asked = server.asked().len();
    assert!(matches!(
        github.react(&shop(), 1, Reaction::Eyes).await,
        Err(GitHubError::RateLimited { .. })
    ));
    assert!(matches!(
        github.pull(&shop(), 1).await,
        Err(GitHubError::RateLimited { .. })
    ));
    assert_eq!(server.asked().len(), asked, "not a single request more");

    let neighbour = RepoRef {
        installation: 8,
        ..shop()
    };
    assert!(github.react(&neighbour, 2, Reaction::Eyes).await.is_ok());
}

#[tokio::test]
async fn writes_keep_their_distance() {
    let server = server(|_| answer(201, json!({ "id": 1 }))).await;
    let github = GitHub::new(GitHubConfig {
        write_spacing_ms: 80,
        ..config(&server.url)
    })
    .expect("a client");
    let writes = (0..4).map(|number| {
        let github = github.clone();
        tokio::spawn(async move { github.react(&shop(), number, Reaction::Eyes).await })
    });
    for write in writes.collect::<Vec<_>>() {
        assert!(write.await.expect("no panic").is_ok());
    }
    let at: Vec<_> = server
        .lines("POST /repos")
        .iter()
        .map(|asked| asked.at)
        .collect();
    assert_eq!(at.len(), 4);
    for pair in at.windows(2) {
        let gap = pair[1] - pair[0];
        assert!(gap >= Duration::from_millis(80), "{gap:?}");
    }
}

#[tokio::test]
async fn a_refusal_says_what_github_says() {
    let server = server(|_| -> Response {
        let body = json!({ "message": "Validation Failed", "errors": [{ "field": "body" }] });
        ([("x-github-request-id", "AB:12")], answer(422, body)).into_response()
    })
    .await;
    let github = github(&server.url);
    let error = github
        .react(&shop(), 1, Reaction::Eyes)
        .await
        .expect_err("an error");
    assert_eq!(error.again(), Again::Never);
    assert_eq!(
        error.to_string(),
        "GitHub refused POST /repos/acme/shop/issues/comments/1/reactions with 422: Validation Failed; \
         [{\"field\":\"body\"}] (request AB:12)"
    );
}

#[tokio::test]
async fn pull_requests_are_read_whoever_they_are_from() -> Result<(), GitHubError> {
    let fork =
        |repo: Value| json!({ "head": { "sha": "c".repeat(40), "ref": "patch", "repo": repo } });
    let server = server(move |asked| match asked.path.as_str() {
        "/repos/acme/shop/pulls/1" => answer(200, pull(1, json!({ "state": "closed" }))),
        "/repos/acme/shop/pulls/2" => {
            answer(200, pull(2, fork(json!({ "full_name": "ada/shop" }))))
        }
        "/repos/acme/shop/pulls/3" => answer(200, pull(3, fork(Value::Null))),
        "/repos/acme/shop/pulls" => answer(
            200,
            json!([
                pull(1, json!({})),
                pull(3, fork(Value::Null)),
                pull(4, json!({ "user": null }))
            ]),
        ),
        _ => answer(404, json!({ "message": "Not Found" })),
    })
    .await;
    let github = github(&server.url);
    let closed = github.pull(&shop(), 1).await?;
    assert_eq!(
        (closed.state, closed.is_from_fork()),
        (PullState::Closed, false)
    );
    let fork = github.pull(&shop(), 2).await?;
    assert_eq!(
        fork.head_repo.as_ref().map(|repo| repo.as_str()),
        Some("ada/shop")
    );
    assert!(fork.is_from_fork() && github.pull(&shop(), 3).await?.is_from_fork());
    assert_eq!(
        github
            .pull(&shop(), 9)
            .await
            .expect_err("an error")
            .status(),
        Some(404)
    );
    let found = github.pulls_with_head(&shop(), &fork.head).await?;
    assert_eq!(
        found.iter().map(|pull| pull.number).collect::<Vec<_>>(),
        [3]
    );
    Ok(())
}

#[tokio::test]
async fn a_persons_permission_is_asked_for_whatever_their_name() -> Result<(), GitHubError> {
    let server = server(|asked| match asked.path.as_str() {
        "/repos/acme/shop/collaborators/ada/permission" => answer(
            200,
            json!({ "permission": "write", "role_name": "maintain" }),
        ),
        "/repos/acme/shop/collaborators/eve/permission" => {
            answer(200, json!({ "permission": "read", "role_name": "read" }))
        }
        "/repos/acme/shop/collaborators/down/permission" => answer(500, json!({})),
        _ => answer(404, json!({ "message": "Not Found" })),
    })
    .await;
    let github = github(&server.url);
    assert_eq!(
        github.permission(&shop(), "ada").await?,
        Permission::Maintain
    );
    assert_eq!(github.permission(&shop(), "eve").await?, Permission::Read);
    assert_eq!(
        github.permission(&shop(), "../../x?y").await?,
        Permission::None
    );
    assert!(
        github.permission(&shop(), "down").await.is_err(),
        "no answer is not a leave"
    );
    let last = server.lines("GET /repos/acme/shop/collaborators/%2E%2E%2F");
    assert_eq!(last.len(), 1, "{:?}", server.asked());
    Ok(())
}

#[tokio::test]
async fn what_is_said_at_lines_is_read_from_the_newest_to_the_last_page() -> Result<(), GitHubError>
{
    let said = |id: u64| {
        let user = json!({ "login": "ada", "id": 1, "type": "User" });
        json!([{ "id": id, "user": user, "path": "a.ts", "body": "Why?", "diff_hunk": "@@\n+a", "line": 1, "side": "RIGHT" }])
    };
    // A list that never ends: its newest part is read all the same.
    let server = server(move |asked| {
        if asked.path != "/repos/acme/shop/pulls/1/comments" {
            return answer(404, json!({ "message": "Not Found" }));
        }
        let query = &asked.query;
        assert!(query.contains("sort=created&direction=desc"), "{query}");
        let page = query
            .split('&')
            .find_map(|part| part.strip_prefix("page=")?.parse().ok());
        let page: u64 = page.unwrap_or(1);
        let next = format!(
            "<http://elsewhere{}?sort=created&direction=desc&per_page=100&page={}>; rel=\"next\"",
            asked.path,
            page + 1
        );
        ([("link", next)], answer(200, said(1_000 - page))).into_response()
    })
    .await;
    let comments = github(&server.url).review_comments(&shop(), 1).await?;
    let ids: Vec<u64> = comments.iter().map(|comment| comment.id).collect();
    assert_eq!((ids.len(), ids[0], ids[49]), (50, 999, 950));
    assert_eq!(comments[0].anchor, Anchor::Lines { first: 1, last: 1 });
    Ok(())
}
