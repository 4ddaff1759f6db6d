//! The two kinds of names that GitHub is spoken to in. They are checked where they come in.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not a name of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not `owner/name`.
    #[error("is not a repository name of the form owner/name")]
    NotRepo,
    /// Not a full object id.
    #[error("is not a full object id of 40 hexadecimal digits")]
    NotSha,
}

/// `owner/name` of a repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoName {
    whole: String,
    slash: usize,
}

impl RepoName {
    /// The name as GitHub writes it.
    pub fn as_str(&self) -> &str {
        &self.whole
    }
    /// The account the repository belongs to.
    pub fn owner(&self) -> &str {
        &self.whole[..self.slash]
    }
    /// The repository's name without its owner.
    pub fn name(&self) -> &str {
        &self.whole[self.slash + 1..]
    }
}

impl TryFrom<String> for RepoName {
    type Error = NameError;
    /// Takes what can be both a name at GitHub and a folder on disk.
    fn try_from(whole: String) -> Result<Self, NameError> {
        let fits = |part: &str| {
            let dots = part == "." || part == "..";
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            (1..=100).contains(&part.len()) && !dots && part.chars().all(plain)
        };
        let slash = whole.find('/').ok_or(NameError::NotRepo)?;
        if fits(&whole[..slash]) && fits(&whole[slash + 1..]) {
            Ok(Self { whole, slash })
        } else {
            Err(NameError::NotRepo)
        }
    }
}

/// The id of a git object: 40 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha(String);

impl Sha {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// The first seven digits, as git shows them.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl TryFrom<String> for Sha {
    type Error = NameError;
    fn try_from(digits: String) -> Result<Self, NameError> {
        let plain = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if digits.len() == 40 && digits.bytes().all(plain) {
            Ok(Self(digits))
        } else {
            Err(NameError::NotSha)
        }
    }
}

impl FromStr for RepoName {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::try_from(text.to_owned())
    }
}
impl FromStr for Sha {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::try_from(text.to_owned())
    }
}
impl From<RepoName> for String {
    fn from(name: RepoName) -> Self {
        name.whole
    }
}
impl From<Sha> for String {
    fn from(sha: Sha) -> Self {
        sha.0
    }
}
impl fmt::Display for RepoName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole)
    }
}
impl fmt::Display for Sha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_an_owner_and_fits_on_disk() {
        let name: RepoName = "acme/pro.duct_2".parse().expect("a name");
        assert_eq!((name.owner(), name.name()), ("acme", "pro.duct_2"));
        for bad in ["acme", "acme/", "/product", "a/b/c", "acme/..", "acme/ü"] {
            assert_eq!(bad.parse::<RepoName>(), Err(NameError::NotRepo), "{bad}");
        }
    }

    #[test]
    fn an_object_id_is_whole() {
        let digits = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(
            digits.parse::<Sha>().map(|sha| sha.to_string()),
            Ok(digits.to_owned())
        );
        for bad in ["0123456", &digits.to_uppercase(), &format!("{digits}0")] {
            assert_eq!(bad.parse::<Sha>(), Err(NameError::NotSha), "{bad}");
        }
    }
}
