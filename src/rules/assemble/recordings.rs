//! Recordings that say the same: another dry run has another time in it, and that alone is nothing to commit.

use serde_json::Value;

/// Headers of answers that are another each time that the same is asked, or begin like one.
const EACH_TIME: &[&str] = &[
    "age",
    "cf-ray",
    "date",
    "expires",
    "ratelimit-",
    "request-id",
    "server-timing",
    "traceparent",
    "x-amz-",
    "x-amzn-",
    "x-correlation-id",
    "x-ratelimit-",
    "x-request-id",
    "x-runtime",
    "x-slack-req-id",
    "x-trace-id",
];

/// Whether two recordings differ in nothing but the moment at which they were made. What is no recording says only what it says.
pub fn say_the_same(one: &[u8], other: &[u8]) -> bool {
    one == other
        || timeless(one).is_some_and(|one| timeless(other).is_some_and(|other| one == other))
}

fn timeless(recording: &[u8]) -> Option<Value> {
    let mut value: Value = serde_json::from_slice(recording).ok()?;
    let methods = value.get_mut("api")?.as_object_mut()?;
    let endpoints = methods.values_mut().filter_map(Value::as_object_mut);
    for entry in endpoints.flat_map(|endpoints| endpoints.values_mut()) {
        match entry {
            Value::Array(entries) => entries.iter_mut().for_each(forget_time),
            entry => forget_time(entry),
        }
    }
    Some(value)
}

fn forget_time(entry: &mut Value) {
    let Some(headers) = entry.get_mut("headers").and_then(Value::as_object_mut) else {
        return;
    };
    headers.retain(|name, _| {
        let name = name.to_ascii_lowercase();
        !EACH_TIME.iter().any(|known| match known.ends_with('-') {
            true => name.starts_with(known),
            false => name == *known,
        })
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn recording(id: &str, headers: &Value) -> Vec<u8> {
        let entry =
            json!({ "response": { "id": id }, "status": 200, "headers": headers, "hash": "c7" });
        let list = json!([entry.clone()]);
        let whole = json!({ "output": { "id": id }, "api": { "post": { "/events": entry }, "get": { "/events": list } } });
        whole.to_string().into_bytes()
    }

    #[test]
    fn another_time_is_no_other_recording() {
        let one = recording(
            "a",
            &json!({ "date": "Mon", "server": "x", "X-RateLimit-Left": "7" }),
        );
        let later = recording(
            "a",
            &json!({ "date": "Tue", "server": "x", "X-RateLimit-Left": "6" }),
        );
        assert!(say_the_same(&one, &later));
        for other in [
            recording("b", &json!({ "date": "Mon", "server": "x" })),
            // A function may read these.
            recording(
                "a",
                &json!({ "date": "Mon", "server": "x", "link": "</next>" }),
            ),
        ] {
            assert!(!say_the_same(&one, &other));
        }
        assert!(!say_the_same(b"not JSON", b"not JSON either"));
        assert!(!say_the_same(b"{}", b"[]"));
        assert!(say_the_same(b"not JSON", b"not JSON"));
    }
}
