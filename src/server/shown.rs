//! A run as it is shown to people: its log without any token of ours, folded.
//!
//! Tokens go out before anything is rendered. Afterwards it would be too late: escaping, cutting and breaking of lines change
//! a token so that nobody finds it, and a page shows it all the same.

use serde_json::Value;

use crate::domain::event::Logged;
use crate::domain::view::View;
use crate::edge::github::GitHub;

/// The view of `events` as it may be shown. Without GitHub there are no tokens.
///
/// # Errors
/// When an event is not the same form any more without the token in it, which is a fault of ours.
pub fn view(github: Option<&GitHub>, events: Vec<Logged>) -> Result<View, serde_json::Error> {
    match github {
        None => Ok(View::of(&events)),
        Some(github) => without(events, &|text| github.broker().redact(text)),
    }
}

fn without(events: Vec<Logged>, clean: &dyn Fn(&str) -> String) -> Result<View, serde_json::Error> {
    let mut view = View::default();
    for logged in events {
        let mut value = serde_json::to_value(&logged)?;
        clean_all(&mut value, clean);
        view.apply(&serde_json::from_value(value)?);
    }
    Ok(view)
}

fn clean_all(value: &mut Value, clean: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = clean(text),
        Value::Array(items) => items.iter_mut().for_each(|item| clean_all(item, clean)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| clean_all(field, clean)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ending::Ending;
    use crate::domain::event::Event;
    use crate::report::summary::{self, Links};

    #[test]
    fn a_token_is_out_before_it_is_escaped_or_cut() {
        let token = format!("ghs_{}", "a1_B2".repeat(8));
        let why = format!("GitHub said {token} {}", "and on ".repeat(40));
        let ending = Event::Ended {
            ending: Ending::Declined { why },
        };
        let logged = Logged {
            seq: 1,
            at_ms: 1,
            event: ending,
        };
        let clean = |text: &str| text.replace(&token, "[redacted]");
        let raw = summary::render(
            &View::of(std::slice::from_ref(&logged)),
            &Links { page: None },
        );
        assert!(
            !clean(&raw).contains("[redacted]"),
            "escaped, it is not found: {raw}"
        );
        let view = without(vec![logged], &clean).expect("the same form");
        let told = summary::render(&view, &Links { page: None });
        assert!(told.contains("redacted"), "{told}");
        for part in ["ghs", "a1", "B2"] {
            assert!(!told.contains(part), "{part} is in {told}");
        }
    }
}
