//! The sticky comment: how the newest run of a pull request stands, in a table.

use crate::domain::limits;
use crate::domain::verdict::Verdict;
use crate::domain::view::{Row, State, View};

use super::details::{details, finding};
use super::escape::{Blocks, code, inline, shorten};
use super::words;

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
    if !view.rows.is_empty() {
        blocks.push(table(&view.rows));
    }
    if !view.problems.is_empty() {
        blocks.push("**Errors in specs and settings**");
        for problem in &view.problems {
            blocks.push(finding(problem));
        }
    }
    if let Some(crate::domain::event::Settlement::WholeFailed { findings }) = &view.settlement {
        for whole in findings {
            blocks.push(finding(whole));
        }
    }
    if view.ending.is_some() {
        for row in view.rows.iter().filter(|row| worth_unfolding(row)) {
            blocks.push(details(row));
        }
    }
    blocks.push(footer(view, links));
    blocks.join(limits::COMMENT_CHARS)
}

fn opening(view: &View) -> String {
    let mut sentences = Vec::new();
    if let Some(ending) = &view.ending {
        sentences.push(inline_keeping_code(&words::ending(ending)));
    }
    if let Some(settlement) = &view.settlement {
        sentences.push(inline(&words::settlement(settlement)));
    }
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

/// The table of a run: one row per interaction.
pub fn table(rows: &[Row]) -> String {
    let mut out = String::from(
        "| interaction | verdict | evidence | time | tokens | cost |\n|---|---|---|--:|--:|--:|",
    );
    for row in rows {
        let time = row.took_ms.map_or_else(|| "–".into(), words::duration);
        out.push_str(&format!(
            "\n| {} <sub>{}</sub> | {} | {} | {time} | {} | {} |",
            code(&row.key.to_string()),
            row.kind.word(),
            words::state(&row.state),
            inline(&shorten(&words::sentence(row), 300)),
            words::tokens(&row.usage),
            words::money(&row.usage),
        ));
    }
    out
}

fn worth_unfolding(row: &Row) -> bool {
    match &row.state {
        State::Judged { judgement } => !judgement.findings.is_empty(),
        State::GivenUp { .. } => true,
        State::Waiting | State::Working { .. } | State::Carried { .. } | State::Removed => false,
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
    let usage = view.usage();
    if usage.tokens() > 0 {
        words_of_it.push(format!(
            "{} tokens, {}",
            words::tokens(&usage),
            words::money(&usage)
        ));
    }
    if let Some(walls) = &view.walls {
        words_of_it.push(inline(&words::walls(walls)));
    }
    if let Some(page) = &links.page {
        words_of_it.push(format!("[The whole run]({page})"));
    }
    words_of_it.push("`/help` lists the commands".into());
    format!("<sub>{}</sub>", words_of_it.join(" · "))
}
