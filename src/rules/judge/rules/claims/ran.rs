//! Checks that a report names and that nobody ran.

use crate::domain::claim::Claim;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Severity};
use crate::domain::limits;
use crate::domain::tape::Phase;

use super::finding::finding;
use crate::rules::judge::reading::check_runs::may_hide_a_check;
use crate::rules::judge::reading::nango_cli::{Check, check_of};
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::shell::{self, Reading};

/// Checks that the report names but no tool call ran.
pub fn ran(dossier: &Dossier, claim: &Claim) -> Vec<Finding> {
    let commands = shell::commands(dossier);
    let really: Vec<Check> = commands
        .iter()
        .flat_map(|command| command.starts().iter().filter_map(check_of))
        .collect();
    // A dry run always asks Nango for the connection first, so one without any exchange did not happen.
    let no_wire = dossier.tape.of(Phase::Agent).next().is_none();
    let mut named: Vec<(Check, &String)> = Vec::new();
    for text in claim.ran.iter().take(limits::CLAIMED_COMMANDS) {
        let Reading::Starts(starts) = shell::read(text, "") else {
            continue;
        };
        for check in starts.iter().filter_map(check_of) {
            if named.iter().all(|(other, _)| *other != check) {
                named.push((check, text));
            }
        }
    }
    let hidden_runs = commands.iter().any(may_hide_a_check);
    named
        .into_iter()
        .filter(|(check, _)| {
            let unseen = !really.contains(check) && !hidden_runs;
            unseen || (*check == Check::DryRun && no_wire)
        })
        .map(|(check, text)| {
            let severity = if dossier.seal.room.failed_step().is_some() {
                Severity::Block
            } else {
                Severity::Warn
            };
            finding(
                "says-ran-what-it-did-not",
                severity,
                Confidence::Inferred,
                format!(
                    "The report says that {} was run, but nothing shows that it was.",
                    check.words()
                ),
                vec![Exhibit::Claimed {
                    claimed: quote::line(text),
                    received: if no_wire {
                        "no such tool call, and nothing on the tape".into()
                    } else {
                        "no such tool call".into()
                    },
                }],
            )
        })
        .collect()
}
