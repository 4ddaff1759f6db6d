//! What workspaces and clean rooms cost: measurements, run by hand.

use std::path::Path;

use countersign::edge::nango::compile;
use countersign_standin::nango::NangoStandIn;

use super::{SECRET, clean_room, create_event, dry_run, private, ran, source, workspace};
use crate::support::tools::template;

/// What `work` took: wall time and the processor time of the programs that it ran, in milliseconds.
async fn cost<F: Future>(work: F) -> (F::Output, f64, f64) {
    use nix::sys::resource::{UsageWho, getrusage};
    let cpu = || {
        let used = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage");
        let ms = |time: nix::sys::time::TimeVal| {
            time.tv_sec() as f64 * 1e3 + time.tv_usec() as f64 / 1e3
        };
        ms(used.user_time()) + ms(used.system_time())
    };
    let (started, before) = (std::time::Instant::now(), cpu());
    let done = work.await;
    (done, started.elapsed().as_secs_f64() * 1e3, cpu() - before)
}

fn bytes(dir: &Path) -> u64 {
    walkdir::WalkDir::new(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.metadata().ok())
        .filter(|meta| meta.is_file())
        .map(|meta| meta.len())
        .sum()
}

/// Run alone: `cargo test --test it measures_workspaces -- --ignored --nocapture`. Asks the package registry.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn measures_workspaces() {
    let (template, spec) = (template(), create_event());
    let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
    let rounds = 50;
    let (_, wall, _) = cost(async {
        for round in 0..rounds {
            workspace(&template, &dir.path().join(round.to_string()), &spec);
        }
    })
    .await;
    let ours = wall / f64::from(rounds);
    let size = bytes(&dir.path().join("0"));

    let theirs = dir.path().join("init");
    std::fs::create_dir(&theirs).expect("a folder");
    let mut init = compile(&template, &theirs, private.path(), 600);
    init.argv.splice(
        2..,
        ["init", ".", "--no-interactive", "--no-telemetry"].map(str::to_owned),
    );
    // As somebody would do it by hand: with dependencies, from the machine's own npm and its cache.
    init.walled.env = std::env::vars().collect();
    init.walled
        .env
        .insert("NANGO_CLI_UPGRADE_MODE".to_owned(), "ignore".to_owned());
    let (end, wall, _) = cost(ran(init)).await;
    assert!(theirs.join("node_modules").is_dir(), "{end:#?}");
    println!(
        "workspace: {ours:.1} ms, {size} bytes; nango init: {wall:.0} ms, {} bytes; {:.0} times",
        bytes(&theirs),
        wall / ours
    );
    assert!(wall > 50.0 * ours);
}

/// Run alone: `cargo test --test it measures_the_room -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn measures_the_room() {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let (template, spec) = (template(), create_event());
    let (_, wall, cpu) = cost(clean_room(&spec, source(&spec), nango.port())).await;

    let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
    let workspace = workspace(&template, dir.path(), &spec);
    std::fs::write(workspace.dir().join(spec.function_path()), source(&spec)).expect("a file");
    let save = dry_run(
        &template,
        &spec,
        workspace.dir(),
        private.path(),
        nango.port(),
    );
    let mut validate = save.clone();
    validate.argv.retain(|argument| argument != "--save");
    let build = compile(&template, workspace.dir(), private.path(), 300);
    let mut generate = build.clone();
    generate.argv[2] = "generate:tests".to_owned();
    let mut test = build.clone();
    test.argv[1] = template.tools().vitest.to_string_lossy().into_owned();
    test.argv
        .splice(2.., ["run", "--no-cache"].map(str::to_owned));
    let (_, by_hand, by_hand_cpu) = cost(async {
        for program in [build, validate, save, generate, test] {
            let end = ran(program).await;
            assert_eq!(end.code, Some(0), "{end:#?}");
        }
    })
    .await;
    println!(
        "room: {wall:.0} ms wall, {cpu:.0} ms CPU; by hand: {by_hand:.0} ms wall, {by_hand_cpu:.0} ms CPU; CPU ratio {:.1}",
        by_hand_cpu / cpu
    );
    assert!(by_hand_cpu > 1.5 * cpu);
}
