//! What the operator says: environment variables, each with a flag. Secrets come from a variable or from a file that
//! `…_FILE` names, never from a flag, because arguments can be read by everybody on the machine.

use std::path::PathBuf;

use clap::Args;
use nix::unistd::{AccessFlags, access};
use secrecy::SecretString;

/// A setting that is missing or wrong. The sentence names the variable and the way out.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A secret that the command needs is not there.
    #[error("{variable} is not set. {way_out}")]
    Missing {
        /// Which.
        variable: &'static str,
        /// What to do.
        way_out: &'static str,
    },
    /// The file that `…_FILE` names cannot be read.
    #[error("{variable}_FILE names {path}, which cannot be read: {source}")]
    Unreadable {
        /// Which.
        variable: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A setting that is there and cannot be used.
    #[error("{variable}: {why}")]
    Wrong {
        /// Which.
        variable: &'static str,
        /// What is wrong with it, and the way out.
        why: String,
    },
    /// There is no home directory and no state folder was named.
    #[error("there is no home directory; name a folder with --state-dir or COUNTERSIGN_STATE_DIR")]
    NoState,
}

/// Where things are kept on this machine.
#[derive(Debug, Clone, Args)]
pub struct StateArgs {
    /// Folder for the database, mirrors, dossiers and the tool chain [default: ~/.local/state/countersign]
    #[arg(long, env = "COUNTERSIGN_STATE_DIR", value_name = "DIR")]
    pub state_dir: Option<PathBuf>,
    /// Folder for the tool chain, when several state folders share one [default: `tools` in the state folder]
    #[arg(long, env = "COUNTERSIGN_TOOLS_DIR", value_name = "DIR")]
    pub tools_dir: Option<PathBuf>,
    /// Database: `sqlite://…` or `postgres://…` [default: a SQLite file in the state folder]
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Bucket for the evidence, shared by many machines: `s3://bucket/prefix`; keys, region and another server than AWS's
    /// by the usual AWS_… variables [default: the state folder]
    #[arg(long, env = "COUNTERSIGN_BLOBS", value_name = "URL")]
    pub blobs: Option<String>,
}

impl StateArgs {
    /// The state folder.
    pub fn dir(&self) -> Result<PathBuf, ConfigError> {
        match &self.state_dir {
            Some(dir) => Ok(dir.clone()),
            None => std::env::home_dir()
                .map(|home| home.join(".local/state/countersign"))
                .ok_or(ConfigError::NoState),
        }
    }
    /// The tool chain's folder.
    pub fn tools(&self) -> Result<PathBuf, ConfigError> {
        self.tools_dir
            .clone()
            .map_or_else(|| Ok(self.dir()?.join("tools")), Ok)
    }
    /// Where templates are made: beside the tool chain that they are made of, so that many state folders share them. Where
    /// that may only be read, as in an image, in the state folder.
    pub fn templates(&self) -> Result<PathBuf, ConfigError> {
        let beside = self.tools()?.join("templates");
        let writable =
            std::fs::create_dir_all(&beside).is_ok() && access(&beside, AccessFlags::W_OK).is_ok();
        Ok(if writable {
            beside
        } else {
            self.dir()?.join("templates")
        })
    }
    /// The database.
    pub fn database(&self) -> Result<String, ConfigError> {
        match &self.database_url {
            Some(url) => Ok(url.clone()),
            None => Ok(format!(
                "sqlite://{}",
                self.dir()?.join("countersign.db").display()
            )),
        }
    }
}

/// What brings many machines together.
#[derive(Debug, Clone, Args)]
pub struct EngineArgs {
    /// Temporal: `http://host:7233`, or `https://…`, with a namespace as its path; needs a PostgreSQL database that all
    /// machines share, and a bucket [default: one process does everything]
    #[arg(long, env = "COUNTERSIGN_ENGINE", value_name = "URL")]
    pub engine: Option<String>,
    /// Seconds without a sign of life after which another process takes up what one had in hand
    #[arg(
        long,
        env = "COUNTERSIGN_BEAT_LOST_SECONDS",
        default_value_t = crate::domain::limits::BEAT_LOST_SECONDS,
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3600),
        hide = true
    )]
    pub beat_lost_seconds: u64,
}

/// Nango, as the witness reaches it.
#[derive(Debug, Clone, Args)]
pub struct NangoArgs {
    /// The Nango API
    #[arg(
        long,
        env = "NANGO_HOSTPORT",
        default_value = "https://api.nango.dev",
        value_name = "URL"
    )]
    pub nango_hostport: String,
    /// File with the Nango secret key; or set NANGO_SECRET_KEY
    #[arg(long, env = "NANGO_SECRET_KEY_FILE", value_name = "FILE")]
    pub nango_secret_key_file: Option<PathBuf>,
}

impl NangoArgs {
    /// The key, which only the witness gets.
    pub fn secret(&self) -> Result<SecretString, ConfigError> {
        secret(
            "NANGO_SECRET_KEY",
            self.nango_secret_key_file.as_ref(),
            "It is the secret key of the Nango environment with the test accounts (Nango: Environment settings).",
        )
    }
}

/// The coding agent.
#[derive(Debug, Clone, Args)]
pub struct AgentArgs {
    /// `provider/model` as OpenCode names it; a repository's settings may name another
    #[arg(long, env = "COUNTERSIGN_MODEL", value_name = "PROVIDER/MODEL")]
    pub model: Option<String>,
    /// An `opencode.json` with your model providers, merged under ours
    #[arg(long, env = "COUNTERSIGN_OPENCODE_CONFIG", value_name = "FILE")]
    pub opencode_config: Option<PathBuf>,
    /// Let agents work when this machine cannot put walls around them. Reports will say so
    #[arg(long, env = "COUNTERSIGN_ALLOW_UNSANDBOXED")]
    pub allow_unsandboxed: bool,
}

/// Where GitHub is.
#[derive(Debug, Clone, Args)]
pub struct GitHubAddressArgs {
    /// GitHub's API
    #[arg(
        long,
        env = "GITHUB_API_URL",
        default_value = "https://api.github.com",
        value_name = "URL"
    )]
    pub github_api_url: String,
    /// GitHub's pages and git
    #[arg(
        long,
        env = "GITHUB_SERVER_URL",
        default_value = "https://github.com",
        value_name = "URL"
    )]
    pub github_server_url: String,
}

/// The GitHub App.
#[derive(Debug, Clone, Args)]
pub struct GitHubArgs {
    /// The App's id
    #[arg(long, env = "COUNTERSIGN_APP_ID", value_name = "ID")]
    pub app_id: Option<u64>,
    /// File with the App's private key (PEM); or set COUNTERSIGN_PRIVATE_KEY
    #[arg(long, env = "COUNTERSIGN_PRIVATE_KEY_FILE", value_name = "FILE")]
    pub private_key_file: Option<PathBuf>,
    /// File with the webhook secret; or set COUNTERSIGN_WEBHOOK_SECRET. Several, comma-separated, while rotating
    #[arg(long, env = "COUNTERSIGN_WEBHOOK_SECRET_FILE", value_name = "FILE")]
    pub webhook_secret_file: Option<PathBuf>,
    /// Where it is
    #[command(flatten)]
    pub at: GitHubAddressArgs,
    /// Milliseconds between two writes of one installation; GitHub asks for at least 1000
    #[arg(
        long,
        env = "COUNTERSIGN_WRITE_SPACING_MS",
        default_value_t = crate::domain::limits::WRITE_SPACING_MS,
        value_name = "MS",
        hide = true
    )]
    pub write_spacing_ms: u64,
    /// Address under which people reach this server, for links in reports
    #[arg(long, env = "COUNTERSIGN_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
}

impl GitHubArgs {
    /// The App's id.
    pub fn app_id(&self) -> Result<u64, ConfigError> {
        self.app_id.ok_or(ConfigError::Missing {
            variable: "COUNTERSIGN_APP_ID",
            way_out: "It stands on the App's settings page on GitHub.",
        })
    }
    /// The App's key.
    pub fn private_key(&self) -> Result<SecretString, ConfigError> {
        secret(
            "COUNTERSIGN_PRIVATE_KEY",
            self.private_key_file.as_ref(),
            "Generate one on the App's settings page on GitHub and point COUNTERSIGN_PRIVATE_KEY_FILE at the file.",
        )
    }
    /// The webhook secrets, at least one.
    pub fn webhook_secrets(&self) -> Result<Vec<SecretString>, ConfigError> {
        use secrecy::ExposeSecret as _;
        let way_out =
            "Choose a long random text and enter it on the App's settings page on GitHub too.";
        let all = secret(
            "COUNTERSIGN_WEBHOOK_SECRET",
            self.webhook_secret_file.as_ref(),
            way_out,
        )?;
        let secrets: Vec<SecretString> = all
            .expose_secret()
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| SecretString::from(part.to_owned()))
            .collect();
        if secrets.is_empty() {
            return Err(ConfigError::Missing {
                variable: "COUNTERSIGN_WEBHOOK_SECRET",
                way_out,
            });
        }
        Ok(secrets)
    }
}

/// A token of GitHub's that somebody else made.
pub fn token(variable: &'static str) -> Result<SecretString, ConfigError> {
    let way_out = "In a workflow: `env: { GITHUB_TOKEN: ${{ github.token }} }`, with `permissions:` to write contents, checks, issues and pull-requests.";
    secret(variable, None, way_out)
}

/// A secret from its variable or from the file that was named.
fn secret(
    variable: &'static str,
    file: Option<&PathBuf>,
    way_out: &'static str,
) -> Result<SecretString, ConfigError> {
    if let Some(path) = file {
        return match std::fs::read_to_string(path) {
            Ok(text) => Ok(SecretString::from(text.trim().to_owned())),
            Err(source) => Err(ConfigError::Unreadable {
                variable,
                path: path.clone(),
                source,
            }),
        };
    }
    match std::env::var(variable) {
        Ok(text) if !text.trim().is_empty() => Ok(SecretString::from(text.trim().to_owned())),
        _ => Err(ConfigError::Missing { variable, way_out }),
    }
}
