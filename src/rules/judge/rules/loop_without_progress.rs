//! **Loop without progress**: the same thing is done again and again, and nothing changes.
//!
//! Sees one tool call with the same end four times in a row, and two that take turns six times; and, as a remark, one command in
//! which a loop that only counts starts a check as often, whose ends nobody sees. It matters little by itself
//! and costs money; and a loop is where agents begin to invent. What looks alike: waiting for an API that said *later* (429,
//! 5xx: the tape shows it), a file changed in between, answers that differ, a loop through files, one that ends when it went
//! well. Limits: [`limits::LOOP_REPEATS`],
//! [`limits::LOOP_TURNS`] (OpenHands' stuck detector uses the same). Confidence: *proven* (transcript).

use crate::domain::deed::Deed;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::limits;
use crate::domain::tape::Phase;
use crate::domain::transcript::{ToolCall, ToolStatus};
use crate::rules::judge::reading::nango_cli::check_of;
use crate::rules::judge::reading::{quote, shell};
use crate::text::number::count;

/// Looks for loops.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let calls: Vec<(u32, &ToolCall)> = dossier
        .transcript
        .tool_calls()
        .filter(|(_, call)| call.status != ToolStatus::Unfinished)
        .collect();
    let run = longest(&calls, 1, dossier).filter(|(_, length)| *length >= limits::LOOP_REPEATS);
    let turns = || longest(&calls, 2, dossier).filter(|(_, length)| *length >= limits::LOOP_TURNS);
    let Some((from, length)) = run.or_else(turns) else {
        return counted(dossier).into_iter().collect();
    };
    let (turn, call) = calls[from];
    let what = match &call.deed {
        Deed::Shell { command, .. } => quote::line(command),
        _ => quote::line(&call.tool),
    };
    vec![Finding::new(
        "loop-without-progress",
        Severity::Warn,
        Confidence::Proven,
        Place::Turn { number: turn },
        format!(
            "From turn {turn} on the agent did the same {} in a row with the same end: {what}.",
            count(length, "time")
        ),
        vec![quote::turn(turn, call, &format!("{what}\n{}", call.output))],
    )]
}

/// A check that a loop which only counts started too often.
fn counted(dossier: &Dossier) -> Option<Finding> {
    let commands = shell::commands(dossier);
    let (command, rounds) = commands.iter().find_map(|command| {
        let checks = command
            .starts()
            .iter()
            .filter(|one| check_of(one).is_some());
        let rounds = checks.map(|check| check.counted as usize).max()?;
        (rounds >= limits::LOOP_REPEATS && !was_told_to_wait(command.call, dossier))
            .then_some((command, rounds))
    })?;
    Some(Finding::new(
        "loop-without-progress",
        Severity::Note,
        Confidence::Proven,
        Place::Turn {
            number: command.turn,
        },
        format!(
            "In turn {} one command ran the same check {}: {}.",
            command.turn,
            count(rounds, "time"),
            quote::line(command.text)
        ),
        vec![quote::turn(command.turn, command.call, command.text)],
    ))
}

/// The longest row in which each call is the same as the one `step` before it, as its beginning and its length.
fn longest(calls: &[(u32, &ToolCall)], step: usize, dossier: &Dossier) -> Option<(usize, usize)> {
    let mut best: Option<(usize, usize)> = None;
    let mut from = 0;
    for at in step..calls.len() {
        let is_same = is_repeated(calls[at - step].1, calls[at].1, dossier);
        // Two that take turns are two.
        let is_row = is_same && (step == 1 || !is_repeated(calls[at - 1].1, calls[at].1, dossier));
        if !is_row {
            from = at + 1 - step;
        } else if best.is_none_or(|(_, length)| at + 1 - from > length) {
            best = Some((from, at + 1 - from));
        }
    }
    best
}

fn is_repeated(one: &ToolCall, other: &ToolCall, dossier: &Dossier) -> bool {
    let same = (&one.tool, &one.input, one.exit, &one.output)
        == (&other.tool, &other.input, other.exit, &other.output);
    same && !was_told_to_wait(other, dossier)
}

fn was_told_to_wait(call: &ToolCall, dossier: &Dossier) -> bool {
    dossier
        .tape
        .of(Phase::Agent)
        .filter(|exchange| (call.started_ms..=call.ended_ms).contains(&exchange.at_ms))
        .any(|exchange| exchange.status == 429 || exchange.status >= 500)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, EVENTS, Sample, names_of};

    fn is_found(sample: &Sample) -> bool {
        names_of(&judge(&sample.build())).contains(&"loop-without-progress")
    }

    #[test]
    fn the_same_again_and_again_is_a_loop_and_so_are_two_that_take_turns() {
        let mut sample = sample::action();
        for _ in 0..4 {
            sample.bash("nango compile", 1, "err - a.ts");
        }
        assert!(is_found(&sample));
        let mut sample = sample::action();
        for _ in 0..3 {
            sample.bash("nango compile", 1, "err - a.ts");
            sample.bash("cat a.ts", 0, "x");
        }
        assert!(is_found(&sample));
    }

    #[test]
    fn a_loop_that_only_counts_is_a_loop() {
        for (command, is_loop) in [
            (
                "for i in $(seq 1 30); do vitest run x-$i >/dev/null 2>&1; done; true",
                true,
            ),
            (
                "for i in {1..5}; do nango dryrun create-event test; done",
                true,
            ),
            (
                "for i in {1..3}; do nango dryrun create-event test; done",
                false,
            ),
            (
                "for i in {1..5}; do nango dryrun create-event test && break; done",
                false,
            ),
            ("for i in $(seq 1 100); do echo $i; done", false),
        ] {
            let mut sample = sample::action();
            sample.bash(command, 0, "");
            assert_eq!(is_found(&sample), is_loop, "{command}");
        }
    }

    #[test]
    fn progress_and_waiting_are_no_loop() {
        let mut sample = sample::action();
        for at in 0..8 {
            sample.bash("nango compile", 1, &format!("err - a.ts:{at}"));
        }
        assert!(!is_found(&sample), "another end each time");
        let mut sample = sample::action();
        for _ in 0..3 {
            sample.bash("nango compile", 1, "err - a.ts");
        }
        assert!(!is_found(&sample), "three times");
        let mut sample = sample::action();
        for _ in 0..6 {
            sample.bash("sleep 30; nango dryrun create-event test", 12, "429");
            let at_ms = sample.transcript.turns.last().expect("a turn").at_ms;
            sample.exchange(Phase::Agent, "GET", EVENTS, 429, "{}");
            sample.tape.exchanges.last_mut().expect("an exchange").at_ms = at_ms + 1;
        }
        assert!(!is_found(&sample), "it was told to wait");
    }
}
