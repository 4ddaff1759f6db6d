//! What the App needs on GitHub, and the App as GitHub has it.

use std::collections::BTreeMap;

/// Permissions in repositories, by GitHub's names. Source: its docs, "Permissions required for GitHub Apps".
pub const PERMISSIONS: [(&str, &str); 5] = [
    ("checks", "write"),
    ("contents", "write"),
    ("issues", "write"),
    ("metadata", "read"),
    ("pull_requests", "write"),
];

/// Events that it has to subscribe to. Those of its own checks come with the permission.
pub const EVENTS: [&str; 4] = [
    "issue_comment",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
];

/// The App as GitHub has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredApp {
    /// Its name in addresses.
    pub slug: String,
    /// Its page.
    pub page: String,
    /// What it asks for, by permission.
    pub permissions: BTreeMap<String, String>,
    /// What it subscribes to.
    pub events: Vec<String>,
}

impl RegisteredApp {
    /// What it needs and does not have, each as a few words.
    pub fn lacks(&self) -> Vec<String> {
        let has = |name: &str, level: &str| {
            let has = self.permissions.get(name).map(String::as_str);
            has == Some(level) || has == Some("admin") || (level == "read" && has.is_some())
        };
        let permissions = PERMISSIONS.iter().filter(|(name, level)| !has(name, level));
        let permissions = permissions.map(|(name, level)| format!("permission {name}: {level}"));
        let events = EVENTS
            .iter()
            .filter(|event| !self.events.iter().any(|has| has == *event));
        permissions
            .chain(events.map(|event| format!("event {event}")))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_named() {
        let mut app = RegisteredApp {
            slug: "countersign".into(),
            page: "https://github.com/apps/countersign".into(),
            permissions: PERMISSIONS
                .map(|(name, level)| (name.into(), level.into()))
                .into(),
            events: EVENTS.map(str::to_owned).to_vec(),
        };
        assert_eq!(app.lacks(), [""; 0]);
        app.permissions.insert("metadata".into(), "write".into());
        assert_eq!(app.lacks(), [""; 0], "more than it needs");
        app.permissions.insert("checks".into(), "read".into());
        app.permissions.remove("issues");
        app.events.remove(0);
        let lacks = [
            "permission checks: write",
            "permission issues: write",
            "event issue_comment",
        ];
        assert_eq!(app.lacks(), lacks);
    }
}
