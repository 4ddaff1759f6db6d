//! Runs programs inside walls.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::isolation::{Isolation, IsolationReport};
use super::output::collect;
use super::request::{EXEC, SandboxRefusal, SandboxReport, SandboxRequest, Task};
use super::shell;
use crate::domain::limits;
use crate::domain::program::{Program, ProgramEnd, Unsandboxed};

/// Why a program did not run, or nobody knows how it ended.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The machine gives no walls.
    #[error(
        "this machine gives no walls for agents: {}. User namespaces are needed (where they are switched off: \
         `sysctl kernel.apparmor_restrict_unprivileged_userns=0`; in a container a seccomp profile that allows \
         `unshare` and `mount`, and an unmasked `/proc`: `--security-opt seccomp=… --security-opt systempaths=unconfined`), \
         or a kernel with Landlock ABI 4 (Linux 6.7). To work without walls all the same, which gives every agent the \
         rights of this process, say `--allow-unsandboxed`",
        .tried.join("; ")
    )]
    NoWalls {
        /// Why each kind of walls does not stand.
        tried: Vec<String>,
    },
    /// The walls could not be put up for this program.
    #[error("the sandbox could not start {program}: {refusal}")]
    Refused {
        /// What was to be run.
        program: String,
        /// The step that failed.
        #[source]
        refusal: SandboxRefusal,
    },
    /// It was cancelled, and nothing of it is left.
    #[error("the program was cancelled")]
    Cancelled,
    /// The process around the program could not be started or died.
    #[error("the sandbox's own process failed ({step}): {source}")]
    Supervisor {
        /// What was to be done.
        step: &'static str,
        /// What the machine said.
        source: io::Error,
    },
}

fn supervisor(step: &'static str) -> impl FnOnce(io::Error) -> SandboxError {
    move |source| SandboxError::Supervisor { step, source }
}

/// Runs programs inside the strongest walls that this machine gives. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pub(super) exe: PathBuf,
    pub(super) unsandboxed: Unsandboxed,
    pub(super) probed: Arc<OnceCell<IsolationReport>>,
}

impl Sandbox {
    /// A sandbox whose walls are made by `exe`: our own program, which answers to hidden commands.
    pub fn new(exe: PathBuf) -> Self {
        Self {
            exe,
            unsandboxed: Unsandboxed::Refused,
            probed: Arc::new(OnceCell::new()),
        }
    }

    /// The same, but with the operator's word on what to do without walls.
    pub fn without_walls(self, unsandboxed: Unsandboxed) -> Self {
        Self {
            unsandboxed,
            ..self
        }
    }

    /// The same, but with exactly these walls, and without trying them: where the strongest are known to disturb, and
    /// for tests.
    pub fn at(self, isolation: Isolation) -> Self {
        let found = IsolationReport {
            isolation,
            tried: vec![],
            stronger: vec![],
        };
        Self {
            probed: Arc::new(OnceCell::new_with(Some(found))),
            ..self
        }
    }

    /// Writes the wrapper that an agent's shell tool is to call into `dir`, and says where it is.
    ///
    /// # Errors
    /// Those of [`Self::isolation`], and when the file cannot be written.
    pub async fn write_shell(&self, dir: &Path) -> Result<PathBuf, SandboxError> {
        let found = self.isolation().await?;
        shell::write(dir, &self.exe, found.isolation)
            .map_err(supervisor("write the shell's wrapper"))
    }

    /// Runs a program to its end, its time, or its cancelling; afterwards nothing that it started is alive. Output
    /// beyond [`limits::PROGRAM_OUTPUT_BYTES`] is dropped. When this future is dropped the program ends as well.
    ///
    /// # Errors
    /// When it could not be started, or was cancelled. A program that fails is no error.
    pub async fn run(
        &self,
        program: &Program,
        cancel: CancellationToken,
    ) -> Result<ProgramEnd, SandboxError> {
        let request = SandboxRequest {
            task: Task::Program(program.argv.clone()),
            cwd: program.cwd.clone(),
            walled: program.walled.clone(),
            seconds: program.seconds,
            isolation: self.isolation().await?.isolation,
        };
        self.carry_out(&request, cancel).await
    }

    /// Starts a supervisor with this request, and waits for its end.
    pub(super) async fn carry_out(
        &self,
        request: &SandboxRequest,
        cancel: CancellationToken,
    ) -> Result<ProgramEnd, SandboxError> {
        let began = Instant::now();
        let (leash, theirs) =
            std::os::unix::net::UnixStream::pair().map_err(supervisor("make a leash"))?;
        leash
            .set_nonblocking(true)
            .map_err(supervisor("make a leash"))?;
        let mut leash = UnixStream::from_std(leash).map_err(supervisor("make a leash"))?;
        let mut child = Command::new(&self.exe)
            .arg(EXEC)
            .env_clear()
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(supervisor("start"))?;
        let stdout = collect(child.stdout.take());
        let stderr = collect(child.stderr.take());

        // The supervisor counts the program's own time.
        let longest = Duration::from_secs(request.seconds.min(limits::PROGRAM_SECONDS))
            * limits::OWN_TIME_SLOWEST;
        let patience = longest + Duration::from_secs(2 * limits::SWEEP_SECONDS);
        let spoken = tokio::select! {
            spoken = timeout(patience, converse(&mut leash, request)) => spoken,
            () = cancel.cancelled() => {
                drop(leash);
                bury(&mut child).await;
                return Err(SandboxError::Cancelled);
            }
        };
        drop(leash);
        bury(&mut child).await;
        let report = spoken
            .unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut)))
            .map_err(supervisor("hear how the program ended"))?;
        let (code, timed_out) = match report {
            SandboxReport::Exited(code) => (Some(code), false),
            SandboxReport::TimedOut => (None, true),
            SandboxReport::LetGo => return Err(SandboxError::Cancelled),
            SandboxReport::Refused(refusal) => {
                return Err(SandboxError::Refused {
                    program: name_of(&request.task),
                    refusal,
                });
            }
        };
        Ok(ProgramEnd {
            code,
            timed_out,
            stdout: stdout.text().await,
            stderr: stderr.text().await,
            took_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }
}

/// Gives the request and waits for the report.
async fn converse(leash: &mut UnixStream, request: &SandboxRequest) -> io::Result<SandboxReport> {
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    if line.len() as u64 > limits::ORDER_BYTES {
        return Err(io::Error::other("arguments and environment are too large"));
    }
    leash.write_all(&line).await?;
    let mut answer = String::new();
    BufReader::new(leash.take(limits::ORDER_BYTES))
        .read_line(&mut answer)
        .await?;
    serde_json::from_str(&answer).map_err(io::Error::other)
}

/// Waits for the supervisor, whose leash is cut; kills it when it takes longer than it may.
async fn bury(child: &mut Child) {
    let patience = Duration::from_secs(limits::SWEEP_SECONDS + 2);
    if timeout(patience, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

fn name_of(task: &Task) -> String {
    match task {
        Task::Program(argv) => argv.first().cloned().unwrap_or_default(),
        Task::SelfTest(_) => "the checks".into(),
    }
}
