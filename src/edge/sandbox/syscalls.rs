//! seccomp: system calls that no honest build needs. A filter of what is forbidden, on top of namespaces or Landlock;
//! it takes away ways around them and most of the kernel's rarely used surface.

use std::collections::BTreeMap;

use nix::libc;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter, sock_filter,
};

use super::isolation::Isolation;
use super::request::{RefusedStep, SandboxRefusal};

/// Refused whatever the arguments are.
const NEVER: &[libc::c_long] = &[
    // Other file systems, other roots.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_mount_setattr,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_quotactl,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    // Other namespaces.
    libc::SYS_unshare,
    libc::SYS_setns,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    // The kernel's keys, tracers and machines.
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_fanotify_init,
    libc::SYS_syslog,
    libc::SYS_acct,
    libc::SYS_personality,
    // io_uring carries out calls that this filter does not see.
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    // The machine itself.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_vhangup,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_kexec_file_load,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_iopl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_ioperm,
];

/// Landlock does not look at these: they would change files of the same user anywhere. Changing a file that is open
/// (`fchmod`) stays allowed, for opening is what Landlock decides.
const NOT_SEEN_BY_LANDLOCK: &[libc::c_long] = &[
    libc::SYS_fchmodat,
    SYS_FCHMODAT2,
    libc::SYS_fchownat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
];
const SYS_FCHMODAT2: libc::c_long = 452;

/// The old way to packet sockets, through the family of IPv4.
const SOCK_PACKET: libc::c_int = 10;

/// Signals to other processes of the same user, for kernels whose Landlock does not scope them.
const SIGNALS: &[libc::c_long] = &[
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_pidfd_send_signal,
];

/// Who keeps signals from leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signals {
    /// A namespace or Landlock.
    Kept,
    /// Nobody, so they are forbidden altogether.
    Forbidden,
}

/// Puts the filters on this process and all that come from it.
pub fn confine(isolation: Isolation, signals: Signals) -> Result<(), SandboxRefusal> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    let mut never = |numbers: &[libc::c_long]| {
        for number in numbers {
            rules.insert(*number, Vec::new());
        }
    };
    never(NEVER);
    if isolation == Isolation::Landlock {
        never(NOT_SEEN_BY_LANDLOCK);
    }
    if signals == Signals::Forbidden {
        never(SIGNALS);
    }
    rules.insert(libc::SYS_socket, sockets(isolation)?);
    rules.insert(libc::SYS_clone, namespaces_of_clone()?);
    rules.insert(
        libc::SYS_ioctl,
        vec![
            // Typing into a terminal that somebody else reads.
            all([(1, Op::Eq, libc::TIOCSTI)])?,
            all([(1, Op::Eq, libc::TIOCLINUX)])?,
        ],
    );
    if isolation == Isolation::Landlock {
        // Limits of other processes of the same user.
        rules.insert(libc::SYS_prlimit64, vec![all([(0, Op::Ne, 0)])?]);
    }
    put(rules, libc::EPERM)?;
    // The flags of `clone3` lie in memory, where no filter can look. "Not there" makes every libc use `clone`.
    put(
        BTreeMap::from([(libc::SYS_clone3, Vec::new())]),
        libc::ENOSYS,
    )
}

/// Kinds of sockets that are refused.
fn sockets(isolation: Isolation) -> Result<Vec<SeccompRule>, SandboxRefusal> {
    const KIND: u64 = 0xf;
    let kind = |kind: libc::c_int| (1, Op::MaskedEq(KIND), kind as u64);
    let (unix, v4, v6) = (
        (0, Op::Ne, libc::AF_UNIX as u64),
        (0, Op::Ne, libc::AF_INET as u64),
        (0, Op::Ne, libc::AF_INET6 as u64),
    );
    let mut rules = vec![
        all([kind(libc::SOCK_RAW)])?,
        all([kind(libc::SOCK_RDM)])?,
        all([kind(libc::SOCK_DCCP)])?,
        all([kind(SOCK_PACKET)])?,
    ];
    match isolation {
        // The network namespace holds every address, and the mount namespace every socket file.
        Isolation::Namespaces | Isolation::None => rules.push(all([unix, v4, v6])?),
        // Landlock sees TCP and nothing else, and on most kernels no socket file either. Pairs of sockets, which is
        // what node uses to speak to its children, are another system call and stay.
        Isolation::Landlock => {
            rules.push(all([v4, v6])?);
            rules.push(all([kind(libc::SOCK_DGRAM)])?);
            rules.push(all([kind(libc::SOCK_SEQPACKET)])?);
            rules.push(all([
                (2, Op::Ne, 0),
                (2, Op::Ne, libc::IPPROTO_TCP as u64),
            ])?);
        }
    }
    Ok(rules)
}

/// `clone` with any flag that makes a namespace.
fn namespaces_of_clone() -> Result<Vec<SeccompRule>, SandboxRefusal> {
    [
        libc::CLONE_NEWUSER,
        libc::CLONE_NEWNS,
        libc::CLONE_NEWNET,
        libc::CLONE_NEWPID,
        libc::CLONE_NEWIPC,
        libc::CLONE_NEWUTS,
        libc::CLONE_NEWCGROUP,
    ]
    .into_iter()
    .map(|flag| all([(0, Op::MaskedEq(flag as u64), flag as u64)]))
    .collect()
}

fn all<const N: usize>(conditions: [(u8, Op, u64); N]) -> Result<SeccompRule, SandboxRefusal> {
    let conditions = conditions
        .into_iter()
        .map(|(argument, op, value)| SeccompCondition::new(argument, Len::Dword, op, value))
        .collect::<Result<Vec<_>, _>>()
        .step("a seccomp condition")?;
    SeccompRule::new(conditions).step("a seccomp rule")
}

fn put(rules: BTreeMap<i64, Vec<SeccompRule>>, errno: libc::c_int) -> Result<(), SandboxRefusal> {
    let filter: BpfProgram = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(errno as u32),
        std::env::consts::ARCH
            .try_into()
            .step("seccomp for this processor")?,
    )
    .and_then(TryInto::try_into)
    .step("the seccomp filter")?;
    apply_filter(&without_x32(filter)).step("seccomp")
}

/// On x86-64 the same calls exist once more with bit 30 set (the x32 ABI) and would slip through: refuse them all.
#[cfg(target_arch = "x86_64")]
fn without_x32(filter: BpfProgram) -> BpfProgram {
    const LOAD_NUMBER: u16 = 0x20;
    const JUMP_IF_AT_LEAST: u16 = 0x35;
    const RETURN: u16 = 0x06;
    let step = |code, jf, k| sock_filter { code, jt: 0, jf, k };
    let mut program = vec![
        step(LOAD_NUMBER, 0, 0),
        step(JUMP_IF_AT_LEAST, 1, 0x4000_0000),
        step(RETURN, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32),
    ];
    program.extend(filter);
    program
}

#[cfg(not(target_arch = "x86_64"))]
fn without_x32(filter: BpfProgram) -> BpfProgram {
    filter
}
