//! Processes of this machine: who descends from whom, and who goes first.

use std::collections::{BTreeMap, BTreeSet};

/// Whether a process of that id runs; one that ended and was not yet asked how does not.
#[cfg(test)]
pub fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, fields)| !fields.starts_with('Z'))
}

/// Has memory that was asked for in large pieces go back as soon as it is free. By itself glibc keeps up to 32 MB of it for each of
/// many threads, once such a piece was freed: a few large webhooks would stay in memory for ever. Source: mallopt(3), `M_MMAP_THRESHOLD`.
pub fn return_large_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it sets a number of the allocator's.
    unsafe {
        nix::libc::mallopt(nix::libc::M_MMAP_THRESHOLD, LARGE_MEMORY_BYTES);
    }
}

/// What is asked for in a piece of this size goes back at once.
#[cfg(target_env = "gnu")]
const LARGE_MEMORY_BYTES: nix::libc::c_int = 1024 * 1024;

/// Lets other processes have a core before this one and all that it will start. Safe between fork and exec.
pub fn give_way(niceness: i32) {
    // SAFETY: `setpriority` with integers only. It cannot fail: everybody may ask for less, and 0 is this process.
    unsafe {
        nix::libc::setpriority(nix::libc::PRIO_PROCESS, 0, niceness);
    }
}

/// The same for the session that this process leads. Where the kernel groups processes by session (`sched_autogroup_enabled`, which
/// is usual), it shares a core among sessions first, and niceness counts within one alone. Source: sched(7), "The autogroup feature".
pub fn session_gives_way(niceness: i32) {
    for _ in 0..AUTOGROUP_TRIES {
        match std::fs::write("/proc/self/autogroup", niceness.to_string()) {
            // Who is not root may do so ten times a second, all together.
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                std::thread::sleep(AUTOGROUP_PAUSE);
            }
            // Done; or there is no such thing here, and then niceness is enough.
            Ok(()) | Err(_) => return,
        }
    }
}

/// How often a session is tried that may not be changed yet, and what is waited between.
const AUTOGROUP_TRIES: usize = 4;
const AUTOGROUP_PAUSE: std::time::Duration = std::time::Duration::from_millis(60);

/// Every process that descends from that one, whatever sessions and groups they gave themselves.
pub fn descendants(of: i32) -> BTreeSet<i32> {
    let parents: BTreeMap<i32, i32> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name in parentheses may hold anything; the state and the parent come after the last one.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            Some((pid, parent.parse().ok()?))
        })
        .collect();
    let mut found = BTreeSet::new();
    let mut layer = BTreeSet::from([of]);
    while !layer.is_empty() {
        layer = parents
            .iter()
            .filter(|(pid, parent)| layer.contains(parent) && !found.contains(*pid))
            .map(|(pid, _)| *pid)
            .collect();
        found.extend(&layer);
    }
    found
}
