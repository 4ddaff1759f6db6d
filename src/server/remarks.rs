//! What people said at the lines of functions, as far as it may be told to an agent.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::guidance::Remarks;
use crate::domain::name::InteractionKey;
use crate::domain::place::PullRef;
use crate::domain::view::View;
use crate::edge::github::GitHub;
use crate::rules::remarks::{candidates, heard};
use crate::run::fault::Fault;

use super::lookup::may_write;

/// The remarks of people who may write at the functions of `only`, of all of the newest run when that is empty. What
/// each of them may do is asked now, and what they said is read now: whoever asks for a run keeps both with it.
pub async fn remarks(
    github: &GitHub,
    pull: &PullRef,
    newest: Option<&View>,
    only: &[InteractionKey],
) -> Result<BTreeMap<InteractionKey, Remarks>, Fault> {
    let functions = newest.map(|view| functions(view, only)).unwrap_or_default();
    if functions.is_empty() {
        return Ok(BTreeMap::new());
    }
    let us = github
        .bot_login()
        .await
        .map_err(|e| Fault::github("look up our own account", e))?;
    let comments = github
        .review_comments(&pull.at, pull.number)
        .await
        .map_err(|e| Fault::github("read what was said at lines", e))?;
    let candidates = candidates(comments, &functions, &us);
    let mut may = BTreeSet::new();
    for author in candidates.authors() {
        if may_write(github, &pull.at, author).await? {
            may.insert(author.to_owned());
        }
    }
    Ok(heard(candidates, &may))
}

/// Where the functions of a run are, from the repository's root.
fn functions(view: &View, only: &[InteractionKey]) -> BTreeMap<String, InteractionKey> {
    let wanted = |key: &InteractionKey| only.is_empty() || only.contains(key);
    let rows = view.rows.iter().filter(|row| wanted(&row.key));
    let functions = rows.filter_map(|row| {
        let function = row.spec.as_ref()?.function_path();
        Some((row.project.path(&function), row.key.clone()))
    });
    functions.collect()
}
