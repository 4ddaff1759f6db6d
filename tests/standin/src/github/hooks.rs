//! Webhooks: what is delivered, signed, recorded, held back and sent again. GitHub never tries by itself again.

use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::Notify;

use super::payloads;
use super::world::{World, time};
use crate::names::RepoName;

/// Where deliveries go, and all there ever were.
pub(super) struct Hooks {
    pub id: u64,
    pub url: Option<String>,
    pub secret: SecretString,
    pub deliveries: Vec<Delivery>,
    pub flow: Flow,
    wake: Arc<Notify>,
}

/// Whether deliveries go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Running,
    Held,
}

/// In which order held deliveries are let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they were made.
    AsMade,
    /// The newest first; GitHub promises no order.
    NewestFirst,
}

/// How one delivery went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It waits, or is on its way.
    NotYet,
    /// The receiver answered.
    Answered {
        /// Its status.
        status: u16,
        /// The beginning of its body.
        body: String,
    },
    /// Nobody answered: no address, no connection, or not within the time-out.
    Failed {
        /// Why.
        why: String,
    },
}

/// One delivery of one event.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its own id, new at each redelivery.
    pub id: u64,
    /// The event's GUID, the same at each redelivery.
    pub guid: String,
    /// `pull_request`, `issue_comment`, …
    pub event: String,
    /// `opened`, `created`, …
    pub action: Option<String>,
    /// Exactly what is sent and signed.
    pub body: String,
    /// Whether it repeats an earlier one.
    pub redelivery: bool,
    /// How it went.
    pub sent: Sent,
    installation: Option<u64>,
    repository: Option<u64>,
    at_ms: i64,
    pub(super) took: Duration,
    pub(super) on_its_way: bool,
}

impl Delivery {
    /// How long the receiver took to answer.
    pub fn took(&self) -> Duration {
        self.took
    }
    pub(super) fn was_sent(&self) -> bool {
        self.sent != Sent::NotYet
    }
    /// As in GitHub's list.
    pub(super) fn item(&self) -> Value {
        let (status, code) = match &self.sent {
            Sent::NotYet => ("pending".to_owned(), 0),
            Sent::Answered { status, .. } if *status < 400 => ("OK".to_owned(), *status),
            Sent::Answered { status, .. } => (format!("Invalid HTTP Response: {status}"), *status),
            Sent::Failed { why } => (why.clone(), 0),
        };
        json!({
            "id": self.id,
            "guid": self.guid,
            "delivered_at": time(self.at_ms),
            "redelivery": self.redelivery,
            "duration": self.took.as_secs_f64(),
            "status": status,
            "status_code": code,
            "event": self.event,
            "action": self.action,
            "installation_id": self.installation,
            "repository_id": self.repository,
            "throttled_at": null,
        })
    }
    /// With request and response.
    pub(super) fn whole(&self, hooks: &Hooks) -> Value {
        let mut value = self.item();
        let headers: serde_json::Map<String, Value> = hooks
            .headers(self)
            .into_iter()
            .map(|(name, text)| (name.to_owned(), json!(text)))
            .collect();
        let payload: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let answer = match &self.sent {
            Sent::Answered { body, .. } => Some(body),
            Sent::NotYet | Sent::Failed { .. } => None,
        };
        value["url"] = json!(hooks.url);
        value["request"] = json!({ "headers": headers, "payload": payload });
        value["response"] = json!({ "headers": {}, "payload": answer });
        value
    }
}

impl Hooks {
    pub fn new(id: u64, secret: SecretString, wake: Arc<Notify>) -> Self {
        Self {
            id,
            url: None,
            secret,
            deliveries: Vec::new(),
            flow: Flow::Running,
            wake,
        }
    }
    pub fn hold(&mut self) {
        self.flow = Flow::Held;
    }
    pub fn release(&mut self, order: Order) {
        if order == Order::NewestFirst {
            let (mut waiting, mut sent): (Vec<_>, Vec<_>) = self
                .deliveries
                .drain(..)
                .partition(|delivery| !delivery.was_sent() && !delivery.on_its_way);
            waiting.reverse();
            sent.append(&mut waiting);
            self.deliveries = sent;
        }
        self.flow = Flow::Running;
        self.wake.notify_one();
    }
    /// Whether nothing is left to send.
    pub fn is_settled(&self) -> bool {
        self.deliveries.iter().all(Delivery::was_sent)
    }

    pub fn headers(&self, delivery: &Delivery) -> Vec<(&'static str, String)> {
        vec![
            ("accept", "*/*".to_owned()),
            ("content-type", "application/json".to_owned()),
            ("user-agent", "GitHub-Hookshot/5718f75".to_owned()),
            ("x-github-delivery", delivery.guid.clone()),
            ("x-github-event", delivery.event.clone()),
            ("x-github-hook-id", self.id.to_string()),
            (
                "x-github-hook-installation-target-type",
                "integration".to_owned(),
            ),
            ("x-hub-signature-256", self.sign(delivery.body.as_bytes())),
        ]
    }
    fn sign(&self, body: &[u8]) -> String {
        // HMAC takes keys of every length, so that the error cannot happen; an empty signature would fail every check.
        Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes()).map_or_else(
            |_| String::new(),
            |mut mac| {
                mac.update(body);
                format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
            },
        )
    }
}

impl World {
    /// Sends `event` to the App if it is installed on `repo` and wants to hear of it. `sender` is who did it.
    pub fn announce(
        &mut self,
        event: &str,
        action: Option<&str>,
        repo: Option<&RepoName>,
        sender: &str,
        parts: Value,
    ) {
        if !self.app_hears(event) {
            return;
        }
        let installation = repo.and_then(|repo| self.installation_of(repo)).cloned();
        if repo.is_some() && installation.is_none() {
            return;
        }
        self.user(sender);
        let payload = payloads::whole(self, action, repo, installation.as_ref(), sender, parts);
        let id = self.next_id();
        let delivery = Delivery {
            id,
            guid: guid(),
            event: event.to_owned(),
            action: action.map(str::to_owned),
            body: payload.to_string(),
            redelivery: false,
            sent: Sent::NotYet,
            installation: payload["installation"]["id"].as_u64(),
            repository: payload["repository"]["id"].as_u64(),
            at_ms: self.now_ms(),
            took: Duration::ZERO,
            on_its_way: false,
        };
        self.hooks.deliveries.push(delivery);
        self.hooks.wake.notify_one();
    }

    /// Apps always hear of their installations and pings; of checks when they may write them.
    fn app_hears(&self, event: &str) -> bool {
        match event {
            "ping" | "installation" | "installation_repositories" => true,
            "check_run" | "check_suite" => self.app.permissions.contains_key("checks"),
            _ => self.app.events.iter().any(|wanted| wanted == event),
        }
    }

    /// Sends the event of this GUID again. Returns whether there was one.
    pub fn redeliver(&mut self, guid: &str) -> bool {
        let Some(first) = self
            .hooks
            .deliveries
            .iter()
            .find(|delivery| delivery.guid == guid)
            .cloned()
        else {
            return false;
        };
        let again = Delivery {
            id: self.next_id(),
            redelivery: true,
            sent: Sent::NotYet,
            at_ms: self.now_ms(),
            took: Duration::ZERO,
            on_its_way: false,
            ..first
        };
        self.hooks.deliveries.push(again);
        self.hooks.wake.notify_one();
        true
    }
}

fn guid() -> String {
    let mut noise = [0_u8; 16];
    // Without random numbers the time keeps GUIDs apart well enough for a stand-in.
    if aws_lc_rs::rand::fill(&mut noise).is_err() {
        noise = jiff::Timestamp::now().as_nanosecond().to_be_bytes();
    }
    let hex = hex::encode(noise);
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}
