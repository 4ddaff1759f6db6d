//! `countersign run`: the pipeline on a local repository, told in the terminal.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use crate::app::{App, Setup};
use crate::cli::RunArgs;
use crate::domain::name::{InteractionKey, RunId, Sha};
use crate::domain::pull::Request;
use crate::domain::settings::Settings;
use crate::domain::view::View;
use crate::edge::git::{Author, Mirror, NewCommit};
use crate::edge::store::Store;
use crate::exit;
use crate::pipeline;
use crate::report::terminal::{self, Live, Manner};
use crate::stage::callback::{CallBack, Why};
use crate::stage::fault::Fault;
use crate::stage::run_log::RunLog;

use super::{CommandError, check, stop_on_signal};

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
    let root = std::fs::canonicalize(&args.repository).map_err(CommandError::fault)?;
    let only = args
        .specs
        .iter()
        .map(|spec| key(&root, spec))
        .collect::<Result<Vec<_>, _>>()?;
    let base = base(&repository, args.base.as_deref())?;
    let app = App::open(Setup {
        state: &args.state,
        nango: secret,
        nango_hostport: &args.nango.nango_hostport,
        agent: &args.agent,
        github: None,
        progress: &|words| eprintln!("{words}"),
    })
    .await?;
    let head = head_with_work_tree(&repository, &root, app.now_ms())?;
    let nonce = format!("{} {}", app.now_ms(), std::process::id());
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
        println!(
            "{}",
            serde_json::to_string_pretty(&view).map_err(CommandError::fault)?
        );
    } else {
        print!("{}", terminal::report(&view));
    }
    Ok(exit::of_run(&view))
}

/// Carries the run out while its log is shown.
async fn follow(app: Arc<App>, request: Request, manner: Manner) -> Result<View, CommandError> {
    app.store
        .begin(&request)
        .await
        .map_err(CommandError::fault)?;
    let stop = stop_on_signal();
    let callback = CallBack::default();
    let log = RunLog::new(app.store.clone(), request.run.clone(), None);
    let working = {
        let (app, callback) = (app.clone(), callback.clone());
        tokio::spawn(async move { pipeline::run(&app, &log, &callback).await })
    };
    tokio::spawn(async move {
        stop.cancelled().await;
        callback.call(Why::Asked("it was interrupted".into()));
    });
    let mut live = Live::new(manner);
    let shown = show(&app.store, &request.run, &mut live, working).await;
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

/// `integration/name`, or the path of its spec.
fn key(root: &Path, spec: &str) -> Result<InteractionKey, CommandError> {
    if let Ok(key) = spec.parse::<InteractionKey>() {
        return Ok(key);
    }
    let path = Path::new(spec);
    let real = std::fs::canonicalize(path).or_else(|_| std::fs::canonicalize(root.join(path)));
    let real = real.map_err(|e| {
        CommandError::Usage(format!(
            "{spec} is neither a spec file ({e}) nor integration/name"
        ))
    })?;
    let parts: Vec<&str> = real
        .components()
        .filter_map(|part| part.as_os_str().to_str())
        .collect();
    let name = match parts.as_slice() {
        [.., integration, file] => file
            .strip_suffix(".yaml")
            .map(|name| format!("{integration}/{name}")),
        _ => None,
    };
    name.and_then(|name| name.parse().ok()).ok_or_else(|| {
        CommandError::Usage(format!(
            "{spec} is not a spec: specs are interactions/<integration>/<name>.yaml"
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
        Some(name) => resolve(name)?.ok_or_else(|| {
            CommandError::Usage(format!("there is no branch or commit {name} here"))
        }),
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
fn head_with_work_tree(repository: &Mirror, root: &Path, at_ms: i64) -> Result<Sha, CommandError> {
    let git = |e: crate::edge::git::GitError| CommandError::Usage(e.to_string());
    let head = repository.resolve("HEAD").map_err(git)?.ok_or_else(|| {
        CommandError::Usage("the repository has no commit yet; make one first".into())
    })?;
    let settings = Settings::default();
    let there: BTreeMap<String, Vec<u8>> = check::files(root, &settings)?.into_iter().collect();
    let committed = repository
        .list(&head, &settings.interactions)
        .map_err(git)?;
    let gone = committed
        .into_iter()
        .map(|file| file.path)
        .filter(|path| !there.contains_key(path));
    let mut edits: BTreeMap<String, Option<Vec<u8>>> = gone.map(|path| (path, None)).collect();
    edits.extend(
        there
            .into_iter()
            .map(|(path, content)| (path, Some(content))),
    );
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
