//! Three hundred lives of pull requests. In the first ones each call to GitHub fails once in each way in which calls fail: lost
//! before it was done or after, broken off in the answer, refused, slow. In the others people do one thing and another, calls
//! fail, and the server dies, as a seed says. Whatever happens on the way, the end is the same and nothing was done twice.
//!
//! The function has an agent in one run only; in the others it is countersigned already, so that what is tried is what Countersign
//! does on GitHub.

mod end;
mod life;
mod world;

use fastrand::Rng;

use self::life::Life;
use self::world::World;

/// Lives that go on side by side.
const AT_ONCE: usize = 30;
/// Deaths of the server among them. All runs are taken up again after each, and one that gets no further in five times is given up,
/// as it should be.
const DEATHS_AT_ONCE: usize = 3;
/// All together, when nothing is said.
const LIVES: usize = 300;

/// `COUNTERSIGN_LIVES=3000 tests/run lives` for more; `COUNTERSIGN_SEED=7` for those of one seed.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_goes_wrong_the_end_is_the_same() {
    let given = |name: &str| std::env::var(name).ok().map(|text| text.parse());
    let seed = given("COUNTERSIGN_SEED").unwrap_or(Ok(fastrand::u64(..)));
    let seed: u64 = seed.expect("COUNTERSIGN_SEED is a number");
    let count = given("COUNTERSIGN_LIVES").unwrap_or(Ok(LIVES as u64));
    let count = count.expect("COUNTERSIGN_LIVES is a number") as usize;
    eprintln!(
        "to have these lives again: COUNTERSIGN_SEED={seed} COUNTERSIGN_LIVES={count} tests/run lives"
    );
    let mut rng = Rng::with_seed(seed);
    let mut world = World::begin().await;
    let calls = world.calls().await;
    assert!(calls.len() >= 12, "what a life asks of GitHub: {calls:#?}");

    let mut lives: Vec<Life> = Vec::new();
    for call in &calls {
        for kind in call.faults() {
            let mut life = Life::plain(&format!("fault-{}", lives.len()));
            life.faults.push((call.clone(), kind));
            lives.push(life);
        }
    }
    lives.truncate(count);
    for n in lives.len()..count {
        lives.push(Life::random(&format!("life-{n}"), &calls, &mut rng));
    }
    for some in lives.chunks_mut(AT_ONCE) {
        let mut deaths = 0;
        for life in some.iter_mut() {
            deaths += life.deaths.len();
            if deaths > DEATHS_AT_ONCE {
                life.deaths.clear();
            }
        }
        world.live(some, &mut rng).await;
    }
    world.story.end();
}
