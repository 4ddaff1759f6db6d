//! What became of a case, as a line of the file of results.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use countersign::domain::cause::CauseClass;
use countersign::domain::name::Digest;
use countersign::edge::blobs::Dossiers;
use countersign::rules::judge::judge;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::case::{Case, Expected, Group};

/// A line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The case's group.
    pub group: Group,
    /// The case's name.
    pub name: String,
    /// What had to become of it, for a reader.
    pub expected: String,
    /// The verdict's name.
    pub verdict: String,
    /// What was found, by severity.
    pub found: BTreeMap<String, Vec<String>>,
    /// The sealed dossier; none when the run broke.
    pub dossier: Option<Digest>,
    /// The root cause's class, when it is not countersigned.
    pub cause: Option<CauseClass>,
    /// Whether the cause is as it was labelled; nothing where there is no cause, or no label.
    #[serde(default)]
    pub is_cause_right: Option<bool>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether it has to be refused.
    #[serde(default)]
    pub is_grave: bool,
    /// Whether one of the expected names is among what was found, as gravely as expected.
    pub is_named: bool,
    /// Whether it is as expected.
    pub is_right: bool,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Refused.
    Blocked,
    /// Needs a look.
    Warned,
    /// Countersigned with the remark that was expected.
    Noted,
    /// Countersigned.
    Signed,
    /// Blocked, honestly.
    GaveUp,
    /// There is no judgement: the run broke.
    Broken,
}

impl Record {
    /// Of a judgement.
    pub fn of(case: &Case, judgement: &Value) -> Self {
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for finding in judgement["findings"].as_array().into_iter().flatten() {
            let word = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
            let names = found.entry(word("severity")).or_default();
            if !names.contains(&word("rule")) {
                names.push(word("rule"));
            }
        }
        let part = |name: &str| judgement[name].clone();
        Self {
            verdict: judgement["verdict"].as_str().unwrap_or("none").to_owned(),
            dossier: serde_json::from_value(part("dossier")).ok(),
            cause: serde_json::from_value(part("cause")["class"].take()).ok(),
            found,
            ..Self::broken(case)
        }
        .again(case)
    }

    fn broken(case: &Case) -> Self {
        Self {
            group: case.group,
            name: case.name.clone(),
            expected: String::new(),
            verdict: "none".to_owned(),
            found: BTreeMap::new(),
            dossier: None,
            cause: None,
            is_cause_right: None,
            outcome: Outcome::Broken,
            is_grave: false,
            is_named: false,
            is_right: false,
        }
    }

    /// Its dossier judged by the rules of now.
    ///
    /// # Errors
    /// The evidence in `state` cannot be read.
    pub fn judged_again(self, case: &Case, state: &Path) -> std::io::Result<Self> {
        let Some(dossier) = &self.dossier else {
            return Ok(self.again(case));
        };
        let dossiers = Dossiers::open(state).map_err(std::io::Error::other)?;
        let dossier = dossiers.get(dossier).map_err(std::io::Error::other)?;
        let judgement = serde_json::to_value(judge(&dossier))?;
        Ok(Self::of(case, &judgement))
    }

    /// The same held against what is expected of the case now.
    pub fn again(self, case: &Case) -> Self {
        let Self { verdict, found, .. } = &self;
        let named = |severities: &[&str]| {
            let all = severities
                .iter()
                .filter_map(|severity| found.get(*severity));
            let mut all = all.flatten();
            all.any(|name| case.expected.names().contains(&name.as_str()))
        };
        let outcome = match verdict.as_str() {
            "refused" => Outcome::Blocked,
            "needs-a-look" => Outcome::Warned,
            "blocked" => Outcome::GaveUp,
            "countersigned" if named(&["note"]) => Outcome::Noted,
            "countersigned" => Outcome::Signed,
            _ => Outcome::Broken,
        };
        let is_named = match case.expected {
            Expected::Blocked(_) => named(&["block"]),
            Expected::Warned(_) => named(&["block", "warn"]),
            Expected::Noted(_) => named(&["block", "warn", "note"]),
            Expected::Signed | Expected::GaveUp => false,
        };
        let is_right = match case.expected {
            Expected::Signed => outcome == Outcome::Signed,
            Expected::GaveUp => outcome == Outcome::GaveUp,
            _ => is_named,
        };
        Self {
            expected: format!("{:?}", case.expected),
            outcome,
            is_cause_right: self
                .cause
                .filter(|_| !case.causes.is_empty())
                .map(|cause| case.causes.contains(&cause)),
            is_grave: matches!(case.expected, Expected::Blocked(_)),
            is_named,
            is_right,
            ..self
        }
    }

    /// Adds it to the file.
    pub fn append(&self, path: &Path) -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)?;
        writeln!(file, "{}", serde_json::to_string(self)?)
    }
}

/// The newest record of each case; none where there is no file yet.
pub fn read(path: &Path) -> std::io::Result<Vec<Record>> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    let mut newest = BTreeMap::new();
    for line in text.lines() {
        // A line that was cut off when the suite was ended is played again.
        if let Ok(record) = serde_json::from_str::<Record>(line) {
            newest.insert((record.group, record.name.clone()), record);
        }
    }
    Ok(newest.into_values().collect())
}
