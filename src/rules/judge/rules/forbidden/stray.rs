//! What an agent left beside its function and nobody takes: one remark for all of it.

use std::collections::BTreeMap;

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::limits;
use crate::domain::tree::Change;
use crate::rules::judge::reading::quote;

use super::diff::diff;

/// The remark, when there is something to remark.
pub(super) fn remark(dossier: &Dossier, strays: &[&Change]) -> Option<Finding> {
    let first = strays.first()?;
    let names = names(strays);
    let shown = names.len().min(limits::STRAY_NAMES);
    let mut listed = names[..shown].join(", ");
    if shown < names.len() {
        listed += &format!(" and {} more", names.len() - shown);
    }
    let what = match strays.len() {
        1 => "a file".to_owned(),
        many => format!("{many} files"),
    };
    // A repository's own files tell a person nothing.
    let telling = strays
        .iter()
        .filter(|change| !change.path.starts_with(".git/"));
    let evidence = telling
        .take(limits::STRAY_DIFFS)
        .map(|change| Exhibit::Diff {
            path: quote::line(&change.path),
            unified: diff(dossier, change),
        });
    Some(Finding {
        rule: "stray-file".into(),
        severity: Severity::Note,
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Workspace {
            path: quote::line(&first.path),
        },
        sentence: format!(
            "The agent left {what} beside its function, which nobody takes: {listed}."
        ),
        evidence: evidence.collect(),
    })
}

/// Files by their path; those of a repository or of build output together.
fn names(strays: &[&Change]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for change in strays {
        let folder = [".git/", "build/", "dist/", "coverage/"]
            .into_iter()
            .find(|folder| change.path.starts_with(folder));
        let name = folder.map_or_else(|| quote::line(&change.path), str::to_owned);
        *counts.entry(name).or_default() += 1;
    }
    let name = |(name, count): (String, usize)| match count {
        1 => name,
        many => format!("{name} ({many})"),
    };
    counts.into_iter().map(name).collect()
}
