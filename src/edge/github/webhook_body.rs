//! The fields of deliveries that are used, of all events together. All others are passed over unread, and not kept: a body has
//! up to 25 MB, and what is read of it a few hundred bytes.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::limits;

/// What is kept of a body: all that is ever read of it, or its beginning where it is not what GitHub documents, which is then no
/// more than before.
pub fn kept(body: &[u8]) -> String {
    let read: Result<WebhookBody, _> = serde_json::from_slice(body);
    let short = read.and_then(|read| serde_json::to_string(&read)).ok();
    short
        .filter(|short| short.len() < limits::LARGE_WEBHOOK_BYTES)
        .unwrap_or_else(|| {
            let beginning = &body[..body.len().min(limits::MALFORMED_BODY_BYTES)];
            String::from_utf8_lossy(beginning).into_owned()
        })
}

/// Of a value only that it is there.
pub(super) struct There;

impl<'de> Deserialize<'de> for There {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(from).map(|_| Self)
    }
}

impl Serialize for There {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bool(true)
    }
}

#[derive(Serialize, Deserialize, Default)]
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

#[derive(Serialize, Deserialize)]
pub(super) struct Id {
    pub id: Option<u64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RepositoryBody {
    pub full_name: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct UserBody {
    pub login: Option<String>,
    pub id: Option<u64>,
    pub r#type: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PullBody {
    pub number: Option<u64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ChangesBody {
    pub base: Option<There>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Issue {
    pub number: Option<u64>,
    pub pull_request: Option<There>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct CommentBody {
    pub id: Option<u64>,
    pub body: Option<String>,
    pub user: Option<UserBody>,
    /// Only those at lines have one.
    pub path: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RequestedAction {
    pub identifier: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ReviewBody {
    pub id: Option<u64>,
    pub node_id: Option<String>,
    pub body: Option<String>,
    pub user: Option<UserBody>,
}

#[derive(Serialize, Deserialize, Default, Clone)]
#[serde(default)]
pub(super) struct CheckBody {
    pub head_sha: Option<String>,
    pub external_id: Option<String>,
    pub pull_requests: Option<Vec<Numbered>>,
}

#[derive(Serialize, Deserialize, Clone)]
pub(super) struct Numbered {
    pub number: Option<u64>,
}
