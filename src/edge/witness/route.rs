//! What may be asked of the API, by whom nothing is believed. A request passes when it is one that a dry run makes, for
//! the one connection and the one integration that were admitted, by a path without tricks.

use axum::http::{HeaderMap, Method, StatusCode};
use reqwest::Url;

use super::attempt::{Admission, MetadataWrites};
use super::path::{PLAIN_PATH, decode, plain};
use super::refusal::Refusal;

/// A request that is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The provider's API, through Nango's proxy.
    Provider,
    /// Nango's own answers about the connection or the integration; these hold credentials.
    Nango,
    /// The environment's variables, which may hold secrets: we answer, and there are none.
    Variables,
    /// Metadata for the connection: we answer, and nothing is written.
    Metadata,
}

/// What is known of a request before its body.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// GET, POST and so on.
    pub method: &'a Method,
    /// As it came.
    pub path: &'a str,
    /// As it came, without `?`.
    pub query: &'a str,
    /// As they came.
    pub headers: &'a HeaderMap,
}

const ONLY_OWN: &str = "Use the connection and the integration that the brief names.";
const SAY_SO: &str =
    "Work without it; if the task needs it, report the task as blocked and quote this message.";

/// Headers that make Nango or the provider do something other than the request says, with and without Nango's prefix
/// for headers that it passes on.
const DETOURS: &[&str] = &[
    "base-url-override",
    "host",
    "forwarded",
    "x-forwarded-host",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "authorization",
    "proxy-authorization",
];
const PASSED_ON: &str = "nango-proxy-";

/// Whether a request may pass.
pub fn decide(ask: &Ask<'_>, admission: &Admission) -> Result<Route, Refusal> {
    let decoded = plain(ask.path)?;
    if let Some(endpoint) = decoded.strip_prefix("/proxy/") {
        return provider(ask, endpoint, admission);
    }
    if ask.path.contains('%') && decoded.matches('/').count() != ask.path.matches('/').count() {
        return Err(Refusal::malformed(
            "the path has an encoded slash",
            PLAIN_PATH,
        ));
    }
    let parts: Vec<&str> = decoded.split('/').skip(1).collect();
    let get = ask.method == Method::GET;
    match parts.as_slice() {
        ["connections"] if get => {
            parameters(ask.query, &["connectionId"], |_, id| {
                id == admission.connection
            })?;
            if ask.query.is_empty() {
                return Err(other_connection("all"));
            }
            Ok(Route::Nango)
        }
        ["connection" | "connections", "metadata"]
            if admission.metadata == MetadataWrites::TakenDown && is_write(ask.method) =>
        {
            Ok(Route::Metadata)
        }
        ["connection" | "connections", "metadata"] | ["connection", _, "metadata"] => {
            Err(Refusal::forbidden(
                "metadata of the connection is not written in a dry run",
                "Read metadata if it is there and have a default; do not set it.",
            ))
        }
        ["connection" | "connections", id] if get => {
            if *id != admission.connection {
                return Err(other_connection(id));
            }
            integration_named(ask.query, admission)?;
            Ok(Route::Nango)
        }
        ["integrations", key] if get => {
            if !admission.is_integration(key) {
                return Err(other_integration(key));
            }
            parameters(ask.query, &["include"], |_, value| value == "webhook")?;
            Ok(Route::Nango)
        }
        ["environment-variables"] if get => Ok(Route::Variables),
        ["sync", "deploy", ..] | ["deploy", ..] => Err(Refusal::forbidden(
            "nothing is deployed from a workspace",
            "Leave deploying alone; the function is taken from its source file.",
        )),
        ["action", ..] | ["sync", ..] | ["scripts", ..] => Err(Refusal::forbidden(
            "functions that are deployed already are not started from a workspace",
            SAY_SO,
        )),
        _ => Err(Refusal::forbidden(
            format!(
                "{} {} is not part of a dry run",
                ask.method,
                shown(ask.path)
            ),
            "Ask the provider through nango.get, nango.post and so on, for the connection that the brief names.",
        )),
    }
}

fn is_write(method: &Method) -> bool {
    [Method::POST, Method::PATCH, Method::PUT].contains(method)
}

/// Requests to the provider. Rules on *what may be written* (only what this attempt made, only so often, only to
/// recipients on a list) belong here, once there are any.
fn provider(ask: &Ask<'_>, endpoint: &str, admission: &Admission) -> Result<Route, Refusal> {
    let methods = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ];
    if !methods.contains(ask.method) {
        return Err(Refusal::with(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("the method {} is not passed on", ask.method),
            "Use GET, POST, PUT, PATCH or DELETE.",
        ));
    }
    if endpoint.contains("//") || endpoint.starts_with("http:") || endpoint.starts_with("https:") {
        return Err(Refusal::malformed(
            "the endpoint is a whole address",
            PLAIN_PATH,
        ));
    }
    named(ask.headers, "connection-id", |id| {
        (id == admission.connection)
            .then_some(())
            .ok_or_else(|| other_connection(id))
    })?;
    named(ask.headers, "provider-config-key", |key| {
        admission
            .is_integration(key)
            .then_some(())
            .ok_or_else(|| other_integration(key))
    })?;
    for (name, value) in ask.headers {
        let passed_on = name.as_str().strip_prefix(PASSED_ON);
        let detour = match passed_on {
            Some(rest) => DETOURS.contains(&rest),
            None => DETOURS
                .iter()
                .filter(|detour| !matches!(**detour, "host" | "authorization"))
                .any(|detour| name == detour),
        };
        if detour && !value.is_empty() {
            return Err(Refusal::forbidden(
                format!("the header {name} would send the request elsewhere or as somebody else"),
                "Leave the header out; Nango knows the provider's address and adds the credentials.",
            ));
        }
    }
    Ok(Route::Provider)
}

/// Every value of a header that must be there.
fn named(
    headers: &HeaderMap,
    name: &str,
    check: impl Fn(&str) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let values: Vec<&str> = (headers.get_all(name).iter())
        .map(|value| value.to_str().unwrap_or(""))
        .collect();
    if values.is_empty() {
        return Err(Refusal::malformed(
            format!("the header {name} is missing"),
            ONLY_OWN,
        ));
    }
    values.into_iter().try_for_each(check)
}

fn integration_named(query: &str, admission: &Admission) -> Result<(), Refusal> {
    const NAMES: &[&str] = &[
        "provider_config_key",
        "force_refresh",
        "refresh_token",
        "refresh_github_app_jwt_token",
    ];
    parameters(query, NAMES, |name, value| match name {
        "provider_config_key" => admission.is_integration(value),
        // A new token would end the old one, on which other attempts live.
        _ => value != "true",
    })?;
    if !query.contains("provider_config_key=") {
        return Err(other_integration("all"));
    }
    Ok(())
}

/// Every parameter must be known and its value allowed.
fn parameters(
    query: &str,
    known: &[&str],
    allowed: impl Fn(&str, &str) -> bool,
) -> Result<(), Refusal> {
    let refused = |name: &str| {
        Refusal::forbidden(
            format!("the parameter {} is not allowed so here", shown(name)),
            ONLY_OWN,
        )
    };
    let url = Url::parse(&format!("http://localhost/?{query}")).map_err(|_| refused("?"))?;
    for (name, value) in url.query_pairs() {
        if !known.contains(&name.as_ref()) || !allowed(&name, &value) {
            return Err(refused(&name));
        }
    }
    Ok(())
}

fn other_connection(id: &str) -> Refusal {
    Refusal::forbidden(
        format!("the connection {} is not this task's", shown(id)),
        ONLY_OWN,
    )
}

fn other_integration(key: &str) -> Refusal {
    Refusal::forbidden(
        format!("the integration {} is not this task's", shown(key)),
        ONLY_OWN,
    )
}

/// Somebody else's text, short.
fn shown(text: &str) -> String {
    text.chars().take(120).collect()
}

/// The connection that a request names, for the tape.
pub fn connection_of(ask: &Ask<'_>) -> Option<String> {
    let header = ask.headers.get("connection-id");
    if let Some(id) = header.and_then(|value| value.to_str().ok()) {
        return Some(id.to_owned());
    }
    let path = decode(ask.path)?;
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["", "connection" | "connections", id] => Some((*id).to_owned()),
        ["", "connections"] => {
            let url = Url::parse(&format!("http://localhost/?{}", ask.query)).ok()?;
            url.query_pairs()
                .find(|(name, _)| name == "connectionId")
                .map(|(_, id)| id.into_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::{AttemptId, RunId};

    fn admission() -> Admission {
        Admission {
            attempt: AttemptId {
                run: RunId::from_cause(&["test"]),
                interaction: "calendar/create-event".parse().expect("a key"),
                number: 1,
            },
            connection: "cal-test".into(),
            integration_id: "google-calendar".into(),
            mode: crate::domain::settings::Mode::Strict,
            metadata: MetadataWrites::Refused,
        }
    }

    #[test]
    fn metadata_of_an_on_event_function_is_taken_down() {
        let headers = HeaderMap::new();
        let decided = |method: &Method, metadata| {
            let ask = Ask {
                method,
                path: "/connections/metadata",
                query: "",
                headers: &headers,
            };
            let admission = Admission {
                metadata,
                ..admission()
            };
            decide(&ask, &admission).ok()
        };
        for method in [Method::POST, Method::PATCH] {
            let taken = decided(&method, MetadataWrites::TakenDown);
            assert_eq!(taken, Some(Route::Metadata), "{method}");
            assert_eq!(decided(&method, MetadataWrites::Refused), None, "{method}");
        }
        assert_eq!(decided(&Method::DELETE, MetadataWrites::TakenDown), None);
    }

    fn ask(line: &str, headers: &[(&'static str, &str)]) -> Result<Route, Refusal> {
        let (method, target) = line.split_once(' ').expect("a method");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        let ask = Ask {
            method: &method.parse().expect("a method"),
            path,
            query,
            headers: &map,
        };
        decide(&ask, &admission())
    }

    const OWN: [(&str, &str); 3] = [
        ("connection-id", "cal-test"),
        ("provider-config-key", "google-calendar"),
        ("base-url-override", ""),
    ];

    #[test]
    fn what_a_dry_run_asks_passes() {
        for (line, route) in [
            ("GET /connections?connectionId=cal-test", Route::Nango),
            (
                "GET /connection/cal-test?provider_config_key=google-calendar",
                Route::Nango,
            ),
            (
                "GET /connections/cal-test?provider_config_key=google-calendar&force_refresh=false&refresh_token=false&refresh_github_app_jwt_token=false",
                Route::Nango,
            ),
            ("GET /integrations/google-calendar", Route::Nango),
            (
                "GET /integrations/google-calendar?include=webhook",
                Route::Nango,
            ),
            ("GET /environment-variables", Route::Variables),
            (
                "GET /proxy/calendar/v3/events?q=a//b&x=../y",
                Route::Provider,
            ),
            (
                "POST /proxy/calendar/v3/calendars/me%40example.com/events",
                Route::Provider,
            ),
            ("GET /proxy/projects/group%2Fname/issues", Route::Provider),
            ("DELETE /proxy/v1/pages/50%25", Route::Provider),
        ] {
            assert_eq!(ask(line, &OWN), Ok(route), "{line}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for line in [
            "GET /connections",
            "GET /connections?connectionId=other",
            "GET /connections?connectionId=cal-test&connectionId=other",
            "GET /connections?connectionId=cal-test&search=o",
            "GET /connection/other?provider_config_key=google-calendar",
            "GET /connection/cal-test",
            "GET /connection/cal-test?provider_config_key=slack",
            "GET /connection/cal-test?provider_config_key=google-calendar&force_refresh=true",
            "DELETE /connection/cal-test?provider_config_key=google-calendar",
            "GET /integrations",
            "GET /integrations/slack",
            "GET /integrations/google-calendar?include=credentials",
            "POST /connections/metadata",
            "PATCH /connection/cal-test/metadata",
            "POST /action/trigger",
            "POST /sync/trigger",
            "POST /sync/deploy",
            "POST /sync/deploy/confirmation",
            "GET /records?model=User",
            "GET /",
            "GET /proxy",
            "TRACE /proxy/x",
            "GET /proxy/../connection/other",
            "GET /proxy/%2e%2e/connection/other",
            "GET /proxy/..%2fconnection/other",
            "GET /proxy/%252e%252e/connection/other",
            "GET /proxy/a/./b",
            "GET /proxy//evil.example/x",
            "GET //proxy/x",
            "GET /proxy/https://evil.example/",
            "GET /proxy/https:%2F%2Fevil.example/",
            "GET /proxy/a%5c..%5cb",
            "GET /proxy/a%00b",
            "GET /proxy/a%zz",
            "GET /connection%2Fcal-test",
        ] {
            assert!(ask(line, &OWN).is_err(), "{line}");
        }
    }

    #[test]
    fn headers_cannot_lead_elsewhere() {
        let line = "GET /proxy/x";
        assert!(ask(line, &OWN[..1]).is_err());
        assert!(ask(line, &[("connection-id", "other"), OWN[1]]).is_err());
        assert!(ask(line, &[OWN[0], ("connection-id", "other"), OWN[1]]).is_err());
        assert!(ask(line, &[OWN[0], ("provider-config-key", "slack")]).is_err());
        for detour in [
            "base-url-override",
            "nango-proxy-base-url-override",
            "nango-proxy-host",
            "nango-proxy-authorization",
            "nango-proxy-x-http-method-override",
        ] {
            assert!(
                ask(line, &[OWN[0], OWN[1], (detour, "x")]).is_err(),
                "{detour}"
            );
        }
        assert!(ask(line, &[OWN[0], OWN[1], ("nango-proxy-accept", "x")]).is_ok());
        assert!(ask(line, &[OWN[0], OWN[1], ("authorization", "Bearer x")]).is_ok());
    }
}
