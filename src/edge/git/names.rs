//! Addresses, reference names and object ids, in git's form and in ours.

use git2::Oid;
use reqwest::Url;

use super::error::GitError;
use crate::domain::name::Sha;

/// Accepts http and https without a user, so that no token gets into an address, and drops a trailing slash.
pub(super) fn check_url(url: &str) -> Result<String, GitError> {
    let refuse = |url: &str, why| GitError::Url {
        url: url.rsplit('@').next().unwrap_or_default().to_owned(),
        why,
    };
    let parsed = Url::parse(url).map_err(|_| refuse(url, "it is not a URL"))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(refuse(url, "only http and https are spoken"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(refuse(url, "there must be no user or password in it"));
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err(refuse(url, "there must be no query or fragment in it"));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// `refs/heads/name`, when git allows the name.
pub(super) fn branch_ref(name: &str) -> Result<String, GitError> {
    let full = format!("refs/heads/{name}");
    if git2::Reference::is_valid_name(&full) && !name.contains('*') {
        Ok(full)
    } else {
        Err(GitError::RefName {
            name: name.to_owned(),
        })
    }
}

/// libgit2's form of an id.
pub(super) fn oid(sha: &Sha) -> Result<Oid, GitError> {
    Oid::from_str(sha.as_str()).map_err(GitError::git("read an object id"))
}

/// Our form of an id.
pub(super) fn sha(oid: Oid) -> Result<Sha, GitError> {
    oid.to_string().parse().map_err(|_| GitError::Git {
        doing: "work with object ids that are not SHA-1",
        source: git2::Error::from_str("the repository has another object format"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_no_secret_in_it_not_even_in_the_error() {
        assert!(check_url("https://git.example/acme/shop.git").is_ok());
        assert!(check_url("http://127.0.0.1:4000/acme/shop.git/").is_ok());
        for bad in [
            "https://x:hush@git.example/a.git",
            "https://hush@git.example/a.git",
            "ssh://hush@git.example/a.git",
            "hush@git.example:a.git",
            "file:///tmp/a.git",
            "/tmp/a.git",
        ] {
            let error = check_url(bad).expect_err(bad).to_string();
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn branch_names_are_checked() {
        assert!(branch_ref("countersign/pr-7").is_ok());
        for bad in ["", "a b", "a..b", "a*", "-/.lock", "a.lock", "a~1", "a:b"] {
            assert!(branch_ref(bad).is_err(), "{bad:?}");
        }
    }
}
