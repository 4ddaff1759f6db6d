//! What the commit says of itself.

use std::collections::BTreeSet;

use crate::domain::name::run_trailer;
use crate::domain::project::ProjectFolder;
use crate::domain::pull::Request;
use crate::domain::verdict::Parts;
use crate::domain::view::{Row, State, View};

/// The commit's message: what is in it, who asked, and how to find the evidence. Nothing of the projects that are `left_out`
/// is in it.
pub(super) fn message(
    request: &Request,
    view: &View,
    functions: &[Parts],
    left_out: &BTreeSet<ProjectFolder>,
    coauthor: Option<&str>,
) -> String {
    let name = |row: &Row| match view.to_name(row) {
        Some(project) => format!("{} in {project}", row.key),
        None => row.key.to_string(),
    };
    let line = |row: &Row| match &row.state {
        State::Judged { .. } | State::Carried { .. } | State::Removed
            if left_out.contains(&row.project) =>
        {
            let why = "left out, because the project as a whole fails";
            Some(format!("{}: {why}", name(row)))
        }
        State::Judged { judgement } => Some(format!(
            "{}: {} (dossier {})",
            name(row),
            judgement.verdict.words(),
            judgement.dossier.short()
        )),
        State::Carried { dossier } => Some(format!(
            "{}: carried (dossier {})",
            name(row),
            dossier.short()
        )),
        State::Removed => Some(format!("{}: removed", name(row))),
        State::Waiting
        | State::Working { .. }
        | State::Edited { .. }
        | State::Adopted
        | State::GivenUp { .. } => None,
    };
    let lines: Vec<String> = view.rows.iter().filter_map(line).collect();
    let title = match functions {
        [] => "feat: remove functions whose specs are gone".to_owned(),
        [one] => format!("feat: countersign {}", one.accepted.spec().key),
        many => format!("feat: countersign {} functions", many.len()),
    };
    let mut trailers = vec![
        run_trailer(&request.run),
        format!("Countersign-Verdict: {}", verdicts(view)),
    ];
    trailers.extend(coauthor.map(|person| format!("Co-authored-by: {person}")));
    format!(
        "{title}\n\n{}\n\n{}\n",
        lines.join("\n"),
        trailers.join("\n")
    )
}

fn verdicts(view: &View) -> String {
    use crate::domain::verdict::Verdict::{Blocked, Countersigned, NeedsALook, Refused};
    let counts: Vec<String> = [Countersigned, NeedsALook, Blocked, Refused]
        .into_iter()
        .map(|verdict| (view.count(verdict), verdict.words()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    if counts.is_empty() {
        "nothing judged".into()
    } else {
        counts.join(", ")
    }
}
