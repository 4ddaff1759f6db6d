//! `countersign setup`: makes the GitHub App, by GitHub's manifest flow, and keeps its keys.
//!
//! ```text
//! / ─ a form ─► GitHub ─ the person agrees ─► /made?code&state ─► the App and its keys, once ─► install it
//! ```

mod keys;
mod page;

use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::cli::args::SetupArgs;
use crate::cli::error::CommandError;
use crate::cli::exit_code;
use crate::domain::github_app::{PERMISSIONS, RegisteredApp};
use crate::domain::limits;
use crate::edge::github::{
    GitHub, GitHubConfig, GitHubError, Identity, MadeApp, Manifest, is_address, made_from,
};
use crate::os::random;

use super::signals::stop_on_signal;
use keys::KeyFolder;
use page::{Begin, Failed, Made, shown};

/// Shows the pages until the App is made.
pub async fn setup(args: SetupArgs) -> Result<ExitCode, CommandError> {
    let keys = KeyFolder::below(&args.state.dir()?);
    if keys.is_taken() {
        return Err(CommandError::Usage(format!(
            "there is an App already: its keys are in {}; move that folder away to make another",
            keys.path().display()
        )));
    }
    for (option, url) in [
        ("--github-api-url", Some(&args.at.github_api_url)),
        ("--github-server-url", Some(&args.at.github_server_url)),
        ("--webhook", args.webhook.as_ref()),
    ] {
        if url.is_some_and(|url| !is_address(url)) {
            let words = format!("{option} is not an http or https address");
            return Err(CommandError::Usage(words));
        }
    }
    let listener = tokio::net::TcpListener::bind(args.bind).await;
    let listener = listener
        .map_err(|e| CommandError::Usage(format!("cannot listen on {}: {e}", args.bind)))?;
    let address = listener.local_addr().map_err(CommandError::fault)?;
    let stop = stop_on_signal("stopping");
    let desk = Arc::new(Desk {
        manifest: Manifest {
            name: args.name.clone(),
            webhook: args.webhook.clone(),
            redirect: format!("http://{address}/made"),
        },
        state: random::hex::<24>().map_err(CommandError::fault)?,
        keys,
        args,
        made: CancellationToken::new(),
        stop: stop.clone(),
    });
    let router = Router::new()
        .route("/", get(begin))
        .route("/made", get(made))
        .with_state(desk.clone());
    say!("Open http://{address}/ in a browser on this machine, and follow it. Ctrl-C ends it.");
    axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .map_err(CommandError::fault)?;
    if !desk.made.is_cancelled() {
        return Err(CommandError::Usage("no App was made".into()));
    }
    say!("The App is made. Its keys: {}", desk.keys.path().display());
    say!(
        "Next: set -a; . '{}'; set +a",
        desk.keys.env_file().display()
    );
    say!("      countersign doctor && countersign serve");
    Ok(ExitCode::from(exit_code::COUNTERSIGNED))
}

struct Desk {
    args: SetupArgs,
    manifest: Manifest,
    /// Comes back with the code, so that nobody else's App is taken for ours.
    state: String,
    keys: KeyFolder,
    made: CancellationToken,
    stop: CancellationToken,
}

impl Desk {
    /// Where the form goes.
    fn action(&self) -> String {
        let server = self.args.at.github_server_url.trim_end_matches('/');
        let owner = match &self.args.organization {
            Some(organization) => format!("/organizations/{organization}"),
            None => String::new(),
        };
        format!("{server}{owner}/settings/apps/new?state={}", self.state)
    }
}

async fn begin(State(desk): State<Arc<Desk>>) -> Response {
    let owner = match &desk.args.organization {
        Some(organization) => format!("the organisation {organization}"),
        None => "your own account".to_owned(),
    };
    let permissions = PERMISSIONS.iter().map(|(name, level)| {
        let words = name.replace('_', " ");
        (
            words,
            if *level == "write" {
                "read and write"
            } else {
                *level
            },
        )
    });
    let page = Begin {
        posts_to: format!("; form-action {}", desk.args.at.github_server_url),
        name: &desk.manifest.name,
        owner: &owner,
        folder: &desk.keys.path().display().to_string(),
        permissions: permissions.collect(),
        webhook: desk.manifest.webhook.as_deref(),
        action: &desk.action(),
        manifest: &desk.manifest.json().to_string(),
    };
    shown(StatusCode::OK, &page)
}

/// What GitHub's page sends the browser back with.
#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

async fn made(State(desk): State<Arc<Desk>>, Query(back): Query<Back>) -> Response {
    if back.state != desk.state {
        let why = "This address was not asked for by this set-up. Begin again at its first page.";
        let posts_to = "";
        return shown(StatusCode::BAD_REQUEST, &Failed { posts_to, why });
    }
    let app = match take(&desk, &back.code).await {
        Ok(app) => app,
        Err(why) => {
            let (why, posts_to) = (why.as_str(), "");
            return shown(StatusCode::BAD_GATEWAY, &Failed { posts_to, why });
        }
    };
    // From here on there is an App and its keys, whatever GitHub says to them.
    desk.made.cancel();
    desk.stop.cancel();
    let lacks = asked(&desk, &app).await.map(|app| app.lacks());
    let page = Made {
        posts_to: "",
        slug: &app.slug,
        page: &app.html_url,
        lacks: &lacks,
        folder: &desk.keys.path().display().to_string(),
        env_file: &desk.keys.env_file().display().to_string(),
        how: match desk.manifest.webhook {
            Some(_) => "",
            None => " --missed-seconds 10",
        },
    };
    shown(StatusCode::OK, &page)
}

/// Takes the App for the code, and keeps its keys.
async fn take(desk: &Desk, code: &str) -> Result<MadeApp, String> {
    let at = &desk.args.at;
    let app = made_from(&at.github_api_url, code).await;
    let app = app.map_err(|error| error.to_string())?;
    let kept = desk
        .keys
        .keep(&app, &at.github_api_url, &at.github_server_url);
    match kept {
        Ok(()) => Ok(app),
        Err(error) => Err(format!(
            "The App “{}” is made, but its keys could not be kept in {}: {error}. Delete it on {} and begin again.",
            app.slug,
            desk.keys.path().display(),
            app.html_url
        )),
    }
}

/// The App, asked of GitHub with its own key.
async fn asked(desk: &Desk, app: &MadeApp) -> Result<RegisteredApp, GitHubError> {
    let github = GitHub::new(GitHubConfig {
        api_url: desk.args.at.github_api_url.clone(),
        server_url: desk.args.at.github_server_url.clone(),
        identity: Identity::App {
            id: app.id,
            private_key: app.pem.clone(),
        },
        write_spacing_ms: limits::WRITE_SPACING_MS,
    })?;
    github.registered().await
}
