//! What engines cost, printed as a table. Builds only wait, so that nothing but the engine is measured.
//!
//! `cargo test --features temporal --test it measures_engines -- --ignored --nocapture`

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::SLOTS;
use super::world::{BEAT_LOST, World};

const BUILDS: u64 = 40;
const TAKES: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, and nothing else may run beside it"]
async fn measures_engines() {
    println!(
        "{BUILDS} builds of {TAKES:?}, {SLOTS} slots a machine, beats lost after {BEAT_LOST:?}"
    );
    wall("in process", World::in_process().await, 1).await;
    for machines in 1..=3 {
        wall("Temporal", World::temporal().await, machines).await;
    }
    idle(World::temporal().await).await;
    for (what, ends) in [
        ("kill -9", Signal::SIGKILL),
        ("SIGTERM", Signal::SIGTERM),
        ("frozen", Signal::SIGSTOP),
    ] {
        recovery(what, ends, World::temporal().await).await;
    }
    for what in [Disturbed::Nothing, Disturbed::Engine, Disturbed::Database] {
        disturbed(what).await;
    }
}

/// A service that all machines need is killed in the middle of a run, and started again at once.
#[derive(Debug, Clone, Copy)]
enum Disturbed {
    Nothing,
    Engine,
    Database,
}

/// What that costs.
async fn disturbed(what: Disturbed) {
    let mut world = World::with_database_alone().await;
    world.machines(3, TAKES).await;
    let first = world.begin("octo/app", 1, 'f').await;
    world.ended(&first).await;
    let began = Instant::now();
    let run = world.begin("octo/app", BUILDS, 'a').await;
    world
        .until("some were built", |world| world.ends() > SLOTS)
        .await;
    let killed = Instant::now();
    match what {
        Disturbed::Nothing => {}
        Disturbed::Engine => world.engine_is_away(Duration::ZERO).await,
        Disturbed::Database => world.database_is_away(0),
    }
    let away = killed.elapsed();
    world.ended(&run).await;
    println!(
        "{what:?} killed on three machines: away {:.1} s, the run took {:.1} s, {} builds begun twice",
        away.as_secs_f64(),
        began.elapsed().as_secs_f64(),
        world.begun(&run).saturating_sub(BUILDS as usize)
    );
    world.stop().await;
}

async fn wall(engine: &str, mut world: World, machines: usize) {
    world.machines(machines, TAKES).await;
    // They are up when they have done something.
    let first = world.begin("octo/app", 1, 'f').await;
    world.ended(&first).await;
    let began = Instant::now();
    let run = world.begin("octo/app", BUILDS, 'a').await;
    world.ended(&run).await;
    let took = began.elapsed();
    let slots = (SLOTS * machines) as f64;
    let ideal = (BUILDS as f64 / slots).ceil() * TAKES.as_secs_f64();
    println!(
        "{engine}, {machines} machines: {:.1} s, {:.2} times the ideal {ideal:.0} s",
        took.as_secs_f64(),
        took.as_secs_f64() / ideal
    );
    world.stop().await;
}

/// How long until another machine has begun what one had in hand.
async fn recovery(what: &str, ends: Signal, mut world: World) {
    // Others have slots to spare.
    world.machines(3, 20 * TAKES).await;
    world.begin("octo/app", 6, 'a').await;
    world
        .until("all are at work", |world| world.starts() == 6)
        .await;
    let had_some = world.at_work().into_iter().next();
    let driver = had_some.expect("somebody is at work");
    let had = world.in_hand(&driver);
    let began = Instant::now();
    world.signal(&driver, ends);
    world
        .until("others have it", |world| {
            had.iter()
                .all(|build| world.begun_by_others(build, &driver))
        })
        .await;
    println!(
        "{what} of a machine: all {} builds that it had begun again after {:.1} s",
        had.len(),
        began.elapsed().as_secs_f64()
    );
    world.signal(&driver, Signal::SIGKILL);
}

async fn idle(mut world: World) {
    world.machines(1, TAKES).await;
    let first = world.begin("octo/app", 1, 'f').await;
    world.ended(&first).await;
    let before = world.processes();
    tokio::time::sleep(Duration::from_secs(20)).await;
    for ((name, cpu, _), (_, now, resident)) in before.into_iter().zip(world.processes()) {
        let share = (now - cpu) / 20.0 * 100.0;
        println!("idle {name}: {resident} MB, {share:.1} % of a core");
    }
    world.stop().await;
}
