//! The webhooks that a sync takes besides running again and again.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a spec says of them; Nango hands a payload to the sync's `onWebhook`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SyncWebhook {
    /// The types that the sync takes, as the provider names them; `*` for all.
    pub subscriptions: Vec<String>,
    /// A payload as it comes, as far as somebody knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Value>,
}
