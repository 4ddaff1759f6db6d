//! The command line. Its hidden commands are what our own processes start.

use std::process::ExitCode;

use clap::Parser as _;
use countersign::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let _ = cli.command;
    ExitCode::from(2)
}
