//! The review of a head: what was found, said at the lines it is about. Never an approval.

use std::collections::BTreeMap;

use crate::domain::finding::{Finding, Place};
use crate::domain::limits;
use crate::domain::post::{Anchors, LineComment, Review};
use crate::domain::row::{Row, State};
use crate::domain::verdict::{Judgement, Verdict};
use crate::domain::view::View;

use super::cause;
use super::circumstances::circumstances;
use super::details::{Depth, details, finding};
use super::guidance;
use super::interactions::{self, Concern};
use super::summary::Links;
use super::unproven;
use super::words;
use crate::text::clip::shorten;
use crate::text::markdown::{Blocks, code, inline};

/// The review of a finished run; none when there is nothing to say that the check run does not say already.
/// `anchors` are those of the commit that it will be posted on.
pub fn render(view: &View, anchors: &Anchors, links: &Links) -> Option<Review> {
    let judged = view
        .rows
        .iter()
        .any(|row| matches!(row.state, State::Judged { .. } | State::GivenUp { .. }));
    if view.ending.is_none() || (!judged && view.problems.is_empty()) {
        return None;
    }
    let mut comments = Vec::new();
    let mut body = Blocks::default();
    body.push(format!(
        "**Countersign: {}**",
        inline(&words::headline(view))
    ));
    for said in words::outcome(view) {
        body.push(inline(&said));
    }
    for shared in cause::shared(view) {
        body.push(format!("**{}**", inline(&cause::shared_sentence(&shared))));
    }
    in_order(view)
        .into_iter()
        .for_each(|block| body.push(block));
    for (row, told) in guidance::all(view).chain(unproven::all(view)) {
        body.push(format!(
            "- {}: {}",
            code(&row.key.to_string()),
            inline(&told)
        ));
    }
    for whole in view.whole_failures() {
        body.push(finding(whole));
    }
    for problem in &view.problems {
        match at_line(problem, anchors) {
            Some(comment) => comments.push(comment),
            None => body.push(finding(problem)),
        }
    }
    let mut shown = false;
    for row in interactions::worst_first(&view.rows) {
        if let State::Judged { judgement } = &row.state {
            // At hundreds of lines, that something is good is read by nobody and hides what is not.
            let is_worth_a_line = !interactions::are_many(&view.rows)
                || interactions::concern(row) != Concern::None
                || !judgement.findings.is_empty();
            if is_worth_a_line {
                comments.extend(at_spec(row, judgement, anchors));
                comments.extend(at_function(row, judgement, anchors));
            }
            if !judgement.findings.is_empty() {
                // The worst is read first, so it is read without a click; one fold open keeps the rest in sight.
                let open =
                    judgement.verdict == Verdict::Refused && !std::mem::replace(&mut shown, true);
                body.push(details(row, Depth::Evidence, open));
            }
        }
        if let State::GivenUp { .. } = &row.state {
            body.push(details(row, Depth::Evidence, false));
        }
    }
    let too_many = comments.len().saturating_sub(limits::REVIEW_COMMENTS);
    comments.truncate(limits::REVIEW_COMMENTS);
    if too_many > 0 {
        body.push(format!(
            "{too_many} more remarks at lines are in the check run's annotations."
        ));
    }
    for said in circumstances(view) {
        body.push(format!("<sub>{}</sub>", inline(&said)));
    }
    if let Some(page) = &links.page {
        body.push(format!("<sub>[The whole run]({page})</sub>"));
    }
    Some(Review {
        body: body.join(limits::COMMENT_CHARS),
        comments,
    })
}

/// What the earlier reviews begin with once there is a newer one.
const OUTDATED: &str = "> **Outdated.** ";

/// The text of an earlier review, which says where the current one is.
pub fn outdated(body: &str, current: &str) -> String {
    let body = match body.split_once("\n\n") {
        Some((first, rest)) if first.starts_with(OUTDATED) => rest,
        _ => body,
    };
    let pointer = format!("{OUTDATED}[The current review]({current}) is further down.");
    shorten(&format!("{pointer}\n\n{body}"), limits::COMMENT_CHARS)
}

/// The review without remarks that stand at their lines already; how many, it says.
pub fn with_standing(review: Review, new: Vec<LineComment>, standing: usize) -> Review {
    let said = match standing {
        0 => {
            return Review {
                comments: new,
                ..review
            };
        }
        1 => "1 remark of an earlier review still stands at its line.".to_owned(),
        n => format!("{n} remarks of earlier reviews still stand at their lines."),
    };
    let mut body = Blocks::default();
    body.push(review.body);
    body.push(format!("<sub>{said}</sub>"));
    Review {
        body: body.join(limits::COMMENT_CHARS),
        comments: new,
    }
}

/// The interactions about which nothing more is to be said: in one line, and where they are many in one for each API.
fn in_order(view: &View) -> Vec<String> {
    let verdict = Verdict::Countersigned;
    let mut integrations: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in &view.rows {
        if let State::Judged { judgement } = &row.state
            && judgement.verdict == verdict
            && judgement.findings.is_empty()
        {
            let key = code(&row.key.to_string());
            let name = row.key.integration.as_str();
            integrations.entry(name).or_default().push(key);
        }
    }
    let (sign, words) = (words::sign(verdict), verdict.words());
    if !interactions::are_many(&view.rows) {
        let keys: Vec<String> = integrations.into_values().flatten().collect();
        return match keys.is_empty() {
            true => Vec::new(),
            false => vec![format!("{sign} {words}: {}", keys.join(", "))],
        };
    }
    let fold = |(name, keys): (&str, Vec<String>)| {
        format!(
            "<details><summary>{sign} {} {words}: <code>{name}</code></summary>\n\n{}\n\n</details>",
            keys.len(),
            keys.join(", ")
        )
    };
    integrations.into_iter().map(fold).collect()
}

fn at_line(problem: &Finding, anchors: &Anchors) -> Option<LineComment> {
    let Place::Repository { path, line } = &problem.place else {
        return None;
    };
    anchors.holds(path, *line).then(|| LineComment {
        path: path.clone(),
        line: *line,
        body: shorten(&finding(problem), limits::COMMENT_CHARS),
    })
}

/// The verdict at the spec's line, and where the evidence is.
fn at_spec(row: &Row, judgement: &Judgement, anchors: &Anchors) -> Option<LineComment> {
    let spec = row.spec.as_ref()?;
    // The findings are told once, with their evidence, in the review's own text.
    let evidence = match judgement.findings.is_empty() {
        true => "",
        false => "\n\n<sub>The evidence is in the review's text.</sub>",
    };
    anchors.holds(&spec.path, spec.line).then(|| LineComment {
        path: spec.path.clone(),
        line: spec.line,
        body: shorten(
            &format!(
                "{}: {}{evidence}",
                words::state(&row.state),
                inline(&judgement.sentence)
            ),
            limits::COMMENT_CHARS,
        ),
    })
}

/// Remarks at lines of the function, when it was committed.
fn at_function(row: &Row, judgement: &Judgement, anchors: &Anchors) -> Vec<LineComment> {
    let Some(spec) = &row.spec else {
        return Vec::new();
    };
    let path = row.project.path(&spec.function_path());
    let mut comments: Vec<LineComment> = judgement
        .findings
        .iter()
        .filter_map(|found| match found.place {
            Place::Function { line: Some(line) } if anchors.holds(&path, line) => {
                Some(LineComment {
                    path: path.clone(),
                    line,
                    body: shorten(&finding(found), limits::COMMENT_CHARS),
                })
            }
            _ => None,
        })
        .collect();
    if comments.is_empty() && anchors.holds(&path, 1) {
        comments.push(LineComment {
            path,
            line: 1,
            body: format!(
                "{} from dossier `{}`.",
                words::state(&row.state),
                judgement.dossier.short(),
            ),
        });
    }
    comments
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ending::Ending;
    use crate::domain::verdict::Verdict;
    use crate::report::sample::{self, assert_ours};

    #[test]
    fn remarks_are_only_at_lines_of_the_diff() {
        let view = sample::run(
            &[
                ("slack/a", Verdict::Countersigned, vec![]),
                ("slack/b", Verdict::Refused, vec![sample::hostile()]),
            ],
            Ending::Finished,
        );
        let mut anchors = Anchors::default();
        anchors
            .0
            .insert("interactions/slack/b.yaml".into(), vec![(1, 9)]);
        anchors.0.insert(
            "nango-integrations/slack/actions/a.ts".into(),
            vec![(1, 40)],
        );
        let review = render(&view, &anchors, &Links::default()).expect("there is something to say");
        let places: Vec<_> = review
            .comments
            .iter()
            .map(|comment| (comment.path.as_str(), comment.line))
            .collect();
        assert_eq!(
            places,
            [
                ("interactions/slack/b.yaml", 2),
                ("nango-integrations/slack/actions/a.ts", 1)
            ]
        );
        assert!(review.body.chars().count() <= limits::COMMENT_CHARS);
        assert_ours(&review.body);
        for comment in &review.comments {
            assert_ours(&comment.body);
        }
    }

    #[test]
    fn of_hundreds_only_what_is_not_good_is_said_at_lines() {
        let keys: Vec<String> = (0..200).map(|n| format!("slack/f-{n:03}")).collect();
        let mut anchors = Anchors::default();
        let rows: Vec<_> = keys
            .iter()
            .map(|key| {
                let spec = format!("interactions/{key}.yaml");
                let function = format!("nango-integrations/{}.ts", key.replace('/', "/actions/"));
                anchors.0.insert(spec, vec![(1, 9)]);
                anchors.0.insert(function, vec![(1, 40)]);
                match key.as_str() {
                    "slack/f-199" => (key.as_str(), Verdict::Refused, vec![sample::hostile()]),
                    _ => (key.as_str(), Verdict::Countersigned, vec![]),
                }
            })
            .collect();
        let view = sample::run(&rows, Ending::Finished);
        let review = render(&view, &anchors, &Links::default()).expect("there is something to say");
        let paths: Vec<&str> = review
            .comments
            .iter()
            .map(|one| one.path.as_str())
            .collect();
        assert_eq!(
            paths,
            [
                "interactions/slack/f-199.yaml",
                "nango-integrations/slack/actions/f-199.ts"
            ]
        );
        assert!(
            review
                .body
                .contains("✅ 199 countersigned: <code>slack</code>"),
            "{}",
            review.body
        );
        assert_ours(&review.body);
    }

    #[test]
    fn an_earlier_review_says_once_where_the_current_one_is() {
        let once = outdated(
            "Two refused.\n\nEvidence.",
            "https://github.com/a/b/pull/1#r2",
        );
        assert_eq!(
            once,
            "> **Outdated.** [The current review](https://github.com/a/b/pull/1#r2) is further down.\n\nTwo refused.\n\nEvidence."
        );
        let again = outdated(&once, "https://github.com/a/b/pull/1#r3");
        assert_eq!(again.matches("Outdated").count(), 1);
        assert!(again.contains("#r3") && again.ends_with("Two refused.\n\nEvidence."));
    }

    #[test]
    fn a_run_with_nothing_to_do_is_not_reviewed() {
        let view = sample::run(&[], Ending::NothingToDo);
        assert_eq!(render(&view, &Anchors::default(), &Links::default()), None);
    }
}
