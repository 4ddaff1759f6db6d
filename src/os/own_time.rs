//! Time as programs have it for themselves. While more of them want to run than there are cores, each waits a part of every second
//! in the kernel's queue. A limit that counts own time ends what is stuck, and not what only waited for its turn.
//!
//! The kernel counts for every process how long it ran and how long it waited to run (`/proc/PID/schedstat`). That is so in
//! containers too, and what a container's quota withholds is among it. Where the kernel does not count, own time is wall time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::process;

/// How often is looked. A look costs about 20 µs for each process of the machine.
const LOOK: Duration = Duration::from_secs(1);

/// What some processes had of the machine in a while, all together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// How long they ran.
    pub ran: Duration,
    /// How long they could have run, but there was no core for them.
    pub waited: Duration,
}

/// How much of the time that `passed` was theirs: all of it when none of them waited, a third when three of them shared a core.
/// Never less than one part in `slowest`, so that whatever counts own time comes to an end.
pub fn own_part(passed: Duration, share: Share, slowest: u32) -> Duration {
    // What wanted to run only now and then lost no more than it waited.
    let wanted = (share.ran + share.waited).max(passed);
    if wanted.is_zero() {
        return Duration::ZERO;
    }
    let lost = share.waited.as_secs_f64() / wanted.as_secs_f64();
    passed
        .mul_f64((1.0 - lost).clamp(0.0, 1.0))
        .max(passed / slowest)
}

/// Own time as it passes. It is known up to the last look, and counts from when this was made.
pub struct OwnTime {
    share: Box<dyn FnMut() -> Share + Send>,
    slowest: u32,
    own: Duration,
    looked: Instant,
}

impl OwnTime {
    /// Begins at `now`. `share` says what the processes had since it was asked last; `slowest` is as for [`own_part`].
    pub fn new(now: Instant, slowest: u32, share: impl FnMut() -> Share + Send + 'static) -> Self {
        Self {
            share: Box::new(share),
            slowest,
            own: Duration::ZERO,
            looked: now,
        }
    }

    /// The own time of all that descends from this process.
    pub fn of_descendants(now: Instant, slowest: u32) -> Self {
        let root = std::process::id().cast_signed();
        Self::of(now, slowest, move || Family::of(process::descendants(root)))
    }

    /// The own time of one process, without what it starts.
    pub fn of_process(now: Instant, slowest: u32, pid: i32) -> Self {
        Self::of(now, slowest, move || Family::of([pid]))
    }

    fn of(now: Instant, slowest: u32, family: impl Fn() -> Family + Send + 'static) -> Self {
        let mut before = family();
        Self::new(now, slowest, move || {
            let family = family();
            let share = family.since(&before);
            before = family;
            share
        })
    }

    /// Where own time stands. The last second may still turn out to have been less.
    pub fn at(&mut self, now: Instant) -> Duration {
        if self.unseen(now) >= LOOK {
            self.look(now);
        }
        self.own + self.unseen(now)
    }

    /// How long it takes at least until own time stands at `point`. Nothing when it does, which is never said too early.
    pub fn left(&mut self, point: Duration, now: Instant) -> Duration {
        if self.at(now) >= point && !self.unseen(now).is_zero() {
            self.look(now);
        }
        point.saturating_sub(self.own + self.unseen(now))
    }

    fn unseen(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.looked)
    }

    fn look(&mut self, now: Instant) {
        self.own += own_part(self.unseen(now), (self.share)(), self.slowest);
        self.looked = now;
    }
}

/// What each process of a family ran and waited, since it began.
#[derive(Debug, Default)]
struct Family(BTreeMap<i32, Share>);

impl Family {
    fn of(pids: impl IntoIterator<Item = i32>) -> Self {
        let pids = pids.into_iter();
        Self(pids.filter_map(|pid| Some((pid, share_of(pid)?))).collect())
    }

    /// What a process had that ended in between is not known.
    fn since(&self, before: &Family) -> Share {
        let mut all = Share::default();
        for (pid, now) in &self.0 {
            // One that counts from the beginning again is another process of the same number.
            let before = before.0.get(pid).filter(|then| then.ran <= now.ran);
            let before = before.copied().unwrap_or_default();
            all.ran += now.ran.saturating_sub(before.ran);
            all.waited += now.waited.saturating_sub(before.waited);
        }
        all
    }
}

/// Of the process's first thread: its other ones compute little in what we run, and looking at each costs ten times as much.
fn share_of(pid: i32) -> Option<Share> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/schedstat")).ok()?;
    let mut nanos = text.split_whitespace().map(str::parse);
    let (ran, waited) = (nanos.next()?.ok()?, nanos.next()?.ok()?);
    Some(Share {
        ran: Duration::from_nanos(ran),
        waited: Duration::from_nanos(waited),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn share(ran_ms: u64, waited_ms: u64) -> Share {
        Share {
            ran: Duration::from_millis(ran_ms),
            waited: Duration::from_millis(waited_ms),
        }
    }

    #[test]
    fn own_time_is_what_the_queue_leaves() {
        for (case, ran, waited, own) in [
            ("nothing runs", 0, 0, 1000),
            ("one computes on an idle machine", 1000, 0, 1000),
            ("one is half kept from computing", 500, 500, 500),
            ("one rarely runs, and waits each time", 20, 30, 970),
            ("four on two cores", 2000, 2000, 500),
            ("sixteen on two cores", 2000, 14_000, 125),
            ("a hundred on two cores, at the slowest", 2000, 98_000, 100),
            ("one that got no core at all", 0, 1000, 100),
        ] {
            let found = own_part(SECOND, share(ran, waited), 10);
            assert_eq!(found.as_millis(), own, "{case}");
        }
        assert_eq!(own_part(Duration::ZERO, share(0, 0), 10), Duration::ZERO);
    }

    #[test]
    fn a_point_is_reached_late_under_load_never_early_and_always() {
        let began = Instant::now();
        let reached = |waited_ms: u64| {
            let mut time = OwnTime::new(began, 10, move || share(1000, waited_ms));
            let mut passed = Duration::ZERO;
            loop {
                let left = time.left(10 * SECOND, began + passed);
                if left.is_zero() {
                    return passed.as_secs_f64();
                }
                passed += left.clamp(Duration::from_millis(10), SECOND);
            }
        };
        assert_eq!(reached(0), 10.0);
        let half = reached(1000);
        assert!((20.0..20.1).contains(&half), "{half}");
        let slowest = reached(1_000_000);
        assert!((100.0..100.1).contains(&slowest), "{slowest}");
    }

    #[test]
    fn a_family_is_counted_by_the_kernel() {
        let mut busy = std::process::Command::new("/bin/sh")
            .args(["-c", "while :; do :; done"])
            .spawn()
            .expect("a shell");
        let root = std::process::id().cast_signed();
        let (before, began) = (Family::of(process::descendants(root)), Instant::now());
        let mut had = Share::default();
        while had.ran < Duration::from_millis(50) && began.elapsed() < 30 * SECOND {
            std::thread::sleep(Duration::from_millis(50));
            had = Family::of(process::descendants(root)).since(&before);
        }
        let counted = share_of(root).is_some();
        busy.kill().expect("it ends");
        busy.wait().expect("it ended");
        assert!(had.ran >= Duration::from_millis(50) || !counted, "{had:?}");
        let other = Family(BTreeMap::from([(1, share(5, 5)), (2, share(50, 5))]));
        let later = Family(BTreeMap::from([(1, share(2, 1)), (2, share(60, 7))]));
        assert_eq!(later.since(&other), share(12, 3), "1 is another process");
    }
}
