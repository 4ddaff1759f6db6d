//! Turns: so many at once, and whoever waits is not kept back by somebody else who wants very many.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::oneshot;

use crate::os::meter;

/// So many turns at once. Cheap to clone; all clones share them.
#[derive(Debug, Clone)]
pub struct Turns(Arc<Mutex<State>>);

/// Somebody's turn, until it is dropped.
#[derive(Debug)]
pub struct Turn(Turns);

#[derive(Debug)]
struct State {
    of: &'static str,
    number: usize,
    free: usize,
    /// Who waits, first come first served; of each only the first stands in the way of others.
    waiting: VecDeque<(String, VecDeque<oneshot::Sender<Turn>>)>,
}

impl Turns {
    /// At most `number` at once, and at least one; `of` is what they are counted under.
    pub fn new(number: usize, of: &'static str) -> Self {
        Self(Arc::new(Mutex::new(State {
            of,
            number: number.max(1),
            free: number.max(1),
            waiting: VecDeque::new(),
        })))
    }

    /// Waits for `whose` turn. Whoever stops waiting loses it to the next.
    pub async fn turn(&self, whose: &str) -> Turn {
        let begun = Instant::now();
        loop {
            let waits = {
                let mut state = self.state();
                if state.free > 0 {
                    state.free -= 1;
                    state.count();
                    meter::build_waited(begun.elapsed());
                    return Turn(self.clone());
                }
                let (tell, waits) = oneshot::channel();
                match state.waiting.iter_mut().find(|(of, _)| of == whose) {
                    Some((_, behind)) => behind.push_back(tell),
                    None => {
                        let first = VecDeque::from([tell]);
                        state.waiting.push_back((whose.to_owned(), first));
                    }
                }
                state.count();
                waits
            };
            if let Ok(turn) = waits.await {
                meter::build_waited(begun.elapsed());
                return turn;
            }
        }
    }

    /// The next, taken from the front; its owner stands at the end when it has more.
    fn next(&self) -> Option<oneshot::Sender<Turn>> {
        let mut state = self.state();
        let Some((whose, mut behind)) = state.waiting.pop_front() else {
            state.free += 1;
            state.count();
            return None;
        };
        let first = behind.pop_front();
        if !behind.is_empty() {
            state.waiting.push_back((whose, behind));
        }
        state.count();
        first
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Numbers that a panic cannot leave half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// For whoever operates the server.
    fn count(&self) {
        let waiting = self.waiting.iter().map(|(_, behind)| behind.len()).sum();
        meter::builds(self.of, self.number - self.free, waiting);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(next) = self.0.next() {
            // Who has stopped waiting drops it at once, and so hands it on.
            let _ = next.send(Turn(self.0.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// In which order turns are given, with one at a time and all waiting.
    async fn order(wanted: &[&'static str]) -> Vec<&'static str> {
        let turns = Turns::new(1, "test");
        let first = turns.turn("first").await;
        let done: Arc<Mutex<Vec<&str>>> = Arc::default();
        let mut tasks = Vec::new();
        for whose in wanted {
            let (turns, done, whose) = (turns.clone(), done.clone(), *whose);
            tasks.push(tokio::spawn(async move {
                let _turn = turns.turn(whose).await;
                done.lock().expect("no panic").push(whose);
            }));
            tokio::task::yield_now().await;
        }
        drop(first);
        for task in tasks {
            task.await.expect("it ends");
        }
        let done = done.lock().expect("no panic");
        done.clone()
    }

    #[tokio::test]
    async fn who_wants_little_does_not_wait_for_who_wants_much() {
        let wanted = ["a", "a", "a", "a", "b", "b", "c"];
        assert_eq!(
            order(&wanted).await,
            ["a", "b", "c", "a", "b", "a", "a"],
            "each in turn"
        );
        let many: Vec<&str> = (0..120).map(|_| "a").chain((0..6).map(|_| "b")).collect();
        let order = order(&many).await;
        let last = order.iter().rposition(|whose| *whose == "b");
        assert_eq!(last, Some(11));
    }

    #[tokio::test]
    async fn a_turn_that_nobody_takes_is_not_lost() {
        let turns = Turns::new(2, "test");
        let held = (turns.turn("a").await, turns.turn("a").await);
        for _ in 0..10 {
            let gave_up = tokio::time::timeout(Duration::from_millis(1), turns.turn("b")).await;
            assert!(gave_up.is_err());
        }
        // Given to somebody who is gone before it hears of it.
        let mut waits = Box::pin(turns.turn("c"));
        assert!(futures_util::poll!(&mut waits).is_pending());
        drop(held);
        drop(waits);
        let both = async { (turns.turn("a").await, turns.turn("a").await) };
        let both = tokio::time::timeout(Duration::from_secs(5), both).await;
        drop(both.expect("two are free again"));
        assert_eq!(turns.state().free, 2);
    }
}
