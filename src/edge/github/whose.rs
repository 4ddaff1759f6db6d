//! Whose a delivery is, for deliveries that are kept. Read apart from all else: one that we cannot read may be somebody's.

use crate::domain::name::RepoName;

use super::webhook_body::WebhookBody;

/// Whose a delivery is, as far as its body says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whose {
    /// The App's installation.
    pub installation: Option<u64>,
    /// The repository.
    pub repo: Option<RepoName>,
}

/// Whose the delivery with this body is; nobody's, when it does not say or is no JSON.
pub fn whose(body: &str) -> Whose {
    let body: WebhookBody = serde_json::from_str(body).unwrap_or_default();
    let name = body.repository.and_then(|repository| repository.full_name);
    Whose {
        installation: body.installation.and_then(|installation| installation.id),
        repo: name.and_then(|name| name.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_says_whose_it_is_or_nothing() {
        let body = r#"{"installation": {"id": 11}, "repository": {"full_name": "octo/app"}}"#;
        let expected = Whose {
            installation: Some(11),
            repo: Some("octo/app".parse().expect("a name")),
        };
        assert_eq!(whose(body), expected);
        for body in ["", "{}", "[", r#"{"repository": {"full_name": "../up"}}"#] {
            assert_eq!(whose(body), Whose::default(), "{body}");
        }
    }
}
