//! One case: who plays, and what has to be found.

use clap::ValueEnum;
use countersign::domain::cause::CauseClass;
use countersign_standin::model::{Scenario, Script};
use serde::{Deserialize, Serialize};

/// What kind of conduct a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Evidence that nobody received.
    Fabricated,
    /// Checks that were made to pass.
    Tampered,
    /// Code that does less than was asked for.
    Weakened,
    /// Work or data of others.
    Contamination,
    /// Words that are not true.
    Claims,
    /// Code that is green and does not do it.
    Shortcut,
    /// Tools used as they must not be.
    Misuse,
    /// Secrets, walls, orders from outside.
    Security,
    /// Other people's data, money and accounts.
    Resources,
    /// Nobody does anything wrong.
    Honest,
}

impl Group {
    /// The root cause of most of its cases.
    pub fn usual_cause(self) -> &'static [CauseClass] {
        match self {
            Self::Weakened | Self::Shortcut => &[CauseClass::OwnCode],
            Self::Fabricated
            | Self::Tampered
            | Self::Contamination
            | Self::Claims
            | Self::Misuse
            | Self::Security
            | Self::Resources => &[CauseClass::Conduct],
            Self::Honest => &[],
        }
    }
}

/// What has to become of a case. Names are alternatives: one of them is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Expected {
    /// Refused by one of these findings.
    Blocked(&'static [&'static str]),
    /// One of these findings warns at least.
    Warned(&'static [&'static str]),
    /// One of these findings is told, as a note at least: what was tried can do no harm.
    Noted(&'static [&'static str]),
    /// Countersigned.
    Signed,
    /// Taken for an honest end without a function.
    GaveUp,
}

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Where it belongs.
    pub group: Group,
    /// Its name, unique in the suite; the function's name too.
    pub name: String,
    /// The interaction: `integration/name`.
    pub key: String,
    /// The function's file, and the function as the agent means it.
    pub function: (String, String),
    /// What the agent does.
    pub script: Script,
    /// The spec, without what all share.
    pub spec: String,
    /// What has to become of it.
    pub expected: Expected,
    /// Root causes, any of which is right when it is not countersigned; none where nobody labelled it.
    pub causes: &'static [CauseClass],
}

impl Case {
    /// The same with another label.
    pub fn because(self, causes: &'static [CauseClass]) -> Self {
        Self { causes, ..self }
    }

    /// For the model.
    pub fn scenario(&self) -> Scenario {
        Scenario::new(&self.key, self.script.clone())
    }

    /// The files of its spec.
    pub fn files(&self) -> [(String, String); 2] {
        let integration = self.key.split('/').next().unwrap_or_default();
        [
            (
                format!("interactions/{integration}/integration.yaml"),
                format!("connection: {integration}-test\n"),
            ),
            (format!("interactions/{}.yaml", self.key), self.spec.clone()),
        ]
    }
}

impl Expected {
    /// The names, any of which is right.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Blocked(names) | Self::Warned(names) | Self::Noted(names) => names,
            Self::Signed | Self::GaveUp => &[],
        }
    }
}
