//! Who people are, and what they may do.

use serde::Deserialize;

use crate::domain::permission::Permission;

use super::app::GitHub;
use super::broker::Scope;
use super::error::GitHubError;
use super::text::segment;
use crate::domain::place::RepoRef;

impl GitHub {
    /// What somebody may do with the repository, asked anew each time: the answer must be true now. Whom GitHub does
    /// not know there may do nothing.
    pub async fn permission(&self, at: &RepoRef, login: &str) -> Result<Permission, GitHubError> {
        #[derive(Deserialize)]
        struct PermissionBody {
            permission: String,
            #[serde(default)]
            role_name: Option<String>,
        }
        let path = format!(
            "/repos/{}/collaborators/{}/permission",
            at.repo,
            segment(login)
        );
        match self.get::<PermissionBody>(at, Scope::Look, &path).await {
            Ok(answer) => Ok(role(&answer.permission, answer.role_name.as_deref())),
            Err(error) if error.status() == Some(404) => Ok(Permission::None),
            Err(error) => Err(error),
        }
    }

    /// A user's id.
    ///
    /// # Errors
    /// When GitHub does not know them, or fails.
    pub async fn user_id(&self, at: &RepoRef, login: &str) -> Result<u64, GitHubError> {
        #[derive(Deserialize)]
        struct AccountBody {
            id: u64,
        }
        let path = format!("/users/{}", segment(login));
        let user: AccountBody = self.get(at, Scope::Look, &path).await?;
        Ok(user.id)
    }
}

/// `permission` knows four words only, and maps every role, custom ones too, to one of them; `role_name` makes them
/// finer but never more powerful. Source: GitHub's REST reference, "Get repository permissions for a user".
fn role(permission: &str, role_name: Option<&str>) -> Permission {
    match (permission, role_name) {
        ("admin", _) => Permission::Admin,
        ("write", Some("maintain")) => Permission::Maintain,
        ("write", _) => Permission::Write,
        ("read", Some("triage")) => Permission::Triage,
        ("read", _) => Permission::Read,
        _ => Permission::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_never_more_than_its_permission() {
        for (permission, role_name, expected) in [
            ("admin", Some("admin"), Permission::Admin),
            ("write", Some("maintain"), Permission::Maintain),
            ("write", Some("release-manager"), Permission::Write),
            ("write", None, Permission::Write),
            ("read", Some("triage"), Permission::Triage),
            ("read", Some("admin"), Permission::Read),
            ("none", Some("admin"), Permission::None),
            ("push", Some("write"), Permission::None),
        ] {
            assert_eq!(role(permission, role_name), expected, "{permission}");
        }
    }
}
