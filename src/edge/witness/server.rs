//! Listens on loopback and knows whose key is whose.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::access::WitnessAccess;
use super::aside::Aside;
use super::attempt::{Admission, Attempt};
use super::compile_key::CompileKey;
use super::keys::{Holder, Keys};
use super::refusal::Refusal;
use super::wire::{self, Wire};
use crate::domain::tape::Phase;
use crate::os::clock::Now;
use crate::os::random::{self, NoRandom};

/// What a witness needs.
pub struct WitnessConfig {
    /// Nango's API, without a path: `https://api.nango.dev`.
    pub upstream: String,
    /// Nango's secret key. Nobody but the witness has it.
    pub secret: SecretString,
    /// How long one request may take.
    pub patience: Duration,
    /// What time it is.
    pub now: Now,
    /// Who answers questions that are not for the API.
    pub aside: Aside,
}

/// Why there is no witness.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The API's address cannot be used.
    #[error(
        "`{address}` cannot be the address of the Nango API: {why}; set NANGO_HOSTPORT as `https://host[:port]`"
    )]
    Upstream {
        /// The address.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// The secret key cannot be sent.
    #[error(
        "Nango's secret key holds characters that no HTTP header can carry, or is shorter than 8; copy it again from Nango (Environment settings) into NANGO_SECRET_KEY"
    )]
    Secret,
    /// No port could be opened.
    #[error("the witness could not listen on 127.0.0.1: {0}")]
    Listen(#[source] io::Error),
    /// The HTTP client could not be made.
    #[error("the witness could not make its HTTP client: {0}")]
    Client(#[source] reqwest::Error),
    /// There can be no keys.
    #[error(transparent)]
    Random(#[from] NoRandom),
}

/// The recording proxy. One for a process; when it is dropped it stops listening.
#[derive(Debug)]
pub struct Witness {
    port: u16,
    keys: Arc<Keys>,
    stop: CancellationToken,
}

impl Witness {
    /// Whether this can be the address of the Nango API.
    ///
    /// # Errors
    /// [`WitnessError::Upstream`]
    pub fn check_upstream(address: &str) -> Result<(), WitnessError> {
        upstream(address).map(drop)
    }

    /// Whether this can be Nango's secret key.
    ///
    /// # Errors
    /// [`WitnessError::Secret`]
    pub fn check_secret(secret: &SecretString) -> Result<(), WitnessError> {
        let carried = wire::authorization(secret).filter(|_| secret.expose_secret().len() >= 8);
        carried.map(drop).ok_or(WitnessError::Secret)
    }

    /// Starts listening on a free port of loopback.
    ///
    /// # Errors
    /// When the address or the key cannot be used, or no port is free.
    pub async fn start(config: WitnessConfig) -> Result<Self, WitnessError> {
        let upstream = upstream(&config.upstream)?;
        Self::check_secret(&config.secret)?;
        let mut client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // The tape is written of what was sent, in the form in which it was sent.
            .http1_only()
            .timeout(config.patience);
        // Elsewhere the operator's proxies are the way; what is on this machine, a proxy cannot reach.
        if is_loopback(&upstream) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(WitnessError::Client)?;
        let wire = Wire::new(client, upstream, config.secret, config.now, config.patience)
            .ok_or(WitnessError::Secret)?;
        let keys = Arc::new(Keys::default());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .map_err(WitnessError::Listen)?;
        let port = listener.local_addr().map_err(WitnessError::Listen)?.port();
        let app = Router::new().fallback(answer).with_state(Desk {
            keys: Arc::clone(&keys),
            wire: Arc::new(wire),
            aside: config.aside,
        });
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                served = axum::serve(listener, app) => {
                    if let Err(error) = served {
                        tracing::error!(%error, "the witness stopped listening");
                    }
                }
                () = stopped.cancelled() => {}
            }
        });
        Ok(Self { port, keys, stop })
    }

    /// The port of loopback that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets an attempt use the witness.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn admit(&self, admission: Admission) -> Result<WitnessAccess, WitnessError> {
        let attempt = Arc::new(Attempt::new(admission));
        let (agent_key, room_key) = (random_key()?, random_key()?);
        let clean_up_key = random_key()?;
        for (key, phase) in [
            (&agent_key, Phase::Agent),
            (&room_key, Phase::CleanRoom),
            (&clean_up_key, Phase::CleanUp),
        ] {
            let holder = Holder::Attempt(Arc::clone(&attempt), phase);
            self.keys.add(key, holder);
        }
        Ok(WitnessAccess {
            attempt,
            keys: Arc::downgrade(&self.keys),
            agent_key,
            room_key,
            clean_up_key,
            port: self.port,
        })
    }

    /// Lets a program of ours ask about sources.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn compile_key(&self) -> Result<CompileKey, WitnessError> {
        Ok(CompileKey::of(&self.keys, random_key()?, self.port))
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[derive(Clone)]
struct Desk {
    keys: Arc<Keys>,
    wire: Arc<Wire>,
    aside: Aside,
}

async fn answer(State(desk): State<Desk>, request: Request) -> Response {
    let unknown = || {
        Refusal::with(
            StatusCode::UNAUTHORIZED,
            "this key is unknown, or its attempt is over",
            "Use the key that is set in the environment. When the attempt is over, stop.",
        )
        .into_response()
    };
    let Some((key, holder)) = desk.keys.whose(request.headers()) else {
        return unknown();
    };
    if Aside::is_meant(&request) {
        return desk.aside.carry(request, holder.asides()).await;
    }
    let Holder::Attempt(attempt, phase) = holder else {
        return unknown();
    };
    // A task of its own: when whoever asked hangs up, what was sent on is written down all the same.
    let carried =
        tokio::spawn(async move { desk.wire.carry(request, &key, &attempt, phase).await });
    carried.await.unwrap_or_else(|_| {
        Refusal::failed(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the witness failed at this request",
        )
        .into_response()
    })
}

fn random_key() -> Result<String, WitnessError> {
    Ok(format!("workspace-{}", random::hex::<32>()?))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or("").trim_end_matches('.');
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

fn upstream(address: &str) -> Result<Url, WitnessError> {
    let fault = |why: &str| WitnessError::Upstream {
        address: address.to_owned(),
        why: why.to_owned(),
    };
    let url = Url::parse(address).map_err(|error| fault(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(fault("it is not an http address"));
    }
    // Nango's CLI cuts paths by a fixed prefix, so a path here would end up in recordings.
    if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
        return Err(fault("it has more than a host and a port"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_this_machine_is_known_by_its_address() {
        for (address, expected) in [
            ("http://127.0.0.1:3003", true),
            ("http://127.8.0.1", true),
            ("http://[::1]:3003", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://LOCALHOST.:80", true),
            ("http://nango.localhost", true),
            ("https://api.nango.dev", false),
            ("http://10.0.0.1", false),
            ("http://localhost.example", false),
            ("http://notlocalhost", false),
        ] {
            let url = upstream(address).expect("an address");
            assert_eq!(is_loopback(&url), expected, "{address}");
        }
    }
}
