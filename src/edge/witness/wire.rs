//! One request, carried to the API and back: read, checked, sent on with the real key, cleaned, written down.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use axum::body::{Body as HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, SET_COOKIE, UPGRADE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use reqwest::{Client, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::timeout;

use super::answer::{Answer, no_variables, taken_down};
use super::attempt::{Admission, Attempt};
use super::blank;
use super::message::{body_of, headers_of, message_of, unreachable, within_limits, without_hops};
use super::refusal::Refusal;
use super::replay::Course;
use super::route::{Ask, Route, connection_of, decide};
use super::translate;
use crate::domain::limits;
use crate::domain::tape::{Body, Exchange, Phase, Repeat};
use crate::os::clock::Now;

/// The way to the API.
pub struct Wire {
    client: Client,
    upstream: Url,
    secret: SecretString,
    authorization: HeaderValue,
    now: Now,
    patience: Duration,
}

impl Wire {
    /// Absent when the secret cannot stand in a header.
    pub fn new(
        client: Client,
        upstream: Url,
        secret: SecretString,
        now: Now,
        patience: Duration,
    ) -> Option<Self> {
        let mut authorization = authorization(&secret)?;
        authorization.set_sensitive(true);
        Some(Self {
            client,
            upstream,
            secret,
            authorization,
            now,
            patience,
        })
    }

    /// Carries one request, and writes it down whatever becomes of it.
    pub async fn carry(
        &self,
        request: Request,
        key: &str,
        attempt: &Attempt,
        phase: Phase,
    ) -> Response {
        let began = Instant::now();
        let (parts, body) = request.into_parts();
        let ask = ask_of(&parts);
        let arrived = Exchange {
            seq: 0,
            phase,
            at_ms: (self.now)(),
            took_ms: 0,
            method: ask.method.to_string(),
            path: ask.path.to_owned(),
            query: ask.query.to_owned(),
            connection: connection_of(&ask),
            request: Body::default(),
            status: 0,
            response: Body::default(),
            response_headers: BTreeMap::new(),
            repeat: None,
            refused: Some("still under way when the tape was read".into()),
        };
        let Some(seq) = attempt.begin(arrived.clone()) else {
            return Answer::from(Refusal::with(
                StatusCode::TOO_MANY_REQUESTS,
                format!("this attempt made {} requests", limits::TAPE_EXCHANGES),
                "Stop and report what there is.",
            ))
            .into_response();
        };
        let mut exchange = Exchange { seq, ..arrived };
        let answer = tokio::select! {
            answer = timeout(self.patience, self.ask(&parts, body, key, attempt, &mut exchange)) => {
                answer.unwrap_or_else(|_| Err(Refusal::failed(
                    StatusCode::GATEWAY_TIMEOUT,
                    format!("no whole answer within {:?}", self.patience),
                )))
            }
            () = attempt.closed.cancelled() => Err(Refusal::with(
                StatusCode::UNAUTHORIZED,
                "the attempt ended while the request was under way",
                "Stop.",
            )),
        };
        let answer = answer.unwrap_or_else(Answer::from);
        exchange.status = answer.status.as_u16();
        exchange.response = body_of(&answer.body, &answer.headers);
        exchange.response_headers = headers_of(&answer.headers);
        exchange.refused = answer.refused.clone();
        exchange.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        attempt.finish(exchange, || message_of(&answer.body));
        answer.into_response()
    }

    async fn ask(
        &self,
        parts: &Parts,
        body: HttpBody,
        key: &str,
        attempt: &Attempt,
        exchange: &mut Exchange,
    ) -> Result<Answer, Refusal> {
        let _slot = attempt.slots.acquire().await;
        let body = to_bytes(body, limits::WIRE_BODY_BYTES).await.map_err(|_| {
            Refusal::with(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!(
                    "the request's body is larger than {} bytes, or broke off",
                    limits::WIRE_BODY_BYTES
                ),
                "Send less at once.",
            )
        })?;
        exchange.request = body_of(&body, &parts.headers);
        let ask = ask_of(parts);
        whole(parts)?;
        let route = decide(&ask, &attempt.admission)?;
        no_key_as_data(&ask, &body, key)?;
        match (route, exchange.phase, attempt.blocked()) {
            (Route::Variables, _, _) => return Ok(no_variables()),
            (Route::Metadata, _, _) => return Ok(taken_down(body)),
            (Route::Provider, Phase::Agent, Some(refused)) => {
                return Err(Refusal::forbidden(
                    format!(
                        "the API refused {} {} with {} {} times: the test account may not do this",
                        refused.method,
                        refused.path,
                        refused.status,
                        refused.seqs.len()
                    ),
                    "Stop, and report the task as blocked with that answer. Do not make results up.",
                ));
            }
            (Route::Provider, Phase::CleanRoom, _) => match attempt.course(exchange) {
                Course::Ask => {}
                Course::HeldBack(refusal) => {
                    exchange.repeat = Some(Repeat::HeldBack);
                    return Err(refusal);
                }
                Course::Again(before) => {
                    exchange.repeat = Some(Repeat::Answered(before.seq));
                    return Ok(Answer::again(&before));
                }
            },
            _ => {}
        }
        let admission = &attempt.admission;
        let url = self.address(&Ask {
            path: &translate::path(ask.path, admission),
            query: &match route {
                Route::Nango => translate::query(ask.query, admission),
                // A provider's own parameters, whatever they are called.
                Route::Provider | Route::Variables | Route::Metadata => ask.query.into(),
            },
            ..ask
        })?;
        let mut headers = self.sent_on(ask.headers);
        translate::header(&mut headers, admission);
        let sent = self
            .client
            .request(ask.method.clone(), url)
            .headers(headers)
            .body(body)
            .send()
            .await
            .map_err(|error| unreachable(&error))?;
        let status = sent.status();
        let headers = sent.headers().clone();
        let body = within_limits(sent).await?;
        self.cleaned(route, status, headers, body, admission)
    }

    /// The same path and query at the API, and nowhere else.
    fn address(&self, ask: &Ask<'_>) -> Result<Url, Refusal> {
        let origin = self.upstream.origin();
        let mut target = format!("{}{}", origin.ascii_serialization(), ask.path);
        if !ask.query.is_empty() {
            target.push('?');
            target.push_str(ask.query);
        }
        let first = |path: &str| path.split('/').nth(1).map(str::to_owned);
        Url::parse(&target)
            .ok()
            .filter(|url| url.origin() == origin && first(url.path()) == first(ask.path))
            .ok_or_else(|| {
                Refusal::malformed(
                    "the path is no path",
                    "Use the plain path of the endpoint, relative to the provider's base URL.",
                )
            })
    }

    fn sent_on(&self, came: &HeaderMap) -> HeaderMap {
        let mut headers = without_hops(came);
        for name in [&HOST, &AUTHORIZATION, &CONTENT_LENGTH, &COOKIE, &EXPECT] {
            headers.remove(name);
        }
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers
    }

    /// An answer without credentials, without our secret, without cookies.
    fn cleaned(
        &self,
        route: Route,
        status: StatusCode,
        came: HeaderMap,
        mut body: Bytes,
        admission: &Admission,
    ) -> Result<Answer, Refusal> {
        if route == Route::Nango && !body.is_empty() {
            let mut value: Value = serde_json::from_slice(&body).map_err(|_| {
                Refusal::failed(
                    StatusCode::BAD_GATEWAY,
                    "Nango's answer is not JSON, so credentials in it could not be blanked",
                )
            })?;
            blank::credentials(&mut value);
            blank::other_connections(&mut value, admission);
            translate::answer(&mut value, admission);
            body = value.to_string().into();
        }
        let secret = self.secret.expose_secret().as_bytes();
        if let Some(clean) = blank::occurrences(&body, secret) {
            body = clean.into();
        }
        let mut headers = without_hops(&came);
        headers.remove(SET_COOKIE);
        headers.remove(CONTENT_LENGTH);
        for value in headers.values_mut() {
            if let Some(clean) = blank::occurrences(value.as_bytes(), secret) {
                *value = HeaderValue::from_bytes(&clean)
                    .unwrap_or_else(|_| HeaderValue::from_static(blank::BLANK));
            }
        }
        Ok(Answer {
            status,
            headers,
            body,
            refused: None,
        })
    }
}

/// The secret as a header; nothing when no header can carry it.
pub(super) fn authorization(secret: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", secret.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn ask_of(parts: &Parts) -> Ask<'_> {
    Ask {
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or(""),
        headers: &parts.headers,
    }
}

/// Requests to a proxy or for another protocol are not what a dry run makes.
fn whole(parts: &Parts) -> Result<(), Refusal> {
    let upgrades = parts.headers.contains_key(UPGRADE);
    if parts.uri.authority().is_some() || parts.uri.scheme().is_some() || upgrades {
        return Err(Refusal::malformed(
            "the witness is no general proxy and upgrades no connection",
            "Ask for a path, as Nango's CLI does.",
        ));
    }
    Ok(())
}

/// The workspace's key is of no use to anybody else, and has no business in data.
fn no_key_as_data(ask: &Ask<'_>, body: &[u8], key: &str) -> Result<(), Refusal> {
    let needle = key.as_bytes();
    let in_headers = ask
        .headers
        .iter()
        .filter(|(name, _)| *name != AUTHORIZATION)
        .any(|(_, value)| blank::find(value.as_bytes(), needle).is_some());
    if in_headers
        || ask.path.contains(key)
        || ask.query.contains(key)
        || blank::find(body, needle).is_some()
    {
        return Err(Refusal::forbidden(
            "the workspace's key was put into a request as data",
            "Send only what the task needs.",
        ));
    }
    Ok(())
}
