//! Many functions of five APIs in one run, as the headline has it: where the time goes, and how much of it. Only the model
//! and Nango's API are stand-ins.
//!
//! `cargo bench --bench headline -- 200`; what it found is in `docs/performance.md`.

mod agents;
mod functions;
mod meter;
mod money;
mod plain;
mod support;
mod table;

use std::time::Duration;

use clap::Parser;

use support::checkout::Checkout;
use table::Outcome;

/// Plays many interactions in one run of the product and prints one table.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many interactions.
    #[arg(default_value_t = 20)]
    interactions: usize,
    /// How many agents work at once.
    #[arg(long, default_value_t = 16)]
    parallel: u16,
    /// How long the model thinks before every answer, in milliseconds.
    #[arg(long, default_value_t = 500)]
    think_ms: u64,
    /// How many functions are compiled and dry-run with the plain CLI afterwards, for comparison.
    #[arg(long, default_value_t = 5)]
    plain: usize,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    tokio::runtime::Runtime::new()?.block_on(play(&arguments))
}

async fn play(arguments: &Arguments) -> std::io::Result<()> {
    let asked = functions::asked(arguments.interactions);
    let think = Duration::from_millis(arguments.think_ms);
    let scenarios = asked.iter().map(|one| agents::honest(one, think));
    let settings = format!(
        "parallel: {}\nlimits: {{ build: {{ minutes: 120 }}, run: {{ minutes: 600 }} }}\n",
        arguments.parallel
    );
    let settings = [(".github/countersign.yml", settings.as_str())];
    let checkout = Checkout::for_runs(scenarios.collect(), &settings).await;
    for one in &asked {
        checkout.write(&one.spec_path(), &one.spec());
    }
    if let Some(model) = &checkout.model {
        model.count_tokens();
    }
    let run = meter::metered(&mut checkout.command(&["run", "--json"])).await?;
    let plain = plain::measured(&checkout, asked.iter().take(arguments.plain)).await?;
    let outcome = Outcome {
        asked: &asked,
        critical_path: agents::critical_path(think),
        run,
        plain,
    };
    print!("{}", table::markdown(&outcome));
    print!("{}", money::markdown(&outcome.run.view));
    Ok(())
}
