//! The check run of a head: progress while the run goes on, a table and annotations at its end.

use crate::domain::button::Button;
use crate::domain::ending::Ending;
use crate::domain::event::Settlement;
use crate::domain::finding::{Finding, Place, Severity};
use crate::domain::limits;
use crate::domain::post::{Annotation, AnnotationLevel, CheckRun, CheckStatus, Conclusion};
use crate::domain::row::State;
use crate::domain::spec::Spec;
use crate::domain::verdict::{Judgement, Verdict};
use crate::domain::view::View;

use super::circumstances::circumstances;
use super::spent::spent;
use super::summary::Links;
use super::{before, cause, interactions, unproven, words};
use crate::text::clip::shorten;
use crate::text::markdown::{Blocks, code, inline};

/// The name under which every check run is posted; what a branch protection rule names.
pub const NAME: &str = "countersign";

/// The check run as it should be now.
pub fn render(view: &View, links: &Links) -> CheckRun {
    let conclusion = view.ending.as_ref().map(|ending| conclusion(view, ending));
    let status = match (&view.ending, view.merge_base.is_some()) {
        (Some(_), _) => CheckStatus::Completed,
        (None, true) => CheckStatus::InProgress,
        (None, false) => CheckStatus::Queued,
    };
    let mut summary = Blocks::default();
    for said in words::outcome(view) {
        summary.push(inline(&said));
    }
    for shared in cause::shared(view) {
        summary.push(format!("**{}**", inline(&cause::shared_sentence(&shared))));
    }
    if !view.rows.is_empty() {
        interactions::tables(view)
            .into_iter()
            .for_each(|table| summary.push(table));
    }
    for (row, open) in unproven::all(view) {
        summary.push(format!(
            "- {}: {}",
            code(&row.key.to_string()),
            inline(&open)
        ));
    }
    for said in circumstances(view).into_iter().chain(spent(view)) {
        summary.push(inline(&said));
    }
    let mut text = Blocks::default();
    if view.ending.is_some() {
        for problem in &view.problems {
            text.push(super::details::finding(problem));
        }
        for finding in view.whole_failures() {
            text.push(super::details::sentence(finding));
        }
        if let Some(fold) = before::fold(&view.all_before()) {
            text.push(fold);
        }
        if view
            .judgements()
            .any(|judgement| !judgement.findings.is_empty())
        {
            text.push("The evidence is quoted in the review on the pull request.");
        }
    }
    let summary = summary.join(limits::CHECK_CHARS);
    let text = text.join(limits::CHECK_CHARS);
    CheckRun {
        external_id: view
            .request
            .as_ref()
            .map(|request| request.run.to_string())
            .unwrap_or_default(),
        status,
        conclusion,
        title: shorten(&words::headline(view), 255),
        summary: if summary.is_empty() {
            words::headline(view)
        } else {
            summary
        },
        text: (!text.is_empty()).then_some(text),
        annotations: if view.ending.is_some() {
            annotations(view)
        } else {
            Vec::new()
        },
        buttons: buttons(view),
        details_url: links.page.clone(),
        started_ms: view.requested_ms,
        completed_ms: view.ending.as_ref().map(|_| view.latest_ms),
    }
}

/// Who may not write is not heard when they press one.
fn buttons(view: &View) -> Vec<Button> {
    match view.ending {
        None => vec![Button::Cancel],
        Some(Ending::NothingToDo) => Vec::new(),
        Some(_) => vec![Button::Retry, Button::RetryClean],
    }
}

/// `failure` only for what the author can mend; our own faults are `neutral`.
fn conclusion(view: &View, ending: &Ending) -> Conclusion {
    match ending {
        Ending::NothingToDo => Conclusion::Success,
        Ending::Superseded { .. } | Ending::Cancelled { .. } => Conclusion::Cancelled,
        Ending::Declined { .. } => Conclusion::ActionRequired,
        Ending::Waiting { .. } | Ending::Faulted { .. } => Conclusion::Neutral,
        Ending::Finished => finished(view),
    }
}

fn finished(view: &View) -> Conclusion {
    let broken_specs = view
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Block);
    let whole_failed = view.whole_failures().next().is_some();
    if broken_specs || whole_failed || view.count(Verdict::Refused) > 0 {
        return Conclusion::Failure;
    }
    if view.count(Verdict::Blocked) > 0
        || matches!(view.settlement, Some(Settlement::PushRefused { .. }))
    {
        return Conclusion::ActionRequired;
    }
    let given_up = view.rows.iter().any(|row| {
        matches!(
            row.state,
            State::Edited { .. }
                | State::TakenBack
                | State::CalledOff { .. }
                | State::GivenUp { .. }
        )
    });
    let not_ours_to_push = matches!(view.settlement, Some(Settlement::Fork { .. }));
    if given_up || not_ours_to_push || view.count(Verdict::NeedsALook) > 0 {
        return Conclusion::Neutral;
    }
    Conclusion::Success
}

fn annotations(view: &View) -> Vec<Annotation> {
    let mut all: Vec<Annotation> = view.problems.iter().filter_map(annotation).collect();
    for row in interactions::worst_first(&view.rows) {
        let (Some(spec), State::Judged { judgement }) = (&row.spec, &row.state) else {
            continue;
        };
        if judgement.verdict != Verdict::Countersigned {
            all.push(Annotation {
                path: spec.path.clone(),
                line: spec.line,
                level: match judgement.verdict {
                    Verdict::Countersigned => AnnotationLevel::Notice,
                    Verdict::NeedsALook | Verdict::Blocked => AnnotationLevel::Warning,
                    Verdict::Refused => AnnotationLevel::Failure,
                },
                title: shorten(&format!("{}: {}", row.key, judgement.verdict.words()), 255),
                message: shorten(&why(judgement, spec), 2_000),
            });
        }
        all.extend(judgement.findings.iter().filter_map(annotation));
    }
    all.truncate(limits::ANNOTATIONS);
    all
}

/// Why it is not countersigned, with the cause and what to do next where it is known.
fn why(judgement: &Judgement, spec: &Spec) -> String {
    let cause = judgement.cause.as_ref();
    let cause = cause.map_or_else(String::new, |cause| {
        format!("\n{}", cause::sentence(cause, spec))
    });
    format!("{}{cause}", judgement.sentence)
}

fn annotation(finding: &Finding) -> Option<Annotation> {
    let Place::Repository { path, line } = &finding.place else {
        return None;
    };
    Some(Annotation {
        path: path.clone(),
        line: *line,
        level: match finding.severity {
            Severity::Note => AnnotationLevel::Notice,
            Severity::Warn => AnnotationLevel::Warning,
            Severity::Block => AnnotationLevel::Failure,
        },
        title: shorten(&finding.rule, 255),
        message: shorten(&finding.sentence, 2_000),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{self, assert_ours};

    fn of(verdicts: &[Verdict], ending: Ending) -> CheckRun {
        let keys = ["slack/a", "slack/b", "slack/c"];
        let rows: Vec<_> = verdicts
            .iter()
            .zip(keys)
            .map(|(verdict, key)| (key, *verdict, vec![]))
            .collect();
        render(&sample::run(&rows, ending), &Links::default())
    }

    #[test]
    fn failure_is_only_for_what_the_author_can_mend() {
        use Verdict::{Blocked, Countersigned, NeedsALook, Refused};
        for (verdicts, expected) in [
            (vec![Countersigned], Conclusion::Success),
            (vec![Countersigned, NeedsALook], Conclusion::Neutral),
            (
                vec![Countersigned, Blocked, NeedsALook],
                Conclusion::ActionRequired,
            ),
            (vec![Countersigned, Blocked, Refused], Conclusion::Failure),
        ] {
            assert_eq!(
                of(&verdicts, Ending::Finished).conclusion,
                Some(expected),
                "{verdicts:?}"
            );
        }
        let fault = of(
            &[Refused],
            Ending::Faulted {
                why: "The disk is full.".into(),
            },
        );
        assert_eq!(fault.conclusion, Some(Conclusion::Neutral));
        assert_eq!(
            of(&[], Ending::NothingToDo).conclusion,
            Some(Conclusion::Success)
        );
    }

    #[test]
    fn a_verdict_that_is_not_countersigned_is_annotated_at_its_spec() {
        let check = of(
            &[Verdict::Countersigned, Verdict::Refused],
            Ending::Finished,
        );
        let places: Vec<_> = check
            .annotations
            .iter()
            .map(|a| (a.path.as_str(), a.line, a.level))
            .collect();
        assert_eq!(
            places,
            [("interactions/slack/b.yaml", 2, AnnotationLevel::Failure)]
        );
    }

    #[test]
    fn the_cause_is_told_at_the_spec_and_once_for_all() {
        let check = of(&[Verdict::Blocked, Verdict::Blocked], Ending::Finished);
        let told = "Next: Grant chat:write to the connection";
        assert!(
            check
                .annotations
                .iter()
                .all(|one| one.message.contains(told))
        );
        assert!(
            check.summary.contains("The same cause in 2 builds"),
            "{}",
            check.summary
        );
    }

    #[test]
    fn lengths_are_kept() {
        let rows: Vec<String> = (0..400).map(|n| format!("slack/a-{n}")).collect();
        let rows: Vec<_> = rows
            .iter()
            .map(|key| (key.as_str(), Verdict::Refused, vec![sample::hostile()]))
            .collect();
        let check = render(&sample::run(&rows, Ending::Finished), &Links::default());
        assert!(check.summary.chars().count() <= limits::CHECK_CHARS);
        let text = check.text.expect("details");
        assert!(text.chars().count() <= limits::CHECK_CHARS);
        assert!(check.annotations.len() <= limits::ANNOTATIONS);
        assert_ours(&check.summary);
        assert_ours(&text);
    }
}
