//! What a run used up: tokens, how many of them came from a cache, dollars, and dollars for each function.

use crate::domain::transcript::Usage;
use crate::domain::verdict::Verdict;
use crate::domain::view::View;

use super::words;

/// As one line; nothing as long as nothing was used. At the end of a run the price of one function is with it: all
/// dollars, also those of what was not countersigned, over the functions that were.
pub fn spent(view: &View) -> Option<String> {
    let usage = view.usage();
    if usage.tokens() == 0 {
        return None;
    }
    let mut parts = vec![match cached(&usage) {
        Some(cached) => format!("{} tokens read ({cached})", words::amount(usage.read())),
        None => format!("{} tokens read", words::amount(usage.read())),
    }];
    parts.push(format!("{} written", words::amount(usage.written())));
    if usage.micro_usd > 0 {
        parts.push(words::money(&usage));
        parts.extend(each(view, &usage));
    }
    Some(parts.join(", "))
}

/// `83% from a cache`; nothing where nothing was.
pub fn cached(usage: &Usage) -> Option<String> {
    let share = (usage.cache_read * 100).checked_div(usage.read())?;
    (usage.cache_read > 0).then(|| match share {
        0 => "less than 1% from a cache".into(),
        share => format!("{share}% from a cache"),
    })
}

fn each(view: &View, usage: &Usage) -> Option<String> {
    view.ending.as_ref()?;
    let functions = u64::try_from(view.count(Verdict::Countersigned)).ok()?;
    let each = Usage {
        micro_usd: usage.micro_usd.checked_div(functions)?,
        ..Usage::default()
    };
    Some(format!(
        "{} for each function countersigned",
        words::money(&each)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ending::Ending;
    use crate::report::sample;

    #[test]
    fn the_price_of_a_function_counts_what_was_refused_as_well() {
        let view = sample::run(
            &[
                ("slack/users", Verdict::Countersigned, vec![]),
                ("slack/post", Verdict::Refused, vec![]),
            ],
            Ending::Finished,
        );
        insta::assert_snapshot!(spent(&view).unwrap_or_default(), @"23.0k tokens read (86% from a cache), 1.0k written, $0.08, $0.08 for each function countersigned");
    }

    #[test]
    fn without_a_function_or_an_end_there_is_no_price_for_one() {
        let refused = sample::run(
            &[("slack/post", Verdict::Refused, vec![])],
            Ending::Finished,
        );
        let mut open = sample::run(
            &[("slack/users", Verdict::Countersigned, vec![])],
            Ending::Finished,
        );
        open.ending = None;
        for view in [refused, open] {
            let said = spent(&view).unwrap_or_default();
            assert!(said.ends_with("written, $0.04"), "{said}");
        }
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        assert_eq!(spent(&View::default()), None);
        let unpriced = Usage {
            input: 10,
            ..Usage::default()
        };
        let mut view = sample::run(
            &[("slack/users", Verdict::Countersigned, vec![])],
            Ending::Finished,
        );
        view.rows[0].usage = unpriced;
        assert_eq!(spent(&view).as_deref(), Some("10 tokens read, 0 written"));
        let little = Usage {
            cache_read: 1,
            input: 999,
            ..Usage::default()
        };
        assert_eq!(
            cached(&little).as_deref(),
            Some("less than 1% from a cache")
        );
    }
}
