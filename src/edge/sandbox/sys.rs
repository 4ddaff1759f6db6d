//! The few calls to the kernel for which no crate has a safe form. Every one of them is made by a process with a single
//! thread, before it becomes the program.

use std::ffi::CString;
use std::io;
use std::mem;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

use nix::libc;
use nix::unistd::ForkResult;

fn checked(result: libc::c_long) -> io::Result<()> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Forks. The caller must have one thread only.
pub fn fork() -> nix::Result<ForkResult> {
    // SAFETY: the hidden commands start no thread before their last fork (threads of the relay come after it), so the
    // child finds every lock free and may go on as any Rust program.
    unsafe { nix::unistd::fork() }
}

/// Takes a file descriptor that came with a message.
pub fn adopt(fd: RawFd) -> OwnedFd {
    // SAFETY: the kernel made this descriptor for us in `recvmsg`; nobody else knows of it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// Makes a mount, and all below it if `recursive`, read-only or at least free of devices and set-uid programs.
pub fn restrict_mount(root: &OwnedFd, mode: MountMode, reach: MountReach) -> io::Result<()> {
    let mut attr: libc::mount_attr = unsafe {
        // SAFETY: a plain C struct of integers, for which zero means "change nothing".
        mem::zeroed()
    };
    attr.attr_set = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
    if mode == MountMode::ReadOnly {
        attr.attr_set |= libc::MOUNT_ATTR_RDONLY;
    }
    let flags = match reach {
        MountReach::Alone => libc::AT_EMPTY_PATH,
        MountReach::AllBelow => libc::AT_EMPTY_PATH | libc::AT_RECURSIVE,
    };
    // SAFETY: the empty path ends with a zero, `attr` lives through the call and its size is given.
    checked(unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            root.as_raw_fd(),
            c"".as_ptr(),
            flags,
            ptr::from_ref(&attr),
            mem::size_of::<libc::mount_attr>(),
        )
    })
}

/// Whether a mount may be written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountMode {
    /// Only read.
    ReadOnly,
    /// Both.
    Writable,
}

/// Whether mounts below are meant too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountReach {
    /// This one.
    Alone,
    /// This one and all below.
    AllBelow,
}

/// Switches the loopback interface of our network namespace on.
pub fn loopback_up(socket: &OwnedFd) -> io::Result<()> {
    // SAFETY: a plain C struct of integers and a union of such.
    let mut request: libc::ifreq = unsafe { mem::zeroed() };
    for (to, from) in request.ifr_name.iter_mut().zip(b"lo\0") {
        *to = *from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: the kernel reads an `ifreq` with a terminated name for this request and keeps nothing of it.
    checked(
        unsafe {
            libc::ioctl(
                socket.as_raw_fd(),
                libc::SIOCSIFFLAGS as _,
                &raw const request,
            )
        }
        .into(),
    )
}

/// Which version of Landlock the kernel offers; 0 when none.
pub fn landlock_abi() -> i64 {
    const ASK_FOR_THE_VERSION: libc::c_uint = 1;
    // SAFETY: with this flag the kernel takes no rules and returns a number.
    let abi = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            ptr::null::<libc::c_void>(),
            0usize,
            ASK_FOR_THE_VERSION,
        )
    };
    abi.max(0)
}

/// Gives up every capability, for good: also for programs that this process becomes, also as user 0.
pub fn drop_capabilities() -> io::Result<()> {
    const NO_ROOT_AND_LOCKED: libc::c_ulong = 0b11;
    const VERSION_3: u32 = 0x2008_0522;
    // SAFETY: `prctl` with integers only. Both fail without the right to do so, and then there is nothing to
    // give up; the first fails as well behind the last capability that the kernel knows.
    unsafe {
        for capability in 0..64 as libc::c_ulong {
            if libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 {
                break;
            }
        }
        libc::prctl(libc::PR_SET_SECUREBITS, NO_ROOT_AND_LOCKED, 0, 0, 0);
    }
    let header: [u32; 2] = [VERSION_3, 0];
    let sets = [0u32; 6];
    // SAFETY: version 3 takes a header of two words and two sets of three words; both outlive the call.
    checked(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr()) })
}

/// Lets no descriptor but the standard three reach the next program.
pub fn close_on_exec_from_3() -> io::Result<()> {
    // SAFETY: marks descriptors, closes none: everything in this process stays valid.
    checked(unsafe {
        libc::syscall(
            libc::SYS_close_range,
            3 as libc::c_uint,
            libc::c_uint::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    })
}

/// Undoes what Rust's runtime does to `SIGPIPE`, so that `yes | head -1` ends.
pub fn default_sigpipe() {
    // SAFETY: sets the default action; no handler of ours is involved.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Text for the kernel.
pub fn c_string(text: impl Into<Vec<u8>>) -> io::Result<CString> {
    CString::new(text).map_err(io::Error::other)
}
