//! Walls of the kernel around a program: namespaces, Landlock, seccomp. Start at [`Sandbox`].
//!
//! | file | noun |
//! |---|---|
//! | `runner` | [`Sandbox`]: starts a supervisor for one program and hears how it ended |
//! | `isolation` | how strong the walls are; [`IsolationReport`]: which of them stand on this machine |
//! | `strongest` | how that is found out: by trying |
//! | `self_test` | what is tried for that, from inside |
//! | `output` | what a program prints |
//! | `request` | what the supervisor is told, and what it says at the end |
//! | `shell` | the wrapper that an agent's shell tool calls |
//! | `supervisor` | the process outside the walls: waits, relays one port, and leaves nothing alive |
//! | `inside` | the processes between the supervisor and the program, each with less leave than the one before |
//! | `root` | the file system that the program sees |
//! | `confine` | Landlock and limits |
//! | `syscalls` | seccomp |
//! | `relay` | the one port |
//! | `sys` | the few unsafe calls |

mod confine;
mod inside;
mod isolation;
mod output;
mod relay;
mod request;
mod root;
mod runner;
mod self_test;
mod shell;
mod strongest;
mod supervisor;
mod sys;
mod syscalls;

use std::ffi::OsString;
use std::process::ExitCode;

pub use isolation::{Isolation, IsolationReport, SelfCheck};
pub use runner::{Sandbox, SandboxError};

/// Runs one of the hidden commands when `args` (with the program's name) name one. Call it first in `main`, before any
/// thread is started: these commands fork.
pub fn hidden_command(args: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let args: Vec<OsString> = args.skip(1).collect();
    match args.first()?.to_str()? {
        request::EXEC => Some(supervisor::command()),
        shell::SHELL => Some(shell::command(&args[1..])),
        self_test::SELF_TEST => Some(self_test::command(&args[1..])),
        _ => None,
    }
}
