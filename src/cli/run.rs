//! `countersign run`: the same run on a local repository, told in the terminal.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::app::{App, EngineSetup, Setup};
use crate::cli::args::RunArgs;
use crate::cli::exit_code;
use crate::domain::ending::CancelReason;
use crate::domain::name::{InteractionKey, RunId, Sha};
use crate::domain::pull::Request;
use crate::domain::settings::Settings;
use crate::domain::view::View;
use crate::edge::git::{Author, GitError, Mirror, NewCommit};
use crate::edge::store::Store;
use crate::report::terminal::{self, Live, Manner};
use crate::rules::specs::{SourceContent, SourceFile, read_settings};
use crate::run::cancel::Cancellation;
use crate::run::fault::{CancelCause, Fault};
use crate::run::log::RunLog;
use crate::run::{self, sources};

use super::error::CommandError;
use super::signals::stop_on_signal;
use super::work_tree;

/// What a branch is compared with when nothing is said, in this order.
const BASES: [&str; 4] = [
    "refs/remotes/origin/HEAD",
    "refs/heads/main",
    "refs/heads/master",
    "HEAD",
];

/// Runs, shows, and tells how it ended.
pub async fn run(args: RunArgs) -> Result<ExitCode, CommandError> {
    let secret = args.nango.secret()?;
    let repository =
        Mirror::local(&args.repository).map_err(|e| CommandError::Usage(e.to_string()))?;
    let git = |e: GitError| CommandError::Usage(e.to_string());
    let top = repository.work_tree().map_err(git)?;
    let root = std::fs::canonicalize(top).map_err(CommandError::fault)?;
    let base = base(&repository, args.base.as_deref())?;
    let settings = settings(&repository, &base)?;
    let there = work_tree::specs(&root, &settings)?;
    let only = args
        .specs
        .iter()
        .map(|spec| key(&root, &settings.interactions, spec, &there))
        .collect::<Result<Vec<_>, _>>()?;
    let app = App::open(Setup {
        state: &args.state,
        nango: secret,
        nango_hostport: &args.nango.nango_hostport,
        agent: &args.agent,
        github: None,
        engine: EngineSetup::InProcess { builds: usize::MAX },
        progress: &|words| eprintln!("{words}"),
    })
    .await?;
    let head = head_with_work_tree(&repository, &root, &settings, there, app.deps.now_ms())?;
    let nonce = format!("{} {}", app.deps.now_ms(), std::process::id());
    let request = Request::local(root.display().to_string(), head, base, nonce, only);
    let view = follow(
        Arc::new(app),
        request,
        if args.json {
            Manner::Silent
        } else {
            Manner::of_stderr()
        },
    )
    .await?;
    if args.json {
        say!(
            "{}",
            serde_json::to_string_pretty(&view).map_err(CommandError::fault)?
        );
    } else {
        say!("{}", terminal::report(&view).trim_end());
    }
    Ok(exit_code::of_run(&view))
}

/// Carries the run out while its log is shown.
async fn follow(app: Arc<App>, request: Request, manner: Manner) -> Result<View, CommandError> {
    app.deps
        .store
        .begin(&request)
        .await
        .map_err(CommandError::fault)?;
    let stop = stop_on_signal("stopping the agents; there will be no branch");
    let cancellation = Cancellation::default();
    let log = RunLog::new(app.deps.store.clone(), request.run.clone(), None);
    let working = {
        let (app, cancellation) = (app.clone(), cancellation.clone());
        tokio::spawn(async move { run::run(&app.deps, &log, &cancellation).await })
    };
    tokio::spawn({
        let app = app.clone();
        async move {
            stop.cancelled().await;
            cancellation.cancel(CancelCause::Asked(CancelReason::Interrupted));
            // No other run uses the agent's server, and one by one its sessions take long to stop.
            app.deps.machine.agent.stop().await;
        }
    });
    let mut live = Live::new(manner);
    let shown = show(&app.deps.store, &request.run, &mut live, working).await;
    app.close().await;
    shown.map_err(|fault| CommandError::Fault(fault.to_string()))?;
    Ok(live.view().clone())
}

/// Shows the log until the work is done and everything of it was shown.
pub async fn show(
    store: &Store,
    run: &RunId,
    live: &mut Live,
    mut working: tokio::task::JoinHandle<Result<(), Fault>>,
) -> Result<(), Fault> {
    let mut news = store.subscribe();
    let mut ended = None;
    loop {
        let after = live.view().latest_seq;
        let events = store
            .events(run, after)
            .await
            .map_err(|e| Fault::passing("read the run's log", e))?;
        events.iter().for_each(|logged| live.show(logged));
        if let Some(ended) = ended {
            return ended;
        }
        tokio::select! {
            done = &mut working => ended = Some(done.map_err(Fault::bug)?),
            // Missed news are read from the log all the same.
            _ = news.recv() => {}
        }
    }
}

/// The settings of the base branch. Where they have errors the run itself says so.
fn settings(repository: &Mirror, base: &Sha) -> Result<Settings, CommandError> {
    let file =
        sources::settings(repository, base).map_err(|e| CommandError::Usage(e.to_string()))?;
    let read = file.and_then(|file| read_settings(&file).ok());
    Ok(read.unwrap_or_default())
}

/// The interaction that `spec` names as `integration/name` or by the path of its file, which must be `there`.
fn key(
    root: &Path,
    interactions: &str,
    spec: &str,
    there: &[SourceFile],
) -> Result<InteractionKey, CommandError> {
    let path = Path::new(spec);
    let file = std::fs::canonicalize(path)
        .or_else(|_| std::fs::canonicalize(root.join(path)))
        .ok()
        .filter(|file| file.is_file());
    let name = match &file {
        Some(file) => file
            .strip_prefix(root.join(interactions))
            .ok()
            .and_then(Path::to_str)
            .and_then(|below| below.strip_suffix(".yaml")),
        None => Some(spec),
    };
    let key = name.and_then(|name| name.parse::<InteractionKey>().ok());
    let is_there = |path: &str| there.iter().any(|file| file.path == path);
    key.filter(|key| is_there(&format!("{interactions}/{key}.yaml")))
        .ok_or_else(|| {
            CommandError::Usage(format!(
                "there is no spec {spec} here; name one as integration/name or by its file, \
                 {interactions}/<integration>/<name>.yaml"
            ))
        })
}

fn base(repository: &Mirror, named: Option<&str>) -> Result<Sha, CommandError> {
    let resolve = |name: &str| {
        repository
            .resolve(name)
            .map_err(|e| CommandError::Usage(e.to_string()))
    };
    match named {
        Some(name) => resolve(name)?
            .ok_or_else(|| CommandError::Usage(format!("there is no branch or tag {name} here"))),
        None => {
            for name in BASES {
                if let Some(sha) = resolve(name)? {
                    return Ok(sha);
                }
            }
            Err(CommandError::Usage(
                "the repository has no commit yet; make one first".into(),
            ))
        }
    }
}

/// The checked-out commit; or, when specs in the work tree are different, a commit on top of it that has them. The work
/// tree and the index stay as they are.
fn head_with_work_tree(
    repository: &Mirror,
    root: &Path,
    settings: &Settings,
    there: Vec<SourceFile>,
    at_ms: i64,
) -> Result<Sha, CommandError> {
    let git = |e: GitError| CommandError::Usage(e.to_string());
    let head = repository.resolve("HEAD").map_err(git)?.ok_or_else(|| {
        CommandError::Usage("the repository has no commit yet; make one first".into())
    })?;
    let committed = repository
        .list(&head, &settings.interactions)
        .map_err(git)?;
    let gone = committed
        .into_iter()
        .map(|file| file.path)
        .filter(|path| !there.iter().any(|file| file.path == *path));
    let mut edits: BTreeMap<String, Option<Vec<u8>>> = gone.map(|path| (path, None)).collect();
    for file in there {
        let content = match file.content {
            SourceContent::Regular(content) => content,
            // The run says how large it is, as it would of one that is committed.
            SourceContent::TooLarge { .. } => std::fs::read(root.join(&file.path))
                .map_err(|e| CommandError::Usage(format!("{}: {e}", file.path)))?,
            SourceContent::Link | SourceContent::Special => {
                committed_as_such(repository, &head, &file.path)?;
                continue;
            }
        };
        edits.insert(file.path, Some(content));
    }
    let new = NewCommit {
        parent: head.clone(),
        edits,
        message: "specs: as they are in the work tree\n".into(),
        author: Author {
            name: "countersign".into(),
            email: "countersign@localhost".into(),
        },
        at_ms,
    };
    Ok(repository.commit(&new).map_err(git)?.unwrap_or(head))
}

/// What is no regular file goes into no commit of ours. Where it is committed already, the run says what is wrong with it.
fn committed_as_such(repository: &Mirror, head: &Sha, path: &str) -> Result<(), CommandError> {
    let committed = repository
        .entry(head, path)
        .map_err(|e| CommandError::Usage(e.to_string()))?;
    if committed.is_some_and(|entry| !entry.mode.is_regular()) {
        return Ok(());
    }
    Err(CommandError::Usage(format!(
        "{path} is no regular file, and links are not followed; put what it leads to in its place, or remove it"
    )))
}
