//! Credentials taken out of answers. Nango hands the provider's tokens to whoever holds its key; a workspace gets the
//! same answers, in the same shape, without them.

use serde_json::Value;

use super::attempt::Admission;

/// What stands where a credential was.
pub const BLANK: &str = "[blanked by the witness]";

/// Names of values that are credentials wherever they stand, without `_` and `-` and in lower case.
const NAMES: &[&str] = &[
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "token",
    "usertoken",
    "bottoken",
    "sessiontoken",
    "tokensecret",
    "oauthtoken",
    "oauthtokensecret",
    "apikey",
    "apitoken",
    "apisecret",
    "appsecret",
    "clientsecret",
    "oauthclientsecret",
    "webhooksecret",
    "signingsecret",
    "secret",
    "secretkey",
    "password",
    "passphrase",
    "privatekey",
    "jwt",
    "jwttoken",
    "authorization",
    "certificate",
];

/// Blanks credentials anywhere in one of Nango's own answers.
pub fn credentials(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let name: String = name
                    .chars()
                    .filter(|c| !matches!(c, '_' | '-'))
                    .flat_map(char::to_lowercase)
                    .collect();
                if name == "credentials" {
                    all_within(field);
                } else if NAMES.contains(&name.as_str()) {
                    blank(field);
                } else {
                    credentials(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(credentials),
        _ => {}
    }
}

/// Everything below `credentials` but its kind and its times.
fn all_within(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                if !matches!(name.as_str(), "type" | "expires_at") || field.is_object() {
                    all_within(field);
                }
            }
        }
        other => blank(other),
    }
}

fn blank(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Object(fields) => fields.values_mut().for_each(blank),
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::String(text) if text.is_empty() => {}
        Value::String(_) | Value::Number(_) => *value = Value::String(BLANK.into()),
    }
}

/// Leaves only the admitted connection in a list of connections.
pub fn other_connections(value: &mut Value, admission: &Admission) {
    if let Some(Value::Array(connections)) = value.get_mut("connections") {
        connections.retain(|one| {
            let is =
                |name: &str, expected: &str| one.get(name).is_none_or(|value| value == expected);
            is("connection_id", &admission.connection)
                && is("provider_config_key", &admission.integration_id)
        });
    }
}

/// Replaces every occurrence of `secret`; absent when there is none.
pub fn occurrences(bytes: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes;
    let mut clean = Vec::new();
    while let Some(at) = find(rest, secret) {
        clean.extend_from_slice(&rest[..at]);
        clean.extend_from_slice(BLANK.as_bytes());
        rest = &rest[at + secret.len()..];
    }
    if rest.len() == bytes.len() {
        return None;
    }
    clean.extend_from_slice(rest);
    Some(clean)
}

/// Where `needle` first is. An empty one is nowhere.
pub fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        if bytes[from + at..].starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn credentials_go_and_the_shape_stays() {
        let mut value = json!({
            "id": 7, "connection_id": "c", "metadata": {"page": 3},
            "connection_config": {"subdomain": "acme", "user_token": "xoxp-1", "API-Key": 12},
            "credentials": {"type": "OAUTH2", "access_token": "ya29", "expires_at": "2030",
                "raw": {"scope": "calendar", "nested": ["a", {"b": "c"}]}},
            "data": [{"clientSecret": "s"}, {"password": ""}, {"token": null}]
        });
        credentials(&mut value);
        assert_eq!(
            value,
            json!({
                "id": 7, "connection_id": "c", "metadata": {"page": 3},
                "connection_config": {"subdomain": "acme", "user_token": BLANK, "API-Key": BLANK},
                "credentials": {"type": "OAUTH2", "access_token": BLANK, "expires_at": "2030",
                    "raw": {"scope": BLANK, "nested": [BLANK, {"b": BLANK}]}},
                "data": [{"clientSecret": BLANK}, {"password": ""}, {"token": null}]
            })
        );
    }

    #[test]
    fn a_secret_is_found_wherever_it_stands() {
        let clean = |text: &str| occurrences(text.as_bytes(), b"sk-1");
        assert_eq!(clean("nothing ssk-"), None);
        assert_eq!(clean(""), None);
        let expected = format!("a{BLANK}s{BLANK}");
        assert_eq!(clean("ask-1ssk-1"), Some(expected.into_bytes()));
        assert_eq!(occurrences(b"abc", b""), None);
    }
}
