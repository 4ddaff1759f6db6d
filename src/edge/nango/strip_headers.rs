//! Takes out of a recording what has no business in a repository. Response headers are not part of the request's hash, and
//! the mocks do not look at them.

use serde_json::Value;

/// Headers that carry sessions or secrets, or that say something about one connection only.
const DROPPED: [&str; 9] = [
    "set-cookie",
    "set-cookie2",
    "authorization",
    "proxy-authenticate",
    "proxy-authorization",
    "www-authenticate",
    "connection",
    "keep-alive",
    "transfer-encoding",
];

/// The recording without such headers. Text that is no recording stays as it is; whoever reads it will say so.
pub(super) fn tidy(recording: Vec<u8>) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(&recording) else {
        return recording;
    };
    let mut dropped = false;
    let methods = value.get_mut("api").and_then(Value::as_object_mut);
    for endpoints in methods.into_iter().flat_map(|methods| methods.values_mut()) {
        let endpoints = endpoints.as_object_mut();
        for entry in endpoints.into_iter().flat_map(|found| found.values_mut()) {
            match entry {
                Value::Array(entries) => {
                    for entry in entries {
                        dropped |= clean(entry);
                    }
                }
                entry => dropped |= clean(entry),
            }
        }
    }
    // Only when there was something: what is not touched stays byte for byte what the CLI wrote.
    if !dropped {
        return recording;
    }
    serde_json::to_vec_pretty(&value).unwrap_or(recording)
}

fn clean(entry: &mut Value) -> bool {
    let Some(headers) = entry.get_mut("headers").and_then(Value::as_object_mut) else {
        return false;
    };
    let before = headers.len();
    headers.retain(|name, _| !DROPPED.contains(&name.to_ascii_lowercase().as_str()));
    headers.len() != before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_go_and_everything_else_stays_as_it_was_written() {
        let with = r#"{"api":{"get":{"/a":[{"response":1.10,"headers":{"Set-Cookie":["x"],"date":"d"},"hash":"h"}]}}}"#;
        let text = String::from_utf8(tidy(with.into())).expect("text");
        assert!(
            !text.contains("Cookie")
                && text.contains("\"date\": \"d\"")
                && text.contains("\"hash\"")
        );

        let without = r#"{"api":{"get":{"/a":{"response":1.10,"headers":{"date":"d"}}}}}"#;
        assert_eq!(tidy(without.into()), without.as_bytes());
        assert_eq!(tidy(b"no json".to_vec()), b"no json");
    }
}
