//! The process outside the walls. It waits for the program, its own time, its own parent and the leash, whichever comes
//! first, and when it ends there is nothing left of what was started.

use std::io::{IoSliceMut, stdin};
use std::net::TcpListener;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, UnixAddr, recvmsg, socketpair,
};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, getpid, getppid};

use super::request::{self, RefusedStep, SandboxRefusal, SandboxReport, SandboxRequest, Task};
use super::self_test::SELF_TEST;
use super::{confine, inside, relay, sys};
use crate::domain::limits;
use crate::os::own_time::OwnTime;
use crate::os::process;

/// How often the supervisor looks whether its parent is still there.
const TICK: Duration = Duration::from_millis(250);
/// The shortest wait before it looks whether the program's time is up.
const SHORT: Duration = Duration::from_millis(20);

/// The hidden command `sandbox-exec`: a request comes in on standard input, a report goes out on it.
pub fn command() -> ExitCode {
    let Ok(leash) = stdin().as_fd().try_clone_to_owned() else {
        return ExitCode::from(2);
    };
    let leash = UnixStream::from(leash);
    let report = match request::read(&leash) {
        Ok(request) => keep(request, Some(leash.as_fd())),
        Err(error) => SandboxReport::Refused(SandboxRefusal {
            step: "read the request".into(),
            why: error.to_string(),
        }),
    };
    request::answer(&leash, &report);
    ExitCode::SUCCESS
}

/// Carries a request out. The caller must have no second thread.
pub fn keep(request: SandboxRequest, leash: Option<BorrowedFd<'_>>) -> SandboxReport {
    start(request, leash).unwrap_or_else(SandboxReport::Refused)
}

fn start(
    mut request: SandboxRequest,
    leash: Option<BorrowedFd<'_>>,
) -> Result<SandboxReport, SandboxRefusal> {
    let parent = getppid();
    if !confine::writable(&request, &request.cwd) {
        return Err(SandboxRefusal {
            step: format!("start in {}", request.cwd.display()),
            why: "it lies in no folder that the program may write".into(),
        });
    }
    if let Task::SelfTest(checks) = &request.task {
        let own = std::env::current_exe().step("find our own program")?;
        let checks = serde_json::to_string(checks).step("write the checks")?;
        let argv = vec![own.to_string_lossy().into_owned(), SELF_TEST.into(), checks];
        request.walled.readable.push(own);
        request.task = Task::Program(argv);
    }
    let mut awaited = SigSet::empty();
    for signal in [
        Signal::SIGCHLD,
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGHUP,
    ] {
        awaited.add(signal);
    }
    awaited.thread_block().step("block signals")?;
    let signals = SignalFd::with_flags(&awaited, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
        .step("watch signals")?;
    let (line, other) = socketpair(
        AddressFamily::Unix,
        SockType::SeqPacket,
        None,
        SockFlag::SOCK_CLOEXEC,
    )
    .step("make a line")?;
    prctl::set_child_subreaper(true).step("adopt orphans")?;
    let supervisor = getpid();
    let child = match sys::fork().step("fork")? {
        ForkResult::Child => {
            drop(line);
            inside::enter(&request, &other, supervisor)
        }
        ForkResult::Parent { child } => child,
    };
    drop(other);
    let mut watch = Watch {
        child,
        parent,
        signals,
        line: Some(line),
        refusal: None,
        time: OwnTime::of_descendants(Instant::now(), limits::OWN_TIME_SLOWEST),
        limit: Duration::from_secs(request.seconds.min(limits::PROGRAM_SECONDS)),
    };
    let report = watch.until_end(&request, leash);
    let _ = kill(child, Signal::SIGKILL);
    sweep();
    // What was refused may have been said just before the end.
    watch.hear(&request);
    match watch.refusal {
        Some(refusal) => Err(refusal),
        None => report,
    }
}

struct Watch {
    child: Pid,
    parent: Pid,
    signals: SignalFd,
    line: Option<OwnedFd>,
    refusal: Option<SandboxRefusal>,
    time: OwnTime,
    limit: Duration,
}

impl Watch {
    fn until_end(
        &mut self,
        request: &SandboxRequest,
        leash: Option<BorrowedFd<'_>>,
    ) -> Result<SandboxReport, SandboxRefusal> {
        loop {
            // Orphans are handed to us; they are taken from the kernel's list and otherwise of no interest.
            loop {
                match waitpid(None, Some(WaitPidFlag::WNOHANG)).step("wait")? {
                    WaitStatus::StillAlive => break,
                    status if status.pid() == Some(self.child) => {
                        return Ok(SandboxReport::Exited(inside::code_of(status)));
                    }
                    _ => {}
                }
            }
            let left = self.time.left(self.limit, Instant::now());
            if left.is_zero() {
                return Ok(SandboxReport::TimedOut);
            }
            if getppid() != self.parent {
                return Ok(SandboxReport::LetGo);
            }
            let mut fds = vec![PollFd::new(self.signals.as_fd(), PollFlags::POLLIN)];
            if let Some(leash) = leash {
                fds.push(PollFd::new(leash, PollFlags::POLLIN));
            }
            if let Some(line) = &self.line {
                fds.push(PollFd::new(line.as_fd(), PollFlags::POLLIN));
            }
            let tick = PollTimeout::try_from(left.clamp(SHORT, TICK)).unwrap_or(PollTimeout::ZERO);
            match poll(&mut fds, tick) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno).step("wait"),
            }
            let ready: Vec<bool> = fds.iter().map(|fd| fd.any().unwrap_or(false)).collect();
            drop(fds);
            if ready[0] {
                while let Ok(Some(signal)) = self.signals.read_signal() {
                    if signal.ssi_signo != Signal::SIGCHLD as u32 {
                        return Ok(SandboxReport::LetGo);
                    }
                }
            }
            if leash.is_some() && ready[1] {
                return Ok(SandboxReport::LetGo);
            }
            if self.line.is_some() && ready.last() == Some(&true) {
                self.hear(request);
            }
        }
    }

    /// Takes what came from inside: a listener, a refusal, or the end of the line.
    fn hear(&mut self, request: &SandboxRequest) {
        let Some(line) = &self.line else { return };
        loop {
            let mut text = vec![0u8; 64 * 1024];
            let mut space = nix::cmsg_space!([std::os::fd::RawFd; 1]);
            let mut into = [IoSliceMut::new(&mut text)];
            let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_CMSG_CLOEXEC;
            let Ok(message) =
                recvmsg::<UnixAddr>(line.as_raw_fd(), &mut into, Some(&mut space), flags)
            else {
                return;
            };
            let bytes = message.bytes;
            let fd = message.cmsgs().ok().and_then(|mut parts| {
                parts.find_map(|part| match part {
                    ControlMessageOwned::ScmRights(fds) => fds.first().copied(),
                    _ => None,
                })
            });
            if bytes == 0 {
                self.line = None;
                return;
            }
            match (fd, request.walled.port) {
                (Some(fd), Some(port)) => relay::start(TcpListener::from(sys::adopt(fd)), port),
                _ => self.refusal = serde_json::from_slice(&text[..bytes]).ok(),
            }
        }
    }
}

/// Ends all that came from us, whatever sessions and parents it gave itself. In a namespace the kernel has done so
/// already, and this only waits for it.
fn sweep() {
    let until = Instant::now() + Duration::from_secs(limits::SWEEP_SECONDS);
    while Instant::now() < until {
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Err(Errno::ECHILD) => return,
                Ok(WaitStatus::StillAlive) | Err(_) => break,
                Ok(_) => {}
            }
        }
        for pid in process::descendants(getpid().as_raw()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        sleep(Duration::from_millis(1));
    }
}
