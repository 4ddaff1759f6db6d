//! The file system that the program sees: an empty one, with the system's folders, its own folders, a `/proc` of its
//! own processes, a private `/tmp` and six devices in it. What was not put in is not there.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use nix::fcntl::{AT_FDCWD, OFlag, OpenHow, ResolveFlag, openat2};
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{chdir, pivot_root};

use super::request::{RefusedStep, SandboxRefusal, SandboxRequest};
use super::sys::{MountMode, MountReach, restrict_mount};
use crate::domain::limits;

/// What every program may read of the system. No folder in here holds secrets: of `/etc` only what libraries, TLS and
/// the loader need.
pub const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/nix/store",
    "/etc/alternatives",
    "/etc/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/nsswitch.conf",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
];

const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom"];
/// Where the old root hangs until it is let go.
const OLD: &str = "/.old";

/// Builds it and moves into it. Must be called by the first process of new namespaces.
pub fn enter(request: &SandboxRequest) -> Result<(), SandboxRefusal> {
    let none: Option<&str> = None;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none).step("own mounts")?;
    // Any folder will do to build in; this one is on every machine.
    let base = Path::new("/proc");
    tmpfs(base, 16 * 1024 * 1024)?;
    fs::create_dir(base.join(&OLD[1..])).step("build a root")?;
    pivot_root(base, &base.join(&OLD[1..])).step("pivot_root")?;
    chdir("/").step("enter the new root")?;

    furnish()?;
    for path in SYSTEM {
        system(Path::new(path))?;
    }
    // A folder inside another one must come after it, or it would be covered.
    let mut ours: Vec<(&PathBuf, MountMode)> = (request.walled.readable.iter())
        .map(|path| (path, MountMode::ReadOnly))
        .chain((request.walled.writable.iter()).map(|path| (path, MountMode::Writable)))
        .collect();
    ours.sort_by_key(|(path, mode)| (path.components().count(), *mode == MountMode::ReadOnly));
    for (path, mode) in ours {
        bind(path, mode)?;
    }
    umount2(OLD, MntFlags::MNT_DETACH).step("let the old root go")?;
    fs::remove_dir(OLD).step("let the old root go")?;
    restrict_mount(
        &open_real(Path::new("/"))?,
        MountMode::ReadOnly,
        MountReach::Alone,
    )
    .step("close the new root")
}

/// `/proc`, `/tmp`, `/dev` and the three files of `/etc` that name users and hosts.
fn furnish() -> Result<(), SandboxRefusal> {
    let none: Option<&str> = None;
    for folder in ["/proc", "/tmp", "/dev", "/etc"] {
        fs::create_dir(folder).step(format!("make {folder}"))?;
    }
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    mount(Some("proc"), "/proc", Some("proc"), flags, none).step("mount /proc")?;
    // Kernels before 6.14 count for the whole machine here and refuse; then the limit per user has to do.
    let _ = fs::write(
        "/proc/sys/kernel/pid_max",
        limits::PROGRAM_TASKS.to_string(),
    );
    // Some files below belong to the real root and would obey it even without capabilities.
    restrict_mount(
        &open_real(Path::new("/proc"))?,
        MountMode::ReadOnly,
        MountReach::Alone,
    )
    .step("close /proc")?;
    tmpfs(Path::new("/tmp"), limits::PROGRAM_TMP_BYTES)?;
    fs::set_permissions("/tmp", fs::Permissions::from_mode(0o1777)).step("open /tmp")?;
    for device in DEVICES {
        let path = Path::new("/dev").join(device);
        fs::write(&path, "").step(format!("make {}", path.display()))?;
        let source = Path::new(OLD).join("dev").join(device);
        mount(Some(&source), &path, none, MsFlags::MS_BIND, none)
            .step(format!("mount {}", path.display()))?;
    }
    for (link, target) in [
        ("/dev/fd", "/proc/self/fd"),
        ("/dev/stdin", "/proc/self/fd/0"),
        ("/dev/stdout", "/proc/self/fd/1"),
        ("/dev/stderr", "/proc/self/fd/2"),
        ("/dev/shm", "/tmp"),
    ] {
        symlink(target, link).step(format!("make {link}"))?;
    }
    for (file, text) in [
        ("/etc/passwd", "agent:x:1000:1000::/tmp:/bin/sh\n"),
        ("/etc/group", "agent:x:1000:\n"),
        ("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
    ] {
        fs::write(file, text).step(format!("write {file}"))?;
    }
    Ok(())
}

fn tmpfs(at: &Path, bytes: u64) -> Result<(), SandboxRefusal> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    let options = format!("size={bytes},nr_inodes=100000,mode=755");
    mount(
        Some("tmpfs"),
        at,
        Some("tmpfs"),
        flags,
        Some(options.as_str()),
    )
    .step(format!("mount {}", at.display()))
}

/// One of [`SYSTEM`], if the machine has it: a link stays a link.
fn system(path: &Path) -> Result<(), SandboxRefusal> {
    let source = old(path);
    let Ok(found) = fs::symlink_metadata(&source) else {
        return Ok(());
    };
    if found.is_symlink() {
        let target = fs::read_link(&source).step(format!("read {}", path.display()))?;
        parents(path)?;
        return symlink(target, path).step(format!("link {}", path.display()));
    }
    bind(path, MountMode::ReadOnly)
}

/// Puts the same path of the old root into the new one. Agents can write near some of these paths, even while we look:
/// so no symbolic link is followed, on either side, and what was opened is what is mounted.
fn bind(path: &Path, mode: MountMode) -> Result<(), SandboxRefusal> {
    let none: Option<&str> = None;
    let source = open_real(&old(path))?;
    let is_dir = fs::metadata(handle(&source))
        .step(format!("look at {}", path.display()))?
        .is_dir();
    if fs::symlink_metadata(path).is_err() {
        parents(path)?;
        if is_dir {
            fs::create_dir(path).step(format!("make {}", path.display()))?;
        } else {
            fs::write(path, "").step(format!("make {}", path.display()))?;
        }
    }
    let target = open_real(path)?;
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(&handle(&source)), &handle(&target), none, flags, none)
        .step(format!("mount {}", path.display()))?;
    // Opened anew: what is there now is the mount, or something that is not one, and then this fails.
    restrict_mount(&open_real(path)?, mode, MountReach::AllBelow)
        .step(format!("close {}", path.display()))
}

/// Opens a path of which no part is a symbolic link.
pub fn open_real(path: &Path) -> Result<OwnedFd, SandboxRefusal> {
    let plain = path.is_absolute()
        && (path.components())
            .all(|part| !matches!(part, Component::ParentDir | Component::CurDir));
    if !plain {
        return Err(SandboxRefusal {
            step: format!("open {}", path.display()),
            why: "not an absolute path without dots".into(),
        });
    }
    let how = OpenHow::new()
        .flags(OFlag::O_PATH | OFlag::O_CLOEXEC)
        .resolve(ResolveFlag::RESOLVE_NO_SYMLINKS | ResolveFlag::RESOLVE_NO_MAGICLINKS);
    openat2(AT_FDCWD, path, how).map_err(|errno| SandboxRefusal {
        step: format!("open {}", path.display()),
        why: match errno {
            nix::errno::Errno::ELOOP => {
                "a part of it is a symbolic link; name the real path".into()
            }
            other => other.to_string(),
        },
    })
}

fn parents(path: &Path) -> Result<(), SandboxRefusal> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent).step(format!("make {}", parent.display())),
        None => Ok(()),
    }
}

fn old(path: &Path) -> PathBuf {
    Path::new(OLD).join(path.strip_prefix("/").unwrap_or(path))
}

fn handle(fd: &OwnedFd) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd()))
}
