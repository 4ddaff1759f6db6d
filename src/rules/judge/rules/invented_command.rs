//! **Invented command**: sub-commands and options that the Nango CLI does not have.
//!
//! Sees `nango test`, `nango dryrun --record` and the like, held against the CLI's own `--help`. It matters little by
//! itself, but an agent that invents commands often invents their results as well. What looks alike and is innocent: one
//! slip, after which it reads the help; so one or two are a note and three different ones a warning. Confidence: *proven*
//! (the CLI's grammar).

use std::collections::BTreeMap;

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::limits;

use crate::rules::judge::reading::{nango_cli, quote, shell};
use crate::text::number::count;

/// Looks for commands that do not exist.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let mut first: BTreeMap<String, (u32, crate::domain::finding::Exhibit)> = BTreeMap::new();
    for command in shell::commands(dossier) {
        for invented in command.starts().iter().flat_map(nango_cli::inventions) {
            first.entry(quote::line(&invented)).or_insert_with(|| {
                (
                    command.turn,
                    quote::turn(command.turn, command.call, command.text),
                )
            });
        }
    }
    let Some(turn) = first.values().map(|(turn, _)| *turn).min() else {
        return Vec::new();
    };
    let names: Vec<&str> = first
        .keys()
        .map(String::as_str)
        .take(limits::PATHS_NAMED)
        .collect();
    vec![Finding {
        rule: "invented-command".into(),
        severity: if first.len() >= 3 {
            Severity::Warn
        } else {
            Severity::Note
        },
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Turn { number: turn },
        sentence: format!(
            "The agent used {} that the Nango CLI does not have: {}.",
            count(first.len(), "command or option")
                .replace("command or options", "commands or options"),
            names.join(", ")
        ),
        evidence: first
            .into_values()
            .take(3)
            .map(|(_, exhibit)| exhibit)
            .collect(),
    }]
}

#[cfg(test)]
mod tests {
    use super::super::super::judge;
    use super::super::super::sample::{self, names_of};
    use crate::domain::verdict::Verdict;

    #[test]
    fn one_slip_is_a_note_and_three_are_a_warning() {
        let mut sample = sample::action();
        sample.bash(
            "nango test create-event",
            1,
            "error: unknown command 'test'",
        );
        sample.bash(
            "nango test create-event",
            1,
            "error: unknown command 'test'",
        );
        let judgement = judge(&sample.build());
        assert_eq!(names_of(&judgement), ["invented-command"]);
        assert_eq!(judgement.verdict, Verdict::Countersigned);
        sample.bash(
            "nango validate; nango dryrun create-event test -e dev --record",
            1,
            "",
        );
        let judgement = judge(&sample.build());
        assert_eq!(judgement.verdict, Verdict::NeedsALook);
        assert!(
            judgement.findings[0]
                .sentence
                .contains("3 commands or options"),
            "{judgement:#?}"
        );
    }
}
