//! A recording of a dry run, `<integration>/tests/<name>.test.json`, read into the calls that it holds.
//! The type to look at is [`Recording`].
//!
//! The format and the request hash are those of the Nango CLI 0.71: the hash is the SHA-1 of the JSON of
//! `{method, endpoint, params, headers, data}`, so an entry whose request was changed afterwards no longer fits its
//! own hash. That is a tripwire and no proof: whoever changes the request can also compute the hash anew.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Map, Value, json};

use crate::domain::dossier::Dossier;
use crate::domain::limits;

/// Why a text is not a recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Larger than [`limits::RECORDING_BYTES`].
    #[error(
        "the recording has {bytes} bytes, more than the {} that are read",
        limits::RECORDING_BYTES
    )]
    TooLarge {
        /// How large it is.
        bytes: usize,
    },
    /// Not JSON, or nested more than 128 levels deep.
    #[error("the recording is not JSON that can be read: {0}")]
    NotJson(#[from] serde_json::Error),
    /// JSON, but not laid out as the Nango CLI does it.
    #[error("the recording is not laid out as the Nango CLI does it: {at} {what}")]
    Layout {
        /// Where, for example `api.get`.
        at: String,
        /// What is wrong there.
        what: &'static str,
    },
    /// More than [`limits::RECORDED_CALLS`].
    #[error(
        "the recording holds more than the {} calls that are read",
        limits::RECORDED_CALLS
    )]
    TooManyCalls,
}

/// How an entry's own hash fits its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashFit {
    /// It is the hash of the request.
    Fits,
    /// It is not: the request or the hash was changed.
    Differs,
    /// There is none; the CLI always writes one.
    Missing,
    /// It cannot be computed anew from the file (numbers that JavaScript writes in its own way).
    Unknown,
}

/// One request with its recorded answer.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedCall {
    /// Lower case, as the CLI writes it.
    pub method: String,
    /// With one leading slash before the provider's path; Nango's own routes have two: `//environment-variables`.
    pub endpoint: String,
    /// The query, sorted by name; of a repeated name the last.
    pub params: Vec<(String, String)>,
    /// The request's body: JSON when it could be parsed, `sha1:…` when it was longer than 1000 characters.
    pub data: Option<Value>,
    /// The status that was recorded, when it is one.
    pub status: Option<u16>,
    /// The answer.
    pub response: Value,
    /// Whether the entry's own hash fits.
    pub hash: HashFit,
}

impl RecordedCall {
    /// Reads one entry of a recording.
    pub fn read(method: &str, endpoint: &str, entry: &Map<String, Value>) -> Self {
        let request = entry.get("request").and_then(Value::as_object);
        let part = |name: &str| request.and_then(|request| request.get(name));
        let params = pairs(part("params"));
        let headers = pairs(part("headers"));
        let data = part("data").cloned();
        let hash = match entry.get("hash").and_then(Value::as_str) {
            None => HashFit::Missing,
            Some(claimed) => hash_fit(claimed, method, endpoint, &params, &headers, data.as_ref()),
        };
        Self {
            method: method.to_owned(),
            endpoint: endpoint.to_owned(),
            params,
            data,
            status: entry
                .get("status")
                .and_then(Value::as_u64)
                .and_then(|status| u16::try_from(status).ok()),
            response: entry.get("response").cloned().unwrap_or(Value::Null),
            hash,
        }
    }
    /// The path on the witness's tape that this call must have had.
    pub fn wire_path(&self) -> String {
        match self.endpoint.strip_prefix("//") {
            Some(own) => format!("/{own}"),
            None => format!("/proxy{}", self.endpoint),
        }
    }
    /// One line for a report: `POST /calendar/v3/… → 200`.
    pub fn line(&self) -> String {
        let status = self
            .status
            .map_or_else(|| "no status".to_owned(), |status| status.to_string());
        format!(
            "{} {} → {status}",
            self.method.to_ascii_uppercase(),
            self.endpoint
        )
    }
}

/// A recording of one dry run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Recording {
    /// What the function was given, for an action.
    pub input: Option<Value>,
    /// The metadata that it was given, for a sync.
    pub metadata: Option<Value>,
    /// What Nango told it of the connection.
    pub connection: Option<Value>,
    /// What it returned, for an action.
    pub output: Option<Value>,
    /// What it saved, for a sync: a list of records for each model.
    pub saved: Vec<Value>,
    /// Every call, in the file's order.
    pub calls: Vec<RecordedCall>,
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    /// When it is too large, too deep, not JSON, or not laid out as the CLI does it.
    pub fn parse(text: &str) -> Result<Self, RecordingError> {
        if text.len() as u64 > limits::RECORDING_BYTES {
            return Err(RecordingError::TooLarge { bytes: text.len() });
        }
        let file: Value = serde_json::from_str(text)?;
        let file = object(&file, "the file")?;
        let mut calls = Vec::new();
        if let Some(api) = file.get("api") {
            for (method, endpoints) in object(api, "api")? {
                for (endpoint, entries) in object(endpoints, &format!("api.{method}"))? {
                    let at = format!("api.{method}.{endpoint}");
                    let several = match entries {
                        Value::Array(several) => several.as_slice(),
                        one => std::slice::from_ref(one),
                    };
                    for entry in several {
                        if calls.len() == limits::RECORDED_CALLS {
                            return Err(RecordingError::TooManyCalls);
                        }
                        calls.push(RecordedCall::read(method, endpoint, object(entry, &at)?));
                    }
                }
            }
        }
        let nango = |name: &str| file.get("nango").and_then(|nango| nango.get(name));
        let saved = nango("batchSave").and_then(Value::as_object);
        Ok(Self {
            input: file.get("input").cloned(),
            metadata: nango("getMetadata").cloned(),
            connection: nango("getConnection").cloned(),
            output: file.get("output").cloned(),
            saved: saved
                .into_iter()
                .flat_map(|models| models.values())
                .cloned()
                .collect(),
            calls,
        })
    }

    /// Our recording of this function, when there is one that can be read.
    pub fn ours(dossier: &Dossier) -> Option<Self> {
        let digest = dossier.seal.room.recording.as_ref()?;
        Self::parse(dossier.text(digest)?).ok()
    }

    /// What the function was given besides answers.
    pub fn given(&self) -> impl Iterator<Item = &Value> {
        [&self.input, &self.metadata, &self.connection]
            .into_iter()
            .flatten()
    }

    /// What the function gives: an action's output, a sync's records.
    pub fn gives(&self) -> impl Iterator<Item = &Value> {
        self.output.iter().chain(&self.saved)
    }
}

fn object<'a>(value: &'a Value, at: &str) -> Result<&'a Map<String, Value>, RecordingError> {
    value.as_object().ok_or_else(|| RecordingError::Layout {
        at: at.to_owned(),
        what: "is not an object",
    })
}

fn pairs(value: Option<&Value>) -> Vec<(String, String)> {
    let Some(Value::Object(map)) = value else {
        return Vec::new();
    };
    map.iter()
        .map(|(name, value)| {
            let value = match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            (name.clone(), value)
        })
        .collect()
}

fn hash_fit(
    claimed: &str,
    method: &str,
    endpoint: &str,
    params: &[(String, String)],
    headers: &[(String, String)],
    data: Option<&Value>,
) -> HashFit {
    if data.is_some_and(written_differently) {
        return HashFit::Unknown;
    }
    // A text in the file was either the body itself or a body that is one JSON string: the file does not tell which.
    let bodies: Vec<Option<String>> = match data {
        None => vec![None],
        Some(Value::String(text)) => {
            vec![
                Some(text.clone()),
                Some(Value::from(text.as_str()).to_string()),
            ]
        }
        Some(value) => vec![Some(value.to_string())],
    };
    let endpoint = endpoint.strip_prefix('/').unwrap_or(endpoint);
    let fits = bodies.iter().any(|body| {
        let mut identity = json!({
            "method": method,
            "endpoint": endpoint,
            "params": params,
            "headers": headers,
        });
        if let (Some(body), Some(identity)) = (body, identity.as_object_mut()) {
            identity.insert("data".into(), Value::from(body.as_str()));
        }
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, identity.to_string().as_bytes());
        hex::encode(hash.as_ref()) == claimed
    });
    if fits {
        HashFit::Fits
    } else {
        HashFit::Differs
    }
}

/// Whether JavaScript and we may write one of the numbers in `value` differently.
fn written_differently(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            text.contains(['e', 'E']) || text.ends_with(".0")
        }
        Value::Array(items) => items.iter().any(written_differently),
        Value::Object(map) => map.values().any(written_differently),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_and_several_calls_of_an_address_are_read() {
        let recording = Recording::parse(
            r#"{"input":1,"output":2,"api":{"get":{"/a":{"status":200,"response":[]},
                "/b":[{"status":200},{"status":404}]},"post":{"//environment-variables":{}}}}"#,
        )
        .expect("a recording");
        let lines: Vec<String> = recording.calls.iter().map(RecordedCall::line).collect();
        assert_eq!(
            lines,
            [
                "GET /a → 200",
                "GET /b → 200",
                "GET /b → 404",
                "POST //environment-variables → no status"
            ]
        );
        assert_eq!(recording.calls[0].wire_path(), "/proxy/a");
        assert_eq!(recording.calls[3].wire_path(), "/environment-variables");
        assert!(
            recording
                .calls
                .iter()
                .all(|call| call.hash == HashFit::Missing)
        );
    }

    #[test]
    fn what_is_not_a_recording_says_why() {
        for (text, why) in [
            ("{", "not JSON"),
            ("[]", "the file is not an object"),
            (r#"{"api":[]}"#, "api is not an object"),
            (
                r#"{"api":{"get":{"/a":[1]}}}"#,
                "api.get./a is not an object",
            ),
        ] {
            let error = Recording::parse(text).expect_err(text).to_string();
            assert!(error.contains(why), "{error}");
        }
        let deep = "[".repeat(100_000);
        assert!(matches!(
            Recording::parse(&deep),
            Err(RecordingError::NotJson(_))
        ));
        let large = " ".repeat(limits::RECORDING_BYTES as usize + 1);
        assert!(matches!(
            Recording::parse(&large),
            Err(RecordingError::TooLarge { .. })
        ));
        let entries = "{},".repeat(limits::RECORDED_CALLS) + "{}";
        let many = format!(r#"{{"api":{{"get":{{"/a":[{entries}]}}}}}}"#);
        assert!(matches!(
            Recording::parse(&many),
            Err(RecordingError::TooManyCalls)
        ));
    }
}
