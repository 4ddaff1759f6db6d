//! Runs a program to its end or to the end of its time, and keeps what it says.

use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use process_wrap::std::{ChildWrapper, CommandWrap, ProcessGroup};

/// How often is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(10);
/// How long its pipes may stay open after it and its group have ended: a process that left the group may hold them.
const PIPES_CLOSE: Duration = Duration::from_secs(1);

/// How a program ended.
#[derive(Debug)]
pub struct Finished {
    /// Whether the exit code was 0.
    pub ok: bool,
    /// Standard output and standard error, one after the other, cut.
    pub said: String,
}

/// Why a program did not run to its end.
#[derive(Debug)]
pub enum Unfinished {
    /// It could not be started.
    Start(io::Error),
    /// Its time was up; it and all that it started was killed.
    TimedOut,
}

/// Runs `command` without standard input for at most `limit`, and keeps the first `kept_bytes` of each of its outputs.
/// It leads a process group of its own, of which nothing is left when this returns: npm and Node start children that
/// would go on, and keep the pipes open. It does not outlive us. Blocks.
///
/// # Errors
/// [`Unfinished`]; an exit code other than 0 is none.
pub fn run(
    mut command: Command,
    limit: Duration,
    kept_bytes: usize,
) -> Result<Finished, Unfinished> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // The thread that is here waits until it has ended, so this is our own end.
    // SAFETY: prctl is async-signal-safe and touches no memory.
    unsafe {
        command.pre_exec(|| set_pdeathsig(Signal::SIGKILL).map_err(io::Error::from));
    }
    let mut child = CommandWrap::from(command)
        .wrap(ProcessGroup::leader())
        .spawn()
        .map_err(Unfinished::Start)?;
    let output = listen(child.stdout().take(), kept_bytes);
    let errors = listen(child.stderr().take(), kept_bytes);
    let ok = wait(child.as_mut(), limit);
    // What it left behind. Nothing is there to be killed when it left nothing.
    let _ = child.start_kill();
    let text = |heard: mpsc::Receiver<String>| heard.recv_timeout(PIPES_CLOSE).unwrap_or_default();
    let said = [text(output), text(errors)].join("\n").trim().to_owned();
    ok.map(|ok| Finished { ok, said })
}

fn wait(child: &mut dyn ChildWrapper, limit: Duration) -> Result<bool, Unfinished> {
    let started = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.success()),
            Ok(None) if started.elapsed() < limit => thread::sleep(LOOK),
            Ok(None) | Err(_) => {
                let _ = child.start_kill();
                let _ = child.wait();
                return Err(Unfinished::TimedOut);
            }
        }
    }
}

/// Reads to the end, and keeps the beginning.
fn listen(pipe: Option<impl Read + Send + 'static>, kept_bytes: usize) -> mpsc::Receiver<String> {
    let (send, heard) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let mut chunk = [0; 8192];
        let mut pipe = pipe;
        while let Some(Ok(read @ 1..)) = pipe.as_mut().map(|pipe| pipe.read(&mut chunk)) {
            let room = kept_bytes - kept.len();
            kept.extend_from_slice(&chunk[..read.min(room)]);
        }
        let _ = send.send(String::from_utf8_lossy(&kept).into_owned());
    });
    heard
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::process;

    const LONG: Duration = Duration::from_secs(60);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_it_says_is_kept_and_cut() {
        let ran = run(shell("echo out; echo err >&2"), LONG, 100).expect("it ran");
        assert!(ran.ok);
        assert_eq!(ran.said, "out\n\nerr");
        let ran = run(shell("yes | head -c 100000; exit 3"), LONG, 5).expect("it ran");
        assert!(!ran.ok);
        assert_eq!(ran.said, "y\ny\ny");
        let missing = run(Command::new("/nowhere/at/all"), LONG, 5);
        assert!(matches!(missing, Err(Unfinished::Start(_))));
    }

    #[test]
    fn when_its_time_is_up_all_that_it_started_is_killed() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", file.display());
        let begun = Instant::now();
        let ran = run(shell(&script), Duration::from_millis(300), 5);
        assert!(matches!(ran, Err(Unfinished::TimedOut)));
        gone(&file);
        // A program that ends and leaves something behind does not keep us waiting either.
        let script = format!("sleep 600 & echo $! > {}; echo done", file.display());
        let ran = run(shell(&script), LONG, 5).expect("it ran");
        assert_eq!(ran.said, "done");
        gone(&file);
        assert!(begun.elapsed() < LONG);
    }

    fn gone(file: &std::path::Path) {
        let pid = std::fs::read_to_string(file).expect("a process id");
        let begun = Instant::now();
        while process::runs(pid.trim().parse().expect("a number")) {
            assert!(begun.elapsed() < LONG, "{pid} still runs");
            thread::sleep(LOOK);
        }
    }
}
