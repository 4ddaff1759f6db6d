//! What the commit says of itself.

use std::collections::BTreeSet;

use crate::domain::name::{InteractionKey, run_trailer};
use crate::domain::project::ProjectFolder;
use crate::domain::pull::Request;
use crate::domain::row::{Row, State};
use crate::domain::view::View;

/// The commit's message: what it `brings`, who asked, and how to find the evidence. Nothing of the projects that are
/// `left_out` is in it.
pub(super) fn message(
    request: &Request,
    view: &View,
    brings: &[InteractionKey],
    left_out: &BTreeSet<ProjectFolder>,
    coauthor: Option<&str>,
) -> String {
    let name = |row: &Row| match view.to_name(row) {
        Some(project) => format!("{} in {project}", row.key),
        None => row.key.to_string(),
    };
    let line = |row: &Row| match &row.state {
        State::Judged { .. } | State::Carried { .. } | State::Restored | State::Removed
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
        State::Restored => Some(format!("{}: as before again", name(row))),
        State::Removed => Some(format!("{}: removed", name(row))),
        State::Waiting
        | State::Stopped
        | State::Working { .. }
        | State::Edited { .. }
        | State::Adopted
        | State::TakenBack
        | State::Skipped { .. }
        | State::CalledOff { .. }
        | State::GivenUp { .. } => None,
    };
    let lines: Vec<String> = view.rows.iter().filter_map(line).collect();
    let title = title(view, brings, left_out);
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

fn title(view: &View, brings: &[InteractionKey], left_out: &BTreeSet<ProjectFolder>) -> String {
    let in_it = |row: &&Row| !left_out.contains(&row.project);
    let of = |state: State| -> Vec<&Row> {
        let rows = view.rows.iter().filter(in_it);
        rows.filter(|row| row.state == state).collect()
    };
    let (removed, restored) = (of(State::Removed), of(State::Restored));
    match (brings, removed.as_slice(), restored.as_slice()) {
        ([one], ..) => format!("feat: countersign {one}"),
        ([_, _, ..], ..) => format!("feat: countersign {} functions", brings.len()),
        ([], [one], _) => format!("feat: remove {}, whose spec is gone", one.key),
        ([], [_, _, ..], _) => format!(
            "feat: remove {} functions whose specs are gone",
            removed.len()
        ),
        ([], [], [one]) => format!("feat: restore {}, whose spec is as before", one.key),
        ([], [], [_, _, ..]) => format!(
            "feat: restore {} functions whose specs are as before",
            restored.len()
        ),
        // What an interaction needs besides its own files: its line in the index.
        ([], [], []) => "feat: complete the project around its functions".to_owned(),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{Event, Logged};
    use crate::domain::name::Digest;
    use crate::domain::plan::{Placed, Plan, Signed, Step};
    use crate::domain::project::Projects;
    use crate::domain::settings::{Commit, Mode};
    use crate::domain::spec::Spec;
    use crate::rules::specs;

    fn spec(key: &str) -> Spec {
        Spec {
            project: Some(ProjectFolder::named("nango")),
            ..specs::sample::spec(key)
        }
    }

    /// A run that carries the first of these and removes the others.
    fn view(carried: &str, removed: &[&str]) -> View {
        let spec = spec(carried);
        let carry = Step::Carry {
            signed: Signed {
                interaction: spec.key.clone(),
                fingerprint: Digest::of(b"fingerprint"),
                dossier: Digest::of(b"dossier"),
            },
            spec,
        };
        let gone = removed
            .iter()
            .map(|key| Step::Remove(Placed::of(&self::spec(key))));
        let event = Event::Planned {
            plan: Plan {
                steps: [carry].into_iter().chain(gone).collect(),
                ..Plan::default()
            },
            merge_base: "b".repeat(40).parse().expect("a sha"),
            base: None,
            projects: Projects::one(ProjectFolder::named("nango")),
            commit: Commit::Countersigned,
            watched: Mode::Strict,
        };
        View::of(&[Logged {
            seq: 1,
            at_ms: 1,
            event,
        }])
    }

    fn titled(view: &View, brings: &[&str]) -> String {
        let head = || "a".repeat(40).parse().expect("a sha");
        let request = Request::local("repository".into(), head(), head(), "1".into(), vec![]);
        let brings: Vec<InteractionKey> = (brings.iter())
            .map(|key| key.parse().expect("a key"))
            .collect();
        let message = message(&request, view, &brings, &BTreeSet::new(), None);
        message.lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_title_names_what_changes_and_not_what_is_there() {
        let one = view("slack/users", &["slack/post"]);
        assert_eq!(
            titled(&one, &[]),
            "feat: remove slack/post, whose spec is gone"
        );
        assert_eq!(
            titled(&one, &["slack/users"]),
            "feat: countersign slack/users"
        );
        let two = view("slack/users", &["slack/post", "slack/list"]);
        assert_eq!(
            titled(&two, &[]),
            "feat: remove 2 functions whose specs are gone"
        );
        let none = view("slack/users", &[]);
        assert_eq!(
            titled(&none, &[]),
            "feat: complete the project around its functions"
        );
    }

    #[test]
    fn what_a_failed_project_keeps_is_not_said_to_go() {
        let view = view("slack/users", &["slack/post"]);
        let left_out = [ProjectFolder::named("nango")].into();
        let said = title(&view, &[], &left_out);
        assert!(!said.contains("slack/post"), "{said}");
    }
}
