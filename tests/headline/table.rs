//! The table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::functions::Asked;
use crate::meter::{Metered, Sample};
use crate::plain::Plain;

/// All that was measured.
pub struct Outcome<'a> {
    /// What was asked for.
    pub asked: &'a [Asked],
    /// How long one agent waits for its model.
    pub critical_path: Duration,
    /// The run.
    pub run: Metered,
    /// The same with the plain CLI.
    pub plain: Plain,
}

/// Markdown, for the terminal and for the documentation.
pub fn markdown(outcome: &Outcome<'_>) -> String {
    let run = &outcome.run;
    let count = u32::try_from(outcome.asked.len())
        .unwrap_or(u32::MAX)
        .max(1);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // At the very end the agent's server is killed, and counted with the other children or with nobody.
    let mut alive = run.samples.iter().rev();
    let last = alive.find(|sample| !sample.agent.own.is_zero());
    let last = last.copied().unwrap_or_default();
    let built = built(run).unwrap_or(last);
    let (agent, countersign) = (last.agent, last.countersign);
    let rooms = built.countersign.children;
    let whole = countersign.children.saturating_sub(rooms);
    // One that was ended for its memory is counted with the clean rooms.
    let checker = last.checker;
    let cpu = agent.own + agent.children + checker + countersign.own + countersign.children;
    let mut text = String::new();
    let states = states(&run.view);
    let settled = run.view["settlement"]["settlement"].as_str();
    let settled = settled.unwrap_or("nothing settled");
    let _ = writeln!(
        text,
        "{} interactions: {states}; {settled}",
        outcome.asked.len()
    );
    for row in run.view["rows"].as_array().into_iter().flatten() {
        let _ = write!(text, "{}", not_good(row).unwrap_or_default());
    }
    if run.view.is_null() {
        let _ = writeln!(text, "\nthe run broke:\n{}", run.said);
    }
    let _ = writeln!(text, "\n| | seconds | for each |\n|---|--:|--:|");
    let mut row = |name: &str, took: Duration| {
        let _ = writeln!(
            text,
            "| {name} | {:.1} | {:.2} |",
            took.as_secs_f64(),
            (took / count).as_secs_f64()
        );
    };
    row("wall time", run.wall);
    row("processor time", cpu);
    row("– agents' commands", agent.children);
    row("– the warm checker", checker);
    row("– the agent's server", agent.own);
    row("– clean rooms", rooms);
    row("– Countersign itself", countersign.own);
    row("– the whole project", whole);
    let bound = cpu / u32::try_from(cores).unwrap_or(1) + outcome.critical_path;
    let ratio = run.wall.as_secs_f64() / bound.as_secs_f64();
    let _ = writeln!(
        text,
        "\nOn {cores} cores. The model's critical path is {:.1} s; the wall time is {ratio:.2} times (processor time ÷ cores + \
         critical path). At most {} MB of memory.",
        outcome.critical_path.as_secs_f64(),
        run.samples
            .iter()
            .map(|sample| sample.bytes)
            .max()
            .unwrap_or_default()
            / 1_000_000,
    );
    let end = run.samples.last().map_or(0, |sample| sample.at_ms);
    let _ = writeln!(
        text,
        "\nThe whole project takes {:.1} s of wall time, from the end of the last build to the end of the run.",
        Duration::from_millis(end.saturating_sub(built.at_ms).unsigned_abs()).as_secs_f64(),
    );
    let plain = &outcome.plain;
    if plain.functions > 0 {
        let each = |took: Duration| (took / plain.functions).as_secs_f64();
        let _ = writeln!(
            text,
            "\nThe plain CLI, {} functions one after the other: {:.2} s of processor time for a compile, {:.2} s for a dry run. \
             Agents' commands of the run (a compile, and a dry run behind another): {:.2} s, and {:.2} s of the checker, which clean \
             rooms ask as well.",
            plain.functions,
            each(plain.compile),
            each(plain.dry_run),
            (agent.children / count).as_secs_f64(),
            (checker / count).as_secs_f64(),
        );
    }
    text
}

/// How it stood when the last build had ended.
fn built(run: &Metered) -> Option<Sample> {
    let rows = run.view["rows"].as_array()?.iter();
    let ended = rows.filter_map(|row| Some(row["started_ms"].as_i64()? + row["took_ms"].as_i64()?));
    let ended = ended.max()?;
    run.samples
        .iter()
        .rev()
        .find(|sample| sample.at_ms <= ended)
        .copied()
}

/// A line for a function that was not countersigned: all are honest, so something is wrong with us or with the machine.
fn not_good(row: &Value) -> Option<String> {
    let judgement = &row["state"]["judgement"];
    if judgement["verdict"] == "countersigned" {
        return None;
    }
    let findings = judgement["findings"].as_array().into_iter().flatten();
    let said: Vec<String> = findings
        .map(|finding| {
            format!(
                "{} ({}): {}",
                finding["rule"], finding["severity"], finding["sentence"]
            )
        })
        .collect();
    Some(format!("- {}: {}\n", row["key"], said.join("; ")))
}

fn states(view: &Value) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for row in view["rows"].as_array().into_iter().flatten() {
        let state = &row["state"];
        let word = state["judgement"]["verdict"]
            .as_str()
            .or(state["state"].as_str());
        *counts.entry(word.unwrap_or("?").to_owned()).or_default() += 1;
    }
    let words: Vec<String> = counts
        .iter()
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    words.join(", ")
}
