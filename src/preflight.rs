//! The operator's settings, each checked by whoever will use it, before anything is installed, opened or asked. A
//! setting that is wrong is told at once and by `doctor`, not after the tool chain was downloaded.

use reqwest::Url;
use secrecy::SecretString;

use crate::config::{AgentArgs, ConfigError, EngineArgs, GitHubAddressArgs, GitHubArgs, StateArgs};
use crate::edge::agent::opencode;
use crate::edge::blobs::{Archive, Dossiers};
use crate::edge::github;
use crate::edge::store::Store;
use crate::edge::witness::Witness;

const BLOBS: &str = "COUNTERSIGN_BLOBS";

/// Everything that every process of ours works with.
///
/// # Errors
/// The first setting that cannot be used.
pub fn check(
    state: &StateArgs,
    agent: &AgentArgs,
    nango_hostport: &str,
    nango_secret: &SecretString,
) -> Result<(), ConfigError> {
    nango_address(nango_hostport)?;
    nango_key(nango_secret)?;
    database(state)?;
    blobs(state)?;
    model(agent)?;
    agent_config(agent)
}

/// Everything about the GitHub App besides its id.
///
/// # Errors
/// The first setting that cannot be used.
pub fn check_github(args: &GitHubArgs, key: &SecretString) -> Result<(), ConfigError> {
    github_api(&args.at)?;
    github_server(&args.at)?;
    public_url(args)?;
    private_key(key)
}

/// `NANGO_HOSTPORT`
pub fn nango_address(address: &str) -> Result<(), ConfigError> {
    Witness::check_upstream(address).map_err(wrong("NANGO_HOSTPORT"))
}

/// `NANGO_SECRET_KEY`
pub fn nango_key(key: &SecretString) -> Result<(), ConfigError> {
    Witness::check_secret(key).map_err(wrong("NANGO_SECRET_KEY"))
}

/// `DATABASE_URL`
pub fn database(state: &StateArgs) -> Result<(), ConfigError> {
    let url = state.database_url.as_deref();
    url.map_or(Ok(()), Store::check_url)
        .map_err(wrong("DATABASE_URL"))
}

/// `COUNTERSIGN_ENGINE`, and what many machines need besides.
///
/// # Errors
/// When it is no address, or one process's database is to serve many.
pub fn engine(args: &EngineArgs, state: &StateArgs) -> Result<Option<Url>, ConfigError> {
    let Some(address) = &args.engine else {
        return Ok(None);
    };
    let wrong = |why: String| ConfigError::Wrong {
        variable: "COUNTERSIGN_ENGINE",
        why,
    };
    let url = Url::parse(address)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
    let Some(url) = url else {
        let why = format!("{address} is no address; it is like http://temporal.example.com:7233");
        return Err(wrong(why));
    };
    if state.database()?.starts_with("sqlite:") {
        let why = "many machines need one database: name a PostgreSQL with DATABASE_URL";
        return Err(wrong(why.to_owned()));
    }
    Ok(Some(url))
}

/// `COUNTERSIGN_BLOBS`
pub fn blobs(state: &StateArgs) -> Result<(), ConfigError> {
    let archive = archive(state)?;
    match archive {
        // Folders are made when they are needed.
        Archive::Folder(_) => Ok(()),
        Archive::Bucket { .. } => Dossiers::open_in(&archive).map(drop).map_err(wrong(BLOBS)),
    }
}

/// Where evidence is kept.
pub fn archive(state: &StateArgs) -> Result<Archive, ConfigError> {
    match &state.blobs {
        Some(address) => Archive::parse(address).map_err(wrong(BLOBS)),
        None => Ok(Archive::Folder(state.dir()?)),
    }
}

/// `COUNTERSIGN_MODEL`
pub fn model(agent: &AgentArgs) -> Result<(), ConfigError> {
    let model = agent.model.as_deref();
    model
        .map_or(Ok(()), opencode::check_model)
        .map_err(wrong("COUNTERSIGN_MODEL"))
}

/// `COUNTERSIGN_OPENCODE_CONFIG`
pub fn agent_config(agent: &AgentArgs) -> Result<(), ConfigError> {
    let file = agent.opencode_config.as_deref();
    file.map_or(Ok(()), opencode::check_config)
        .map_err(wrong("COUNTERSIGN_OPENCODE_CONFIG"))
}

/// `COUNTERSIGN_PRIVATE_KEY`
pub fn private_key(key: &SecretString) -> Result<(), ConfigError> {
    github::check_private_key(key).map_err(wrong("COUNTERSIGN_PRIVATE_KEY"))
}

/// `GITHUB_API_URL`
pub fn github_api(at: &GitHubAddressArgs) -> Result<(), ConfigError> {
    github_address(
        "GITHUB_API_URL",
        &at.github_api_url,
        "https://api.github.com",
    )
}

/// `GITHUB_SERVER_URL`
pub fn github_server(at: &GitHubAddressArgs) -> Result<(), ConfigError> {
    github_address(
        "GITHUB_SERVER_URL",
        &at.github_server_url,
        "https://github.com",
    )
}

/// `COUNTERSIGN_PUBLIC_URL`
pub fn public_url(args: &GitHubArgs) -> Result<(), ConfigError> {
    let url = args.public_url.as_deref();
    url.map_or(Ok(()), |url| {
        let example = "https://countersign.example.com";
        github_address("COUNTERSIGN_PUBLIC_URL", url, example)
    })
}

fn github_address(
    variable: &'static str,
    address: &str,
    example: &'static str,
) -> Result<(), ConfigError> {
    if github::is_address(address) {
        return Ok(());
    }
    Err(wrong(variable)(format!(
        "it is not an http or https address without user, query or fragment; set it to something like {example}"
    )))
}

fn wrong<E: std::fmt::Display>(variable: &'static str) -> impl FnOnce(E) -> ConfigError {
    move |error| ConfigError::Wrong {
        variable,
        why: error.to_string(),
    }
}
