//! Two names for one integration. In a project it is called as its folder, and Nango's CLI sends that name; the
//! environment may know it by another id. Requests go on with the id, Nango's answers come back with the folder's name,
//! so that what a workspace asks, gets and records agrees.

use std::borrow::Cow;

use axum::http::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::attempt::Admission;
use super::path::decode;

/// Both as a header and, with underscores, as a parameter.
const HEADER: &str = "provider-config-key";
const PARAMETER: &str = "provider_config_key";

/// The path with Nango's id, where it names the integration.
pub fn path<'a>(path: &'a str, admission: &Admission) -> Cow<'a, str> {
    let decoded = decode(path);
    match (decoded.as_deref()).and_then(|path| path.strip_prefix("/integrations/")) {
        Some(name) if is_other(name, admission) => {
            Cow::Owned(format!("/integrations/{}", admission.integration_id))
        }
        _ => Cow::Borrowed(path),
    }
}

/// The query with Nango's id, where it names the integration; every other parameter as it came.
pub fn query<'a>(query: &'a str, admission: &Admission) -> Cow<'a, str> {
    let names_it = |pair: &str| {
        pair.split_once('=').is_some_and(|(name, value)| {
            decode(name).as_deref() == Some(PARAMETER)
                && decode(value).is_some_and(|value| is_other(&value, admission))
        })
    };
    if !query.split('&').any(names_it) {
        return Cow::Borrowed(query);
    }
    let pairs: Vec<Cow<'_, str>> = query
        .split('&')
        .map(|pair| {
            if names_it(pair) {
                Cow::Owned(format!("{PARAMETER}={}", admission.integration_id))
            } else {
                Cow::Borrowed(pair)
            }
        })
        .collect();
    Cow::Owned(pairs.join("&"))
}

/// The header with Nango's id. An id that no header can carry is left out, and Nango says what it misses.
pub fn header(headers: &mut HeaderMap, admission: &Admission) {
    let is_other = |value: &HeaderValue| value.to_str().is_ok_and(|name| is_other(name, admission));
    if headers.get_all(HEADER).iter().any(is_other) {
        headers.remove(HEADER);
        if let Ok(id) = HeaderValue::from_str(&admission.integration_id) {
            headers.insert(HEADER, id);
        }
    }
}

/// One of Nango's own answers with the folder's name, where Nango says which integration it is about: at the top, in
/// `data`, in each of `connections`. Deeper is the account's own data, which only happens to look alike.
pub fn answer(value: &mut Value, admission: &Admission) {
    rename(value, admission);
    if let Some(data) = value.get_mut("data") {
        rename(data, admission);
    }
    if let Some(Value::Array(connections)) = value.get_mut("connections") {
        for connection in connections {
            rename(connection, admission);
        }
    }
}

fn rename(value: &mut Value, admission: &Admission) {
    let Value::Object(fields) = value else { return };
    for name in [PARAMETER, "unique_key"] {
        if let Some(field) = fields.get_mut(name)
            && field == admission.integration_id.as_str()
        {
            *field = Value::String(admission.folder().to_owned());
        }
    }
}

/// Whether this is the folder's name, and Nango knows the integration by another.
fn is_other(name: &str, admission: &Admission) -> bool {
    name == admission.folder() && name != admission.integration_id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::{AttemptId, RunId};
    use serde_json::json;

    fn admission(integration_id: &str) -> Admission {
        Admission {
            attempt: AttemptId {
                run: RunId::from_cause(&["test"]),
                interaction: "crm/contacts".parse().expect("a key"),
                number: 1,
            },
            connection: "c".into(),
            integration_id: integration_id.into(),
            mode: crate::domain::settings::Mode::Strict,
            metadata: crate::edge::witness::MetadataWrites::Refused,
        }
    }

    #[test]
    fn only_what_names_the_integration_is_translated() {
        let other = admission("hubspot-eu");
        for (from, to) in [
            ("/integrations/crm", "/integrations/hubspot-eu"),
            ("/%69ntegrations/c%72m", "/integrations/hubspot-eu"),
            ("/integrations/crm/x", "/integrations/crm/x"),
            ("/proxy/integrations/crm", "/proxy/integrations/crm"),
        ] {
            assert_eq!(path(from, &other), to);
        }
        for (from, to) in [
            ("", ""),
            ("provider_config_key=crm", "provider_config_key=hubspot-eu"),
            (
                "a=%20&provider%5fconfig_key=cr%6D&b=crm",
                "a=%20&provider_config_key=hubspot-eu&b=crm",
            ),
            ("provider_config_key=slack", "provider_config_key=slack"),
        ] {
            assert_eq!(query(from, &other), to);
        }
        let mut value = json!({"provider_config_key": "hubspot-eu", "connection_config": {"provider_config_key": "hubspot-eu"}});
        answer(&mut value, &other);
        assert_eq!(
            value,
            json!({"provider_config_key": "crm", "connection_config": {"provider_config_key": "hubspot-eu"}})
        );
    }

    #[test]
    fn one_name_stays_as_it_came() {
        let same = admission("crm");
        assert!(matches!(path("/integrations/crm", &same), Cow::Borrowed(_)));
        assert!(matches!(
            query("provider%5Fconfig_key=crm", &same),
            Cow::Borrowed(_)
        ));
    }
}
