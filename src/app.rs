//! The application: the one place that names concrete backends and puts them together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::{OnceCell, Semaphore};

use crate::config::{AgentArgs, ConfigError, EngineArgs, GitHubAddressArgs, GitHubArgs, StateArgs};
use crate::domain::limits;
use crate::domain::program::Unsandboxed;
use crate::domain::toolchain::ToolChain;
use crate::edge::agent::opencode::{OpenCode, OpenCodeConfig};
use crate::edge::blobs::{Archive, Dossiers};
use crate::edge::engine::{Engine, InProcess};
#[cfg(feature = "temporal")]
use crate::edge::engine::{Temporal, TemporalOptions};
use crate::edge::github::{GitHub, GitHubConfig, GitHubError, Identity};
use crate::edge::nango::{Checkers, Template};
use crate::edge::sandbox::{Sandbox, SandboxError};
use crate::edge::store::{Company, Store};
use crate::edge::toolchain;
use crate::edge::witness::{Aside, Witness, WitnessConfig};
use crate::os::clock::{Clock, SystemClock};
use crate::os::own_clock::OwnClock;
use crate::preflight;
use crate::run::blocking::blocking;
use crate::run::deps::Deps;
use crate::run::machine::Machine;

/// Environment that a model's provider may need besides what the operator's `opencode.json` names: proxies and
/// certificates.
const PASSED_ON: [&str; 8] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
];

/// Everything a process of ours works with.
pub struct App {
    /// What runs need.
    pub deps: Deps,
    /// How reports link to pages, when people can reach them.
    pub public: Option<Public>,
}

/// Why a process of ours cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The caller can mend it, in the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The caller can mend it; the sentence says how.
    #[error("{0}")]
    Mendable(String),
    /// Something failed that is not the caller's fault.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}

impl OpenError {
    fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Failed(Box::new(error))
    }
}

/// Where people reach our pages.
pub struct Public {
    /// The address.
    pub url: String,
    /// What pages' keys are made with.
    pub key: SecretString,
}

/// The GitHub App as it was configured.
pub struct GitHubSetup {
    config: GitHubConfig,
    public: Option<Public>,
}

impl GitHubSetup {
    /// Reads flags, variables and secret files.
    pub fn from_args(args: &GitHubArgs) -> Result<Self, ConfigError> {
        let (id, private_key) = (args.app_id()?, args.private_key()?);
        let config = GitHubConfig {
            api_url: args.at.github_api_url.clone(),
            server_url: args.at.github_server_url.clone(),
            identity: Identity::App {
                id,
                private_key: private_key.clone(),
            },
            write_spacing_ms: args.write_spacing_ms,
        };
        preflight::check_github(args, &private_key)?;
        // A worker without the webhook's secret cannot make links that the server would take.
        let key = args
            .webhook_secrets()
            .ok()
            .and_then(|secrets| secrets.into_iter().next());
        let public = args
            .public_url
            .clone()
            .zip(key)
            .map(|(url, key)| Public { url, key });
        Ok(Self { config, public })
    }

    /// With a token that somebody else made, which writes as `login`. There are no pages then.
    pub fn from_token(
        at: &GitHubAddressArgs,
        token: SecretString,
        login: &str,
    ) -> Result<Self, ConfigError> {
        preflight::github_api(at)?;
        preflight::github_server(at)?;
        let config = GitHubConfig {
            api_url: at.github_api_url.clone(),
            server_url: at.github_server_url.clone(),
            identity: Identity::Token {
                token,
                login: login.to_owned(),
            },
            write_spacing_ms: limits::WRITE_SPACING_MS,
        };
        Ok(Self {
            config,
            public: None,
        })
    }

    /// GitHub, which is asked nothing yet.
    ///
    /// # Errors
    /// When an address or the key cannot be used.
    pub fn connect(&self) -> Result<GitHub, GitHubError> {
        GitHub::new(self.config.clone())
    }
}

/// Who is to bring work and hands together.
pub enum EngineSetup {
    /// This process, with so many builds at once.
    InProcess {
        /// How many.
        builds: usize,
    },
    /// Temporal.
    #[cfg(feature = "temporal")]
    Temporal(TemporalOptions),
}

impl EngineSetup {
    /// Reads the flags.
    pub fn from_args(
        args: &EngineArgs,
        state: &StateArgs,
        builds: usize,
    ) -> Result<Self, ConfigError> {
        match preflight::engine(args, state)? {
            None => Ok(Self::InProcess { builds }),
            #[cfg(feature = "temporal")]
            Some(url) => Ok(Self::Temporal(TemporalOptions {
                url,
                builds,
                beat_lost: Duration::from_secs(args.beat_lost_seconds),
                history: limits::ENGINE_HISTORY_EVENTS,
            })),
            #[cfg(not(feature = "temporal"))]
            Some(_) => Err(ConfigError::Wrong {
                variable: "COUNTERSIGN_ENGINE",
                why: "this Countersign was built without Temporal; take a release, or build it with `--features temporal`".to_owned(),
            }),
        }
    }

    /// Who else may work on the database.
    pub fn company(&self) -> Company {
        match self {
            Self::InProcess { .. } => Company::None,
            #[cfg(feature = "temporal")]
            Self::Temporal(_) => Company::Many,
        }
    }

    /// Begins it.
    ///
    /// # Errors
    /// When nothing answers where it is to be.
    pub async fn open(self) -> Result<Arc<dyn Engine>, OpenError> {
        Ok(match self {
            Self::InProcess { builds } => Arc::new(InProcess::new(builds)),
            #[cfg(feature = "temporal")]
            Self::Temporal(options) => {
                let connected = Temporal::connect(options).await;
                Arc::new(connected.map_err(|e| OpenError::Mendable(e.to_string()))?)
            }
        })
    }
}

/// What an [`App`] is made from.
pub struct Setup<'a> {
    /// Where things are kept.
    pub state: &'a StateArgs,
    /// Nango's key, for the witness only.
    pub nango: SecretString,
    /// The Nango API.
    pub nango_hostport: &'a str,
    /// The coding agent.
    pub agent: &'a AgentArgs,
    /// The GitHub App, unless the run is local.
    pub github: Option<GitHubSetup>,
    /// Who brings work and hands together.
    pub engine: EngineSetup,
    /// Told about what takes long: installing the tool chain.
    pub progress: &'a (dyn Fn(&str) + Sync),
}

impl App {
    /// Opens the database, installs what is missing, and starts the witness. Agents start when they are needed.
    ///
    /// # Errors
    /// When anything of that fails; the sentence says what to do.
    pub async fn open(setup: Setup<'_>) -> Result<Self, OpenError> {
        let state = setup.state.dir()?;
        private_folder(&state)?;
        preflight::check(setup.state, setup.agent, setup.nango_hostport, &setup.nango)?;
        let state = std::fs::canonicalize(&state).map_err(OpenError::failed)?;
        let engine = setup.engine.open().await?;
        let dossiers = evidence(setup.state, &state).await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let now = {
            let clock = clock.clone();
            Arc::new(move || clock.now_ms())
        };
        let store = Store::open(&setup.state.database()?, now.clone())
            .await
            .map_err(OpenError::failed)?;
        let tools =
            toolchain::ensure(&setup.state.tools()?, setup.progress).map_err(OpenError::failed)?;
        let templates = setup.state.templates()?;
        let template = {
            let (dir, tools) = (templates.clone(), tools.clone());
            blocking(move || Template::ensure(&dir, &tools))
                .await
                .map_err(OpenError::failed)?
        };
        let template = template.map_err(OpenError::failed)?;
        let checkers = Checkers::beside(&template);
        let aside = Aside::new(move |template, question| {
            let checkers = checkers.clone();
            async move { checkers.ask(&template, &question).await }
        });
        let witness = WitnessConfig {
            upstream: setup.nango_hostport.to_owned(),
            secret: setup.nango,
            patience: Duration::from_secs(limits::WIRE_SECONDS),
            now,
            aside,
        };
        let witness = Witness::start(witness).await.map_err(OpenError::failed)?;
        let unsandboxed = unsandboxed(setup.agent);
        let exe = std::env::current_exe().map_err(OpenError::failed)?;
        let sandbox = Sandbox::new(exe).without_walls(unsandboxed);
        let own_clock = OwnClock::of_descendants(limits::OWN_TIME_SLOWEST);
        let agent = agent(&state, setup.agent, &sandbox, tools, &own_clock).await?;
        let (github, public) = match setup.github {
            Some(github) => (
                Some(GitHub::new(github.config).map_err(|e| OpenError::Mendable(e.to_string()))?),
                github.public,
            ),
            None => (None, None),
        };
        let runs = state.join("runs");
        private_folder(&runs)?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        let deps = Deps {
            store,
            engine,
            github,
            machine: Machine {
                template,
                templates,
                sandbox,
                witness: Arc::new(witness),
                agent: Arc::new(agent),
                dossiers,
                runs,
                model: setup.agent.model.clone(),
                unsandboxed,
                cores: Arc::new(Semaphore::new(cores)),
                clock: own_clock,
                walls: Arc::new(OnceCell::new()),
            },
            mirrors: state.join("mirrors"),
            clock,
        };
        Ok(Self { deps, public })
    }

    /// Ends what runs beside us.
    pub async fn close(&self) {
        self.deps.machine.agent.stop().await;
        self.deps.store.close().await;
    }
}

/// Makes a folder that only we can look into: evidence and mirrors hold code of private repositories.
fn private_folder(folder: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| {
            OpenError::Mendable(format!(
                "the folder {} cannot be made: {e}; name another with --state-dir",
                folder.display()
            ))
        })
}

/// Opens the evidence, and asks a bucket whether it is there: better now than after an agent's work.
async fn evidence(args: &StateArgs, state: &Path) -> Result<Dossiers, OpenError> {
    let archive = match preflight::archive(args)? {
        Archive::Folder(_) => Archive::Folder(state.to_owned()),
        bucket @ Archive::Bucket { .. } => bucket,
    };
    let opened = blocking(move || {
        let dossiers = Dossiers::open_in(&archive)?;
        dossiers.check().map(|()| dossiers)
    });
    let opened = opened.await.map_err(OpenError::failed)?;
    opened.map_err(|error| match error.is_away() {
        true => OpenError::Mendable(error.to_string()),
        false => OpenError::failed(error),
    })
}

fn unsandboxed(args: &AgentArgs) -> Unsandboxed {
    if args.allow_unsandboxed {
        Unsandboxed::Allowed
    } else {
        Unsandboxed::Refused
    }
}

/// The coding agent, with its own home and the shell that puts walls around its commands.
async fn agent(
    state: &Path,
    args: &AgentArgs,
    sandbox: &Sandbox,
    toolchain: ToolChain,
    clock: &OwnClock,
) -> Result<OpenCode, OpenError> {
    let home = state.join("agent");
    private_folder(&home)?;
    let shell = sandbox
        .write_shell(&home)
        .await
        .map_err(|error| match error {
            SandboxError::NoWalls { .. } => OpenError::Mendable(error.to_string()),
            other => OpenError::failed(other),
        })?;
    let passed_on = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|value| (name.to_owned(), SecretString::from(value)))
    };
    Ok(OpenCode::new(OpenCodeConfig {
        toolchain,
        home,
        shell,
        unsandboxed: unsandboxed(args),
        operator_config: args.opencode_config.clone(),
        model: args.model.clone(),
        extra_env: PASSED_ON.into_iter().filter_map(passed_on).collect(),
        clock: clock.clone(),
    }))
}
