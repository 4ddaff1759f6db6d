//! What the model of a run costs at a list price, from the tokens that its provider counted.

use std::fmt::Write as _;

use serde_json::Value;

use crate::agents;

/// Claude Sonnet 4.6, a mid-size model: Anthropic's price list (claude.com/pricing) in 2026, with a cache of five minutes.
const MODEL: &str = "Claude Sonnet 4.6";
/// Dollars for a million tokens.
const CACHE_READ: f64 = 0.30;
/// All that is read from no cache is written to it, which costs a quarter more than reading it.
const CACHE_WRITE: f64 = 3.75;
/// Dollars for a million tokens.
const WRITTEN: f64 = 15.0;
/// Dollars for one function at most.
const GOAL: f64 = 0.10;

/// Tokens of one function, on an average.
#[derive(Debug, Default)]
struct Tokens {
    cached: f64,
    anew: f64,
    written: f64,
}

/// A table of the tokens of one function with what they cost, for the terminal and for the documentation.
pub fn markdown(view: &Value) -> String {
    let rows = view["rows"].as_array().map(Vec::as_slice);
    let rows = rows.unwrap_or_default();
    let countersigned = rows
        .iter()
        .filter(|row| row["state"]["judgement"]["verdict"] == "countersigned");
    let countersigned = countersigned.count();
    if countersigned == 0 {
        return "\nno function, no price\n".into();
    }
    // All tokens of the run, also of what came to nothing.
    let each = |kinds: &[&str]| {
        let of = |row: &Value| -> f64 {
            let counts = kinds.iter();
            counts.filter_map(|kind| row["usage"][*kind].as_f64()).sum()
        };
        rows.iter().map(of).sum::<f64>() / countersigned as f64
    };
    table(&Tokens {
        cached: each(&["cache_read"]),
        anew: each(&["input", "cache_write"]),
        written: each(&["output", "reasoning"]),
    })
}

fn table(tokens: &Tokens) -> String {
    let mut text = String::from("\n| for each function | tokens | dollars |\n|---|--:|--:|\n");
    let mut dollars = 0.0;
    for (name, count, price) in [
        ("read from the cache", tokens.cached, CACHE_READ),
        ("read, and written to the cache", tokens.anew, CACHE_WRITE),
        ("written", tokens.written, WRITTEN),
    ] {
        let costs = count * price / 1e6;
        dollars += costs;
        let _ = writeln!(text, "| {name} | {count:.0} | {costs:.4} |");
    }
    let all = tokens.cached + tokens.anew + tokens.written;
    let _ = writeln!(text, "| **together** | {all:.0} | **{dollars:.4}** |");
    let share = 100.0 * tokens.cached / (tokens.cached + tokens.anew);
    let room = (GOAL - dollars) / WRITTEN * 1e6;
    let _ = writeln!(
        text,
        "\n{} turns each, {share:.0}% of what is read is from the cache. Dollars at the list price of {MODEL}, a token for \
         four bytes. {}",
        agents::TURNS,
        if room >= 0.0 {
            format!("Up to ${GOAL:.2} there is room for {room:.0} more tokens written.")
        } else {
            format!("That is more than ${GOAL:.2}.")
        }
    );
    text
}
