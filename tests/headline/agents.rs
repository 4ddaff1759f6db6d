//! The agents: honest ones, with the turns that such an agent takes at least.

use std::time::Duration;

use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};
use serde_json::{Value, json};

use crate::functions::Asked;

/// Skills that it reads before it begins, as its brief says.
const SKILLS: [&str; 3] = [
    "building-nango-functions",
    "dry-running-nango-functions",
    "testing-and-reporting",
];

/// Turns of an agent: reads scaffold and skills, writes, compiles, tries, looks at the recording, reports.
pub const TURNS: u32 = 6;

/// The agent for one interaction. `think` is how long its model takes for an answer.
pub fn honest(asked: &Asked, think: Duration) -> Scenario {
    let dry = dry_run(&asked.key(), asked.input().as_deref());
    let compile = "nango compile --no-interactive";
    let recording = format!("{}/tests/{}.test.json", asked.integration(), asked.name());
    let words = report("done", "Written and tried.", &[compile, &dry]);
    let script = Script::new()
        .calls(first(asked))
        .after(think)
        .write(&asked.place(), &asked.source())
        .after(think)
        .bash(compile)
        .after(think)
        .bash(&dry)
        .after(think)
        .read(&recording)
        .after(think)
        .say(words)
        .after(think);
    Scenario::new(asked.key(), script)
}

/// What it reads first: the scaffold and the skills, all in one turn.
fn first(asked: &Asked) -> Vec<(&'static str, Value)> {
    let scaffold = ("read", json!({ "filePath": asked.place() }));
    let skills = SKILLS.map(|name| ("skill", json!({ "name": name })));
    std::iter::once(scaffold).chain(skills).collect()
}

/// How long one agent waits for its model: no run can be faster.
pub fn critical_path(think: Duration) -> Duration {
    think * TURNS
}
