//! The processes between the supervisor and the program. With namespaces there are three, each the child of the one before:
//! the *namespace parent* makes the namespaces and hands a listener out, the *init* builds the root and reaps, the third becomes
//! the program. Without namespaces the third is all there is. When one dies, all below it die.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::process::exit;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, UnixAddr, send, sendmsg, socket,
};
use nix::sys::wait::{WaitStatus, wait, waitpid};
use nix::unistd::{
    ForkResult, Gid, Pid, Uid, chdir, dup2_stdin, execve, getpgrp, getpid, getppid, pipe2,
    setgroups, sethostname, setpgid, setsid,
};

use super::isolation::Isolation;
use super::request::{RefusedStep, SandboxRefusal, SandboxRequest, Task};
use super::{confine, root, sys, syscalls};
use crate::domain::limits;
use crate::os::process::{give_way, session_gives_way};

/// How an inner process ends when it could not go on; the reason was sent to the supervisor.
const REFUSED: i32 = 126;
/// Who the program is inside: nobody in particular.
const INNER_ID: u32 = 1000;

/// Goes inside. `line` leads to the supervisor: the listener goes out on it, and the reason if something is refused.
pub fn enter(request: &SandboxRequest, line: &OwnedFd, supervisor: Pid) -> ! {
    give_way(limits::PROGRAM_NICENESS);
    let went = own_session().and_then(|()| match request.isolation {
        Isolation::Namespaces => namespace_parent(request, line, supervisor),
        Isolation::Landlock | Isolation::None => {
            die_with(Some(supervisor)).and_then(|()| become_program(request))
        }
    });
    let refusal = match went {
        Ok(code) => exit(code),
        Err(refusal) => refusal,
    };
    if let Ok(words) = serde_json::to_vec(&refusal) {
        let _ = send(line.as_raw_fd(), &words, MsgFlags::MSG_NOSIGNAL);
    }
    exit(REFUSED)
}

/// Without a terminal, and behind our own process when there are fewer cores than work. Here, because further in nobody may say so.
fn own_session() -> Result<(), SandboxRefusal> {
    setsid().step("make a session")?;
    session_gives_way(limits::SESSION_NICENESS);
    Ok(())
}

fn namespace_parent(
    request: &SandboxRequest,
    line: &OwnedFd,
    supervisor: Pid,
) -> Result<i32, SandboxRefusal> {
    let (uid, gid) = (Uid::effective(), Gid::effective());
    if uid.is_root() {
        // In a container without that right there is nothing to drop that could be seen inside.
        let _ = setgroups(&[]);
    }
    unshare(
        CloneFlags::CLONE_NEWUSER
            | CloneFlags::CLONE_NEWNS
            | CloneFlags::CLONE_NEWPID
            | CloneFlags::CLONE_NEWNET
            | CloneFlags::CLONE_NEWIPC
            | CloneFlags::CLONE_NEWUTS,
    )
    .step("make namespaces")?;
    fs::write("/proc/self/setgroups", "deny").step("close the groups")?;
    fs::write("/proc/self/uid_map", format!("{INNER_ID} {uid} 1")).step("map the user")?;
    fs::write("/proc/self/gid_map", format!("{INNER_ID} {gid} 1")).step("map the group")?;
    die_with(Some(supervisor))?;
    sethostname("workspace").step("name the machine")?;
    network(request, line)?;

    // Only the namespace parent holds the writing end: when it is gone, the pipe says so.
    let (alive, holder) = pipe2(nix::fcntl::OFlag::O_CLOEXEC).step("make a pipe")?;
    match sys::fork().step("fork")? {
        ForkResult::Child => {
            drop(holder);
            init(request, &alive)
        }
        ForkResult::Parent { child } => Ok(code_of(waitpid(child, None).step("wait")?)),
    }
}

/// Switches the namespace's loopback on and hands a listener on the request's port out.
fn network(request: &SandboxRequest, line: &OwnedFd) -> Result<(), SandboxRefusal> {
    let handle = socket(
        AddressFamily::Inet,
        SockType::Datagram,
        SockFlag::SOCK_CLOEXEC,
        None,
    )
    .step("make a socket")?;
    sys::loopback_up(&handle).step("switch the loopback on")?;
    let Some(port) = request.walled.port else {
        return Ok(());
    };
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).step(format!("listen on port {port}"))?;
    sendmsg::<UnixAddr>(
        line.as_raw_fd(),
        &[std::io::IoSlice::new(b"listener")],
        &[ControlMessage::ScmRights(&[listener.as_raw_fd()])],
        MsgFlags::MSG_NOSIGNAL,
        None,
    )
    .step("hand the listener out")?;
    Ok(())
}

/// The first process of the namespace. When it ends, the kernel ends every other one in there.
fn init(request: &SandboxRequest, alive: &OwnedFd) -> Result<i32, SandboxRefusal> {
    die_with(None)?;
    let mut look = [PollFd::new(alive.as_fd(), PollFlags::empty())];
    if poll(&mut look, PollTimeout::ZERO).step("look for the namespace parent")? > 0 {
        exit(REFUSED);
    }
    root::enter(request)?;
    // The program can see this process, and must not see the memory that it inherited.
    prctl::set_dumpable(false).step("close the memory")?;
    match sys::fork().step("fork")? {
        ForkResult::Child => become_program(request),
        ForkResult::Parent { child } => loop {
            let status = wait().step("wait")?;
            if status.pid() == Some(child) {
                return Ok(code_of(status));
            }
        },
    }
}

/// The last steps. What comes back is always a refusal.
fn become_program(request: &SandboxRequest) -> Result<i32, SandboxRefusal> {
    let Task::Program(argv) = &request.task else {
        return Err(SandboxRefusal {
            step: "start".into(),
            why: "the request names no program".into(),
        });
    };
    // What it sends to its own group reaches none of ours.
    if getpgrp() != getpid() {
        setpgid(Pid::from_raw(0), Pid::from_raw(0)).step("make a process group")?;
    }
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).step("open signals")?;
    sys::default_sigpipe();
    chdir(&request.cwd).step(format!("enter {}", request.cwd.display()))?;
    let nothing = fs::File::open("/dev/null").step("open /dev/null")?;
    dup2_stdin(&nothing).step("empty standard input")?;
    drop(nothing);

    let argv = argv
        .iter()
        .map(|word| sys::c_string(word.as_str()))
        .collect::<Result<Vec<_>, _>>()
        .step("the arguments")?;
    let env = (request.walled.env.iter())
        .map(|(name, value)| sys::c_string(format!("{name}={value}")))
        .collect::<Result<Vec<_>, _>>()
        .step("the environment")?;
    let program = argv.first().ok_or("empty").step("the arguments")?;

    confine::limit(request)?;
    prctl::set_no_new_privs().step("no_new_privs")?;
    sys::close_on_exec_from_3().step("close files")?;
    let signals = confine::landlock(request)?;
    sys::drop_capabilities().step("drop capabilities")?;
    if request.isolation != Isolation::None {
        syscalls::confine(request.isolation, signals)?;
    }
    execve(program, &argv, &env).step(format!("start {}", program.to_string_lossy()))?;
    Ok(REFUSED)
}

/// Has the kernel kill this process when its parent is gone; `parent` is who that is, when it can be seen.
fn die_with(parent: Option<Pid>) -> Result<(), SandboxRefusal> {
    prctl::set_pdeathsig(Signal::SIGKILL).step("tie to the parent")?;
    if parent.is_some_and(|parent| getppid() != parent) {
        exit(REFUSED);
    }
    Ok(())
}

/// As a shell counts: a signal is 128 and its number.
pub fn code_of(status: WaitStatus) -> i32 {
    match status {
        WaitStatus::Exited(_, code) => code,
        WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
        _ => REFUSED,
    }
}
