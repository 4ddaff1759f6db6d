//! Making an App from a manifest: what GitHub is told, and what it gives for the code that comes back.
//! Source: GitHub's docs, "Registering a GitHub App from a manifest".

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::github_app::{EVENTS, PERMISSIONS};
use crate::domain::limits;
use crate::text::clip::shorten;

/// What an App is made from.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// Its name, which nobody on GitHub may have yet.
    pub name: String,
    /// Where its webhooks go, where the server has a public address.
    pub webhook: Option<String>,
    /// Where the browser comes back to with a code.
    pub redirect: String,
}

/// The page that the App's page on GitHub links to.
const HOMEPAGE: &str =
    "https://nango.dev/blog/building-200-api-integrations-with-an-autonomous-agent";
/// Where webhooks go that are only fetched: a manifest has to name an address, and nobody answers at this one.
const NOWHERE: &str = "https://countersign.invalid/webhook";

impl Manifest {
    /// As GitHub takes it.
    pub fn json(&self) -> Value {
        let permissions: serde_json::Map<String, Value> = PERMISSIONS
            .iter()
            .map(|(name, level)| ((*name).to_owned(), json!(level)))
            .collect();
        json!({
            "name": self.name,
            "url": HOMEPAGE,
            "hook_attributes": { "url": self.webhook.as_deref().unwrap_or(NOWHERE), "active": true },
            "redirect_url": self.redirect,
            "public": false,
            "default_permissions": permissions,
            "default_events": EVENTS,
        })
    }
}

/// An App that was made, with its secrets.
#[derive(Debug, Deserialize)]
pub struct MadeApp {
    /// Its id.
    pub id: u64,
    /// Its name in addresses.
    pub slug: String,
    /// Its page.
    pub html_url: String,
    /// Its private key.
    pub pem: SecretString,
    /// What webhooks are signed with. GitHub makes one.
    pub webhook_secret: SecretString,
}

/// Why a code was not changed into an App.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is no code.
    #[error("what came back from GitHub is no code of one")]
    Code,
    /// GitHub was not reached.
    #[error("GitHub did not answer: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// GitHub does not take the code: it is used up, or an hour old.
    #[error("GitHub does not take the code ({status}): {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The beginning of GitHub's words. Untrusted text.
        message: String,
    },
}

/// Changes the code that a browser brought back into the App. It can be done once, within an hour.
///
/// # Errors
/// When GitHub cannot be reached, or does not take the code.
pub async fn made_from(api_url: &str, code: &str) -> Result<MadeApp, ManifestError> {
    let is_code = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if code.is_empty() || code.len() > limits::NAME_CHARS || !code.chars().all(is_code) {
        return Err(ManifestError::Code);
    }
    let client = reqwest::Client::builder()
        .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
        .timeout(Duration::from_secs(limits::GITHUB_REQUEST_SECONDS))
        .build()?;
    let api_url = api_url.trim_end_matches('/');
    let answer = client
        .post(format!("{api_url}/app-manifests/{code}/conversions"))
        .header("accept", "application/vnd.github+json")
        .send()
        .await?;
    let status = answer.status();
    if !status.is_success() {
        let words = answer.text().await.unwrap_or_default();
        return Err(ManifestError::Refused {
            status: status.as_u16(),
            message: shorten(&words, limits::GITHUB_MESSAGE_CHARS),
        });
    }
    Ok(answer.json().await?)
}
