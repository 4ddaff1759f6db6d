//! What an attempt begins from: the empty scaffold, or the function as it stands at the head.

use serde::{Deserialize, Serialize};

use super::name::{Digest, InteractionKey};

/// From what the builds of a run begin, as whoever asked for the run wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "start", rename_all = "kebab-case")]
pub enum Start {
    /// Each from the function as it stands at the head, where there is one.
    #[default]
    Standing,
    /// From the empty scaffold.
    Clean {
        /// Only these; all that are built when empty.
        of: Vec<InteractionKey>,
    },
}

impl Start {
    /// Whether the build of `key` begins from the empty scaffold.
    pub fn is_clean(&self, key: &InteractionKey) -> bool {
        match self {
            Start::Standing => false,
            Start::Clean { of } => of.is_empty() || of.contains(key),
        }
    }
}

/// What one attempt began from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Beginning {
    /// The empty scaffold, because there was no function. So did every attempt before there was anything else.
    #[default]
    Nothing,
    /// The function as it stood at the head, edits of people included.
    Function {
        /// Of its content.
        former: Digest,
    },
    /// The empty scaffold, although there was a function.
    Anew {
        /// Why.
        why: Anew,
        /// Of the function's content, when it may be shown.
        former: Option<Digest>,
    },
}

/// Why an attempt began from the scaffold although there was a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Anew {
    /// Somebody wanted it so.
    Asked {
        /// Their login, when it is known.
        by: Option<String>,
    },
    /// It holds something that has the shape of a key, which no model is shown.
    Secret {
        /// What, for a person: `a Slack token`.
        what: String,
    },
    /// It is nothing that an agent could be given: no text, too large, no regular file.
    Unfit,
}

impl Beginning {
    /// Whether there was nothing to begin from.
    pub fn is_nothing(&self) -> bool {
        *self == Beginning::Nothing
    }
    /// The function that stood at the head, when it may be shown.
    pub fn former(&self) -> Option<&Digest> {
        match self {
            Beginning::Nothing => None,
            Beginning::Function { former } => Some(former),
            Beginning::Anew { former, .. } => former.as_ref(),
        }
    }
}

/// How a spec differs from the one that a function was built from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum SpecChange {
    /// Nobody knows what it was built from.
    #[default]
    Unknown,
    /// The function was there before its spec.
    New,
    /// Not at all.
    None,
    /// Like this.
    Changed {
        /// A unified diff of the spec and of the `integration.yaml` beside it.
        unified: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clean_is_for_those_that_were_named() {
        let key = |text: &str| text.parse::<InteractionKey>().expect("a key");
        let (one, two) = (key("a/one"), key("a/two"));
        assert!(!Start::Standing.is_clean(&one));
        assert!(Start::Clean { of: vec![] }.is_clean(&one));
        let named = Start::Clean {
            of: vec![one.clone()],
        };
        assert!(named.is_clean(&one) && !named.is_clean(&two));
    }
}
