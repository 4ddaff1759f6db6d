//! Scripted cheats and honest agents, played through the whole product; a table of who was seen. Only the model, Nango's API
//! and the providers behind it are stand-ins.
//!
//! It takes some two hours on two cores that do nothing else, so it is no part of the other tests: `cargo test --test suite -- --help`.

mod base;
mod case;
mod cases;
mod corpus;
mod play;
mod record;
mod run;
mod support;
mod table;

use std::path::{Path, PathBuf};

use clap::Parser;

use case::{Case, Group};

/// Plays the suite and prints what became of it.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only this group; may be given several times.
    #[arg(long)]
    group: Vec<Group>,
    /// Only cases whose name contains this.
    #[arg(long)]
    only: Option<String>,
    /// How many cases are played in one run of the product.
    #[arg(long, default_value_t = 12)]
    batch: usize,
    /// Whether agents are kept in or only watched.
    #[arg(long, value_enum, default_value = "up")]
    walls: run::Walls,
    /// Leaves out what the file of results holds already.
    #[arg(long)]
    resume: bool,
    /// Plays nothing; prints the table of the file of results.
    #[arg(long)]
    table: bool,
    /// Plays nothing; judges the evidence that was kept by the rules of now.
    #[arg(long)]
    judge: bool,
    /// Plays nothing; puts the evidence of the cases that came out as expected into this folder, with what must be found in it.
    #[arg(long)]
    corpus: Option<PathBuf>,
    /// Plays nothing; counts the cases of each group.
    #[arg(long)]
    list: bool,
    /// Plays nothing; writes the functions of the cases into this folder, for a compiler to read.
    #[arg(long)]
    functions: Option<PathBuf>,
    /// The file of results, a JSON object on each line.
    #[arg(long)]
    results: Option<PathBuf>,
}

fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let results = arguments
        .results
        .clone()
        .unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("suite-results.jsonl"));
    let all = cases::all();
    let mut wanted = all.clone();
    wanted.retain(|case| {
        (arguments.group.is_empty() || arguments.group.contains(&case.group))
            && arguments
                .only
                .as_ref()
                .is_none_or(|part| case.name.contains(part.as_str()))
    });
    if arguments.list {
        print!("{}", table::counts(&wanted));
        return Ok(());
    }
    if let Some(folder) = &arguments.functions {
        for case in &wanted {
            let (place, source) = &case.function;
            let path = folder.join(place);
            std::fs::create_dir_all(path.parent().unwrap_or(folder))?;
            std::fs::write(path, source)?;
        }
        return Ok(());
    }
    let state = results.with_extension("state");
    let only_reads = arguments.table || arguments.judge || arguments.corpus.is_some();
    if !only_reads {
        let mut to_play = wanted.clone();
        if arguments.resume {
            let known = record::read(&results)?;
            let is_known = |case: &Case| known.iter().any(|record| record.name == case.name);
            to_play.retain(|case| !is_known(case));
        } else if arguments.only.is_none() && arguments.group.is_empty() {
            std::fs::write(&results, "")?;
        }
        let runtime = tokio::runtime::Runtime::new()?;
        for batch in to_play.chunks(arguments.batch.max(1)) {
            runtime.block_on(run::play(batch, arguments.walls, &results))?;
        }
    }
    let records = record::read(&results)?.into_iter().filter_map(|record| {
        let case = wanted.iter().find(|case| case.name == record.name)?;
        Some(if arguments.judge || arguments.corpus.is_some() {
            record.judged_again(case, &state)
        } else {
            Ok(record.again(case))
        })
    });
    let records = records.collect::<std::io::Result<Vec<_>>>()?;
    if let Some(folder) = &arguments.corpus {
        return corpus::write(&records, &state, folder);
    }
    print!("{}", table::markdown(&records));
    Ok(())
}
