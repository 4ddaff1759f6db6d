//! The command line. Its hidden commands are what our own processes start.

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: these fork, and a fork must not find a second thread.
    if let Some(code) = countersign::edge::sandbox::hidden_command(std::env::args_os()) {
        return code;
    }
    ExitCode::from(2)
}
