//! What can happen to a connection that Nango runs a function at.

use serde::{Deserialize, Serialize};

/// The events that `createOnEvent` takes; the same in every version of the CLI that is supported (seen in 0.69.36, 0.69.46,
/// 0.70.4, 0.70.9 and 0.71.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConnectionEvent {
    /// Somebody has connected: keep what later functions need, register a webhook.
    PostConnectionCreation,
    /// A connection is about to be deleted: take back what was registered, revoke the access.
    PreConnectionDeletion,
    /// Nango asks whether a connection works; the function fails when it does not.
    ValidateConnection,
}

impl ConnectionEvent {
    /// All of them.
    pub const ALL: [ConnectionEvent; 3] = [
        ConnectionEvent::PostConnectionCreation,
        ConnectionEvent::PreConnectionDeletion,
        ConnectionEvent::ValidateConnection,
    ];

    /// As Nango and specs write it.
    pub fn name(self) -> &'static str {
        match self {
            ConnectionEvent::PostConnectionCreation => "post-connection-creation",
            ConnectionEvent::PreConnectionDeletion => "pre-connection-deletion",
            ConnectionEvent::ValidateConnection => "validate-connection",
        }
    }

    /// The event of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// Whether a run of the function leaves the connection as usable as it was. One that takes access back does not.
    pub fn spares_the_connection(self) -> bool {
        match self {
            ConnectionEvent::PostConnectionCreation | ConnectionEvent::ValidateConnection => true,
            ConnectionEvent::PreConnectionDeletion => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_written_in_one_way() {
        for event in ConnectionEvent::ALL {
            assert_eq!(serde_json::json!(event), event.name());
            assert_eq!(ConnectionEvent::of_name(event.name()), Some(event));
        }
        assert_eq!(ConnectionEvent::of_name("post-connection-deletion"), None);
    }
}
