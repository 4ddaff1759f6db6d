//! What each command of the command line does, one file each.

/// Prints a line on standard output. Whoever reads may stop reading, as `head` does: that is no fault.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::cli::print_line(format_args!($($words)*))
    };
}

pub mod action;
mod action_event;
pub mod args;
pub mod check;
#[cfg(feature = "demo")]
pub mod demo;
pub mod doctor;
mod doctor_report;
mod drafts;
pub mod error;
pub mod exit_code;
mod github_app;
mod import;
pub mod judge;
mod new;
pub mod probe;
mod project_packages;
mod prune;
pub mod run;
mod sealed;
pub mod serve;
mod services;
mod setup;
pub mod signals;
mod told;
mod trace;
mod work;
mod work_tree;

use std::process::ExitCode;

use crate::cli::args::{Cli, Command};

/// Runs the command and says how it ended.
pub async fn run(cli: Cli) -> ExitCode {
    let ended = match cli.command {
        Command::Setup(args) => setup::setup(args).await,
        Command::Serve(args) => serve::serve(args).await,
        Command::Work(args) => work::work(args).await,
        Command::Run(args) => run::run(args).await,
        Command::Action(args) => action::action(args).await,
        Command::Check(args) => check::check(&args),
        Command::New(args) => new::new(&args),
        Command::Import(args) => import::import(&args),
        Command::Judge(args) => judge::judge(&args),
        Command::Probe(args) => probe::probe(args).await,
        Command::Trace(args) => trace::trace(&args),
        Command::Prune(args) => prune::prune(args).await,
        Command::Doctor(args) => doctor::doctor(args).await,
        #[cfg(feature = "demo")]
        Command::Demo(args) => demo::demo(args).await,
    };
    ended.unwrap_or_else(|error| {
        eprintln!("countersign: {error}");
        ExitCode::from(error.code())
    })
}

fn print_line(words: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    // Nobody is left to tell when standard output is closed.
    let _ = writeln!(std::io::stdout(), "{words}");
}
