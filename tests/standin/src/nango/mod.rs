//! Nango's API with small stateful providers behind it: as strict as the real ones in what they cover, and the same every
//! time. Look at [`NangoStandIn`].

mod api;
mod drive;
mod google;
mod hubspot;
mod sheets;
mod slack;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::http::Method;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The access token in every connection that is asked for. Whatever must not leak is searched for it.
pub const CANARY_TOKEN: &str = "ya29.canary-access-token-of-the-test-account";
/// The refresh token in every connection that is asked for.
pub const CANARY_REFRESH: &str = "1//canary-refresh-token-of-the-test-account";

/// The connections that exist, each with its integration, which is also the provider's name.
pub const CONNECTIONS: [(&str, &str); 6] = [
    ("google-calendar-test", "google-calendar"),
    ("google-drive-test", "google-drive"),
    ("google-sheet-test", "google-sheet"),
    ("hubspot-test", "hubspot"),
    ("slack-test", "slack"),
    // One that nothing else uses, whose access may be taken back.
    ("slack-leave-test", "slack"),
];

/// Function sources as agents write them, by their path in a Nango project.
pub const FUNCTIONS: [(&str, &str); 7] = [
    (
        "google-calendar/actions/create-event.ts",
        include_str!("functions/create-event.ts"),
    ),
    (
        "google-calendar/actions/share-calendar.ts",
        include_str!("functions/share-calendar.ts"),
    ),
    (
        "google-calendar/syncs/events.ts",
        include_str!("functions/events.ts"),
    ),
    (
        "hubspot/syncs/contacts.ts",
        include_str!("functions/contacts.ts"),
    ),
    (
        "slack/actions/list-channels.ts",
        include_str!("functions/list-channels.ts"),
    ),
    ("slack/syncs/users.ts", include_str!("functions/users.ts")),
    (
        "slack/on-events/setup.ts",
        include_str!("functions/setup.ts"),
    ),
];

/// The source of the function at `path`, when there is one.
pub fn function(path: &str) -> Option<&'static str> {
    let found = FUNCTIONS.iter().find(|(known, _)| *known == path);
    found.map(|(_, source)| *source)
}

/// A request that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Upper case.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Raw; empty when there is none.
    pub query: String,
    /// What was in `Authorization`, as it came.
    pub authorization: Option<String>,
    /// The body as text.
    pub body: String,
    /// What was answered.
    pub status: u16,
}

/// What the providers know.
#[derive(Debug, Default)]
struct World {
    seen: Vec<Seen>,
    google: google::Google,
    hubspot: hubspot::HubSpot,
    sheets: sheets::Sheets,
    slack: slack::Slack,
}

/// A request to a provider, as the proxy passes it on.
struct Ask {
    method: Method,
    /// Without `/proxy`.
    path: String,
    query: Vec<(String, String)>,
    body: Bytes,
}

impl Ask {
    fn param(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
    /// The parts of the path: `["crm", "v3", ...]`.
    fn parts(&self) -> Vec<&str> {
        self.path
            .split('/')
            .filter(|part| !part.is_empty())
            .collect()
    }
}

/// A provider's answer.
struct Answer {
    status: u16,
    body: Value,
    headers: Vec<(&'static str, String)>,
}

impl Answer {
    fn new(status: u16, body: Value) -> Self {
        Self {
            status,
            body,
            headers: Vec::new(),
        }
    }
}

/// One page of `all`: from the place that `cursor` names, at most `size`; and the next cursor, if there is more.
fn page<T: Clone>(
    all: &[T],
    cursor: Option<&str>,
    size: usize,
) -> Option<(Vec<T>, Option<String>)> {
    let from = match cursor {
        None | Some("") => 0,
        Some(cursor) => cursor.strip_prefix("page-")?.parse().ok()?,
    };
    let rest = all.get(from..)?;
    let end = from + rest.len().min(size);
    let next = (end < all.len()).then(|| format!("page-{end}"));
    Some((all[from..end].to_vec(), next))
}

/// A running stand-in; it ends when this is dropped.
#[derive(Debug)]
pub struct NangoStandIn {
    address: SocketAddr,
    world: Arc<Mutex<World>>,
    task: JoinHandle<()>,
}

impl NangoStandIn {
    /// Starts on a free port of loopback and takes `secret` as the only secret key.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(secret: &str) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let world = Arc::new(Mutex::new(World::default()));
        let router = api::router(secret.to_owned(), Arc::clone(&world));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            address,
            world,
            task,
        })
    }
    /// The port on loopback.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
    /// `http://127.0.0.1:<port>`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
    /// Every request so far, in order.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.world).seen.clone()
    }
}

impl Drop for NangoStandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A panic in one request must not take the others along.
fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}
