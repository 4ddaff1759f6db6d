//! The sticky comment: how the newest run of a pull request stands, in a table.

use crate::domain::limits;
use crate::domain::row::{Row, State};
use crate::domain::verdict::Verdict;
use crate::domain::view::View;

use super::before;
use super::cause;
use super::circumstances::circumstances;
use super::details::{Depth, details, sentence};
use super::guidance;
use super::interactions;
use super::spent::spent;
use super::unproven;
use super::words;
use crate::text::markdown::{Blocks, code, inline};

/// Where a run is shown in full, when the server has a public address.
#[derive(Debug, Clone, Default)]
pub struct Links {
    /// The page of the run.
    pub page: Option<String>,
}

/// The sticky comment's text, without a marker.
pub fn render(view: &View, links: &Links) -> String {
    let mut blocks = Blocks::default();
    blocks.push(format!(
        "### Countersign: {}",
        inline(&words::headline(view))
    ));
    blocks.push(opening(view));
    for shared in cause::shared(view) {
        blocks.push(format!("**{}**", inline(&cause::shared_sentence(&shared))));
    }
    if !view.rows.is_empty() {
        interactions::tables(view)
            .into_iter()
            .for_each(|table| blocks.push(table));
    }
    for (row, told) in guidance::all(view).chain(unproven::all(view)) {
        blocks.push(format!(
            "- {}: {}",
            code(&row.key.to_string()),
            inline(&told)
        ));
    }
    if !view.problems.is_empty() {
        blocks.push(format!("**{}**", words::problems_title(view)));
        for problem in &view.problems {
            blocks.push(format!("- {}", sentence(problem)));
        }
    }
    for whole in view.whole_failures() {
        blocks.push(format!("- {}", sentence(whole)));
    }
    if view.ending.is_some() {
        if let Some(fold) = before::fold(&view.all_before()) {
            blocks.push(fold);
        }
        let rows = interactions::worst_first(&view.rows).into_iter();
        for row in rows.filter(|row| worth_unfolding(row)) {
            blocks.push(details(row, Depth::Sentences, false));
        }
    }
    blocks.push(footer(view, links));
    blocks.join(limits::COMMENT_CHARS)
}

fn opening(view: &View) -> String {
    let mut sentences = Vec::new();
    sentences.extend(
        words::outcome(view)
            .iter()
            .map(|said| inline_keeping_code(said)),
    );
    if view.count(Verdict::Countersigned) > 0 && view.ending.is_some() {
        sentences.push(
            "Countersigned means: checked by us, not by the agent. A person decides about merging."
                .into(),
        );
    }
    sentences.join(" ")
}

// Our own sentences name commands as code; what they quote of others is inside them and must stay harmless.
fn inline_keeping_code(text: &str) -> String {
    inline(text).replace("\\`", "`")
}

fn worth_unfolding(row: &Row) -> bool {
    match &row.state {
        State::Judged { judgement } => !judgement.findings.is_empty(),
        State::GivenUp { .. } => true,
        State::Waiting
        | State::Stopped
        | State::Working { .. }
        | State::Carried { .. }
        | State::Edited { .. }
        | State::Adopted
        | State::TakenBack
        | State::Skipped { .. }
        | State::CalledOff { .. }
        | State::Restored
        | State::Removed => false,
    }
}

fn footer(view: &View, links: &Links) -> String {
    let mut words_of_it = Vec::new();
    if let Some(request) = &view.request {
        words_of_it.push(format!(
            "Run {} on {}, {}",
            code(request.run.as_str()),
            request.head().short(),
            inline(&words::asked(request))
        ));
    }
    words_of_it.extend(spent(view));
    words_of_it.extend(circumstances(view).iter().map(|said| inline(said)));
    if let Some(page) = &links.page {
        words_of_it.push(format!("[The whole run]({page})"));
    }
    words_of_it.push("`/help` lists the commands".into());
    format!("<sub>{}</sub>", words_of_it.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ending::Ending;
    use crate::report::sample::{self, assert_ours};

    #[test]
    fn the_comment_says_what_became_of_each_interaction() {
        let view = sample::run(
            &[
                ("slack/users", Verdict::Countersigned, vec![]),
                ("slack/post", Verdict::Refused, vec![sample::hostile()]),
            ],
            Ending::Finished,
        );
        let text = render(&view, &Links::default());
        for expected in [
            "1 refused, 1 countersigned",
            "`slack/users`",
            "❌ refused",
            "42 s".replace("42", "41").as_str(),
            "$0.04",
            "12.0k",
        ] {
            assert!(text.contains(expected), "{expected} missing in\n{text}");
        }
    }

    #[test]
    fn hostile_words_stay_words_and_the_length_is_kept() {
        let many: Vec<_> = (0..60)
            .map(|n| {
                (
                    format!("slack/a-{n}"),
                    Verdict::Refused,
                    vec![sample::hostile()],
                )
            })
            .collect();
        let many: Vec<_> = many
            .iter()
            .map(|(key, verdict, findings)| (key.as_str(), *verdict, findings.clone()))
            .collect();
        let text = render(&sample::run(&many, Ending::Finished), &Links::default());
        assert!(text.chars().count() <= limits::COMMENT_CHARS);
        assert_ours(&text);
    }
}
