//! The interactions of a run as tables: one for all of them while they are few, and where they are many one for each API,
//! folded, the worst first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::domain::limits;
use crate::domain::row::{Row, State};
use crate::domain::verdict::Verdict;
use crate::domain::view::View;
use crate::text::clip::shorten;
use crate::text::markdown::{code, inline};

use super::words;

/// Characters of a name that a table makes room for.
const WIDEST_NAME: usize = 40;
/// Rows of one fold: what does not fit into a comment is left out by folds.
const FOLD_ROWS: usize = 50;
/// Characters of the sentence about an interaction while interactions are few.
const SENTENCE_CHARS: usize = 300;
/// The same where they are many and this one needs nobody's attention.
const SHORT_SENTENCE_CHARS: usize = 80;

/// How much somebody has to do with an interaction; the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concern {
    /// It was refused.
    Refused,
    /// There is no verdict.
    GivenUp,
    /// The world outside makes it impossible.
    Blocked,
    /// A person has to look.
    Look,
    /// It is not at its end.
    UnderWay,
    /// There is nothing to do.
    None,
}

/// The concern about one interaction.
pub fn concern(row: &Row) -> Concern {
    match &row.state {
        State::Judged { judgement } => match judgement.verdict {
            Verdict::Refused => Concern::Refused,
            Verdict::Blocked => Concern::Blocked,
            Verdict::NeedsALook => Concern::Look,
            Verdict::Countersigned => Concern::None,
        },
        State::GivenUp { .. } => Concern::GivenUp,
        State::Edited { .. } | State::TakenBack | State::CalledOff { .. } => Concern::Look,
        State::Waiting | State::Working { .. } | State::Stopped => Concern::UnderWay,
        State::Carried { .. }
        | State::Adopted
        | State::Skipped { .. }
        | State::Restored
        | State::Removed => Concern::None,
    }
}

/// All interactions, those first with which there is most to do; by name within.
pub fn worst_first(rows: &[Row]) -> Vec<&Row> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| concern(row));
    rows
}

/// Whether they are too many for one table.
pub fn are_many(rows: &[Row]) -> bool {
    rows.len() > limits::TABLE_ROWS
}

/// The tables, each a block of Markdown of its own, so that where not all fit it is the good ones that are left out.
pub fn tables(view: &View) -> Vec<String> {
    let rows = &view.rows;
    if !are_many(rows) {
        let all: Vec<&Row> = rows.iter().collect();
        return vec![table(view, &all, SENTENCE_CHARS)];
    }
    let mut integrations: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in worst_first(rows) {
        let name = row.key.integration.as_str();
        integrations.entry(name).or_default().push(row);
    }
    let mut integrations: Vec<(&str, Vec<&Row>)> = integrations.into_iter().collect();
    integrations.sort_by_key(|(_, rows)| rows.first().map(|row| concern(row)));
    // What has to be read is read without a click, as long as it is not too much itself.
    let mut unfolded = 0;
    let (mut blocks, mut in_order) = (Vec::new(), Vec::new());
    for (name, rows) in integrations {
        let (good, bad): (Vec<&Row>, Vec<&Row>) = rows
            .into_iter()
            .partition(|row| concern(row) == Concern::None);
        for bad in bad.chunks(FOLD_ROWS) {
            unfolded += bad.len();
            let open = if unfolded <= limits::TABLE_ROWS {
                " open"
            } else {
                ""
            };
            blocks.push(fold(view, name, bad, open));
        }
        for good in good.chunks(FOLD_ROWS) {
            in_order.push(fold(view, name, good, ""));
        }
    }
    blocks.append(&mut in_order);
    blocks
}

fn fold(view: &View, name: &str, rows: &[&Row], open: &str) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for row in rows {
        let state = words::state(&row.state);
        match counts.iter_mut().find(|(known, _)| *known == state) {
            Some((_, count)) => *count += 1,
            None => counts.push((state, 1)),
        }
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(state, count)| match state.split_once(' ') {
            Some((sign, words)) => format!("{sign} {count} {words}"),
            None => format!("{count} {state}"),
        })
        .collect();
    let is_good = rows.iter().all(|row| concern(row) == Concern::None);
    let chars = if is_good {
        SHORT_SENTENCE_CHARS
    } else {
        SENTENCE_CHARS
    };
    format!(
        "<details{open}><summary>{}: <code>{name}</code></summary>\n\n{}\n\n</details>",
        counts.join(", "),
        table(view, rows, chars)
    )
}

/// One row per interaction.
fn table(view: &View, rows: &[&Row], sentence_chars: usize) -> String {
    // GitHub breaks names at their hyphens when a column is narrow; the heading keeps it about as wide as the longest.
    let longest = rows.iter().map(|row| row.key.to_string().len()).max();
    let wide = "&nbsp;".repeat(longest.unwrap_or(0).min(WIDEST_NAME).saturating_sub(4));
    let mut out = format!(
        "| interaction{wide} | verdict | evidence | time | tokens | cost |\n|---|---|---|--:|--:|--:|"
    );
    for row in rows {
        let time = row.took_ms.map_or_else(|| "–".into(), words::duration);
        let _ = write!(
            out,
            "\n| {}<br><sub>{}</sub> | {} | {} | {time} | {} | {} |",
            code(&row.key.to_string()),
            inline(&words::kind(view, row)),
            words::state(&row.state).replace(' ', "&nbsp;"),
            inline(&shorten(&words::sentence(row), sentence_chars)),
            words::tokens(&row.usage),
            words::money(&row.usage),
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ending::Ending;
    use crate::report::sample::{self, assert_ours};
    use crate::text::markdown::Blocks;

    /// Two hundred of five APIs, of which two have one that is not good.
    fn two_hundred() -> View {
        let apis = ["calendar", "drive", "hubspot", "sheet", "slack"];
        let keys: Vec<String> = (0..200)
            .map(|n| format!("{}/function-{n:03}", apis[n % apis.len()]))
            .collect();
        let rows: Vec<_> = keys
            .iter()
            .map(|key| match key.as_str() {
                "slack/function-104" => (key.as_str(), Verdict::Refused, vec![sample::hostile()]),
                "hubspot/function-102" => (key.as_str(), Verdict::Blocked, vec![]),
                _ => (key.as_str(), Verdict::Countersigned, vec![]),
            })
            .collect();
        sample::run(&rows, Ending::Finished)
    }

    #[test]
    fn few_stand_in_one_table_by_name() {
        let view = sample::run(
            &[
                ("slack/a", Verdict::Countersigned, vec![]),
                ("slack/b", Verdict::Refused, vec![]),
            ],
            Ending::Finished,
        );
        let tables = tables(&view);
        assert_eq!(tables.len(), 1);
        assert!(!tables[0].contains("<details"), "{}", tables[0]);
        assert!(tables[0].find("slack/a") < tables[0].find("slack/b"));
    }

    #[test]
    fn many_stand_in_a_fold_for_each_api_and_what_is_not_good_is_open_before_them() {
        let view = two_hundred();
        let titles: Vec<String> = tables(&view)
            .iter()
            .filter_map(|block| block.lines().next().map(str::to_owned))
            .collect();
        insta::assert_snapshot!(titles.join("\n"), @r"
        <details open><summary>❌ 1 refused: <code>slack</code></summary>
        <details open><summary>⛔ 1 blocked: <code>hubspot</code></summary>
        <details><summary>✅ 39 countersigned: <code>slack</code></summary>
        <details><summary>✅ 39 countersigned: <code>hubspot</code></summary>
        <details><summary>✅ 40 countersigned: <code>calendar</code></summary>
        <details><summary>✅ 40 countersigned: <code>drive</code></summary>
        <details><summary>✅ 40 countersigned: <code>sheet</code></summary>
        ");
    }

    #[test]
    fn all_two_hundred_fit_into_one_comment() {
        let mut blocks = Blocks::default();
        for block in tables(&two_hundred()) {
            blocks.push(block);
        }
        let text = blocks.join(limits::COMMENT_CHARS);
        assert_ours(&text);
        for n in 0..200 {
            assert!(text.contains(&format!("function-{n:03}`")), "{n}");
        }
    }

    #[test]
    fn where_too_much_is_not_good_it_is_folded_as_well() {
        let keys: Vec<String> = (0..200).map(|n| format!("slack-{}/f-{n}", n % 8)).collect();
        let rows: Vec<_> = keys
            .iter()
            .map(|key| (key.as_str(), Verdict::Refused, vec![]))
            .collect();
        let tables = tables(&sample::run(&rows, Ending::Finished));
        let open = tables
            .iter()
            .filter(|block| block.starts_with("<details open>"))
            .count();
        assert_eq!((tables.len(), open), (8, 1));
    }
}
