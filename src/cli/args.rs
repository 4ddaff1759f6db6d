//! The command line: what a person can type. The doc comments are the help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use secrecy::SecretString;

use crate::domain::age::Age;
use crate::domain::connection_event::ConnectionEvent;
use crate::domain::limits;
use crate::domain::name::{InteractionKey, NameError, RepoName};
use crate::domain::spec::Kind;

use crate::config::{
    AgentArgs, ConfigError, EngineArgs, GitHubAddressArgs, GitHubArgs, NangoArgs, StateArgs, token,
};

/// Has coding agents write Nango integrations, believes nothing they say, and checks everything itself.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 all countersigned, 1 something refused or to look at, 2 wrong use or \
                          configuration, 3 our own fault.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make the GitHub App, on a page in your browser, and keep its keys
    Setup(SetupArgs),
    /// Receive webhooks, show pages and do the work, in one process
    Serve(ServeArgs),
    /// Do work that another machine's `serve` has received; Temporal brings them together
    Work(WorkerArgs),
    /// The same pipeline on the local repository; the result is a branch `countersign/<run>`
    Run(RunArgs),
    /// Work off the event of a pull request in a step of a GitHub workflow; there is no server and no App
    Action(ActionArgs),
    /// Read specs and settings and list every error
    Check(CheckArgs),
    /// Make a spec from a sentence
    New(NewArgs),
    /// Make specs for the functions that a Nango project has already
    Import(ImportArgs),
    /// Judge a sealed dossier again
    Judge(JudgeArgs),
    /// Run the probes of a sealed dossier again
    Probe(ProbeArgs),
    /// Show what happened in an attempt, and the way from the cause to what was found
    Trace(TraceArgs),
    /// Take the evidence of old runs away; `serve` does so once a day
    Prune(PruneArgs),
    /// Say what is there, what is missing, and how to get it
    Doctor(DoctorArgs),
    #[cfg(feature = "demo")]
    /// Play a pull request with honest and lying agents; needs no account and no key
    Demo(DemoArgs),
}

/// `countersign setup`
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// The organisation that the App belongs to [default: your own account]
    #[arg(long, value_name = "LOGIN", value_parser = login)]
    pub organization: Option<String>,
    /// The App's name; every App on GitHub has another
    #[arg(long, default_value = "Countersign", value_name = "NAME")]
    pub name: String,
    /// Where GitHub sends webhooks: `https://<your host>/webhook`. Without one they are fetched
    #[arg(long, value_name = "URL")]
    pub webhook: Option<String>,
    /// Address of the page; for a machine behind ssh, one with a port that you forward
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    pub bind: std::net::SocketAddr,
    /// Where GitHub is
    #[command(flatten)]
    pub at: GitHubAddressArgs,
    /// Where things are kept
    #[command(flatten)]
    pub state: StateArgs,
}

/// An account's name, as GitHub allows it.
fn login(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    match !text.is_empty() && text.len() <= 39 && text.chars().all(is_plain) {
        true => Ok(text.to_owned()),
        false => Err("it is no name of an account".into()),
    }
}

/// `countersign serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Address to listen on: webhooks at /webhook, health at /healthz and /readyz, metrics at /metrics, pages at /
    #[arg(
        long,
        env = "COUNTERSIGN_BIND",
        default_value = "127.0.0.1:3000",
        value_name = "ADDRESS"
    )]
    pub bind: std::net::SocketAddr,
    /// Seconds between two looks for webhooks that did not arrive; a server that GitHub cannot reach works with these alone,
    /// every 10 seconds for example
    #[arg(
        long,
        env = "COUNTERSIGN_MISSED_SECONDS",
        default_value_t = limits::MISSED_SECONDS,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=86_400)
    )]
    pub missed_seconds: u64,
    /// How long the evidence of a run is kept after it has ended: `90d`, `2w`, `12h`, or `always`
    #[arg(
        long,
        env = "COUNTERSIGN_KEEP_EVIDENCE",
        default_value_t = Age::days(limits::EVIDENCE_DAYS),
        value_name = "AGE"
    )]
    pub keep_evidence: Age,
    /// The work
    #[command(flatten)]
    pub work: WorkArgs,
}

/// `countersign work`
#[derive(Debug, Args)]
pub struct WorkerArgs {
    /// Address to listen on for whoever operates it: /healthz, /readyz and /metrics [default: none]
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<std::net::SocketAddr>,
    /// The work
    #[command(flatten)]
    pub work: WorkArgs,
}

/// What every process that works has to know.
#[derive(Debug, Args)]
pub struct WorkArgs {
    /// Many machines
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Agents that work at once in this process, of all repositories together; repositories take turns
    #[arg(long, env = "COUNTERSIGN_BUILDS", default_value_t = limits::BUILDS, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub builds: u16,
    /// One JSON object per line instead of text in the log
    #[arg(long, env = "COUNTERSIGN_LOG_JSON")]
    pub log_json: bool,
    /// The GitHub App
    #[command(flatten)]
    pub github: GitHubArgs,
    /// Nango
    #[command(flatten)]
    pub nango: NangoArgs,
    /// The coding agent
    #[command(flatten)]
    pub agent: AgentArgs,
    /// Where things are kept
    #[command(flatten)]
    pub state: StateArgs,
}

/// `countersign run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Spec files or `integration/name`; all that the branch changes when none is named
    #[arg(value_name = "SPEC")]
    pub specs: Vec<String>,
    /// The repository
    #[arg(long, short = 'C', default_value = ".", value_name = "DIR")]
    pub repository: PathBuf,
    /// What the branch is compared with [default: origin/HEAD, main or master]
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Print the run as one JSON object
    #[arg(long)]
    pub json: bool,
    /// Nango
    #[command(flatten)]
    pub nango: NangoArgs,
    /// The coding agent
    #[command(flatten)]
    pub agent: AgentArgs,
    /// Where things are kept
    #[command(flatten)]
    pub state: StateArgs,
}

/// `countersign action`
#[derive(Debug, Args)]
pub struct ActionArgs {
    /// File with the event that the workflow was started by
    #[arg(long, env = "GITHUB_EVENT_PATH", value_name = "FILE")]
    pub event: PathBuf,
    /// The event's name: pull_request, issue_comment, …
    #[arg(long, env = "GITHUB_EVENT_NAME", value_name = "NAME")]
    pub event_name: String,
    /// What tells this run of the workflow from others
    #[arg(
        long,
        env = "GITHUB_RUN_ID",
        default_value = "",
        value_name = "ID",
        hide = true
    )]
    pub run: String,
    /// What tells this try of it from others
    #[arg(
        long,
        env = "GITHUB_RUN_ATTEMPT",
        default_value = "",
        value_name = "N",
        hide = true
    )]
    pub attempt: String,
    /// The account that writes with the token in GITHUB_TOKEN; with the token of an App it is `<slug>[bot]`
    #[arg(
        long,
        env = "COUNTERSIGN_LOGIN",
        default_value = "github-actions[bot]",
        value_name = "LOGIN"
    )]
    pub login: String,
    /// File that the report is appended to, as Markdown
    #[arg(long, env = "GITHUB_STEP_SUMMARY", value_name = "FILE")]
    pub summary: Option<PathBuf>,
    /// File that `run`, `conclusion` and `commit` are appended to, for later steps
    #[arg(long, env = "GITHUB_OUTPUT", value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Agents that work at once
    #[arg(long, env = "COUNTERSIGN_BUILDS", default_value_t = limits::BUILDS, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub builds: u16,
    /// Where GitHub is
    #[command(flatten)]
    pub github: GitHubAddressArgs,
    /// Nango
    #[command(flatten)]
    pub nango: NangoArgs,
    /// The coding agent
    #[command(flatten)]
    pub agent: AgentArgs,
    /// Where things are kept
    #[command(flatten)]
    pub state: StateArgs,
}

impl ActionArgs {
    /// The workflow's token, from `GITHUB_TOKEN` only: what is on a command line can be read by others.
    pub fn token(&self) -> Result<SecretString, ConfigError> {
        token("GITHUB_TOKEN")
    }
}

/// `countersign check`
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Spec files; all of the repository when none is named
    #[arg(value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// The repository
    #[arg(long, short = 'C', default_value = ".", value_name = "DIR")]
    pub repository: PathBuf,
    /// Print a JSON Schema instead
    #[arg(long, value_name = "WHICH", num_args = 0..=1, default_missing_value = "spec")]
    pub schema: Option<SchemaArg>,
    /// Say, too, how many tokens agents are told
    #[arg(long, conflicts_with = "schema")]
    pub tokens: bool,
}

/// Which JSON Schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SchemaArg {
    /// `interactions/<integration>/<name>.yaml`
    Spec,
    /// `interactions/<integration>/integration.yaml`
    Integration,
    /// `.github/countersign.yml`
    Settings,
}

/// `countersign new`
#[derive(Debug, Args)]
pub struct NewArgs {
    /// The interaction: `slack/post-message`
    #[arg(value_name = "INTEGRATION/NAME")]
    pub interaction: InteractionKey,
    /// What it does, in a sentence or two
    #[arg(value_name = "SENTENCE", required = true)]
    pub sentence: Vec<String>,
    /// Action or sync; by the sound of the sentence when absent
    #[arg(long)]
    pub kind: Option<KindArg>,
    /// An on-event function: what it runs at
    #[arg(long, value_name = "EVENT", conflicts_with = "kind")]
    pub on_event: Option<EventArg>,
    /// A page that says how the API works; may be given several times
    #[arg(long, value_name = "URL")]
    pub docs: Vec<String>,
    /// Nango's connection id of the test account
    #[arg(long, value_name = "ID")]
    pub connection: Option<String>,
    /// The Nango project, where the repository has several
    #[arg(long, value_name = "DIR")]
    pub project: Option<String>,
    /// The repository
    #[arg(long, short = 'C', default_value = ".", value_name = "DIR")]
    pub repository: PathBuf,
}

/// Action or sync.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum KindArg {
    /// Called once, answers once
    Action,
    /// Runs again and again and keeps records fresh
    Sync,
}

impl From<KindArg> for Kind {
    fn from(kind: KindArg) -> Self {
        match kind {
            KindArg::Action => Kind::Action,
            KindArg::Sync => Kind::Sync,
        }
    }
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum EventArg {
    /// Somebody has connected
    PostConnectionCreation,
    /// A connection is about to be deleted; needs a connection of its own for its dry runs
    PreConnectionDeletion,
    /// Nango asks whether a connection works
    ValidateConnection,
}

impl From<EventArg> for ConnectionEvent {
    fn from(event: EventArg) -> Self {
        match event {
            EventArg::PostConnectionCreation => ConnectionEvent::PostConnectionCreation,
            EventArg::PreConnectionDeletion => ConnectionEvent::PreConnectionDeletion,
            EventArg::ValidateConnection => ConnectionEvent::ValidateConnection,
        }
    }
}

/// `countersign import`
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The Nango project
    #[arg(value_name = "DIR", default_value = "nango-integrations")]
    pub project: PathBuf,
    /// Nango's connection id of the test account, for all integrations that name none yet
    #[arg(long, value_name = "ID")]
    pub connection: Option<String>,
}

/// `countersign judge`
#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// The dossier: its JSON file, or its digest where evidence is kept
    pub dossier: String,
    /// Where things are kept
    #[command(flatten)]
    pub state: StateArgs,
}

/// `countersign probe`
#[derive(Debug, Args)]
pub struct ProbeArgs {
    /// The dossier: its JSON file, or its digest where evidence is kept
    pub dossier: String,
    /// This probe alone: `changed-answers`
    #[arg(long, value_name = "PROBE")]
    pub only: Option<String>,
    /// Where things are kept
    #[command(flatten)]
    pub state: StateArgs,
}

/// `countersign trace`
#[derive(Debug, Args)]
pub struct TraceArgs {
    /// The dossier: its JSON file, or its digest where evidence is kept
    pub dossier: String,
    /// Where things are kept
    #[command(flatten)]
    pub state: StateArgs,
}

/// `countersign prune`
#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Runs that ended before that: `90d`, `2w`, `12h`
    #[arg(long, default_value_t = Age::days(limits::EVIDENCE_DAYS), value_name = "AGE")]
    pub older_than: Age,
    /// Those of this pull request alone: `owner/repository#7`
    #[arg(long, value_name = "PULL", value_parser = place)]
    pub pull: Option<String>,
    /// Say what would go, and leave it
    #[arg(long)]
    pub dry_run: bool,
    /// Where things are kept
    #[command(flatten)]
    pub state: StateArgs,
}

/// What the store keeps a pull request's runs under.
fn place(pull: &str) -> Result<String, String> {
    let (repo, number) = pull
        .split_once('#')
        .ok_or("it is not like owner/repository#7")?;
    let repo: RepoName = repo.parse().map_err(|e: NameError| e.to_string())?;
    let number: u64 = number.parse().map_err(|_| "behind # stands a number")?;
    Ok(format!("{repo}#{number}"))
}

/// `countersign doctor`
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Many machines
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Where things are kept
    #[command(flatten)]
    pub state: StateArgs,
    /// The coding agent
    #[command(flatten)]
    pub agent: AgentArgs,
    /// Nango
    #[command(flatten)]
    pub nango: NangoArgs,
    /// The GitHub App
    #[command(flatten)]
    pub github: GitHubArgs,
}

/// `countersign demo`
#[cfg(feature = "demo")]
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folder for everything that the demo leaves behind [default: a new folder under the state folder]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where things are kept
    #[command(flatten)]
    pub state: StateArgs,
    /// Let agents work when this machine cannot put walls around them. Reports will say so
    #[arg(long, env = "COUNTERSIGN_ALLOW_UNSANDBOXED")]
    pub allow_unsandboxed: bool,
}
