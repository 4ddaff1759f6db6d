//! The engine of one machine: a task for each thing to do, and no queue. What a process leaves behind, the next one finds
//! in the database.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use futures_util::future::OptionFuture;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Build, Engine, Hands, Next, Placed, Repute, Turns};
use crate::domain::limits;

/// Carries everything out in this process.
pub struct InProcess {
    turns: Turns,
    /// One more than those, so that nobody waits behind a suspect who does not have to.
    suspects: Turns,
    working: OnceLock<Arc<Working>>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Task {
    Delivery(String),
    Place(String),
    Tell(String),
}

/// What is there once hands have come.
struct Working {
    hands: Arc<dyn Hands>,
    stop: CancellationToken,
    under_way: Mutex<HashMap<Task, Arc<Again>>>,
    tracker: TaskTracker,
    deliveries: Semaphore,
    places: Semaphore,
}

/// Whether something was asked for once more while it is under way.
#[derive(Default)]
struct Again {
    wanted: AtomicBool,
    told: Notify,
}

impl InProcess {
    /// With so many builds at once.
    pub fn new(builds: usize) -> Self {
        Self {
            turns: Turns::new(builds, "good"),
            suspects: Turns::new(1, "suspect"),
            working: OnceLock::new(),
        }
    }

    /// What is told before hands have come is in the database, and found there.
    fn tell(&self, task: Task) {
        if let Some(working) = self.working.get() {
            working.tell(task, Manner::Again);
        }
    }
}

/// What telling something means that is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It is looked at once more.
    Again,
    /// Nothing.
    Unless,
}

#[async_trait]
impl Engine for InProcess {
    fn deliver(&self, delivery: &str) {
        self.tell(Task::Delivery(delivery.to_owned()));
    }

    fn look(&self, place: &str) {
        self.tell(Task::Place(place.to_owned()));
        self.tell(Task::Tell(place.to_owned()));
    }

    async fn build(&self, build: &Build) -> Placed {
        let turns = match build.repute {
            Repute::Good => &self.turns,
            Repute::Suspect => &self.suspects,
        };
        Placed::Here(turns.turn(&build.repository).await)
    }

    /// Whoever asked has it here, and ends it.
    async fn call_back(&self, _: &Build) {}

    async fn work(&self, hands: Arc<dyn Hands>, stop: CancellationToken) {
        let working = self.working.get_or_init(|| {
            Arc::new(Working {
                hands,
                stop: stop.clone(),
                under_way: Mutex::default(),
                tracker: TaskTracker::new(),
                deliveries: Semaphore::new(limits::DELIVERIES_PARALLEL),
                places: Semaphore::new(limits::RUNS_PARALLEL),
            })
        });
        // What was told and could not be done, or was lost between the database and us, is found again.
        let mut look = tokio::time::interval(Duration::from_secs(limits::LEFT_SECONDS));
        while stop.run_until_cancelled(look.tick()).await.is_some() {
            let left = working.hands.left().await;
            let places = left.places.into_iter();
            let places = places.flat_map(|place| [Task::Place(place.clone()), Task::Tell(place)]);
            for task in left
                .deliveries
                .into_iter()
                .map(Task::Delivery)
                .chain(places)
            {
                working.tell(task, Manner::Unless);
            }
        }
        working.tracker.close();
        working.tracker.wait().await;
    }
}

impl Working {
    fn tell(self: &Arc<Self>, task: Task, manner: Manner) {
        let mut under_way = self.under_way();
        if self.stop.is_cancelled() {
            return;
        }
        if let Some(again) = under_way.get(&task) {
            if manner == Manner::Again {
                again.wanted.store(true, Ordering::SeqCst);
                again.told.notify_one();
            }
            return;
        }
        let again = Arc::<Again>::default();
        under_way.insert(task.clone(), again.clone());
        let working = self.clone();
        self.tracker
            .spawn(async move { working.carry_out(task, &again).await });
    }

    async fn carry_out(&self, task: Task, again: &Again) {
        loop {
            again.wanted.store(false, Ordering::SeqCst);
            match self.once(&task).await {
                Next::Nothing => {
                    // Whoever tells us after that begins it anew.
                    let mut under_way = self.under_way();
                    if self.stop.is_cancelled() || !again.wanted.load(Ordering::SeqCst) {
                        under_way.remove(&task);
                        return;
                    }
                }
                Next::After(pause) => tokio::select! {
                    () = self.stop.cancelled() => return,
                    () = again.told.notified() => {}
                    () = tokio::time::sleep(pause) => {}
                },
            }
        }
    }

    async fn once(&self, task: &Task) -> Next {
        let slots = match task {
            Task::Delivery(_) => Some(&self.deliveries),
            Task::Place(_) => Some(&self.places),
            // It mostly waits, and GitHub's own limits hold for what it writes.
            Task::Tell(_) => None,
        };
        let waiting = OptionFuture::from(slots.map(Semaphore::acquire));
        let Some(_slot) = self.stop.run_until_cancelled(waiting).await else {
            return Next::Nothing;
        };
        let work = match task {
            Task::Delivery(delivery) => self.hands.delivery(delivery),
            Task::Place(place) => self.hands.place(place),
            Task::Tell(place) => self.hands.tell(place),
        };
        match AssertUnwindSafe(work).catch_unwind().await {
            Ok(next) => next,
            // The hook has said what and where.
            Err(_panic) => Next::After(Duration::from_secs(limits::PANIC_PAUSE_SECONDS)),
        }
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<Task, Arc<Again>>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::watch;
    use tokio::time::timeout;

    use super::*;
    use crate::edge::engine::Left;

    /// Hands that note what they were asked for.
    #[derive(Default)]
    struct Noting {
        asked: Mutex<Vec<String>>,
        left: Vec<&'static str>,
        /// Places whose work waits until that is open.
        gate: watch::Sender<bool>,
        at_once: AtomicUsize,
    }

    impl Noting {
        fn note(&self, what: &str) -> usize {
            let mut asked = self.asked.lock().expect("no panic");
            asked.push(what.to_owned());
            asked.iter().filter(|one| *one == what).count()
        }

        async fn until(&self, what: &str, times: usize) {
            let seen = async {
                loop {
                    let asked = self.asked.lock().expect("no panic").clone();
                    if asked.iter().filter(|one| *one == what).count() >= times {
                        return;
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            let seen = timeout(Duration::from_secs(20), seen).await;
            seen.unwrap_or_else(|_| panic!("{what}: {:?}", self.asked));
        }
    }

    #[async_trait]
    impl Hands for Noting {
        async fn delivery(&self, delivery: &str) -> Next {
            match (delivery, self.note(delivery)) {
                ("breaks", 1) => panic!("as it is meant to"),
                ("waits", 1) => Next::After(Duration::from_secs(600)),
                _ => Next::Nothing,
            }
        }
        async fn place(&self, place: &str) -> Next {
            assert_eq!(
                self.at_once.fetch_add(1, Ordering::SeqCst),
                0,
                "one at a time"
            );
            self.note(place);
            let mut gate = self.gate.subscribe();
            gate.wait_for(|open| *open).await.expect("it opens");
            self.at_once.fetch_sub(1, Ordering::SeqCst);
            Next::Nothing
        }
        async fn tell(&self, place: &str) -> Next {
            self.note(&format!("tell {place}"));
            Next::Nothing
        }
        async fn build(&self, build: &Build, _: &CancellationToken) -> Next {
            panic!("{build:?} is built by whoever asked")
        }
        async fn left(&self) -> Left {
            Left {
                deliveries: self.left.iter().map(ToString::to_string).collect(),
                places: Vec::new(),
            }
        }
    }

    fn begin(
        hands: Noting,
    ) -> (
        Arc<Noting>,
        Arc<InProcess>,
        CancellationToken,
        tokio::task::JoinHandle<()>,
    ) {
        let (hands, engine, stop) = (
            Arc::new(hands),
            Arc::new(InProcess::new(1)),
            CancellationToken::new(),
        );
        let working = {
            let (hands, engine, stop) = (hands.clone(), engine.clone(), stop.clone());
            tokio::spawn(async move { engine.work(hands, stop).await })
        };
        (hands, engine, stop, working)
    }

    #[tokio::test]
    async fn of_suspects_there_is_one_at_a_time_whosever_they_are() {
        let engine = InProcess::new(2);
        let soon = async |repository: &str, repute| {
            let build = Build {
                run: "run".to_owned(),
                interaction: "slack/users".to_owned(),
                repository: repository.to_owned(),
                repute,
            };
            timeout(Duration::from_millis(50), engine.build(&build)).await
        };
        let first = soon("a", Repute::Suspect).await.expect("nobody is");
        assert!(soon("b", Repute::Suspect).await.is_err(), "one is at work");
        let good = [soon("a", Repute::Good).await, soon("b", Repute::Good).await];
        assert!(good.iter().all(Result::is_ok), "others do not wait for it");
        drop(first);
        assert!(soon("b", Repute::Suspect).await.is_ok());
    }

    #[tokio::test]
    async fn what_was_left_is_done_and_a_panic_ends_nothing() {
        let left = vec!["first", "breaks", "waits"];
        let (hands, engine, stop, working) = begin(Noting {
            left,
            ..Noting::default()
        });
        for what in ["first", "breaks", "waits"] {
            hands.until(what, 1).await;
        }
        engine.deliver("later");
        hands.until("later", 1).await;
        // What waits is looked at again when somebody asks for it.
        engine.deliver("waits");
        hands.until("waits", 2).await;
        // What ended in a panic waits as well.
        engine.deliver("breaks");
        hands.until("breaks", 2).await;
        stop.cancel();
        let ended = timeout(Duration::from_secs(5), working).await;
        ended.expect("in time").expect("without a panic");
        engine.deliver("too late");
        assert!(
            !hands
                .asked
                .lock()
                .expect("no panic")
                .contains(&"too late".to_owned())
        );
    }

    #[tokio::test]
    async fn what_is_asked_for_while_it_is_under_way_is_looked_at_once_more() {
        let (hands, engine, stop, working) = begin(Noting::default());
        // Hands come in a moment; before that nothing is heard.
        while engine.working.get().is_none() {
            tokio::task::yield_now().await;
        }
        engine.look("place");
        hands.until("place", 1).await;
        for _ in 0..5 {
            engine.look("place");
        }
        hands.gate.send_replace(true);
        hands.until("place", 2).await;
        hands.until("tell place", 1).await;
        engine.look("place");
        hands.until("place", 3).await;
        stop.cancel();
        working.await.expect("it ends");
        assert!(
            hands
                .asked
                .lock()
                .expect("no panic")
                .iter()
                .filter(|one| *one == "place")
                .count()
                <= 4
        );
    }
}
