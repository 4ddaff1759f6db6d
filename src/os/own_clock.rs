//! A clock that shows own time, for many who wait on it.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::own_time::{OwnTime, Share};

/// The shortest wait between two looks for somebody whose time is nearly up.
const SHORTEST: Duration = Duration::from_millis(20);
/// The longest: own time is the truer the oftener is looked.
const LONGEST: Duration = Duration::from_secs(1);

/// Shows [`OwnTime`]. Clones show the same; it is looked at only while somebody waits.
#[derive(Clone)]
pub struct OwnClock {
    time: Arc<Mutex<OwnTime>>,
    aside: Arc<Mutex<Aside>>,
}

/// The time in which a clock stood still.
#[derive(Debug, Default)]
struct Aside {
    took: Duration,
    /// Where its time stood when it was stopped, if it is.
    since: Option<Duration>,
}

/// Lets a clock go on when it is dropped.
struct Stop<'a>(&'a OwnClock);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        let at = lock(&self.0.time).at(now());
        let mut aside = lock(&self.0.aside);
        if let Some(since) = aside.since.take() {
            aside.took += at.saturating_sub(since);
        }
    }
}

/// A point on one [`OwnClock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point(Duration);

/// The time was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeIsUp;

impl fmt::Debug for OwnClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnClock")
    }
}

impl OwnClock {
    /// Shows the own time of all that descends from this process; `slowest` as for [`super::own_time::own_part`].
    pub fn of_descendants(slowest: u32) -> Self {
        Self::showing(OwnTime::of_descendants(now(), slowest))
    }

    /// Shows the own time of one process, without what it starts.
    pub fn of_process(slowest: u32, pid: u32) -> Self {
        Self::showing(OwnTime::of_process(now(), slowest, pid.cast_signed()))
    }

    /// Shows time of which `share` says how much of it was one's own, for whoever brings that.
    pub fn new(slowest: u32, share: impl FnMut() -> Share + Send + 'static) -> Self {
        Self::showing(OwnTime::new(now(), slowest, share))
    }

    /// Shows plain time.
    pub fn plain() -> Self {
        Self::new(1, Share::default)
    }

    fn showing(time: OwnTime) -> Self {
        Self {
            time: Arc::new(Mutex::new(time)),
            aside: Arc::default(),
        }
    }

    /// A clock for one piece of work that goes as this one does, and may be [stopped](Self::stopped) by itself.
    pub fn apart(&self) -> Self {
        Self {
            time: Arc::clone(&self.time),
            aside: Arc::default(),
        }
    }

    /// The point that comes after this much of own time.
    pub fn after(&self, time: Duration) -> Point {
        Point(self.stands() + time)
    }

    /// Whether a point has come.
    pub fn is_past(&self, point: Point) -> bool {
        self.left(point).is_zero()
    }

    /// Returns when a point has come.
    pub async fn reach(&self, point: Point) {
        loop {
            let left = self.left(point);
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.clamp(SHORTEST, LONGEST)).await;
        }
    }

    /// What comes of `work` within this much of own time.
    ///
    /// # Errors
    /// When that was not enough; `work` is dropped.
    pub async fn within<T>(
        &self,
        time: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, TimeIsUp> {
        self.until(self.after(time), work).await
    }

    /// What comes of `work` until a point.
    ///
    /// # Errors
    /// When the point came first; `work` is dropped.
    pub async fn until<T>(
        &self,
        point: Point,
        work: impl Future<Output = T>,
    ) -> Result<T, TimeIsUp> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.reach(point) => Err(TimeIsUp),
        }
    }

    /// Stands still while `waiting`, one at a time.
    pub async fn stopped<T>(&self, waiting: impl Future<Output = T>) -> T {
        let at = lock(&self.time).at(now());
        lock(&self.aside).since = Some(at);
        let _stop = Stop(self);
        waiting.await
    }

    fn stands(&self) -> Duration {
        let at = lock(&self.time).at(now());
        let aside = lock(&self.aside);
        aside.since.unwrap_or(at).saturating_sub(aside.took)
    }

    fn left(&self, point: Point) -> Duration {
        let aside = lock(&self.aside);
        let point = point.0 + aside.took;
        match aside.since {
            Some(since) => point.saturating_sub(since),
            None => lock(&self.time).left(point, now()),
        }
    }
}

/// As the runtime counts, whose time may stand still in tests.
fn now() -> std::time::Instant {
    Instant::now().into_std()
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Of every second half is lost.
    fn slow() -> OwnClock {
        OwnClock::new(8, || Share {
            ran: 100 * SECOND,
            waited: 100 * SECOND,
        })
    }

    async fn took(work: impl Future<Output = ()>) -> u64 {
        let began = Instant::now();
        work.await;
        began.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_on_a_slow_clock_waits_longer() {
        let plain = OwnClock::plain();
        assert_eq!(took(plain.reach(plain.after(60 * SECOND))).await, 60);
        let slow = slow();
        assert_eq!(took(slow.reach(slow.after(60 * SECOND))).await, 120);
        let work = || tokio::time::sleep(100 * SECOND);
        assert_eq!(slow.within(60 * SECOND, work()).await, Ok(()));
        assert_eq!(plain.within(60 * SECOND, work()).await, Err(TimeIsUp));
        let never = std::future::pending::<()>();
        assert_eq!(slow.within(60 * SECOND, never).await, Err(TimeIsUp));
    }

    #[tokio::test(start_paused = true)]
    async fn one_clock_stands_still_while_others_go_on() {
        let clock = slow();
        let (waits, works) = (clock.apart(), clock.apart());
        let (point, others) = (waits.after(30 * SECOND), works.after(30 * SECOND));
        waits.stopped(tokio::time::sleep(100 * SECOND)).await;
        assert!(works.is_past(others));
        assert!(!waits.is_past(point));
        assert_eq!(took(waits.reach(point)).await, 60);
        // Also for who waits on it at the same time, and when the waiting is given up.
        let queue = waits.stopped(tokio::time::sleep(100 * SECOND));
        assert_eq!(waits.within(SECOND, queue).await, Ok(()));
        let queue = waits.stopped(std::future::pending::<()>());
        assert_eq!(works.within(SECOND, queue).await, Err(TimeIsUp));
        assert_eq!(took(waits.reach(waits.after(30 * SECOND))).await, 60);
    }
}
