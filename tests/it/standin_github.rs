//! Stories of the stand-in for GitHub, told by a plain HTTP client and by git itself.

use std::path::Path;
use std::process::Output;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use countersign::domain::name::{RepoName, Sha};
use countersign::standin::github::{
    FaultKind, GitHubStandIn, Level, Moment, Options, Order, Role, Sent, Side, Standing,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use super::support::openapi;

const SPEC: &str = "interactions/slack/post-message.yaml";
const BASE_TEXT: &str =
    "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve\n";

/// A client with nothing clever in it.
struct Client {
    http: reqwest::Client,
    api: String,
    server: String,
    secret: String,
}

struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Client {
    fn new(github: &GitHubStandIn, secret: String) -> Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .user_agent("countersign-tests")
            .timeout(Duration::from_secs(20))
            .build()?;
        Ok(Self {
            http,
            api: github.api_url(),
            server: github.server_url(),
            secret,
        })
    }
    /// The App itself.
    fn app(github: &GitHubStandIn) -> Result<Self> {
        let now = jiff::Timestamp::now().as_second();
        let claims =
            json!({ "iss": github.app_id().to_string(), "iat": now - 60, "exp": now + 540 });
        Self::new(github, jwt(github, &claims)?)
    }
    /// With an installation token for `repo`, narrowed by `body`.
    async fn installed(github: &GitHubStandIn, repo: &RepoName, body: Value) -> Result<Self> {
        let id = github.installation(repo).context("an installation")?;
        let app = Self::app(github)?;
        let reply = app
            .post(&format!("/app/installations/{id}/access_tokens"), body)
            .await?;
        assert_eq!(reply.status, 201, "{}", reply.body);
        let token = reply.body["token"].as_str().context("a token")?;
        Self::new(github, token.to_owned())
    }
    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Result<Reply> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.api))
            .bearer_auth(&self.secret);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?;
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)?
        };
        Ok(Reply {
            status,
            headers,
            body,
        })
    }
    async fn get(&self, path: &str) -> Result<Reply> {
        self.send(Method::GET, path, None).await
    }
    async fn post(&self, path: &str, body: Value) -> Result<Reply> {
        self.send(Method::POST, path, Some(body)).await
    }
    async fn patch(&self, path: &str, body: Value) -> Result<Reply> {
        self.send(Method::PATCH, path, Some(body)).await
    }
    /// git with this client's token in a header, which is in the environment and in no argument.
    async fn git(&self, folder: &Path, args: &[&str]) -> Result<Output> {
        let run = tokio::process::Command::new("git")
            .args(args)
            .current_dir(folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CONFIG_COUNT", "3")
            .env("GIT_CONFIG_KEY_0", "http.extraHeader")
            .env(
                "GIT_CONFIG_VALUE_0",
                format!("Authorization: Bearer {}", self.secret),
            )
            .env("GIT_CONFIG_KEY_1", "user.name")
            .env("GIT_CONFIG_VALUE_1", "tester")
            .env("GIT_CONFIG_KEY_2", "user.email")
            .env("GIT_CONFIG_VALUE_2", "tester@localhost")
            .kill_on_drop(true)
            .output();
        Ok(tokio::time::timeout(Duration::from_secs(60), run).await??)
    }
    async fn git_ok(&self, folder: &Path, args: &[&str]) -> Result<String> {
        let output = self.git(folder, args).await?;
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {args:?}: {words}");
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}

fn jwt(github: &GitHubStandIn, claims: &Value) -> Result<String> {
    let pem = github.private_key_pem();
    let key = EncodingKey::from_rsa_pem(pem.expose_secret().as_bytes())?;
    Ok(jsonwebtoken::encode(
        &Header::new(Algorithm::RS256),
        claims,
        &key,
    )?)
}

fn repo() -> RepoName {
    "acme/widgets".parse().expect("a repository's name")
}

/// A GitHub with one repository and one pull request of `ada`, who changes the spec's last lines and adds a file.
async fn with_pull() -> Result<(GitHubStandIn, RepoName, u64)> {
    let github = GitHubStandIn::start(Options::default()).await?;
    let repo = repo();
    github.create_repo(
        &repo,
        &[(SPEC, Some(BASE_TEXT)), ("README.md", Some("# Widgets\n"))],
    )?;
    github.set_permission(&repo, "ada", Role::Write)?;
    let changed = BASE_TEXT.replace("twelve", "twelve!");
    github.commit(
        &repo,
        "topic",
        None,
        &[(SPEC, Some(&changed)), ("new.txt", Some("a\nb\n"))],
        "ada",
    )?;
    let number = github.open_pull((&repo, "main"), (&repo, "topic"), "ada", Standing::Ready)?;
    Ok((github, repo, number))
}

/// Every story ends with this: what was sent and answered is as GitHub describes it.
fn assert_described(github: &GitHubStandIn) {
    let seen = github.requests();
    assert_eq!(openapi::check_answers(&seen), []);
    let good: Vec<_> = seen.into_iter().filter(|one| one.status < 400).collect();
    assert_eq!(openapi::check(&good), []);
}

/// A receiver of webhooks that answers with a status and keeps what came.
type Inbox = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

async fn receiver(status: StatusCode) -> Result<(String, Inbox)> {
    let inbox = Inbox::default();
    let kept = inbox.clone();
    let router = Router::new().fallback(move |headers: HeaderMap, body: Bytes| async move {
        kept.lock().expect("no poison").push((headers, body));
        status
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/webhook", listener.local_addr()?);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((url, inbox))
}

#[tokio::test]
async fn the_apps_jwt_is_really_checked() -> Result<()> {
    let (github, ..) = with_pull().await?;
    let now = jiff::Timestamp::now().as_second();
    let id = github.app_id();
    let good = json!({ "iss": id, "iat": now - 60, "exp": now + 540 });
    let other = GitHubStandIn::start(Options::default()).await?;
    for (what, token, status) in [
        ("good", jwt(&github, &good)?, 200),
        ("of another key", jwt(&other, &good)?, 401),
        (
            "over",
            jwt(
                &github,
                &json!({ "iss": id, "iat": now - 700, "exp": now - 1 }),
            )?,
            401,
        ),
        (
            "too far ahead",
            jwt(&github, &json!({ "iss": id, "iat": now, "exp": now + 700 }))?,
            401,
        ),
        (
            "from the future",
            jwt(
                &github,
                &json!({ "iss": id, "iat": now + 60, "exp": now + 300 }),
            )?,
            401,
        ),
        (
            "of another App",
            jwt(
                &github,
                &json!({ "iss": id + 1, "iat": now, "exp": now + 300 }),
            )?,
            404,
        ),
        ("no JWT", "eyJ.eyJ.x".to_owned(), 401),
    ] {
        let reply = Client::new(&github, token)?.get("/app").await?;
        assert_eq!(reply.status, status, "{what}: {}", reply.body);
    }
    let nameless = reqwest::Client::builder().no_proxy().build()?;
    let reply = nameless
        .get(format!("{}/app", github.api_url()))
        .send()
        .await?;
    assert_eq!(reply.status(), 403, "GitHub wants a User-Agent");
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn a_token_reaches_what_it_was_narrowed_to_and_no_more() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let second: RepoName = "acme/other".parse()?;
    github.create_repo(&second, &[("a", Some("a"))])?;
    let app = Client::app(&github)?;
    let id = app.get(&format!("/repos/{repo}/installation")).await?.body["id"].clone();
    let tokens = format!("/app/installations/{id}/access_tokens");
    for (too_much, why) in [
        (
            json!({ "permissions": { "administration": "read" } }),
            "never granted",
        ),
        (
            json!({ "permissions": { "contents": "admin" } }),
            "more than granted",
        ),
        (json!({ "repositories": ["nothing"] }), "no such repository"),
    ] {
        assert_eq!(app.post(&tokens, too_much).await?.status, 422, "{why}");
    }
    let narrow = json!({ "repositories": ["widgets"], "permissions": { "pull_requests": "read" } });
    let minted = app.post(&tokens, narrow).await?;
    assert_eq!(
        minted.body["permissions"],
        json!({ "pull_requests": "read", "metadata": "read" })
    );
    assert_eq!(
        minted.body["repositories"].as_array().map(Vec::len),
        Some(1)
    );
    let token = minted.body["token"].as_str().context("a token")?.to_owned();
    assert!(
        token.starts_with("ghs_") && (480..600).contains(&token.len()),
        "{}",
        token.len()
    );

    let narrow = Client::new(&github, token)?;
    let pull = format!("/repos/{repo}/pulls/{number}");
    assert_eq!(narrow.get(&pull).await?.status, 200);
    assert_eq!(
        narrow.get(&format!("/repos/{second}")).await?.status,
        404,
        "not covered"
    );
    let said = narrow
        .post(
            &format!("/repos/{repo}/issues/{number}/comments"),
            json!({ "body": "hi" }),
        )
        .await?;
    assert_eq!(said.status, 403, "{}", said.body);
    assert_eq!(
        said.body["message"],
        "Resource not accessible by integration"
    );
    assert_eq!(
        narrow.get("/app").await?.status,
        401,
        "a token is not the App"
    );
    assert_eq!(
        app.get(&pull).await?.status,
        403,
        "the App is not an installation"
    );
    assert_eq!(
        narrow.get("/repos/acme/widgets/nonsense").await?.status,
        404
    );
    assert_eq!(github.unexpected().len(), 1);

    github.advance_clock(Duration::from_secs(3599));
    assert_eq!(
        narrow.get(&pull).await?.status,
        200,
        "still within the hour"
    );
    github.advance_clock(Duration::from_secs(2));
    let late = narrow.get(&pull).await?;
    assert_eq!(
        (late.status, late.body["message"].as_str()),
        (401, Some("Bad credentials"))
    );
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn comments_come_in_pages_and_have_their_limits() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let comments = format!("/repos/{repo}/issues/{number}/comments");
    for count in 0..33 {
        github.comment(&repo, number, "ada", &format!("comment {count}"))?;
    }
    let first = client.get(&comments).await?;
    assert_eq!(first.body.as_array().map(Vec::len), Some(30));
    let link = first.headers["link"].to_str()?;
    assert!(
        link.contains("?page=2>; rel=\"next\"") && link.contains(&github.api_url()),
        "{link}"
    );
    let second = client
        .get(&format!("{comments}?per_page=20&page=2"))
        .await?;
    assert_eq!(second.body.as_array().map(Vec::len), Some(13));
    assert!(!second.headers["link"].to_str()?.contains("next"));

    let full = "é".repeat(65_536);
    let made = client.post(&comments, json!({ "body": full })).await?;
    assert_eq!(made.status, 201);
    let (bot, bot_id) = github.bot();
    assert_eq!(
        (&made.body["user"]["login"], &made.body["user"]["id"]),
        (&json!(bot), &json!(bot_id))
    );
    assert_eq!(
        client.get(&format!("/users/{bot}")).await?.body["id"],
        json!(bot_id)
    );
    for bad in [
        json!({ "body": format!("{full}x") }),
        json!({ "body": " " }),
        json!({}),
        json!({ "body": 7 }),
    ] {
        assert_eq!(client.post(&comments, bad).await?.status, 422);
    }
    let id = made.body["id"].as_u64().context("an id")?;
    assert!(id > u64::from(u32::MAX), "ids do not fit into 32 bits");
    let one = format!("/repos/{repo}/issues/comments/{id}");
    assert_eq!(
        client.patch(&one, json!({ "body": "short" })).await?.body["body"],
        "short"
    );
    let eyes = json!({ "content": "eyes" });
    assert_eq!(
        client
            .post(&format!("{one}/reactions"), eyes.clone())
            .await?
            .status,
        201
    );
    assert_eq!(
        client.post(&format!("{one}/reactions"), eyes).await?.status,
        200,
        "given already"
    );
    assert_eq!(
        client
            .post(&format!("{one}/reactions"), json!({ "content": "shrug" }))
            .await?
            .status,
        422
    );
    assert_eq!(client.get(&one).await?.body["reactions"]["eyes"], 1);
    assert_eq!(client.send(Method::DELETE, &one, None).await?.status, 204);
    assert_eq!(client.get(&one).await?.status, 404);
    assert_eq!(github.comments(&repo, number)?.len(), 33);
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn a_review_comment_stands_in_the_diff_or_the_review_fails() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let reviews = format!("/repos/{repo}/pulls/{number}/reviews");
    let head = github.pull(&repo, number)?.head;
    let review = |comment: Value| {
        json!({ "commit_id": head, "event": "COMMENT", "body": "see", "comments": [
            { "path": "new.txt", "line": 1, "side": "RIGHT", "body": "good" }, comment,
        ] })
    };
    // Lines 9 to 12 are in the hunk: line 12 changed, three lines of context before it.
    for (why, bad) in [
        (
            "before the hunk",
            json!({ "path": SPEC, "line": 8, "side": "RIGHT", "body": "x" }),
        ),
        (
            "after the file",
            json!({ "path": SPEC, "line": 13, "side": "RIGHT", "body": "x" }),
        ),
        (
            "not in the diff",
            json!({ "path": "README.md", "line": 1, "side": "RIGHT", "body": "x" }),
        ),
        (
            "no old side",
            json!({ "path": "new.txt", "line": 1, "side": "LEFT", "body": "x" }),
        ),
        (
            "no side of that name",
            json!({ "path": SPEC, "line": 9, "side": "right", "body": "x" }),
        ),
        ("no line", json!({ "path": SPEC, "body": "x" })),
        ("no words", json!({ "path": SPEC, "line": 9, "body": "" })),
        (
            "starts where it ends",
            json!({ "path": SPEC, "line": 9, "start_line": 9, "body": "x" }),
        ),
        (
            "starts outside",
            json!({ "path": SPEC, "line": 9, "start_line": 3, "body": "x" }),
        ),
        (
            "position",
            json!({ "path": SPEC, "position": 1, "body": "x" }),
        ),
        (
            "about the file",
            json!({ "path": SPEC, "subject_type": "file", "body": "x" }),
        ),
    ] {
        let reply = client.post(&reviews, review(bad)).await?;
        assert_eq!(reply.status, 422, "{why}: {}", reply.body);
    }
    assert!(
        github.reviews(&repo, number)?.is_empty(),
        "one bad comment fails all of it"
    );
    assert!(github.review_comments(&repo, number)?.is_empty());

    let spans = json!({ "path": SPEC, "start_line": 10, "start_side": "RIGHT", "line": 12, "side": "RIGHT", "body": "x" });
    let made = client.post(&reviews, review(spans)).await?;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(made.body["state"], "COMMENTED");
    let old = client
        .post(
            &reviews,
            review(json!({ "path": SPEC, "line": 12, "side": "LEFT", "body": "x" })),
        )
        .await?;
    assert_eq!(old.status, 200, "{}", old.body);
    let inline = github.review_comments(&repo, number)?;
    let places: Vec<_> = inline
        .iter()
        .map(|one| (one.path.as_str(), one.start, one.line))
        .collect();
    assert_eq!(
        places,
        [
            ("new.txt", None, Some((Side::Right, 1))),
            (SPEC, Some((Side::Right, 10)), Some((Side::Right, 12))),
            ("new.txt", None, Some((Side::Right, 1))),
            (SPEC, None, Some((Side::Left, 12))),
        ]
    );
    let of_it = client
        .get(&format!("{reviews}/{}/comments", made.body["id"]))
        .await?;
    assert_eq!(of_it.body.as_array().map(Vec::len), Some(2));
    assert_eq!(
        of_it.body[1]["diff_hunk"],
        "@@ -9,4 +9,4 @@ eight\n nine\n ten\n eleven\n-twelve\n+twelve!"
    );
    let file = json!({ "commit_id": head, "path": SPEC, "subject_type": "file", "body": "about the file" });
    let file = client
        .post(&format!("/repos/{repo}/pulls/{number}/comments"), file)
        .await?;
    assert_eq!(
        (file.status, file.body["subject_type"].as_str()),
        (201, Some("file")),
        "{}",
        file.body
    );
    assert_eq!(
        client
            .get(&format!("/repos/{repo}/pulls/{number}/comments"))
            .await?
            .body
            .as_array()
            .map(Vec::len),
        Some(5)
    );
    let files = client
        .get(&format!("/repos/{repo}/pulls/{number}/files"))
        .await?;
    assert_eq!(files.body[1]["patch"], "@@ -0,0 +1,2 @@\n+a\n+b");
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn reviews_are_refused_that_github_refuses() -> Result<()> {
    let (github, repo, _) = with_pull().await?;
    let (bot, _) = github.bot();
    github.commit(&repo, "bots", None, &[("x", Some("x"))], &bot)?;
    let number = github.open_pull((&repo, "main"), (&repo, "bots"), &bot, Standing::Ready)?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let reviews = format!("/repos/{repo}/pulls/{number}/reviews");
    let base = github.branch(&repo, "main")?.context("main")?;
    for (why, bad) in [
        (
            "approves its own",
            json!({ "event": "APPROVE", "body": "x" }),
        ),
        (
            "refuses its own",
            json!({ "event": "REQUEST_CHANGES", "body": "x" }),
        ),
        ("says nothing", json!({ "event": "COMMENT" })),
        (
            "too long",
            json!({ "event": "COMMENT", "body": "x".repeat(65_537) }),
        ),
        ("no such event", json!({ "event": "SHRUG", "body": "x" })),
        (
            "a commit of the base",
            json!({ "event": "COMMENT", "body": "x", "commit_id": base }),
        ),
        (
            "no commit",
            json!({ "event": "COMMENT", "body": "x", "commit_id": "abc" }),
        ),
    ] {
        assert_eq!(client.post(&reviews, bad).await?.status, 422, "{why}");
    }
    assert_eq!(
        client
            .post(&reviews, json!({ "body": "draft" }))
            .await?
            .body["state"],
        "PENDING"
    );
    assert_eq!(
        client
            .post(&reviews, json!({ "body": "draft" }))
            .await?
            .status,
        422,
        "one draft each"
    );
    assert_eq!(
        client
            .post("/repos/acme/widgets/pulls/99/reviews", json!({}))
            .await?
            .status,
        404
    );
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn annotations_append_and_checks_have_their_rules() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(
        &github,
        &repo,
        json!({ "permissions": { "checks": "write" } }),
    )
    .await?;
    let head = github.pull(&repo, number)?.head;
    let runs = format!("/repos/{repo}/check-runs");
    let note = |line: u32| json!({ "path": SPEC, "start_line": line, "end_line": line, "annotation_level": "notice", "message": "m" });
    let output = |annotations: Vec<Value>| json!({ "title": "t", "summary": "s", "annotations": annotations });
    let with = |key: &str, value: Value| {
        let mut body = json!({ "name": "countersign", "head_sha": head });
        body[key] = value;
        body
    };
    let mut columns = note(1);
    columns["start_column"] = json!(1);
    columns["end_line"] = json!(2);
    let button = |label: &str| json!({ "label": label, "description": "d", "identifier": "i" });
    for (why, bad) in [
        (
            "51 annotations",
            with("output", output((1..=51).map(note).collect())),
        ),
        ("columns over lines", with("output", output(vec![columns]))),
        ("line zero", with("output", output(vec![note(0)]))),
        (
            "long summary",
            with(
                "output",
                json!({ "title": "t", "summary": "x".repeat(65_536) }),
            ),
        ),
        ("no summary", with("output", json!({ "title": "t" }))),
        ("no conclusion", with("status", json!("completed"))),
        ("stale", with("conclusion", json!("stale"))),
        ("waiting", with("status", json!("waiting"))),
        (
            "four buttons",
            with(
                "actions",
                json!([button("a"), button("b"), button("c"), button("d")]),
            ),
        ),
        (
            "a wide button",
            with("actions", json!([button(&"x".repeat(21))])),
        ),
        (
            "no address",
            with("details_url", json!("javascript:alert(1)")),
        ),
        ("no time", with("started_at", json!("yesterday"))),
        ("no commit", with("head_sha", json!("0".repeat(40)))),
        ("no name", json!({ "head_sha": head })),
    ] {
        let reply = client.post(&runs, bad).await?;
        assert_eq!(reply.status, 422, "{why}: {}", reply.body);
    }
    let mut body = with("output", output((1..=50).map(note).collect()));
    body["status"] = json!("in_progress");
    body["external_id"] = json!("run-1");
    let made = client.post(&runs, body).await?;
    assert_eq!(
        (made.status, &made.body["pull_requests"][0]["number"]),
        (201, &json!(number)),
        "{}",
        made.body
    );
    let one = format!("{runs}/{}", made.body["id"]);
    let more = json!({ "conclusion": "failure", "output": output(vec![note(7)]) });
    let done = client.patch(&one, more).await?;
    assert_eq!(
        (
            &done.body["status"],
            &done.body["output"]["annotations_count"]
        ),
        (&json!("completed"), &json!(51))
    );
    assert_eq!(
        done.body["external_id"], "run-1",
        "an update keeps what it does not name"
    );
    let listed = client
        .get(&format!("{one}/annotations?per_page=100"))
        .await?;
    assert_eq!(listed.body.as_array().map(Vec::len), Some(51));

    client
        .post(&runs, with("external_id", json!("run-2")))
        .await?;
    let of_ref = format!("/repos/{repo}/commits/{head}/check-runs?check_name=countersign");
    let latest = client.get(&of_ref).await?;
    assert_eq!(
        (
            &latest.body["total_count"],
            &latest.body["check_runs"][0]["external_id"]
        ),
        (&json!(1), &json!("run-2"))
    );
    assert_eq!(
        client.get(&format!("{of_ref}&filter=all")).await?.body["total_count"],
        2
    );
    let suites = client
        .get(&format!("/repos/{repo}/commits/topic/check-suites"))
        .await?;
    assert_eq!(suites.body["check_suites"][0]["status"], "in_progress");
    assert_eq!(github.check_runs(&repo)?[0].annotations.len(), 51);
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn a_push_moves_the_head_and_a_signed_synchronize_arrives() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let (url, inbox) = receiver(StatusCode::ACCEPTED).await?;
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);
    github.set_webhook_url(Some(&url));
    let before = github.pull(&repo, number)?.head;
    let client = Client::installed(
        &github,
        &repo,
        json!({ "permissions": { "contents": "write" } }),
    )
    .await?;
    let folder = tempfile::tempdir()?;
    let address = format!("{}/{repo}.git", client.server);
    client
        .git_ok(
            folder.path(),
            &["clone", "--quiet", "--branch", "topic", &address, "work"],
        )
        .await?;
    let work = folder.path().join("work");
    std::fs::write(work.join("made.ts"), "export {}\n")?;
    client.git_ok(&work, &["add", "."]).await?;
    client
        .git_ok(&work, &["commit", "--quiet", "-m", "made"])
        .await?;
    client
        .git_ok(&work, &["push", "--quiet", "origin", "topic"])
        .await?;
    let head: Sha = client
        .git_ok(&work, &["rev-parse", "HEAD"])
        .await?
        .parse()?;

    assert_eq!(github.pull(&repo, number)?.head, head);
    let refs = client
        .git_ok(&work, &["ls-remote", "origin", "refs/pull/1/head"])
        .await?;
    assert!(refs.starts_with(head.as_str()), "{refs}");
    assert_eq!(
        github.file(&repo, &head, "made.ts")?.as_deref(),
        Some("export {}\n")
    );

    assert!(github.deliveries_settled(Duration::from_secs(10)).await);
    let inbox = inbox.lock().expect("no poison");
    let (headers, body) = inbox
        .iter()
        .find(|(headers, _)| headers["x-github-event"] == "pull_request")
        .context("a pull_request event")?;
    let payload: Value = serde_json::from_slice(body)?;
    assert_eq!(payload["action"], "synchronize");
    assert_eq!(
        (&payload["before"], &payload["after"]),
        (&json!(before), &json!(head))
    );
    assert_eq!(payload["sender"]["login"], json!(github.bot().0));
    assert_eq!(payload["pull_request"]["head"]["sha"], json!(head));
    assert_eq!(
        openapi::check_payload("pull_request", Some("synchronize"), &payload),
        [""; 0]
    );
    assert!(
        headers["user-agent"]
            .to_str()?
            .starts_with("GitHub-Hookshot/")
    );
    let signature = headers["x-hub-signature-256"].to_str()?;
    let key = aws_lc_rs::hmac::Key::new(
        aws_lc_rs::hmac::HMAC_SHA256,
        github.webhook_secret().expose_secret().as_bytes(),
    );
    let tag = hex::decode(signature.strip_prefix("sha256=").context("a prefix")?)?;
    assert!(
        aws_lc_rs::hmac::verify(&key, body, &tag).is_ok(),
        "{signature}"
    );
    Ok(())
}

#[tokio::test]
async fn pushes_are_refused_that_github_refuses() -> Result<()> {
    let (github, repo, _) = with_pull().await?;
    github.protect_branch(
        &repo,
        "main",
        "Changes must be made through a pull request.",
    )?;
    let writer = Client::installed(
        &github,
        &repo,
        json!({ "permissions": { "contents": "write" } }),
    )
    .await?;
    let reader = Client::installed(
        &github,
        &repo,
        json!({ "permissions": { "contents": "read" } }),
    )
    .await?;
    let nobody = Client::new(&github, "ghs_nobody".to_owned())?;
    let folder = tempfile::tempdir()?;
    let address = format!("{}/{repo}.git", writer.server);
    reader
        .git_ok(
            folder.path(),
            &["clone", "--quiet", "--branch", "topic", &address, "work"],
        )
        .await?;
    let work = folder.path().join("work");
    std::fs::create_dir_all(work.join(".github/workflows"))?;
    std::fs::write(work.join(".github/workflows/ci.yml"), "on: push\n")?;
    writer.git_ok(&work, &["add", "."]).await?;
    writer
        .git_ok(&work, &["commit", "--quiet", "-m", "workflow"])
        .await?;
    let head = github.branch(&repo, "topic")?;
    for (client, to, words) in [
        (&nobody, "topic", "could not read Username"),
        (&reader, "topic", "403"),
        (&writer, "topic", "without `workflows` permission"),
        (&writer, "refs/pull/1/head", "deny updating a hidden ref"),
    ] {
        let pushed = client
            .git(&work, &["push", "origin", &format!("HEAD:{to}")])
            .await?;
        let said = String::from_utf8_lossy(&pushed.stderr).into_owned();
        assert!(
            !pushed.status.success() && said.contains(words),
            "{to}: {said}"
        );
    }
    writer
        .git_ok(&work, &["reset", "--quiet", "--hard", "HEAD~1"])
        .await?;
    let pushed = writer.git(&work, &["push", "origin", "HEAD:main"]).await?;
    let said = String::from_utf8_lossy(&pushed.stderr).into_owned();
    assert!(
        said.contains("GH006") && said.contains("through a pull request"),
        "{said}"
    );
    assert_eq!(github.branch(&repo, "topic")?, head);

    // A lease that is out of date is refused by git itself.
    github.commit(&repo, "topic", None, &[("y", Some("y"))], "ada")?;
    writer
        .git_ok(&work, &["commit", "--quiet", "--allow-empty", "-m", "late"])
        .await?;
    let lease = format!("--force-with-lease=topic:{}", head.context("a head")?);
    let pushed = writer
        .git(&work, &["push", &lease, "origin", "HEAD:topic"])
        .await?;
    assert!(String::from_utf8_lossy(&pushed.stderr).contains("stale info"));
    Ok(())
}

#[tokio::test]
async fn the_head_of_a_fork_is_in_the_base_repository() -> Result<()> {
    let (github, repo, _) = with_pull().await?;
    let fork = github.fork(&repo, "eve")?;
    let first = github.commit(&fork, "evil", None, &[("evil.txt", Some("1"))], "eve")?;
    let number = github.open_pull((&repo, "main"), (&fork, "evil"), "eve", Standing::Draft)?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let pull = format!("/repos/{repo}/pulls/{number}");
    let reply = client.get(&pull).await?;
    assert_eq!(
        (&reply.body["head"]["sha"], &reply.body["draft"]),
        (&json!(first), &json!(true))
    );
    assert_eq!(reply.body["head"]["repo"]["full_name"], "eve/widgets");
    let second = github.commit(&fork, "evil", None, &[("evil.txt", Some("2"))], "eve")?;
    let folder = tempfile::tempdir()?;
    let address = format!("{}/{repo}.git", client.server);
    let refs = client
        .git_ok(
            folder.path(),
            &["ls-remote", &address, &format!("refs/pull/{number}/head")],
        )
        .await?;
    assert!(refs.starts_with(second.as_str()), "{refs}");

    let run = client
        .post(
            &format!("/repos/{repo}/check-runs"),
            json!({ "name": "c", "head_sha": second }),
        )
        .await?;
    assert_eq!(
        (run.status, &run.body["pull_requests"]),
        (201, &json!([])),
        "checks do not know forks"
    );
    let fork_git = format!("{}/{fork}.git", client.server);
    let cloned = client
        .git(folder.path(), &["clone", &fork_git, "fork"])
        .await?;
    assert!(
        !cloned.status.success(),
        "the token does not reach the fork"
    );
    github.delete_repo(&fork)?;
    assert_eq!(client.get(&pull).await?.body["head"]["repo"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn permissions_are_told_in_four_words_and_roles_exactly() -> Result<()> {
    let (github, repo, _) = with_pull().await?;
    github.set_permission(&repo, "mia", Role::Maintain)?;
    github.set_permission(&repo, "tom", Role::Triage)?;
    github.set_permission(&repo, "out", Role::None)?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    for (login, permission, role) in [
        ("acme", "admin", "admin"),
        ("mia", "write", "maintain"),
        ("ada", "write", "write"),
        ("tom", "read", "triage"),
        ("out", "none", "none"),
    ] {
        let reply = client
            .get(&format!("/repos/{repo}/collaborators/{login}/permission"))
            .await?;
        assert_eq!(
            (&reply.body["permission"], &reply.body["role_name"]),
            (&json!(permission), &json!(role))
        );
    }
    assert_eq!(
        client
            .get(&format!("/repos/{repo}/collaborators/nemo/permission"))
            .await?
            .status,
        404
    );
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn a_failed_delivery_can_be_found_and_sent_again_under_its_guid() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let (broken, _) = receiver(StatusCode::BAD_GATEWAY).await?;
    github.set_webhook_url(Some(&broken));
    github.comment(&repo, number, "ada", "/retry")?;
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);
    let app = Client::app(&github)?;
    let page = app.get("/app/hook/deliveries?per_page=1").await?;
    let failed = page.body[0].clone();
    assert_eq!(
        (&failed["status_code"], &failed["event"]),
        (&json!(502), &json!("issue_comment"))
    );
    let next = page.headers["link"].to_str()?;
    let cursor = next
        .split("cursor=")
        .nth(1)
        .and_then(|rest| rest.split('>').next())
        .context("a cursor")?;
    let older = app
        .get(&format!(
            "/app/hook/deliveries?per_page=100&cursor={cursor}"
        ))
        .await?;
    let older = older.body.as_array().context("a list")?;
    assert!(
        older
            .iter()
            .all(|one| one["id"].as_u64() < failed["id"].as_u64())
            && !older.is_empty()
    );

    let (working, inbox) = receiver(StatusCode::OK).await?;
    github.set_webhook_url(Some(&working));
    let again = app
        .send(
            Method::POST,
            &format!("/app/hook/deliveries/{}/attempts", failed["id"]),
            None,
        )
        .await?;
    assert_eq!(again.status, 202);
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);
    {
        let inbox = inbox.lock().expect("no poison");
        assert_eq!(inbox.len(), 1);
        assert_eq!(
            inbox[0].0["x-github-delivery"],
            failed["guid"].as_str().context("a guid")?
        );
        let payload: Value = serde_json::from_slice(&inbox[0].1)?;
        assert_eq!(payload["comment"]["body"], "/retry");
        let whole = app
            .get(&format!("/app/hook/deliveries/{}", failed["id"]))
            .await?;
        assert_eq!(whole.body["request"]["payload"], payload);
    }
    let newest = app.get("/app/hook/deliveries?per_page=1").await?.body[0].clone();
    assert_eq!(
        (&newest["guid"], &newest["redelivery"]),
        (&failed["guid"], &json!(true))
    );
    assert_ne!(newest["id"], failed["id"]);
    let sent: Vec<_> = github
        .deliveries()
        .into_iter()
        .rev()
        .take(2)
        .map(|one| one.sent)
        .collect();
    assert!(matches!(
        sent[..],
        [
            Sent::Answered { status: 200, .. },
            Sent::Answered { status: 502, .. }
        ]
    ));
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn late_webhooks_come_late_and_every_payload_is_as_described() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let (url, inbox) = receiver(StatusCode::OK).await?;
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);
    github.set_webhook_url(Some(&url));
    github.hold_deliveries();
    let client = Client::installed(&github, &repo, json!({})).await?;
    let head = github.pull(&repo, number)?.head;
    let body = json!({ "name": "countersign", "head_sha": head, "conclusion": "success" });
    let run = client
        .post(&format!("/repos/{repo}/check-runs"), body)
        .await?;
    let run = run.body["id"].as_u64().context("an id")?;
    github.press_rerun(&repo, run, "ada")?;
    github.press_action(&repo, run, "retry", "ada")?;
    github.press_rerun_all(&repo, &head, "ada")?;
    let note = github.comment(&repo, number, "ada", "hello")?;
    github.delete_comment(&repo, note)?;
    github.close_pull(&repo, number, "ada")?;
    github.reopen_pull(&repo, number, "ada")?;
    github.force_push(&repo, "topic", &head, "ada")?;
    github.ping();
    github.uninstall("acme");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(inbox.lock().expect("no poison").is_empty(), "held back");
    github.release_deliveries(Order::NewestFirst);
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);

    let inbox = inbox.lock().expect("no poison");
    let mut came = Vec::new();
    for (headers, body) in inbox.iter() {
        let payload: Value = serde_json::from_slice(body)?;
        let event = headers["x-github-event"].to_str()?.to_owned();
        let action = payload["action"].as_str().map(str::to_owned);
        assert_eq!(
            openapi::check_payload(&event, action.as_deref(), &payload),
            [""; 0],
            "{event} {action:?}"
        );
        came.push(format!("{event} {}", action.unwrap_or_default()));
    }
    assert_eq!(
        came,
        [
            "installation deleted",
            "ping ",
            "pull_request reopened",
            "pull_request closed",
            "issue_comment created",
            "check_suite rerequested",
            "check_run requested_action",
            "check_run rerequested",
            "check_run completed",
            "check_run created",
        ]
    );
    assert_eq!(
        client.get(&format!("/repos/{repo}")).await?.status,
        401,
        "its tokens died with it"
    );
    Ok(())
}

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

    github.require_write_gap(Some(Duration::from_millis(500)));
    assert_eq!(client.post(&comments, body.clone()).await?.status, 201);
    let soon = client.post(&comments, body.clone()).await?;
    assert_eq!(
        (soon.status, soon.headers["retry-after"].to_str()?),
        (403, "1")
    );
    tokio::time::sleep(Duration::from_millis(550)).await;
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
