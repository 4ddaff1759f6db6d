//! What is tried inside, by our own program.

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::kill;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};
use nix::unistd::{Pid, getpid, getppid};
use serde::{Deserialize, Serialize};

use super::isolation::SelfCheck;

/// The hidden command that makes the checks.
pub const SELF_TEST: &str = "sandbox-try";

/// What the checks need to know about the world outside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SelfTest {
    /// A file with a secret, readable by our user.
    pub secret: PathBuf,
    /// A file that does not exist, in a folder that our user can write.
    pub outside: PathBuf,
    /// A port of the host's loopback on which somebody listens and that is not the allowed one.
    pub closed_port: u16,
    /// The allowed one, on which somebody listens too.
    pub open_port: u16,
    /// A process outside.
    pub pid: i32,
}

/// What the checks say.
#[derive(Debug, Serialize, Deserialize)]
pub struct SelfTestReport {
    /// What must be refused.
    pub checks: Vec<SelfCheck>,
    /// What must work and does not.
    pub broken: Vec<String>,
}

/// The hidden command `sandbox-try`: runs inside, tells on standard output.
pub fn command(args: &[OsString]) -> ExitCode {
    let checks = args
        .first()
        .and_then(|json| serde_json::from_str::<SelfTest>(json.to_str()?).ok());
    let Some(checks) = checks else {
        return ExitCode::from(2);
    };
    match serde_json::to_string(&make(&checks)) {
        Ok(json) => {
            println!("{json}");
            ExitCode::SUCCESS
        }
        Err(_) => ExitCode::from(2),
    }
}

fn make(checks: &SelfTest) -> SelfTestReport {
    let pid = Pid::from_raw(checks.pid);
    // The same number may be one of ours in here.
    let namesake = pid == getpid() || pid == getppid();
    let environ = |pid: i32| {
        let mut first = [0u8; 1];
        fs::File::open(format!("/proc/{pid}/environ"))
            .and_then(|mut file| file.read(&mut first))
            .is_ok_and(|read| read > 0)
    };
    let _ = fs::write(&checks.outside, "written from inside");
    let refused = |what: &str, reached: bool| SelfCheck {
        what: what.into(),
        refused: !reached,
    };
    let list = vec![
        refused("read a secret of ours", fs::read(&checks.secret).is_ok()),
        refused(
            "read the machine's passwords",
            fs::read("/etc/shadow").is_ok(),
        ),
        refused(
            "reach another port of the machine",
            reach(checks.closed_port),
        ),
        refused(
            "signal a process outside",
            !namesake && kill(pid, None).is_ok(),
        ),
        refused(
            "read the environment of a process outside",
            !namesake && environ(checks.pid),
        ),
        refused(
            "read the environment of the process above",
            environ(getppid().as_raw()),
        ),
        refused(
            "make a user namespace",
            unshare(CloneFlags::CLONE_NEWUSER).is_ok(),
        ),
        refused("open a netlink socket", opens(AddressFamily::Netlink)),
        refused("open a packet socket", opens(AddressFamily::Packet)),
    ];
    let mut broken = Vec::new();
    if !reach(checks.open_port) {
        broken.push(format!(
            "the allowed port {} cannot be reached",
            checks.open_port
        ));
    }
    if fs::write("written-inside", "").is_err() {
        broken.push("the program's own folder cannot be written".into());
    }
    SelfTestReport {
        checks: list,
        broken,
    }
}

fn reach(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok()
}

fn opens(family: AddressFamily) -> bool {
    socket(family, SockType::Raw, SockFlag::empty(), None).is_ok()
}
