//! What each command of the command line does, one file each.

/// Prints a line on standard output. Whoever reads may stop reading, as `head` does: that is no fault.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::command::print_line(format_args!($($words)*))
    };
}

pub mod check;
pub mod demo;
pub mod doctor;
pub mod judge;
pub mod run;
pub mod serve;

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use crate::cli::{Cli, Command};
use crate::config::ConfigError;
use crate::exit;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The caller can mend it.
    #[error("{0}")]
    Usage(String),
    /// The caller can mend it, in the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Something failed that is not the caller's fault.
    #[error("{0}")]
    Fault(String),
}

impl CommandError {
    /// A fault, with its causes.
    pub fn fault(error: impl std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !text.contains(&cause_text) {
                text.push_str(&format!("\n  because {cause_text}"));
            }
            source = cause.source();
        }
        Self::Fault(text)
    }

    fn code(&self) -> u8 {
        match self {
            CommandError::Usage(_) | CommandError::Config(_) => exit::USAGE,
            CommandError::Fault(_) => exit::FAULT,
        }
    }
}

/// Runs the command and says how it ended.
pub async fn run(cli: Cli) -> ExitCode {
    let ended = match cli.command {
        Command::Serve(args) => serve::serve(args).await,
        Command::Work(args) => serve::work(args).await,
        Command::Run(args) => run::run(args).await,
        Command::Check(args) => check::check(&args),
        Command::Judge(args) => judge::judge(&args),
        Command::Doctor(args) => doctor::doctor(args).await,
        Command::Demo(args) => demo::demo(args).await,
    };
    ended.unwrap_or_else(|error| {
        eprintln!("countersign: {error}");
        ExitCode::from(error.code())
    })
}

/// What is said to the first signal where another process, or the next start, goes on with the work.
pub const KEPT: &str = "stopping; what is under way is kept";

/// Is cancelled by the first SIGINT or SIGTERM, to which it says `words`. A second one ends the process at once.
pub fn stop_on_signal(words: &'static str) -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        eprintln!("countersign: {words}. Once more to stop at once.");
        token.cancel();
        wait_for_signal().await;
        std::process::exit(130);
    });
    stop
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without handlers the signals end the process by themselves.
        _ => std::future::pending().await,
    }
}

fn print_line(words: std::fmt::Arguments<'_>) {
    use std::io::Write as _;
    // Nobody is left to tell when standard output is closed.
    let _ = writeln!(std::io::stdout(), "{words}");
}
