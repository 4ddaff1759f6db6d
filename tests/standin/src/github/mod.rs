//! A GitHub that is as strict as GitHub, on loopback: [`GitHubStandIn`].
//!
//! It keeps real bare repositories, checks real JWTs and tokens, refuses what GitHub refuses, signs and delivers
//! webhooks. It shares no code with the client that is tried against it. Its rules are from GitHub's docs and from
//! GitHub's own OpenAPI description; what is only believed says so where it is.

mod answer;
mod app;
mod auth;
mod check_body;
mod checks;
mod comments;
mod courier;
mod diff;
mod error;
mod faults;
mod graphql;
mod hooks;
mod identity;
mod look;
mod manifests;
mod objects;
mod owners;
mod payloads;
mod people;
mod people_api;
mod pulls;
mod pushes;
mod reactions;
mod remarks;
mod repos;
mod review_body;
mod reviews;
mod routes;
mod server;
mod smart_http;
mod world;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use auth::{Level, Permissions, TokenScope};
pub use check_body::{Annotation, CheckAction};
pub use checks::CheckRun;
pub use comments::Comment;
pub use diff::Side;
pub use error::StandInError;
pub use faults::{FaultKind, Moment, OnRequest, Seen};
pub use hooks::{Delivery, Order, Sent};
pub use pulls::{Pull, Standing};
pub use reactions::Reaction;
pub use repos::FileChange;
pub use reviews::{Review, ReviewComment, ReviewState};
pub use world::Role;

use faults::Faults;
use hooks::Hooks;
use identity::Identity;
use world::World;

/// The API is below a path, as on GitHub Enterprise Server, and on a port of its own, so that no client can guess one
/// address from the other.
const API_PREFIX: &str = "/api/v3";

/// How the App is set up on this GitHub.
#[derive(Debug, Clone)]
pub struct Options {
    /// The App's id.
    pub app_id: u64,
    /// The App's slug; its bot is `<slug>[bot]`.
    pub slug: String,
    /// What the App was granted.
    pub permissions: Permissions,
    /// The events that it subscribed to; some come unasked.
    pub events: Vec<String>,
    /// What webhooks are signed with.
    pub webhook_secret: SecretString,
}

impl Default for Options {
    /// Countersign as its docs tell operators to set it up.
    fn default() -> Self {
        let permissions = [
            ("metadata", Level::Read),
            ("contents", Level::Write),
            ("pull_requests", Level::Write),
            ("issues", Level::Write),
            ("checks", Level::Write),
        ];
        Self {
            app_id: 424_242,
            slug: "countersign".to_owned(),
            permissions: permissions
                .into_iter()
                .map(|(name, level)| (name.to_owned(), level))
                .collect(),
            events: [
                "pull_request",
                "issue_comment",
                "pull_request_review",
                "pull_request_review_comment",
            ]
            .map(str::to_owned)
            .to_vec(),
            webhook_secret: "it is a secret to everybody".into(),
        }
    }
}

/// What the stand-in's parts have in common.
struct Shared {
    world: Arc<Mutex<World>>,
    faults: Mutex<Faults>,
    log: Mutex<Vec<Seen>>,
}

impl Shared {
    /// Records a request that has arrived, and gives it its number.
    fn see(&self, mut seen: Seen) -> Seen {
        let mut log = locked(&self.log);
        seen.number = log.len();
        log.push(seen.clone());
        seen
    }
    /// Records how a request was answered.
    fn done(&self, seen: &Seen, status: u16, answer: Option<serde_json::Value>) {
        if let Some(seen) = locked(&self.log).get_mut(seen.number) {
            seen.status = status;
            seen.answer = answer.unwrap_or_default();
        }
    }
    /// Calls the test's hook, if there is one. No lock is held meanwhile.
    fn tell(&self, seen: &Seen, moment: Moment) {
        let hook = locked(&self.faults).on_request.clone();
        if let Some(hook) = hook {
            hook(seen, moment);
        }
    }
}

/// The value behind a lock, also after somebody panicked with it in hand: a test that failed in a hook should say so
/// itself and not through others.
fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A GitHub on loopback. It ends when it is dropped, with its repositories.
pub struct GitHubStandIn {
    shared: Arc<Shared>,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
}

impl GitHubStandIn {
    /// Starts one in the current tokio runtime.
    ///
    /// # Errors
    /// When a folder, a port, a key or an HTTP client cannot be had.
    pub async fn start(options: Options) -> Result<Self, StandInError> {
        let io = |what| move |source| StandInError::Io { what, source };
        let folder = tempfile::Builder::new()
            .prefix("countersign-github-")
            .tempdir()
            .map_err(io("make its folder"))?;
        let listen = || TcpListener::bind(("127.0.0.1", 0));
        let api = listen().await.map_err(io("listen"))?;
        let git = listen().await.map_err(io("listen"))?;
        let address =
            |listener: &TcpListener| listener.local_addr().map_err(io("tell its address"));
        let api_url = format!("http://{}{API_PREFIX}", address(&api)?);
        let server_url = format!("http://{}", address(&git)?);

        let identity = Identity::new(
            options.app_id,
            &options.slug,
            options.permissions,
            options.events,
        )?;
        let wake = Arc::new(Notify::new());
        let hooks = Hooks::new(options.app_id + 1, options.webhook_secret, wake.clone());
        let mut world = World::new(
            identity,
            api_url,
            server_url,
            folder.path().to_owned(),
            hooks,
        );
        world.bot();
        world.user("countersign-operators");
        let shared = Arc::new(Shared {
            world: Arc::new(Mutex::new(world)),
            faults: Mutex::default(),
            log: Mutex::default(),
        });

        // Webhooks go to loopback only, and never through a proxy of the environment.
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let stop = CancellationToken::new();
        let serve = |listener, router| {
            let stopped = stop.clone().cancelled_owned();
            tokio::spawn(async move {
                // There is nobody left to tell of an error. The connections end with the listener.
                let _ = axum::serve(listener, router)
                    .with_graceful_shutdown(stopped)
                    .await;
            })
        };
        serve(api, server::api(shared.clone()));
        serve(git, server::git(shared.clone()));
        let carrying = courier::carry(shared.world.clone(), client, wake);
        tokio::spawn(stop.clone().run_until_cancelled_owned(carrying));
        Ok(Self {
            shared,
            stop,
            _folder: folder,
        })
    }

    /// The method and template of every route that it knows.
    pub fn routes() -> Vec<(String, &'static str)> {
        let all = routes::ROUTES.iter();
        all.map(|route| (route.method.to_string(), route.template))
            .collect()
    }

    /// Ends it; dropping it does the same.
    pub fn stop(self) {}

    /// Where the API is, with its prefix: `GITHUB_API_URL`.
    pub fn api_url(&self) -> String {
        locked(&self.shared.world).api.clone()
    }
    /// Where git is: `GITHUB_SERVER_URL`.
    pub fn server_url(&self) -> String {
        locked(&self.shared.world).server.clone()
    }
    /// The App's id.
    pub fn app_id(&self) -> u64 {
        locked(&self.shared.world).app.id
    }
    /// The App's private key, PEM.
    pub fn private_key_pem(&self) -> SecretString {
        locked(&self.shared.world).app.private_key_pem()
    }
    /// What webhooks are signed with.
    pub fn webhook_secret(&self) -> SecretString {
        locked(&self.shared.world).hooks.secret.clone()
    }
    /// The login and id of the App's bot.
    pub fn bot(&self) -> (String, u64) {
        let bot = locked(&self.shared.world).bot();
        (bot.login, bot.id)
    }

    /// Where webhooks go from now on. Without an address every delivery fails, and can be found in the list of them.
    pub fn set_webhook_url(&self, url: Option<&str>) {
        locked(&self.shared.world).hooks.url = url.map(str::to_owned);
    }
    /// Keeps deliveries back.
    pub fn hold_deliveries(&self) {
        locked(&self.shared.world).hooks.hold();
    }
    /// Lets deliveries go that were kept back, and those that come.
    pub fn release_deliveries(&self, order: Order) {
        locked(&self.shared.world).hooks.release(order);
    }
    /// Sends the event of this GUID again. Returns whether there was one.
    pub fn redeliver(&self, guid: &str) -> bool {
        locked(&self.shared.world).redeliver(guid)
    }

    /// Moves the clock by which tokens expire and things get their times.
    pub fn advance_clock(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        locked(&self.shared.world).advance_clock(ms);
    }
    /// Has the next request of this method fail whose route template is `pattern`, or whose path fits it, where a star
    /// stands for anything. Faults are used up one by one, in the order in which they were planned.
    pub fn fail_next(&self, method: &str, pattern: &str, kind: FaultKind) {
        locked(&self.shared.faults).plan(method, pattern, kind);
    }
    /// Has `hook` called around every write. It may block and may end processes.
    pub fn on_request(&self, hook: impl Fn(&Seen, Moment) + Send + Sync + 'static) {
        locked(&self.shared.faults).on_request = Some(Arc::new(hook));
    }
    /// Refuses writes that come sooner after one another, as GitHub's secondary rate limit does.
    pub fn require_write_gap(&self, gap: Option<Duration>) {
        locked(&self.shared.faults).write_gap = gap;
    }
}

impl Drop for GitHubStandIn {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
