//! A place in which a case is played: a workspace, a witness with checkers, and an API behind it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use countersign::domain::limits;
use countersign::domain::name::{AttemptId, RunId};
use countersign::domain::program::{Program, Walled};
use countersign::domain::settings::Mode;
use countersign::domain::spec::{Kind, Spec};
use countersign::domain::tape::Phase;
use countersign::edge::nango::{Checkers, Template, Workspace, environment, lay_private};
use countersign::edge::sandbox::{Isolation, Sandbox};
use countersign::edge::witness::{
    Admission, Aside, MetadataWrites, Witness, WitnessAccess, WitnessConfig,
};
use nix::sys::resource::{UsageWho, getrusage};
use serde_json::json;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use walkdir::WalkDir;

use super::cases::{Case, words};
use crate::support::sandbox::exe;
use crate::support::tools::{run, spec, template};

const QUIET: [&str; 3] = [
    "--auto-confirm",
    "--no-interactive",
    "--no-dependency-update",
];

/// What a command did.
pub struct Played {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    /// What lay in the workspace afterwards.
    pub files: BTreeMap<String, Vec<u8>>,
    /// CPU-seconds of the command and all that it started.
    pub cpu: f64,
    /// CPU-seconds that the checkers spent meanwhile.
    pub checker_cpu: f64,
}

/// The place.
pub struct Scene {
    template: Template,
    spec: Spec,
    dir: TempDir,
    witness: Witness,
    access: WitnessAccess,
    answers: Arc<AtomicUsize>,
}

/// Enough of Nango's API for a function that gets one event.
async fn api(request: Request) -> Response {
    let target = request.uri().to_string();
    let begins = |path: &str| target.starts_with(path);
    let body = match &target {
        _ if begins("/connections") => {
            json!({ "connections": [{ "provider_config_key": "calendar" }] })
        }
        _ if begins("/connection/") => {
            json!({ "id": 1, "connection_id": "cal", "provider_config_key": "calendar" })
        }
        _ if begins("/integrations/") => json!({ "data": { "provider": "google-calendar" } }),
        _ if begins("/proxy/refused/") => {
            let body = json!({ "error": { "message": "not for you" } });
            return (StatusCode::FORBIDDEN, axum::Json(body)).into_response();
        }
        _ if begins("/proxy/broken/") => return StatusCode::BAD_GATEWAY.into_response(),
        _ if target.contains("/pages") && target.contains("cursor=") => {
            json!({ "items": [{ "id": "3" }] })
        }
        _ if target.contains("/pages") => {
            json!({ "items": [{ "id": "1", "summary": "a" }, { "id": "2" }], "next": "n" })
        }
        _ => json!({ "id": "1", "summary": "S" }),
    };
    axum::Json(body).into_response()
}

impl Scene {
    pub async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let upstream = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(api)).await });
        let template = template();
        let checkers = Checkers::beside(&template);
        let answers = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&answers);
        let witness = Witness::start(WitnessConfig {
            upstream,
            secret: super::super::nango::SECRET.into(),
            patience: Duration::from_secs(limits::WIRE_SECONDS),
            now: Arc::new(|| 0),
            aside: Aside::new(move |template, question| {
                let (checkers, count) = (checkers.clone(), Arc::clone(&count));
                async move {
                    let answer = checkers.ask(&template, &question).await?;
                    let is_plain = answer.starts_with(b"{\"plain\"");
                    count.fetch_add(usize::from(!is_plain), Ordering::SeqCst);
                    Some(answer)
                }
            }),
        })
        .await
        .expect("a witness");
        let spec = spec("calendar/get-event", Kind::Action, None);
        let access = witness
            .admit(Admission {
                attempt: AttemptId {
                    run: RunId::from_cause(&["quick"]),
                    interaction: spec.key.clone(),
                    number: 1,
                },
                connection: "cal".into(),
                integration_id: "calendar".into(),
                mode: Mode::Permissive,
                metadata: MetadataWrites::Refused,
            })
            .expect("access");
        let dir = tempfile::tempdir().expect("a folder");
        Self {
            template,
            spec,
            dir,
            witness,
            access,
            answers,
        }
    }

    /// How often a checker said something.
    pub fn answers(&self) -> usize {
        self.answers.load(Ordering::SeqCst)
    }

    /// As a person would who has the pinned CLI alone, and compiles before each dry run.
    pub async fn plain(&self, case: &Case) -> Vec<Played> {
        let tools = self.template.tools();
        let first = self.template.bin().join("../compile_first.mjs");
        self.play(case, None, |verb| match verb {
            "compile" => vec![tools.node.clone(), tools.nango.clone()],
            _ => vec![tools.node.clone(), first.clone(), tools.nango.clone()],
        })
        .await
    }

    /// As an agent does.
    pub async fn quick(&self, case: &Case) -> Vec<Played> {
        let nango = self.template.bin().join("nango");
        self.play(case, None, |_| vec![nango.clone()]).await
    }

    /// The same behind walls.
    pub async fn behind(&self, walls: Isolation, case: &Case) -> Vec<Played> {
        let nango = self.template.bin().join("nango");
        self.play(case, Some(walls), |_| vec![nango.clone()]).await
    }

    async fn play(
        &self,
        case: &Case,
        walls: Option<Isolation>,
        begin: impl Fn(&str) -> Vec<PathBuf>,
    ) -> Vec<Played> {
        let (project, private) = (
            self.dir.path().join("workspace"),
            self.dir.path().join("own"),
        );
        for folder in [&project, &private] {
            let _ = fs::remove_dir_all(folder);
        }
        lay_private(&private).expect("folders");
        Workspace::lay(&self.template, &project, &self.spec, b"").expect("a workspace");
        for (path, text) in &case.files {
            let path = project.join(path);
            match text {
                Some(text) => {
                    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
                    fs::write(&path, text).expect("a file");
                }
                None => fs::remove_file(&path).expect("it was there"),
            }
        }
        let mut played = Vec::new();
        for command in &case.commands {
            let words = words(command);
            let mut argv: Vec<String> = begin(&words[0])
                .iter()
                .map(|path| path.to_string_lossy().into_owned())
                .collect();
            let is_wrapper = argv.len() == 1;
            argv.extend(words);
            if !is_wrapper {
                argv.extend(QUIET.map(str::to_owned));
            }
            let port = Some(self.witness.port());
            let program = Program {
                argv,
                cwd: project.clone(),
                walled: Walled {
                    env: environment(
                        &self.template,
                        &private,
                        port,
                        &self.access.key(Phase::Agent),
                    ),
                    writable: vec![project.clone(), private.clone()],
                    readable: self.template.readable(),
                    port,
                },
                seconds: 300,
            };
            let (before, checkers) = (children_cpu(), checkers_cpu());
            let end = match walls {
                Some(walls) => Sandbox::new(exe())
                    .at(walls)
                    .run(&program, CancellationToken::new())
                    .await
                    .expect("it starts"),
                None => tokio::task::spawn_blocking(move || run(&program))
                    .await
                    .expect("the program ran"),
            };
            played.push(Played {
                code: end.code,
                stdout: without_ours(&end.stdout),
                stderr: without_ours(&end.stderr),
                files: files(&project),
                cpu: children_cpu() - before,
                checker_cpu: checkers_cpu() - checkers,
            });
        }
        played
    }
}

/// Without the frames of our own scripts around the pinned CLI, where it prints a stack.
fn without_ours(said: &str) -> String {
    let ours = ["/compile_first.mjs:", "/heard.cjs:", "/typescript.cjs:"];
    let is_ours = |line: &&str| {
        line.starts_with("    at ") && ours.iter().any(|script| line.contains(script))
    };
    let lines = said.split_inclusive('\n');
    lines.filter(|line| !is_ours(line)).collect()
}

/// All files but packages; the API's clock is left out.
fn files(project: &Path) -> BTreeMap<String, Vec<u8>> {
    WalkDir::new(project)
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(project).expect("inside");
            let bytes = fs::read(entry.path()).expect("a file");
            let is_recording = path.to_string_lossy().ends_with(".test.json");
            let text = String::from_utf8_lossy(&bytes);
            let without = text
                .lines()
                .filter(|line| !line.trim().starts_with("\"date\": "));
            let bytes = match is_recording {
                true => without.collect::<Vec<_>>().join("\n").into_bytes(),
                false => bytes,
            };
            (path.to_string_lossy().into_owned(), bytes)
        })
        .collect()
}

/// CPU-seconds of children that have ended, and of theirs.
fn children_cpu() -> f64 {
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage");
    let seconds =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    seconds(used.user_time()) + seconds(used.system_time())
}

/// The checkers that this process started.
pub fn checker_processes() -> Vec<i32> {
    processes()
        .into_iter()
        .filter(|(pid, parent, _)| {
            let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let is_checker = String::from_utf8_lossy(&command).contains("/quick/checker.cjs");
            is_checker && u32::try_from(*parent) == Ok(std::process::id())
        })
        .map(|(pid, _, _)| pid)
        .collect()
}

fn checkers_cpu() -> f64 {
    let checkers = checker_processes();
    let ticks: u64 = processes()
        .into_iter()
        .filter(|(pid, parent, _)| checkers.contains(pid) || checkers.contains(parent))
        .map(|(_, _, ticks)| ticks)
        .sum();
    ticks as f64 / 100.0
}

/// Number, parent and ticks of every process.
fn processes() -> Vec<(i32, i32, u64)> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let (_, rest) = stat.rsplit_once(") ")?;
            let fields: Vec<&str> = rest.split(' ').collect();
            let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
            let parent = fields.get(1)?.parse().ok()?;
            Some((pid, parent, number(11)? + number(12)?))
        })
        .collect()
}
