//! Runs one of the programs that install or look: with a time-out, and with none of our secrets in its environment.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::domain::limits;

/// How it ended.
pub(super) struct Ran {
    /// Whether the exit code was 0.
    pub ok: bool,
    /// Standard output and standard error, one after the other, cut.
    pub said: String,
}

/// Why it did not run to its end.
pub(super) enum NotRun {
    /// It could not be started.
    Start(std::io::Error),
    /// Its time was up; it and all that it started was killed.
    TimedOut,
}

/// Runs `command` for at most `seconds`.
pub(super) fn run(command: &mut Command, seconds: u64) -> Result<Ran, NotRun> {
    for (name, _) in std::env::vars_os() {
        let ours = ["COUNTERSIGN_", "NANGO_", "DATABASE_URL"];
        if ours
            .iter()
            .any(|own| name.to_string_lossy().starts_with(own))
        {
            command.env_remove(&name);
        }
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut child = command.spawn().map_err(NotRun::Start)?;
    let output = listen(child.stdout.take());
    let errors = listen(child.stderr.take());
    let ok = wait(&mut child, Duration::from_secs(seconds));
    let text = |heard: thread::JoinHandle<String>| heard.join().unwrap_or_default();
    let said = [text(output), text(errors)].join("\n").trim().to_owned();
    ok.map(|ok| Ran { ok, said })
}

fn wait(child: &mut Child, limit: Duration) -> Result<bool, NotRun> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) if started.elapsed() < limit => thread::sleep(Duration::from_millis(10)),
            Ok(None) | Err(_) => {
                // The whole group, because npm and Node start children that would keep the pipes open.
                if let Ok(id) = i32::try_from(child.id()) {
                    let _ = killpg(Pid::from_raw(id), Signal::SIGKILL);
                }
                let _ = child.wait();
                return Err(NotRun::TimedOut);
            }
        }
    }
}

/// Reads to the end, and keeps the beginning.
fn listen(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let Some(mut pipe) = pipe else {
            return String::new();
        };
        let mut kept = Vec::new();
        let mut chunk = [0; 8192];
        while let Ok(read @ 1..) = pipe.read(&mut chunk) {
            let room = limits::PROGRAM_OUTPUT_BYTES - kept.len();
            kept.extend_from_slice(&chunk[..read.min(room)]);
        }
        String::from_utf8_lossy(&kept).into_owned()
    })
}
