//! Names and ids. Each is checked once, where it comes in, and is right from then on.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::limits;

/// Why a text is not a name of the wanted kind. Displays as a sentence fragment that fits after the text in question.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not lower-case letters, digits and single hyphens, beginning with a letter.
    #[error(
        "is not kebab-case (lower-case letters and digits, joined by single hyphens, a letter first)"
    )]
    NotKebab,
    /// Longer than [`limits::NAME_CHARS`].
    #[error("is longer than {} characters", limits::NAME_CHARS)]
    TooLong,
    /// Not `owner/name`.
    #[error("is not a repository name of the form owner/name")]
    NotRepo,
    /// Not a full object id.
    #[error("is not a full object id of 40 hexadecimal digits")]
    NotSha,
    /// Not `integration/name`.
    #[error("is not an interaction of the form integration/name")]
    NotInteraction,
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                let check: fn(&str) -> Result<(), NameError> = $check;
                check(&text)?;
                Ok(Self(text))
            }
        }
        impl std::str::FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::try_from(text.to_owned())
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fn kebab(text: &str) -> Result<(), NameError> {
    if text.chars().count() > limits::NAME_CHARS {
        return Err(NameError::TooLong);
    }
    let words_are_plain = text.split('-').all(|word| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    });
    if words_are_plain && text.starts_with(|c: char| c.is_ascii_lowercase()) {
        Ok(())
    } else {
        Err(NameError::NotKebab)
    }
}

fn hex(text: &str, digits: usize) -> bool {
    text.len() == digits
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

text_type!(
    /// One API: the folder name under `interactions/` and in the Nango project. Kebab-case.
    IntegrationName,
    kebab
);
text_type!(
    /// One function: the spec's file name without `.yaml`. Kebab-case.
    FunctionName,
    kebab
);
text_type!(
    /// A git object id, 40 lower-case hexadecimal digits.
    Sha,
    |text| if hex(text, 40) { Ok(()) } else { Err(NameError::NotSha) }
);
text_type!(
    /// `owner/name` of a repository, in GitHub's own spelling.
    RepoName,
    |text| {
        let plain = |part: &str| {
            !part.is_empty()
                && part.len() <= 100
                && part != "."
                && part != ".."
                && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        };
        match text.split_once('/') {
            Some((owner, name)) if plain(owner) && plain(name) => Ok(()),
            _ => Err(NameError::NotRepo),
        }
    }
);
text_type!(
    /// The SHA-256 of some content, 64 lower-case hexadecimal digits.
    Digest,
    |text| if hex(text, 64) { Ok(()) } else { Err(NameError::NotSha) }
);
text_type!(
    /// One run: 12 hexadecimal digits, made from what caused it, so that the same cause makes the same run.
    RunId,
    |text| if hex(text, 12) { Ok(()) } else { Err(NameError::NotSha) }
);

impl Sha {
    /// The first seven digits, as git shows them.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl RepoName {
    /// The account the repository belongs to.
    pub fn owner(&self) -> &str {
        self.0.split_once('/').map_or("", |(owner, _)| owner)
    }
    /// The repository's name without its owner.
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

impl Digest {
    /// The digest of `content`.
    pub fn of(content: &[u8]) -> Self {
        Self(hex::encode(digest(&SHA256, content)))
    }
    /// Everything in a text that looks like a digest, and so may be one.
    pub fn named_in(text: &str) -> impl Iterator<Item = Self> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter_map(|word| word.parse().ok())
    }
    /// The first twelve digits, enough to tell things apart in a report.
    pub fn short(&self) -> &str {
        &self.0[..12]
    }
}

impl RunId {
    /// The run that these words cause. The same words give the same id, whoever asks and however often.
    pub fn from_cause(words: &[&str]) -> Self {
        Self(Digest::of(words.join("\n").as_bytes()).0[..12].to_owned())
    }
}

/// `integration/name`: what a person calls an interaction.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct InteractionKey {
    /// The API.
    pub integration: IntegrationName,
    /// The function.
    pub name: FunctionName,
}

impl fmt::Display for InteractionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.integration, self.name)
    }
}
impl TryFrom<String> for InteractionKey {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        let (integration, name) = text.split_once('/').ok_or(NameError::NotInteraction)?;
        Ok(Self {
            integration: integration.parse()?,
            name: name.parse()?,
        })
    }
}
impl std::str::FromStr for InteractionKey {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::try_from(text.to_owned())
    }
}
impl From<InteractionKey> for String {
    fn from(key: InteractionKey) -> String {
        key.to_string()
    }
}

/// One attempt of one build of one run. Displays as `run/integration/name/1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AttemptId {
    /// The run.
    pub run: RunId,
    /// The interaction that is built.
    pub interaction: InteractionKey,
    /// Counts from 1.
    pub number: u32,
}

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.run, self.interaction, self.number)
    }
}

/// The line of a commit message that says which run made it.
pub fn run_trailer(run: &RunId) -> String {
    format!("Countersign-Run: {run}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kebab_case_and_bounded() {
        for good in ["a", "create-event", "v2-list-3"] {
            assert!(good.parse::<FunctionName>().is_ok(), "{good}");
        }
        for bad in [
            "", "-a", "a-", "a--b", "A", "a_b", "3d", "ä", "a/b", "..", "a.b",
        ] {
            assert_eq!(
                bad.parse::<FunctionName>(),
                Err(NameError::NotKebab),
                "{bad}"
            );
        }
        assert_eq!(
            "a".repeat(81).parse::<FunctionName>(),
            Err(NameError::TooLong)
        );
    }

    /// What was signed before must still be found.
    #[test]
    fn a_digest_is_sha_256() {
        assert_eq!(
            Digest::of(b"abc").as_str(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn the_same_cause_makes_the_same_run() {
        assert_eq!(
            RunId::from_cause(&["a", "b"]),
            RunId::from_cause(&["a", "b"])
        );
        assert_ne!(
            RunId::from_cause(&["a", "b"]),
            RunId::from_cause(&["a", "c"])
        );
    }
}
