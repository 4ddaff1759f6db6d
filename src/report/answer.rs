//! What people asked to see in a comment.

use crate::domain::limits;
use crate::domain::name::InteractionKey;
use crate::domain::view::View;

use super::details::{Depth, details};
use super::interactions::worst_first;
use super::words;
use crate::text::markdown::{Blocks, code, inline};

/// Interactions that are told by name; of more, how many they are is enough.
const NAMED: usize = 30;

/// How far a run is.
pub fn status(view: Option<&View>) -> String {
    let Some(view) = view else {
        return "Nothing was run on this pull request yet.".into();
    };
    let mut body = Blocks::default();
    let head = view.request.as_ref().map(|request| request.head().short());
    let head = head.map_or(String::new(), |head| {
        format!(" The commit is {}.", code(head))
    });
    body.push(format!("**{}.**{head}", inline(&words::headline(view))));
    let rows = worst_first(&view.rows);
    let lines: Vec<String> = rows
        .iter()
        .take(NAMED)
        .map(|row| {
            let (key, state) = (code(&row.key.to_string()), words::state(&row.state));
            format!("- {key}: {state}. {}", inline(&words::sentence(row)))
        })
        .collect();
    body.push(lines.join("\n"));
    if rows.len() > NAMED {
        body.push(format!("And {} more.", rows.len() - NAMED));
    }
    body.join(limits::COMMENT_CHARS)
}

/// All that is known of these interactions.
pub fn explained(view: &View, keys: &[InteractionKey]) -> String {
    let mut body = Blocks::default();
    for row in view.rows.iter().filter(|row| keys.contains(&row.key)) {
        body.push(details(row, Depth::Evidence, true));
    }
    body.join(limits::COMMENT_CHARS)
}

/// That somebody wanted agents to end that there are not.
pub fn nobody_at_work(keys: &[InteractionKey]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| code(&key.to_string())).collect();
    format!(
        "No agent is at work on {}, so there is nothing to cancel.",
        keys.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ending::Ending;
    use crate::domain::verdict::Verdict;
    use crate::report::sample::{self, assert_ours};

    #[test]
    fn each_is_told_and_the_worst_first() {
        let view = sample::run(
            &[
                ("slack/a", Verdict::Countersigned, vec![]),
                ("slack/b", Verdict::Refused, vec![sample::hostile()]),
            ],
            Ending::Finished,
        );
        let said = status(Some(&view));
        let (worst, best) = (said.find("slack/b"), said.find("slack/a"));
        assert!(worst < best && worst.is_some(), "{said}");
        assert_ours(&said);
        let keys = ["slack/b".parse().expect("a key")];
        let said = explained(&view, &keys);
        assert!(said.contains("slack/b") && !said.contains("slack/a"));
        assert_ours(&said);
        assert_eq!(status(None), "Nothing was run on this pull request yet.");
    }

    #[test]
    fn of_hundreds_the_rest_is_counted() {
        let keys: Vec<String> = (0..200).map(|n| format!("slack/f-{n:03}")).collect();
        let rows: Vec<_> = keys
            .iter()
            .map(|key| (key.as_str(), Verdict::Countersigned, vec![]))
            .collect();
        let said = status(Some(&sample::run(&rows, Ending::Finished)));
        assert!(said.ends_with("And 170 more."), "{said}");
    }
}
