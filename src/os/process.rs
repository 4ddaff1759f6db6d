//! This process, and whether another one of this machine still lives.

use std::collections::{BTreeMap, BTreeSet};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

/// A name for this process that no other process has, ever: host, boot, process namespace, process id, start.
pub fn name() -> String {
    let pid = std::process::id();
    format!("{}{pid}/{}", here(), started(pid).unwrap_or_default())
}

/// Whether the process of that [`name`] certainly lives no more. Of another machine, another boot or another container
/// nothing can be said: process ids mean something else there.
pub fn is_gone(name: &str) -> bool {
    let Some((pid, start)) = name
        .strip_prefix(&here())
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let (Ok(pid), Ok(start)) = (pid.parse::<u32>(), start.parse::<u64>()) else {
        return false;
    };
    if kill(Pid::from_raw(pid.cast_signed()), None) == Err(Errno::ESRCH) {
        return true;
    }
    // The number may be another process's by now.
    started(pid).is_some_and(|now| now != start)
}

/// Whether a process of that id runs; one that ended and was not yet asked how does not.
#[cfg(test)]
pub fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, fields)| !fields.starts_with('Z'))
}

/// Lets other processes have a core before this one and all that it will start. Safe between fork and exec.
pub fn give_way(niceness: i32) {
    // SAFETY: `setpriority` with integers only. It cannot fail: everybody may ask for less, and 0 is this process.
    unsafe {
        nix::libc::setpriority(nix::libc::PRIO_PROCESS, 0, niceness);
    }
}

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

/// What the names of all processes that we can see have in common.
fn here() -> String {
    let host = nix::unistd::gethostname()
        .ok()
        .and_then(|name| name.into_string().ok())
        .unwrap_or_else(|| "machine".into());
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let namespace = std::fs::read_link("/proc/self/ns/pid")
        .map(|link| link.display().to_string())
        .unwrap_or_default();
    let number: String = namespace.chars().filter(char::is_ascii_digit).collect();
    format!("{host}/{}/{number}/", boot.trim())
}

/// When a process started, in ticks since the boot. Nothing when it does not run or cannot be seen.
fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name of the program stands in brackets and may hold anything; the start is the 20th field after it.
    let (_, fields) = stat.rsplit_once(") ")?;
    fields.split(' ').nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_living_are_told_from_the_dead_and_from_strangers() {
        assert!(!is_gone(&name()), "we live");
        let mut child = std::process::Command::new("sleep")
            .arg("600")
            .spawn()
            .expect("a process");
        let start = started(child.id()).expect("its start");
        let named = |pid: u32, start: u64| format!("{}{pid}/{start}", here());
        let theirs = named(child.id(), start);
        assert!(!is_gone(&theirs), "it lives");
        assert!(
            is_gone(&named(child.id(), start - 1)),
            "its number was another's"
        );
        child.kill().expect("it ends");
        child.wait().expect("it ended");
        assert!(is_gone(&theirs), "it is dead");
        for stranger in ["", "elsewhere/x/1/1/1", "machine-12-run-1"] {
            assert!(!is_gone(stranger), "{stranger}: nothing can be said");
        }
    }
}
