//! Apps made from a manifest: the page that takes it, and the API that gives the App for the code. The App that comes of it is the
//! one there is, with what the manifest asks for.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::auth::Permissions;
use super::objects;
use super::routes::Call;
use super::world::World;
use secrecy::ExposeSecret as _;

/// What a manifest may hold; GitHub refuses what it does not know.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    name: String,
    url: String,
    hook_attributes: Hook,
    redirect_url: String,
    #[serde(default, rename = "public")]
    _public: bool,
    default_permissions: Permissions,
    default_events: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hook {
    url: String,
    #[serde(default, rename = "active")]
    _active: bool,
}

/// Permissions and events that an App may ask for, as far as this GitHub has them.
const PERMISSIONS: [&str; 6] = [
    "checks",
    "contents",
    "issues",
    "metadata",
    "pull_requests",
    "workflows",
];
const EVENTS: [&str; 6] = [
    "check_run",
    "check_suite",
    "issue_comment",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
];

impl World {
    /// Takes the form of the page "new App"; returns where the browser goes then.
    pub fn take_manifest(
        &mut self,
        form: &[(String, String)],
        state: &str,
    ) -> Result<String, String> {
        let text = form.iter().find(|(name, _)| name == "manifest");
        let (_, text) = text.ok_or("there is no manifest")?;
        let manifest: Manifest = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if manifest.name.is_empty() || manifest.name.chars().count() > 34 {
            return Err("Name must be at most 34 characters".into());
        }
        for url in [
            &manifest.url,
            &manifest.hook_attributes.url,
            &manifest.redirect_url,
        ] {
            reqwest::Url::parse(url).map_err(|_| format!("{url} is no URL"))?;
        }
        if let Some(name) = manifest
            .default_permissions
            .keys()
            .find(|name| !PERMISSIONS.contains(&name.as_str()))
        {
            return Err(format!("there is no permission {name}"));
        }
        if let Some(event) = manifest
            .default_events
            .iter()
            .find(|event| !EVENTS.contains(&event.as_str()))
        {
            return Err(format!("there is no event {event}"));
        }
        let code = format!("code-{}", self.next_id());
        let back = format!("{}?code={code}&state={state}", manifest.redirect_url);
        self.manifests.insert(code, manifest);
        Ok(back)
    }
}

/// Gives the App, once.
pub(super) fn convert(world: &mut World, call: &Call) -> Outcome {
    let manifest = world
        .manifests
        .remove(call.piece("code"))
        .ok_or_else(Refusal::not_found)?;
    world.app.permissions = manifest.default_permissions;
    world.app.events = manifest.default_events;
    world.hooks.url = Some(manifest.hook_attributes.url);
    let mut app: Value = objects::app(world);
    app["client_secret"] = json!("a-client-secret");
    app["webhook_secret"] = json!(world.hooks.secret.expose_secret());
    app["pem"] = json!(world.app.private_key_pem().expose_secret());
    Ok(Answer::created(app))
}
