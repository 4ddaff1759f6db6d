//! What an agent is shown of a large project, from git to its workspace.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use countersign::domain::name::Sha;
use countersign::domain::settings::Settings;
use countersign::domain::spec::Kind;
use countersign::edge::git::Mirror;
use countersign::edge::nango::{Workspace, scaffold};
use countersign::rules::ground::{helpers, shown};
use countersign::run::fetch::Checkout;
use countersign::run::ground::Project;

use crate::support::checkout;
use crate::support::large_project::{KEY, large_project};
use crate::support::tools::{spec, template};

const FUNCTIONS: usize = 150;
const ROUNDS: u32 = 10;

fn at_head(repository: &checkout::Checkout) -> Checkout {
    let mirror = Mirror::local(&repository.repository()).expect("a mirror");
    let head = repository.git(&["rev-parse", "HEAD"]);
    let head: Sha = head.trim().parse().expect("a commit");
    Checkout {
        mirror,
        at: head.clone(),
        merge_base: head.clone(),
        base: head.clone(),
        head,
        settings: Settings::default(),
    }
}

fn files(dir: &Path) -> impl Iterator<Item = walkdir::DirEntry> {
    let all = walkdir::WalkDir::new(dir).into_iter().flatten();
    all.filter(|entry| entry.file_type().is_file())
}

fn bytes(dir: &Path) -> u64 {
    files(dir)
        .filter_map(|entry| entry.metadata().ok())
        .map(|meta| meta.len())
        .sum()
}

/// The mean time of a round.
fn timed(mut round: impl FnMut(u32)) -> Duration {
    let began = Instant::now();
    (0..ROUNDS).for_each(&mut round);
    began.elapsed() / ROUNDS
}

#[test]
fn a_large_project_is_shown_within_its_limits_and_without_secrets() {
    let (template, spec) = (template(), spec("slack/users", Kind::Sync, None));
    let made = large_project(FUNCTIONS);
    let borrowed: Vec<(&str, &str)> = made
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    let repository = checkout::Checkout::bare(&borrowed);
    let checkout = at_head(&repository);
    let folder = checkout.settings.project_of(&spec);
    let project = Project::read(&checkout, folder).expect("a project");
    assert_eq!(project.files.len(), FUNCTIONS + FUNCTIONS / 10);
    assert_eq!(project.left_out, 1, "the helper with a key in it");

    let dir = tempfile::tempdir().expect("a folder");
    let bare = timed(|round| {
        let at = dir.path().join(format!("bare-{round}"));
        Workspace::lay(&template, &at, &spec, scaffold(&spec).as_bytes()).expect("a workspace");
    });
    let mut allowed = vec![spec.function_path(), spec.recording_path()];
    allowed.extend(helpers::folders(&spec, &[]));
    let full = timed(|round| {
        let at = dir.path().join(format!("full-{round}"));
        let scaffold = scaffold(&spec);
        let workspace = Workspace::lay(&template, &at, &spec, scaffold.as_bytes());
        let (sources, _) = shown::choose(&project.files, &spec);
        workspace
            .expect("a workspace")
            .show(&sources, &allowed)
            .expect("sources");
    });
    let read = timed(|_| drop(Project::read(&checkout, folder).expect("a project")));
    let at = dir.path().join("full-0");
    let more = bytes(&at) - bytes(&dir.path().join("bare-0"));
    println!(
        "{FUNCTIONS} functions: {more} bytes and {:.1} ms more than {:.1} ms; read once per run in {:.1} ms",
        (full.saturating_sub(bare)).as_secs_f64() * 1e3,
        bare.as_secs_f64() * 1e3,
        read.as_secs_f64() * 1e3
    );
    assert!(more <= 1024 * 1024, "{more} bytes");
    // Ten times what is promised of a machine that does nothing else.
    assert!(
        full.saturating_sub(bare) < Duration::from_secs(1),
        "{full:?}"
    );

    let mode = |path: &str| {
        let meta = fs::metadata(at.join(path)).expect("it is there");
        meta.permissions().mode() & 0o777
    };
    assert_eq!(mode("slack/helpers/first.ts"), 0o444);
    assert_eq!(mode("api-3/actions/function-31.ts"), 0o444);
    assert_eq!(mode("api-3/actions"), 0o555);
    assert_eq!(mode("api-3"), 0o555);
    for open in ["slack", "slack/syncs", "slack/helpers"] {
        assert_eq!(mode(open) & 0o200, 0o200, "{open} is written to");
    }
    assert_eq!(mode(&spec.function_path()) & 0o200, 0o200);
    for hidden in [
        "slack/helpers/login.ts",
        "slack/helpers/credentials.ts",
        "AGENTS.md",
    ] {
        assert!(!at.join(hidden).exists(), "{hidden}");
    }
    for file in files(&at) {
        let text = fs::read(file.path()).expect("a file");
        let text = String::from_utf8_lossy(&text);
        assert!(!text.contains(KEY), "{}", file.path().display());
        assert!(
            !text.contains("recorded recorded"),
            "{}",
            file.path().display()
        );
    }
    countersign::os::files::remove_all(dir.path()).expect("it goes");
}
