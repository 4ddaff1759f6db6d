//! Landlock and limits: what a process puts on itself, for good, before it becomes the program.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, NetPort, PathBeneath, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, Scope,
};
use nix::sys::resource::{Resource, setrlimit};

use super::isolation::Isolation;
use super::request::{RefusedStep, SandboxRefusal, SandboxRequest};
use super::syscalls::Signals;
use super::{root, sys};
use crate::domain::limits;

/// Devices that may be written to.
const DEVICES: &[&str] = &[
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
];

/// What a program needs of the host's own files where there is no namespace to give it others. Node asks `/proc` for
/// its own memory, and Landlock cannot tell a process' own folder there from others: so names and numbers of other
/// processes can be seen. Their environment, memory, files and roots cannot: the kernel asks Landlock first whether one
/// process may look into another, and from in here none may.
const HOST: &[&str] = &["/etc/passwd", "/etc/group", "/etc/hosts", "/proc"];

/// Lets this process and all that come from it reach the request's files only, and without a network namespace the
/// request's port only. Says whether signals are kept inside.
pub fn landlock(request: &SandboxRequest) -> Result<Signals, SandboxRefusal> {
    let abi = sys::landlock_abi();
    let needed = match request.isolation {
        Isolation::Namespaces => 1,
        Isolation::Landlock => 4,
        Isolation::None => return Ok(Signals::Kept),
    };
    if abi < needed {
        return Err(SandboxRefusal {
            step: "Landlock".into(),
            why: format!("this kernel offers ABI {abi}, and {needed} is needed"),
        });
    }
    // Whatever the kernel does not know of these is left out by the crate.
    let everything = AccessFs::from_all(ABI::V10);
    let mut rules = Ruleset::default()
        .handle_access(everything)
        .step("Landlock for files")?;
    if request.isolation == Isolation::Landlock {
        rules = rules
            .handle_access(AccessNet::BindTcp | AccessNet::ConnectTcp)
            .step("Landlock for TCP")?;
    }
    let scoped = abi >= 6;
    if scoped {
        rules = rules
            .scope(Scope::from_all(ABI::V6))
            .step("Landlock for signals")?;
    }
    let read = AccessFs::from_read(ABI::V10);
    let mut rules = rules.create().step("Landlock")?;
    match request.isolation {
        Isolation::Namespaces => {
            rules = allow(rules, Path::new("/"), read)?;
            rules = allow(rules, Path::new("/tmp"), everything)?;
        }
        Isolation::Landlock | Isolation::None => {
            for path in root::SYSTEM.iter().chain(HOST).map(Path::new) {
                if let Ok(path) = path.canonicalize() {
                    rules = allow(rules, &path, read)?;
                }
            }
            for path in &request.walled.readable {
                rules = allow(rules, path, read)?;
            }
            if let Some(port) = request.walled.port {
                rules = rules
                    .add_rule(NetPort::new(port, AccessNet::ConnectTcp))
                    .step("Landlock for the port")?;
            }
        }
    }
    for path in DEVICES.iter().map(Path::new).filter(|path| path.exists()) {
        rules = allow(rules, path, read | AccessFs::WriteFile)?;
    }
    for path in &request.walled.writable {
        rules = allow(rules, path, everything)?;
    }
    rules.restrict_self().step("Landlock")?;
    Ok(match request.isolation {
        Isolation::Landlock if !scoped => Signals::Forbidden,
        _ => Signals::Kept,
    })
}

fn allow(
    rules: RulesetCreated,
    path: &Path,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, SandboxRefusal> {
    let fd = root::open_real(path)?;
    let access = if path.is_dir() {
        access
    } else {
        access & AccessFs::from_file(ABI::V10)
    };
    rules
        .add_rule(PathBeneath::new(fd, access))
        .step(format!("Landlock for {}", path.display()))
}

/// Sets the limits that the kernel keeps per process.
pub fn limit(request: &SandboxRequest) -> Result<(), SandboxRefusal> {
    let tasks = match request.isolation {
        // Counted in our own user namespace (not for the real root, whom the namespace of processes limits).
        Isolation::Namespaces => limits::PROGRAM_TASKS,
        Isolation::Landlock | Isolation::None => limits::USER_TASKS,
    };
    for (resource, most) in [
        (Resource::RLIMIT_DATA, limits::PROGRAM_MEMORY_BYTES),
        (Resource::RLIMIT_FSIZE, limits::PROGRAM_FILE_BYTES),
        (Resource::RLIMIT_NPROC, tasks),
        (Resource::RLIMIT_NOFILE, limits::PROGRAM_OPEN_FILES),
        (Resource::RLIMIT_CORE, 0),
        // Wall time is what counts; this is for a process that got away from whoever watches the clock.
        (
            Resource::RLIMIT_CPU,
            request.seconds.min(limits::PROGRAM_SECONDS) * 16 + 16,
        ),
    ] {
        let (_, hard) =
            nix::sys::resource::getrlimit(resource).step(format!("read {resource:?}"))?;
        let most = most.min(hard);
        setrlimit(resource, most, most).step(format!("set {resource:?}"))?;
    }
    Ok(())
}

/// Whether a path lies in one of the folders that the request makes writable.
pub fn writable(request: &SandboxRequest, path: &Path) -> bool {
    request
        .walled
        .writable
        .iter()
        .any(|folder: &PathBuf| path.starts_with(folder))
}
