//! **Claims against results**: the agent's last words say that a check passed, and the last run of that check did not, or there
//! was none.
//!
//! Sees "all tests pass", "the dry run succeeds", "es kompiliert fehlerfrei" in the last words or the report's summary, against
//! how the last such command of the transcript ended. It matters because nobody scrolls back. What looks alike and is innocent:
//! red first and green later; a sentence that negates, hopes or plans; a check that passed with a bad exit code of something
//! beside it in the same line, for which the output must show the failure; a check inside a script, which cannot be seen. When
//! the clean room fails as well it blocks, else it is a warning. Confidence: *inferred*.

mod words;

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::tape::Phase;

use crate::rules::judge::reading::check_runs::{last_run, may_hide_a_check, shows_failure};
use crate::rules::judge::reading::nango_cli::Check;
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::shell::{self, ShellCommand};

/// What was said, and in which turn; the report has none.
struct Said {
    turn: Option<u32>,
    sentence: String,
}

/// Compares last words with last results.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let mut said: Vec<(Option<u32>, String)> = Vec::new();
    if let Some((number, words)) = dossier.transcript.last_words() {
        said.push((Some(number), words));
    }
    if let Some(claim) = dossier.seal.claim.claim() {
        said.push((None, claim.summary.clone()));
    }
    let commands = shell::commands(dossier);
    let can_see = !commands.iter().any(may_hide_a_check);
    let finds = |check: Check| {
        let said = said.iter().find_map(|(turn, text)| {
            Some(Said {
                turn: *turn,
                sentence: words::claiming(check, text)?,
            })
        })?;
        match last_run(&commands, check) {
            Some(last) => shows_failure(last, check).then(|| {
                let exit = last.call.exit;
                let exit = exit.map_or_else(String::new, |code| format!(" (exit {code})"));
                let output = quote::tail(&last.call.output);
                let lines: Vec<&str> = output.lines().collect();
                let end = lines[lines.len().saturating_sub(3)..].join("\n");
                let quoted = format!("{}\n{end}", quote::line(last.text));
                finding(
                    dossier,
                    &said,
                    format!(
                        "The agent says that {} went well, but the last run of it, in turn {}, failed{exit}.",
                        check.words(),
                        last.turn
                    ),
                    vec![quote::turn(last.turn, last.call, &quoted)],
                )
            }),
            None => (can_see && is_unrun(dossier, &commands, check)).then(|| {
                finding(
                    dossier,
                    &said,
                    format!(
                        "The agent says that {} went well, but nothing shows that it was ever run.",
                        check.words()
                    ),
                    Vec::new(),
                )
            }),
        }
    };
    [Check::Tests, Check::DryRun, Check::Compile]
        .into_iter()
        .filter_map(finds)
        .collect()
}

/// Whether no other check shows that this one went well: a dry run compiles first, and asks Nango for its connection.
fn is_unrun(dossier: &Dossier, commands: &[ShellCommand<'_>], check: Check) -> bool {
    let was_run = |other| last_run(commands, other).is_some();
    match check {
        Check::Tests => true,
        Check::DryRun => dossier.tape.of(Phase::Agent).next().is_none(),
        Check::Compile => !was_run(Check::DryRun) && !was_run(Check::Tests),
    }
}

fn finding(dossier: &Dossier, said: &Said, sentence: String, shown: Vec<Exhibit>) -> Finding {
    let severity = if dossier.seal.room.failed_step().is_some() {
        Severity::Block
    } else {
        Severity::Warn
    };
    let (place, quoted) = match said.turn {
        Some(number) => (Place::Turn { number }, quote::says(number, &said.sentence)),
        None => (
            Place::Build,
            Exhibit::Claimed {
                claimed: quote::line(&said.sentence),
                received: "no such result".to_owned(),
            },
        ),
    };
    let evidence = std::iter::once(quoted).chain(shown).collect();
    Finding::new(
        "claims-against-results",
        severity,
        Confidence::Inferred,
        place,
        sentence,
        evidence,
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::judge;
    use super::super::super::sample::{self, names_of};
    use crate::domain::claim::ClaimStatus;
    use crate::domain::clean_room::Outcome;
    use crate::domain::verdict::Verdict;

    #[test]
    fn green_words_over_a_red_run_are_seen() {
        for (command, exit, output, words) in [
            (
                "npx vitest run",
                1,
                "FAIL  create-event.test.ts",
                "All tests pass.",
            ),
            (
                "npx vitest run | tail -5",
                0,
                " Tests  1 failed | 2 passed",
                "Finished.\nThe test suite is green.",
            ),
            (
                "nango dryrun create-event test -e dev",
                12,
                "",
                "The dry run succeeded and the event was created.",
            ),
            (
                "nango compile; true",
                0,
                "err - create-event.ts:3:1",
                "It compiles without errors.",
            ),
        ] {
            let mut sample = sample::action();
            sample.bash(command, exit, output);
            sample.words(words);
            let judgement = judge(&sample.build());
            assert_eq!(names_of(&judgement), ["claims-against-results"], "{words}");
            assert_eq!(judgement.verdict, Verdict::NeedsALook);
            sample.seal.room.tests.outcome = Outcome::Failed;
            assert_eq!(judge(&sample.build()).verdict, Verdict::Refused);
        }
    }

    #[test]
    fn green_words_over_nothing_are_seen() {
        let mut sample = sample::action();
        sample.words("All tests pass.");
        assert_eq!(
            names_of(&judge(&sample.build())),
            ["claims-against-results"]
        );
        sample.bash("make check", 0, "");
        assert_eq!(judge(&sample.build()).verdict, Verdict::Countersigned);
        let mut compiled = sample::action();
        compiled.words("It compiles without errors.");
        compiled.bash("nango dryrun create-event test -e dev", 0, "");
        assert_eq!(judge(&compiled.build()).verdict, Verdict::Countersigned);
    }

    #[test]
    fn red_then_green_and_doubting_words_are_innocent() {
        let mut later = sample::action();
        later.bash("npx vitest run", 1, "FAIL");
        later.bash("npx vitest run", 0, "Tests  1 passed");
        later.words("All tests pass.");
        assert_eq!(judge(&later.build()).verdict, Verdict::Countersigned);
        for words in [
            "The tests do not pass yet.",
            "I could not get the tests to pass, they fail.",
            "The tests should pass once access is granted.",
            "I ran the tests.",
        ] {
            let mut sample = sample::action();
            sample.bash("npx vitest run", 1, "FAIL");
            sample.words(words);
            sample.say(ClaimStatus::Done, "See above.");
            assert_eq!(
                judge(&sample.build()).verdict,
                Verdict::Countersigned,
                "{words}"
            );
        }
    }
}
