//! The agents: honest ones, with the turns that such an agent takes at least.

use std::time::Duration;

use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};

use crate::functions::Asked;

/// Reads, writes, compiles, tries, looks at the recording, reports.
const TURNS: u32 = 6;

/// The agent for one interaction. `think` is how long its model takes for an answer.
pub fn honest(asked: &Asked, think: Duration) -> Scenario {
    let dry = dry_run(&asked.key(), asked.input().as_deref());
    let compile = "nango compile --no-interactive";
    let recording = format!("{}/tests/{}.test.json", asked.integration(), asked.name());
    let words = report("done", "Written and tried.", &[compile, &dry]);
    let script = Script::new()
        .read(&asked.place())
        .after(think)
        .write(&asked.place(), asked.source())
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

/// How long one agent waits for its model: no run can be faster.
pub fn critical_path(think: Duration) -> Duration {
    think * TURNS
}
