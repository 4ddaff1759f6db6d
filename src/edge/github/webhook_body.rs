//! The fields of deliveries that are used, of all events together. All others are passed over unread.

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct WebhookBody {
    pub action: Option<String>,
    pub installation: Option<Id>,
    pub repository: Option<RepositoryBody>,
    pub sender: Option<UserBody>,
    pub pull_request: Option<PullBody>,
    pub changes: Option<ChangesBody>,
    pub issue: Option<Issue>,
    pub comment: Option<CommentBody>,
    pub review: Option<ReviewBody>,
    pub check_run: Option<CheckBody>,
    pub check_suite: Option<CheckBody>,
    pub requested_action: Option<RequestedAction>,
    pub repositories_removed: Option<Vec<RepositoryBody>>,
}

#[derive(Deserialize)]
pub(super) struct Id {
    pub id: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct RepositoryBody {
    pub full_name: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct UserBody {
    pub login: Option<String>,
    pub id: Option<u64>,
    pub r#type: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PullBody {
    pub number: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct ChangesBody {
    pub base: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Issue {
    pub number: Option<u64>,
    pub pull_request: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct CommentBody {
    pub id: Option<u64>,
    pub body: Option<String>,
    pub user: Option<UserBody>,
    /// Only those at lines have one.
    pub path: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RequestedAction {
    pub identifier: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ReviewBody {
    pub id: Option<u64>,
    pub node_id: Option<String>,
    pub body: Option<String>,
    pub user: Option<UserBody>,
}

#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct CheckBody {
    pub head_sha: Option<String>,
    pub external_id: Option<String>,
    pub pull_requests: Option<Vec<Numbered>>,
}

#[derive(Deserialize, Clone)]
pub(super) struct Numbered {
    pub number: Option<u64>,
}
