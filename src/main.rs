//! The command line. Its hidden commands are what our own processes start.

use std::process::ExitCode;

use clap::Parser as _;
use countersign::cli::args::Cli;
use countersign::domain::limits;
use countersign::edge::sandbox;
use countersign::os::process;

fn main() -> ExitCode {
    // Before any thread and any parsing: walls are put up by forking, and the command inside is not ours to parse.
    if let Some(code) = sandbox::hidden_command(std::env::args_os()) {
        return code;
    }
    let cli = Cli::parse();
    process::return_large_memory();
    match tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(limits::STACK_BYTES)
        .enable_all()
        .build()
    {
        Ok(runtime) => {
            let code = runtime.block_on(countersign::cli::run(cli));
            // What still blocks a thread, as an installation that nobody waits for any more, ends with us.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            eprintln!("countersign: cannot start: {error}");
            ExitCode::from(countersign::cli::exit_code::FAULT)
        }
    }
}
