//! What a finding means: its row in `docs/verification.md`, and where it was found.

use crate::domain::limits;
use crate::domain::row::State;
use crate::domain::view::View;
use crate::rules::probes::PROBES;
use crate::text::markdown::{Blocks, code};

/// The page that tells of every finding, in tables: name, what was found, how often honest code has it, what it does.
const PAGE: &str = include_str!("../../docs/verification.md");

/// One row of it.
struct Told<'t> {
    found: &'t str,
    /// Absent in tables that do not say it.
    measured: Option<&'t str>,
    does: &'t str,
}

/// What the page tells of a finding; of a probe's, what it tells of the probe. It is ours, so it needs no escape.
fn told(name: &str) -> Option<Told<'static>> {
    let probe = PROBES.iter().find(|probe| probe.finding == name);
    let named = format!("`{}`", probe.map_or(name, |probe| probe.source.name));
    let is_it = |line: &&str| {
        let first = line
            .strip_prefix("| ")
            .and_then(|row| row.split(" | ").next());
        first.is_some_and(|first| first.split(", ").any(|one| one == named))
    };
    let row = PAGE.lines().find(is_it)?;
    let mut cells = row.trim_matches('|').split(" | ").map(str::trim).skip(1);
    let found = cells.next()?;
    let rest: Vec<&str> = cells.collect();
    let (does, measured) = rest.split_last()?;
    Some(Told {
        found,
        measured: measured.first().copied().filter(|cell| !cell.is_empty()),
        does,
    })
}

/// What a finding means, and which interactions of a run have it.
pub fn meaning(name: &str, view: Option<&View>) -> String {
    let mut body = Blocks::default();
    body.push(match told(name) {
        Some(Told {
            found,
            measured,
            does,
        }) => {
            let measured = measured.map(|measured| format!(" Seen in honest code: {measured}."));
            format!(
                "**{}**: {found}. What it does: {does}.{}",
                code(name),
                measured.unwrap_or_default()
            )
        }
        None => format!("**{}** is a rule without a page of its own.", code(name)),
    });
    let rows = view.map_or(&[][..], |view| &view.rows);
    let having = rows.iter().filter(|row| match &row.state {
        State::Judged { judgement } => judgement.findings.iter().any(|one| one.rule == name),
        _ => false,
    });
    let having: Vec<String> = having.map(|row| code(&row.key.to_string())).collect();
    body.push(match having.is_empty() {
        true => "It was not found here.".to_owned(),
        false => format!("It was found in {}.", having.join(", ")),
    });
    body.join(limits::COMMENT_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::judge::RULES;

    #[test]
    fn every_finding_is_told_of() {
        let names = RULES.iter().flat_map(|rule| rule.finds);
        let missing: Vec<&&str> = names.filter(|name| told(name).is_none()).collect();
        assert!(
            missing.is_empty(),
            "docs/verification.md has no row for {missing:?}"
        );
    }

    #[test]
    fn a_row_is_taken_apart() {
        let said = meaning("unread-pages", None);
        assert!(said.contains("neither asked for nor given back"), "{said}");
        assert!(
            said.contains("What it does: blocks a sync, warns of the others."),
            "{said}"
        );
        assert!(said.ends_with("It was not found here."), "{said}");
    }
}
