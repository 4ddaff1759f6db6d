//! How like a recorded answer is to a received one: [`compare`].
//!
//! The Nango CLI re-serialises what it received and keeps a reference to it, so an honest recording may differ from the
//! wire: numbers rounded to doubles, repeated keys reduced to the last, binary bodies as `{"type":"Buffer","data":[…]}`,
//! an empty body as `""`, and, when the function deletes or re-orders what it received, fewer or moved parts.

use serde_json::Value;

use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::tape::Body;
use crate::text::clip::shorten;

/// How like they are, the best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Likeness {
    /// The same value.
    Equal,
    /// As far as the tape kept the answer, the same.
    EqualInPart,
    /// Nothing new, but parts are missing or moved.
    Lessened,
    /// It cannot be told, and why.
    Unknown(&'static str),
    /// Something was changed or invented.
    Altered {
        /// Where in the answer, as a JSON pointer.
        at: String,
        /// What the recording says there.
        claimed: String,
        /// What was received there.
        received: String,
    },
}

impl Likeness {
    /// A smaller rank is a better likeness.
    pub fn rank(&self) -> u8 {
        match self {
            Likeness::Equal => 0,
            Likeness::EqualInPart => 1,
            Likeness::Lessened => 2,
            Likeness::Unknown(_) => 3,
            Likeness::Altered { .. } => 4,
        }
    }
}

/// Compares a recorded answer with a received one.
pub fn compare(recorded: &Value, received: &Body) -> Likeness {
    if received.bytes == 0 {
        let empty = matches!(recorded, Value::Null) || recorded.as_str() == Some("");
        return if empty {
            Likeness::Equal
        } else {
            altered("", Some(recorded), None)
        };
    }
    if let Some(bytes) = buffer(recorded) {
        return if received.digest == Some(Digest::of(&bytes)) {
            Likeness::Equal
        } else {
            altered("", Some(recorded), None)
        };
    }
    let Some(text) = &received.text else {
        return Likeness::Unknown("the answer is not text");
    };
    if received.cut {
        return compare_beginning(recorded, text);
    }
    if recorded.as_str() == Some(text.as_str()) {
        return Likeness::Equal;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(received) => compare_values(recorded, &received),
        // What is not JSON is recorded as text; a mark of byte order is dropped on the way.
        Err(_) if recorded.as_str() == Some(text.trim_start_matches('\u{feff}')) => Likeness::Equal,
        Err(_) if recorded.is_string() => {
            altered("", Some(recorded), Some(&Value::from(text.as_str())))
        }
        Err(_) => Likeness::Unknown("the answer is not JSON that we can read"),
    }
}

fn compare_values(recorded: &Value, received: &Value) -> Likeness {
    let mut steps = Steps(limits::COMPARE_STEPS);
    if steps.same(recorded, received) {
        return Likeness::Equal;
    }
    let within = steps.within(recorded, received);
    if steps.0 == 0 {
        return Likeness::Unknown("the answer is too large to be compared");
    }
    if within {
        return Likeness::Lessened;
    }
    let mut at = String::new();
    let (claimed, was) = steps.difference(recorded, received, &mut at);
    altered(&at, claimed, was)
}

/// Compares with the beginning of an answer of which the tape kept no more.
fn compare_beginning(recorded: &Value, beginning: &str) -> Likeness {
    let whole = match recorded {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let beginning = if recorded.is_string() {
        beginning.to_owned()
    } else {
        without_spaces(beginning)
    };
    if whole.starts_with(&beginning) {
        Likeness::EqualInPart
    } else {
        Likeness::Unknown("the tape kept only the beginning of the answer")
    }
}

/// JSON text without the white space between its tokens.
fn without_spaces(json: &str) -> String {
    let mut compact = String::with_capacity(json.len());
    let (mut inside, mut escaped) = (false, false);
    for c in json.chars() {
        if inside || !c.is_ascii_whitespace() {
            compact.push(c);
        }
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
    }
    compact
}

/// The bytes of a recorded `{"type":"Buffer","data":[…]}`.
fn buffer(recorded: &Value) -> Option<Vec<u8>> {
    let map = recorded.as_object()?;
    if map.len() != 2 || map.get("type")?.as_str()? != "Buffer" {
        return None;
    }
    map.get("data")?
        .as_array()?
        .iter()
        .map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()))
        .collect()
}

fn altered(at: &str, claimed: Option<&Value>, received: Option<&Value>) -> Likeness {
    let show = |value: Option<&Value>| {
        value.map_or_else(
            || "(nothing)".to_owned(),
            |value| shorten(&value.to_string(), limits::LINE_CHARS),
        )
    };
    Likeness::Altered {
        at: shorten(at, limits::LINE_CHARS),
        claimed: show(claimed),
        received: show(received),
    }
}

/// A budget, so that hostile values cannot make a comparison of arrays run for long.
struct Steps(usize);

impl Steps {
    fn take(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }

    fn same(&mut self, a: &Value, b: &Value) -> bool {
        if !self.take() {
            return false;
        }
        match (a, b) {
            (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.same(a, b))
            }
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(key, a)| b.get(key).is_some_and(|b| self.same(a, b)))
            }
            (a, b) => a == b,
        }
    }

    /// Whether all of `part` occurs in `whole`, in any order.
    fn within(&mut self, part: &Value, whole: &Value) -> bool {
        if !self.take() {
            return false;
        }
        match (part, whole) {
            (Value::Array(part), Value::Array(whole)) => {
                let mut used = vec![false; whole.len()];
                part.iter().all(|item| {
                    let found = whole
                        .iter()
                        .zip(&used)
                        .position(|(candidate, used)| !used && self.within(item, candidate));
                    found.inspect(|index| used[*index] = true).is_some()
                })
            }
            (Value::Object(part), Value::Object(whole)) => part
                .iter()
                .all(|(key, part)| whole.get(key).is_some_and(|whole| self.within(part, whole))),
            (part, whole) => self.same(part, whole),
        }
    }

    /// The first place where `claimed` has something that `received` has not.
    fn difference<'a>(
        &mut self,
        claimed: &'a Value,
        received: &'a Value,
        at: &mut String,
    ) -> (Option<&'a Value>, Option<&'a Value>) {
        let pairs: Vec<(String, &Value, Option<&Value>)> = match (claimed, received) {
            (Value::Object(claimed), Value::Object(received)) => claimed
                .iter()
                .map(|(key, value)| (key.clone(), value, received.get(key)))
                .collect(),
            (Value::Array(claimed), Value::Array(received)) => claimed
                .iter()
                .enumerate()
                .map(|(index, value)| (index.to_string(), value, received.get(index)))
                .collect(),
            _ => return (Some(claimed), Some(received)),
        };
        for (key, claimed, received) in pairs {
            match received {
                Some(received) if self.within(claimed, received) => {}
                Some(received) => {
                    at.push('/');
                    at.push_str(&key);
                    return self.difference(claimed, received, at);
                }
                None => {
                    at.push('/');
                    at.push_str(&key);
                    return (Some(claimed), None);
                }
            }
        }
        (Some(claimed), Some(received))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(text: &str) -> Body {
        Body {
            text: Some(text.to_owned()),
            bytes: text.len() as u64,
            digest: Some(Digest::of(text.as_bytes())),
            cut: false,
            media_type: None,
        }
    }

    #[test]
    fn innocent_differences_of_the_recorder_are_equal() {
        for (recorded, received) in [
            (json!({"a": 1, "b": 2}), r#"{"b":2.0,"a":1e0}"#),
            (
                json!({"id": 9007199254740992u64}),
                r#"{"id":9007199254740993}"#,
            ),
            (json!({"a": 2}), r#"{"a":1,"a":2}"#),
            (json!("plain text"), "plain text"),
            (json!("[1,2]"), "[1,2]"),
            (json!({"type": "Buffer", "data": [104, 105]}), "hi"),
        ] {
            assert_eq!(
                compare(&recorded, &body(received)),
                Likeness::Equal,
                "{received}"
            );
        }
        assert_eq!(compare(&json!(""), &Body::default()), Likeness::Equal);
    }

    #[test]
    fn deleting_and_moving_lessens() {
        let received = body(r#"{"items":[{"id":1,"etag":"x"},{"id":2,"etag":"y"}],"next":"n"}"#);
        for recorded in [
            json!({"items": [{"id": 2, "etag": "y"}, {"id": 1, "etag": "x"}], "next": "n"}),
            json!({"items": [{"id": 1}, {"id": 2}]}),
            json!({"items": []}),
        ] {
            assert_eq!(
                compare(&recorded, &received),
                Likeness::Lessened,
                "{recorded}"
            );
        }
    }

    #[test]
    fn changing_and_inventing_alters_and_says_where() {
        let received = body(r#"{"items":[{"id":1,"title":"a"}]}"#);
        let Likeness::Altered {
            at,
            claimed,
            received: was,
        } = compare(&json!({"items": [{"id": 1, "title": "b"}]}), &received)
        else {
            unreachable!("a changed value is an alteration");
        };
        assert_eq!(
            (at.as_str(), claimed.as_str(), was.as_str()),
            ("/items/0/title", "\"b\"", "\"a\"")
        );
        for invented in [
            json!({"items": [{"id": 1, "title": "a"}, {"id": 1, "title": "a"}]}),
            json!({"items": [{"id": 1, "title": "a"}], "ok": true}),
            json!([]),
            json!(null),
        ] {
            assert!(
                matches!(compare(&invented, &received), Likeness::Altered { .. }),
                "{invented}"
            );
        }
    }

    #[test]
    fn a_cut_answer_is_compared_as_far_as_it_goes() {
        let mut cut = body(r#"{ "items": [ {"id": 1, "na"#);
        cut.cut = true;
        assert_eq!(
            compare(&json!({"items": [{"id": 1, "name": "n"}]}), &cut),
            Likeness::EqualInPart
        );
        assert!(matches!(
            compare(&json!({"items": []}), &cut),
            Likeness::Unknown(_)
        ));
    }

    #[test]
    fn hostile_arrays_cost_a_bounded_number_of_steps() {
        let many: Vec<Value> = (0..5_000).map(|n| json!({"n": n})).collect();
        let text = serde_json::to_string(&many).expect("JSON");
        let reversed: Vec<Value> = many.into_iter().rev().collect();
        assert!(matches!(
            compare(&Value::from(reversed), &body(&text)),
            Likeness::Unknown(_)
        ));
    }
}
