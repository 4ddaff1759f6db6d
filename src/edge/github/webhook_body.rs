//! The fields of deliveries that are used, of all events together. All others are passed over unread.

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Body {
    pub action: Option<String>,
    pub installation: Option<Id>,
    pub repository: Option<Repository>,
    pub sender: Option<User>,
    pub pull_request: Option<Pull>,
    pub changes: Option<Changes>,
    pub issue: Option<Issue>,
    pub comment: Option<Comment>,
    pub check_run: Option<Check>,
    pub check_suite: Option<Check>,
    pub repositories_removed: Option<Vec<Repository>>,
}

#[derive(Deserialize)]
pub(super) struct Id {
    pub id: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Repository {
    pub full_name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct User {
    pub login: Option<String>,
    pub id: Option<u64>,
    pub r#type: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Pull {
    pub number: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct Changes {
    pub base: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Issue {
    pub number: Option<u64>,
    pub pull_request: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Comment {
    pub id: Option<u64>,
    pub body: Option<String>,
    pub user: Option<User>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct Check {
    pub head_sha: Option<String>,
    pub external_id: Option<String>,
    pub pull_requests: Option<Vec<Numbered>>,
}

#[derive(Deserialize, Clone)]
pub(super) struct Numbered {
    pub number: Option<u64>,
}
