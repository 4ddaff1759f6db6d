//! The App itself, as GitHub has it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::github_app::RegisteredApp;

use super::app::GitHub;
use super::error::GitHubError;

#[derive(Deserialize)]
struct AppBody {
    slug: String,
    html_url: String,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
    #[serde(default)]
    events: Vec<String>,
}

#[derive(Deserialize)]
struct HookBody {
    url: Option<String>,
}

impl GitHub {
    /// What it asks for, and what it subscribes to.
    ///
    /// # Errors
    /// When GitHub fails, or does not take the App's key.
    pub async fn registered(&self) -> Result<RegisteredApp, GitHubError> {
        let app: AppBody = self.as_app("/app").await?;
        Ok(RegisteredApp {
            slug: app.slug,
            page: app.html_url,
            permissions: app.permissions,
            events: app.events,
        })
    }

    /// Where its webhooks go, when it has an address.
    ///
    /// # Errors
    /// When GitHub fails.
    pub async fn webhook_address(&self) -> Result<Option<String>, GitHubError> {
        let hook: HookBody = self.as_app("/app/hook/config").await?;
        Ok(hook.url.filter(|url| !url.is_empty()))
    }
}
