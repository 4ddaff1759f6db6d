//! From HTTP to calls and back: reads requests, keeps a record of them, and lets planned faults happen.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri, header};
use axum::routing::post;
use serde_json::Value;
use tower_http::timeout::TimeoutLayer;

use super::answer::{Answer, Refusal};
use super::faults::{FaultKind, Moment, Seen};
use super::graphql;
use super::routes::{self, Call};
use super::smart_http::{self, GitAnswer, GitCall};
use super::{API_PREFIX, Shared, locked};
use crate::limits;

/// What is said when a handler panicked.
const MISTAKE: &str = "The stand-in has a mistake; see its panic.";

/// The API, below its prefix.
pub(super) fn api(shared: Arc<Shared>) -> Router {
    bounded(Router::new().fallback(answer_api).with_state(shared))
}

/// Git, where the pages would be.
pub(super) fn git(shared: Arc<Shared>) -> Router {
    let router = Router::new()
        .route("/settings/apps/new", post(new_app))
        .route(
            "/organizations/{organization}/settings/apps/new",
            post(new_app),
        );
    bounded(router.fallback(answer_git).with_state(shared))
}

/// The page on which a person agrees to a new App; here everybody does.
async fn new_app(State(shared): State<Arc<Shared>>, uri: Uri, body: String) -> Response<Body> {
    let query = pairs(uri.query().unwrap_or_default());
    let state = query.into_iter().find(|(name, _)| name == "state");
    let state = state.map(|(_, value)| value).unwrap_or_default();
    let taken = locked(&shared.world).take_manifest(&pairs(&body), &state);
    match taken {
        Ok(back) => respond(302, &[("location".to_owned(), back)], Body::empty()),
        Err(why) => respond(422, &[], why.into()),
    }
}

/// Nobody is waited for forever, not even a client that never finishes its request.
fn bounded(router: Router) -> Router {
    let time = Duration::from_secs(2 * limits::GIT_SECONDS);
    router.layer(TimeoutLayer::with_status_code(
        StatusCode::REQUEST_TIMEOUT,
        time,
    ))
}

async fn answer_api(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, limits::REQUEST_BYTES).await else {
        return written(Refusal::new(413, "Payload too large").into_answer());
    };
    let full = parts.uri.path().to_owned();
    let path = full.strip_prefix(API_PREFIX).unwrap_or(&full).to_owned();
    let below_prefix = full.starts_with(API_PREFIX);
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let matched = below_prefix
        .then(|| routes::find(&parts.method, &path))
        .flatten();
    let json = read_json(&bytes);
    let seen = shared.see(Seen {
        number: 0,
        method: parts.method.to_string(),
        path: path.clone(),
        query: query.clone(),
        route: matched.as_ref().map(|(route, _)| route.template),
        body: json.clone().unwrap_or_default(),
        status: 0,
        answer: Value::Null,
        token: locked(&shared.world).git_scope(&parts.headers),
    });
    let fault = meet_fault(&shared, &seen).await;
    if let Some((status, refusal)) = fault.and_then(refused) {
        shared.done(&seen, status, None);
        return written(refusal.into_answer());
    }
    let mut call = Call::new(path, parts.headers, pairs(&query));
    let worker = shared.clone();
    let applied = tokio::task::spawn_blocking(move || {
        let is_graphql = call.path == graphql::PATH && seen.method == "POST";
        let is_write = match is_graphql {
            true => !graphql::is_query(&seen.body),
            false => seen.method != "GET",
        };
        if is_write {
            worker.tell(&seen, Moment::Before);
        }
        let outcome = first_checks(&worker, &call, is_write).and_then(|()| {
            call.body = json.ok_or_else(|| Refusal::new(400, "Problems parsing JSON"))?;
            let mut world = locked(&worker.world);
            match is_graphql {
                true => graphql::answer(&mut world, &call),
                false => routes::answer(&mut world, call, matched),
            }
        });
        let answer = outcome.unwrap_or_else(Refusal::into_answer);
        worker.done(&seen, answer.status, answer.body.clone());
        if is_write && answer.status < 300 {
            let seen = Seen {
                status: answer.status,
                ..seen
            };
            worker.tell(&seen, Moment::After);
        }
        answer
    });
    let Ok(answer) = applied.await else {
        return written(Refusal::new(500, MISTAKE).into_answer());
    };
    match fault {
        Some(FaultKind::AfterApply) => drop_connection(),
        Some(FaultKind::CutAnswer) => cut(written(answer)).await,
        _ => written(answer),
    }
}

/// What GitHub refuses before it looks at anything else.
fn first_checks(shared: &Shared, call: &Call, is_write: bool) -> Result<(), Refusal> {
    if !call.headers.contains_key(header::USER_AGENT) {
        return Err(Refusal::new(
            403,
            "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
        ));
    }
    // Tokens are not content, and are not counted.
    if is_write && !call.path.starts_with("/app/") && locked(&shared.faults).is_too_soon() {
        return Err(too_much(1));
    }
    Ok(())
}

/// What GitHub says where there is too much of one kind at once.
fn too_much(seconds: u64) -> Refusal {
    Refusal::new(
        403,
        "You have exceeded a secondary rate limit and have been temporarily blocked from content creation. Please retry your request again later.",
    )
    .with_header("retry-after", &seconds.to_string())
}

/// The answer of a fault that keeps a request from being looked at, with its status.
fn refused(fault: FaultKind) -> Option<(u16, Refusal)> {
    match fault {
        FaultKind::Status(status) => Some((
            status,
            Refusal::new(status, "The stand-in was told to fail here."),
        )),
        FaultKind::RetryAfter(seconds) => Some((403, too_much(seconds))),
        FaultKind::DropConnection
        | FaultKind::Delay(_)
        | FaultKind::AfterApply
        | FaultKind::CutAnswer => None,
    }
}

/// The first half of an answer that says how long it is.
async fn cut(whole: Response<Body>) -> Response<Body> {
    let (mut parts, body) = whole.into_parts();
    let bytes = to_bytes(body, limits::GIT_BYTES).await.unwrap_or_default();
    // An answer without a body is lost as a whole.
    if bytes.is_empty() {
        drop_connection();
    }
    parts
        .headers
        .insert(header::CONTENT_LENGTH, bytes.len().into());
    let broken = || std::io::Error::other("the stand-in breaks off here, as it was told");
    let half = [Ok(bytes.slice(..bytes.len() / 2)), Err(broken())];
    Response::from_parts(parts, Body::from_stream(futures_util::stream::iter(half)))
}

async fn answer_git(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, limits::GIT_BYTES).await else {
        return written(Refusal::new(413, "Payload too large").into_answer());
    };
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let seen = shared.see(Seen {
        number: 0,
        method: parts.method.to_string(),
        path: path.clone(),
        query: query.clone(),
        route: None,
        body: Value::Null,
        status: 0,
        answer: Value::Null,
        token: locked(&shared.world).git_scope(&parts.headers),
    });
    let fault = meet_fault(&shared, &seen).await;
    if let Some((status, refusal)) = fault.and_then(refused) {
        shared.done(&seen, status, None);
        return written(refusal.into_answer());
    }
    let call = GitCall {
        method: parts.method,
        path,
        query,
        headers: parts.headers,
        body,
    };
    // A task of its own ends what it began, also when the client is gone: half a push would be no push of GitHub's.
    let Ok(answer) = tokio::spawn(apply_git(shared, seen, call)).await else {
        return written(Refusal::new(500, MISTAKE).into_answer());
    };
    let response = respond(answer.status, &answer.headers, answer.body.into());
    match fault {
        Some(FaultKind::AfterApply) => drop_connection(),
        Some(FaultKind::CutAnswer) => cut(response).await,
        _ => response,
    }
}

async fn apply_git(shared: Arc<Shared>, seen: Seen, call: GitCall) -> GitAnswer {
    let is_push = call.method == Method::POST && call.path.ends_with("/git-receive-pack");
    if is_push {
        tell_blocking(&shared, &seen, Moment::Before).await;
    }
    let answer = smart_http::answer(&shared, call).await;
    shared.done(&seen, answer.status, None);
    if is_push && answer.status < 300 {
        let seen = Seen {
            status: answer.status,
            ..seen
        };
        tell_blocking(&shared, &seen, Moment::After).await;
    }
    answer
}

async fn tell_blocking(shared: &Arc<Shared>, seen: &Seen, moment: Moment) {
    let (shared, seen) = (shared.clone(), seen.clone());
    // A hook that panics has failed its test on its own thread already.
    let _ = tokio::task::spawn_blocking(move || shared.tell(&seen, moment)).await;
}

/// Waits out a planned delay and drops the connection when that is planned; other faults are the caller's.
async fn meet_fault(shared: &Shared, seen: &Seen) -> Option<FaultKind> {
    let fault = locked(&shared.faults).take(seen);
    match fault {
        Some(FaultKind::Delay(time)) => tokio::time::sleep(time).await,
        Some(FaultKind::DropConnection) => drop_connection(),
        Some(
            FaultKind::Status(_)
            | FaultKind::RetryAfter(_)
            | FaultKind::AfterApply
            | FaultKind::CutAnswer,
        )
        | None => {}
    }
    fault
}

/// Ends the connection's own task, and with it the connection, without a word. Unwinding is the one way to do that from
/// within a handler; the panic hook is not run.
fn drop_connection() -> ! {
    std::panic::resume_unwind(Box::new(
        "the stand-in drops this connection, as it was told",
    ))
}

/// The body as JSON: null when there is none, nothing when it is not an object.
fn read_json(bytes: &Bytes) -> Option<Value> {
    if bytes.is_empty() {
        return Some(Value::Null);
    }
    serde_json::from_slice(bytes).ok().filter(Value::is_object)
}

fn pairs(query: &str) -> Vec<(String, String)> {
    reqwest::Url::parse(&format!("http://localhost/?{query}"))
        .map(|url| url.query_pairs().into_owned().collect())
        .unwrap_or_default()
}

fn written(answer: Answer) -> Response<Body> {
    let mut headers = answer.headers;
    headers.push((
        "x-github-media-type".to_owned(),
        "github.v3; format=json".to_owned(),
    ));
    headers.push(("x-ratelimit-limit".to_owned(), "5000".to_owned()));
    headers.push(("x-ratelimit-remaining".to_owned(), "4999".to_owned()));
    let body = match answer.body {
        Some(body) => {
            let kind = "application/json; charset=utf-8".to_owned();
            headers.push((header::CONTENT_TYPE.to_string(), kind));
            body.to_string().into()
        }
        None => Body::empty(),
    };
    respond(answer.status, &headers, body)
}

fn respond(status: u16, headers: &[(String, String)], body: Body) -> Response<Body> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(body).unwrap_or_else(|_| {
        let mut broken = Response::new(Body::empty());
        *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        *broken.headers_mut() = HeaderMap::new();
        broken
    })
}
