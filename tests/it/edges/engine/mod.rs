//! What every engine has to keep, told to both over real processes: the one of a single process, and Temporal with many. The
//! hands are those of a machine that only waits for its builds; the database, its fences and the engines are the real ones.

mod hands;
mod machine;
#[cfg(feature = "temporal")]
mod measure;
mod world;

use std::time::Duration;

#[cfg(feature = "temporal")]
use nix::sys::signal::Signal;

use world::World;

macro_rules! on_both {
    ($($story:ident)*) => {
        mod in_process {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(super::World::in_process().await).await;
            })*
        }
        #[cfg(feature = "temporal")]
        mod temporal {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(super::World::temporal().await).await;
            })*
        }
    };
}

#[cfg(feature = "temporal")]
macro_rules! on_many {
    ($($story:ident)*) => {
        mod many {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(super::World::temporal().await).await;
            })*
        }
    };
}

on_both! {
    each_build_is_done_once
    a_machine_that_dies_loses_nothing
    a_newer_run_comes_after_the_older_has_ended
    a_run_that_begins_while_people_are_told_of_the_one_before_does_not_wait
    who_is_called_back_begins_nothing_more
    who_is_told_to_end_hands_on_what_it_has
    who_wants_little_does_not_wait_for_who_wants_much
    a_database_that_breaks_connections_stops_nothing
}

#[cfg(feature = "temporal")]
on_many! {
    an_engine_that_is_away_shortly_costs_nothing
    an_engine_that_is_away_for_long_loses_nothing
    who_was_frozen_writes_nothing_when_it_thaws
}

/// Slots of one machine.
const SLOTS: usize = 4;

async fn each_build_is_done_once(mut world: World) {
    world.machines(3, Duration::from_millis(300)).await;
    let run = world.begin("octo/app", 40, 'a').await;
    world.ended(&run).await;
    assert_eq!(world.sealed(&run).await, 40);
    assert_eq!(world.begun(&run), 40, "nothing was begun twice");
    assert_eq!(world.drivers(&run), 1);
    assert_eq!(world.at_work(), world.names(), "all machines had a part");
    assert!(world.at_once() <= SLOTS * world.names().len());
    world.stop().await;
}

async fn a_machine_that_dies_loses_nothing(mut world: World) {
    world.machines(3, Duration::from_millis(700)).await;
    let run = world.begin("octo/app", 30, 'a').await;
    world
        .until("some were built", |world| world.ends() > 4)
        .await;
    let driver = world.driver(&run).await;
    // It drives the run and has builds in hand.
    world.kill(&driver).await;
    world.machine("another").await;
    world.ended(&run).await;
    assert_eq!(world.sealed(&run).await, 30);
    let again = world.begun(&run) - 30;
    assert!(again <= SLOTS, "only its own builds began again: {again}");
    assert_eq!(world.drivers(&run), 2);
    world.stop().await;
}

async fn a_newer_run_comes_after_the_older_has_ended(mut world: World) {
    world.machines(3, Duration::from_millis(1500)).await;
    let older = world.begin("octo/app", 30, 'a').await;
    world
        .until("builds are under way", |world| world.starts() > 0)
        .await;
    let newer = world.begin("octo/app", 30, 'b').await;
    world.ended(&older).await;
    world.ended(&newer).await;
    assert_eq!(world.sealed(&newer).await, 30);
    assert!(world.sealed(&older).await < 30, "it was stopped");
    let (last, first) = (world.last_of(&older), world.first_of(&newer));
    assert!(last < first, "never both: {last} and {first}");
    world.stop().await;
}

async fn a_run_that_begins_while_people_are_told_of_the_one_before_does_not_wait(mut world: World) {
    world.machines(2, Duration::from_millis(200)).await;
    // Whoever told of the first run found nothing more to do, but for its last words.
    for head in ['a', 'b', 'c'] {
        let run = world.begin("octo/app", 1, head).await;
        world.ended(&run).await;
        assert_eq!(world.sealed(&run).await, 1);
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    world.stop().await;
}

async fn who_is_called_back_begins_nothing_more(mut world: World) {
    // Longer than the story: what is under way has to be ended.
    world.machines(3, Duration::from_secs(100)).await;
    let run = world.begin("octo/app", 30, 'a').await;
    world
        .until("builds are under way", |world| world.starts() >= SLOTS)
        .await;
    let began = std::time::Instant::now();
    world.cancel("octo/app#30").await;
    world.ended(&run).await;
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    world
        .until("those at work have heard of it", |world| {
            world.at_work_now() == 0
        })
        .await;
    let begun = world.begun(&run);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(world.begun(&run), begun);
    assert_eq!(world.sealed(&run).await, 0);
    world.stop().await;
}

async fn who_is_told_to_end_hands_on_what_it_has(mut world: World) {
    world.machines(3, Duration::from_millis(1500)).await;
    let run = world.begin("octo/app", 20, 'a').await;
    world
        .until("some were built", |world| world.ends() > 2)
        .await;
    let driver = world.driver(&run).await;
    let began = std::time::Instant::now();
    world.told_to_end(&driver).await;
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    world.machine("another").await;
    world
        .until("another drives it", |world| world.drivers(&run) == 2)
        .await;
    // Sooner than what is left is looked for.
    assert!(
        began.elapsed() < Duration::from_secs(40),
        "{:?}",
        began.elapsed()
    );
    world.ended(&run).await;
    assert_eq!(world.sealed(&run).await, 20);
    world.stop().await;
}

async fn who_wants_little_does_not_wait_for_who_wants_much(mut world: World) {
    world.machines(2, Duration::from_millis(800)).await;
    let much = world.begin("octo/app", 120, 'a').await;
    world.until("they wait", |world| world.ends() > 0).await;
    let little = world.begin("octo/other", 6, 'b').await;
    world.ended(&little).await;
    let between = world.begun_meanwhile(&much, &little);
    assert!(
        between < 40,
        "{between} of the other came between: {}",
        world.told()
    );
    world.ended(&much).await;
    assert_eq!(world.sealed(&much).await, 120);
    world.stop().await;
}

async fn a_database_that_breaks_connections_stops_nothing(mut world: World) {
    world.machines(3, Duration::from_millis(700)).await;
    let run = world.begin("octo/app", 30, 'a').await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(900)).await;
        world.break_connections().await;
    }
    world.ended(&run).await;
    assert_eq!(world.sealed(&run).await, 30);
    world.stop().await;
}

#[cfg(feature = "temporal")]
async fn an_engine_that_is_away_shortly_costs_nothing(mut world: World) {
    world.machines(3, Duration::from_millis(1500)).await;
    let run = world.begin("octo/app", 24, 'a').await;
    world
        .until("builds are under way", |world| world.starts() > 4)
        .await;
    world.engine_is_away(Duration::from_secs(1)).await;
    world.ended(&run).await;
    assert_eq!((world.sealed(&run).await, world.begun(&run)), (24, 24));
    world.stop().await;
}

#[cfg(feature = "temporal")]
async fn an_engine_that_is_away_for_long_loses_nothing(mut world: World) {
    world.machines(3, Duration::from_millis(1500)).await;
    let run = world.begin("octo/app", 24, 'a').await;
    world
        .until("builds are under way", |world| world.starts() > 4)
        .await;
    world.engine_is_away(2 * world::BEAT_LOST).await;
    world.ended(&run).await;
    assert_eq!(world.sealed(&run).await, 24);
    world.stop().await;
}

#[cfg(feature = "temporal")]
async fn who_was_frozen_writes_nothing_when_it_thaws(mut world: World) {
    world.machines(3, Duration::from_secs(2)).await;
    let run = world.begin("octo/app", 18, 'a').await;
    world
        .until("all machines are at work", |world| {
            world.at_work().len() == 3
        })
        .await;
    let frozen = world.driver(&run).await;
    let had = world.in_hand(&frozen);
    assert!(!had.is_empty());
    world.signal(&frozen, Signal::SIGSTOP);
    world
        .until("others have taken up what it had", |world| {
            had.iter()
                .all(|build| world.begun_by_others(build, &frozen))
        })
        .await;
    world.signal(&frozen, Signal::SIGCONT);
    world.ended(&run).await;
    assert_eq!(world.sealed(&run).await, 18, "each once");
    world.stop().await;
}

#[cfg(feature = "temporal")]
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_costs_nothing_but_its_time() {
    let mut world = World::with_database_alone().await;
    world.machines(3, Duration::from_millis(700)).await;
    let run = world.begin("octo/app", 30, 'a').await;
    world
        .until("some were built", |world| world.ends() > 4)
        .await;
    world.database_is_away(8);
    world.ended(&run).await;
    assert_eq!(world.sealed(&run).await, 30);
    // Who drives the run looks again and again meanwhile, and a history has an end.
    assert!(world.begun_anew().await > 0);
    let next = world.begin("octo/app", 30, 'b').await;
    world.ended(&next).await;
    assert_eq!(world.sealed(&next).await, 30);
    world.stop().await;
}
