//! What webhooks carry, as complete as GitHub's.

use serde_json::{Map, Value, json};

use super::objects;
use super::world::{Installation, World};
use crate::names::RepoName;

/// `parts` with what every payload has: action, repository, installation, sender.
pub(super) fn whole(
    world: &World,
    action: Option<&str>,
    repo: Option<&RepoName>,
    installation: Option<&Installation>,
    sender: &str,
    parts: Value,
) -> Value {
    let mut payload = Map::new();
    if let Some(action) = action {
        payload.insert("action".to_owned(), json!(action));
    }
    if let Value::Object(parts) = parts {
        payload.extend(parts);
    }
    if let Some(Ok(repo)) = repo.map(|repo| objects::repo(world, repo)) {
        payload.insert("repository".to_owned(), repo);
    }
    payload.insert("sender".to_owned(), objects::user(world, sender));
    if let Some(installation) = installation {
        let short = json!({
            "id": installation.id,
            "node_id": objects::node_id("IntegrationInstallation", installation.id),
        });
        payload.entry("installation").or_insert(short);
    }
    Value::Object(payload)
}
