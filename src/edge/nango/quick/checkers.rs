//! The warm checkers: one process for each template that is asked for, started when it is, ended with us.
//!
//! A checker runs nothing that an agent wrote and is told sources by content, so it may live outside of the walls. What it
//! answers belongs to who asked: a process has one question at a time, and one whose answer nobody waited for is ended,
//! never asked again.

use std::collections::{HashSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use super::super::template::Template;
use super::{CHECKER, FOLDER, MADE};
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::os::own_clock::{OwnClock, TimeIsUp};
use crate::os::process;

/// By the name of its template.
type Named = (String, Arc<Checker>);

/// The checkers of all templates in a folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Checkers {
    templates: PathBuf,
    node: PathBuf,
    running: Arc<Lock<VecDeque<Named>>>,
}

impl Checkers {
    /// Those of `template` and the ones beside it, which share its Node. Starts nothing yet.
    pub fn beside(template: &Template) -> Self {
        Self {
            templates: template.folder(),
            node: template.tools().node.clone(),
            running: Arc::default(),
        }
    }

    /// The answer of the checker of a template, by [`Template::id`]; a line of JSON each. Nothing when there is none: no
    /// such template, a question that is too large or took more of the process's own time than [`limits::CHECK_SECONDS`], a process
    /// that died.
    pub async fn ask(&self, template: &str, question: &[u8]) -> Option<Vec<u8>> {
        if question.len() > limits::CHECK_BYTES || question.contains(&b'\n') {
            return None;
        }
        self.of(template)?.ask(question).await
    }

    /// The one that was idle longest makes room for another.
    fn of(&self, template: &str) -> Option<Arc<Checker>> {
        let named =
            !template.is_empty() && template.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let root = self.templates.join(template);
        if !named || !root.join(FOLDER).join(MADE).is_file() {
            return None;
        }
        // As the commands of workspaces call it.
        let cli = fs::canonicalize(root.join("node_modules/nango/dist/index.js")).ok()?;
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let found = running.iter().position(|(name, _)| name == template);
        let entry = found.and_then(|at| running.remove(at)).unwrap_or_else(|| {
            let checker = Checker {
                script: root.join(FOLDER).join(CHECKER),
                cli,
                node: self.node.clone(),
                process: Mutex::default(),
                endless: Lock::default(),
            };
            (template.to_owned(), Arc::new(checker))
        });
        let checker = Arc::clone(&entry.1);
        running.push_back(entry);
        if running.len() > limits::CHECKERS {
            running.pop_front();
        }
        Some(checker)
    }
}

/// The checker of one template.
#[derive(Debug)]
struct Checker {
    script: PathBuf,
    cli: PathBuf,
    node: PathBuf,
    process: Mutex<Option<Process>>,
    /// Questions that took too long: asked again, they would cost everybody a fresh start.
    endless: Lock<HashSet<Digest>>,
}

impl Checker {
    async fn ask(&self, question: &[u8]) -> Option<Vec<u8>> {
        let digest = Digest::of(question);
        if self
            .endless
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&digest)
        {
            return None;
        }
        let mut place = self.process.lock().await;
        let limit = Duration::from_secs(limits::CHECK_SECONDS);
        loop {
            // Taken out: whatever interrupts us, a process with an answer that is still to come is not there for the next.
            let known = place.take();
            let is_fresh = known.is_none();
            let mut process = match known {
                Some(process) => process,
                None => Process::start(&self.node, &self.script, &self.cli)
                    .inspect_err(|error| tracing::warn!(%error, "no checker could be started"))
                    .ok()?,
            };
            match process.clock().within(limit, process.ask(question)).await {
                Ok(Ok(answer)) => {
                    *place = Some(process);
                    return Some(answer);
                }
                // It may have ended after the answer before, which is no fault of this question.
                Ok(Err(error)) if !is_fresh => {
                    tracing::info!(%error, "a checker ended; another is started");
                }
                Ok(Err(error)) => {
                    tracing::info!(%error, "a checker ended without an answer");
                    return None;
                }
                Err(TimeIsUp) => {
                    let mut endless = self.endless.lock().unwrap_or_else(PoisonError::into_inner);
                    if endless.len() < limits::CHECKS_REFUSED {
                        endless.insert(digest);
                    }
                    return None;
                }
            }
        }
    }
}

/// A running checker; killed when it is dropped.
#[derive(Debug)]
struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    _empty: TempDir,
}

impl Process {
    fn start(node: &Path, script: &Path, cli: &Path) -> io::Result<Self> {
        let empty = tempfile::Builder::new().prefix("checker-").tempdir()?;
        let mut command = Command::new(node);
        command
            .arg(format!("--max-old-space-size={}", limits::CHECKER_HEAP_MB))
            .args([
                "--max-semi-space-size=32",
                "--single-threaded-gc",
                "--expose-gc",
            ])
            .args([script, cli])
            .current_dir(empty.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", empty.path())
            .env("TMPDIR", empty.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        // SAFETY: setpriority is async-signal-safe and touches no memory.
        unsafe {
            command.pre_exec(|| {
                process::give_way(limits::AGENT_NICENESS);
                Ok(())
            });
        }
        let mut child = command.spawn()?;
        let gone = || io::Error::other("a pipe is missing");
        Ok(Self {
            questions: child.stdin.take().ok_or_else(gone)?,
            answers: BufReader::new(child.stdout.take().ok_or_else(gone)?),
            child,
            _empty: empty,
        })
    }

    /// Its own time from now on: on a busy machine it waits for a core behind all who do not give way.
    fn clock(&self) -> OwnClock {
        match self.child.id() {
            Some(pid) => OwnClock::of_process(limits::OWN_TIME_SLOWEST, pid),
            None => OwnClock::plain(),
        }
    }

    async fn ask(&mut self, question: &[u8]) -> io::Result<Vec<u8>> {
        self.questions.write_all(question).await?;
        self.questions.write_all(b"\n").await?;
        let mut answer = Vec::new();
        let most = limits::CHECK_BYTES as u64;
        (&mut self.answers)
            .take(most)
            .read_until(b'\n', &mut answer)
            .await?;
        if answer.pop() == Some(b'\n') {
            Ok(answer)
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}
