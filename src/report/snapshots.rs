//! What people read, whole: each surface on the same runs. A change of words shows as a diff of `snapshots/`; how to take
//! new ones stands in `.github/CONTRIBUTING.md`.

use insta::assert_snapshot;

use crate::domain::connection_event::ConnectionEvent;
use crate::domain::ending::{CancelReason, Ending};
use crate::domain::failure::{Aside, Before, Failure, NotOurs, Stage};
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::post::{Anchors, Conclusion};
use crate::domain::project::{ProjectFolder, Projects};
use crate::domain::row::State;
use crate::domain::unproven::Unproven;
use crate::domain::verdict::Verdict;
use crate::domain::view::View;

use super::sample::{HOSTILE, assert_ours, guidance, run, sha};
use super::summary::Links;
use super::{check_run, page, review, summary, terminal, unproven};

fn finding(rule: &str, severity: Severity, sentence: &str) -> Finding {
    Finding {
        rule: rule.into(),
        severity,
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Workspace {
            path: "tests/create-event.test.json".into(),
        },
        sentence: sentence.into(),
        evidence: vec![
            Exhibit::Turn {
                number: 4,
                tool: "bash".into(),
                quote: "sed -i s/a/b/ tests/create-event.test.json".into(),
            },
            Exhibit::Diff {
                path: "tests/create-event.test.json".into(),
                unified: "@@ -1 +1 @@\n-a\n+b\n".into(),
            },
        ],
    }
}

/// One interaction of each verdict.
fn every_verdict() -> View {
    let altered = finding(
        "fixture-response-altered",
        Severity::Block,
        "A recorded answer was changed after it was received.",
    );
    let slip = finding(
        "invented-command",
        Severity::Warn,
        "The agent used a command that does not exist.",
    );
    let verdicts = [
        (
            "google-calendar/create-event",
            Verdict::Countersigned,
            vec![],
        ),
        (
            "google-calendar/share-calendar",
            Verdict::Refused,
            vec![altered],
        ),
        ("slack/list-channels", Verdict::NeedsALook, vec![slip]),
        ("slack/users", Verdict::Blocked, vec![]),
    ];
    run(&verdicts, Ending::Finished)
}

/// A run in a project that was not perfect before.
fn imperfect() -> View {
    let failure = |stage, file: &str, what: &str, said: &str, line| Failure {
        stage,
        file: Some(file.into()),
        what: what.into(),
        said: said.into(),
        line,
    };
    let old = "slack/actions/old.ts";
    let said = "Property 'get' does not exist on type 'NangoAction'.\n  one\n  two\n  three";
    let types = (1..=23).map(|line| failure(Stage::Types, old, "TS2339", said, Some(line)));
    let test = failure(
        Stage::Tests,
        "slack/tests/slack-old.test.ts",
        "slack old should output what is expected",
        HOSTILE,
        None,
    );
    let aside = |path: &str, why| Aside {
        path: path.into(),
        why,
    };
    let bun = NotOurs::Runner {
        module: "bun:test".into(),
    };
    let sinon = NotOurs::Unloadable {
        said: "Failed to load url sinon".into(),
    };
    let aside = vec![
        aside("slack/tests/bun.test.ts", bun),
        aside("slack/tests/sinon.test.ts", sinon),
        aside("slack/tests/slack-get-user.test.ts", NotOurs::NoRecording),
        aside("slack/__tests__/old.spec.ts", NotOurs::Elsewhere),
    ];
    let verdicts = [("slack/users", Verdict::Countersigned, vec![])];
    let mut view = run(&verdicts, Ending::Finished);
    let before = Before::of(std::iter::once(test).chain(types).collect(), aside);
    view.before.set(None, before);
    view
}

#[test]
fn a_project_that_was_not_perfect_before() {
    console::set_colors_enabled(false);
    let view = imperfect();
    let comment = summary::render(&view, &links());
    assert_ours(&summary::render(&view, &Links::default()));
    assert_snapshot!("comment-imperfect", comment);
    let check = check_run::render(&view, &links());
    let text = check.text.expect("details");
    assert_ours(&text);
    assert_snapshot!("check-run-imperfect", text);
    assert_snapshot!("terminal-imperfect", terminal::report_in(&view, 100));
    let page = page::render(&view).expect("a page");
    let (_, body) = page.split_once("<body>").expect("a body");
    assert_snapshot!("page-imperfect", body);
}

/// Two projects, of which one does not take the function that was made for it.
fn two_projects() -> View {
    let verdicts = ["slack/post", "slack/users"].map(|key| (key, Verdict::Countersigned, vec![]));
    let mut view = run(&verdicts, Ending::Finished);
    let [mail, crm] = ["apps/mail", "apps/crm"].map(ProjectFolder::named);
    view.rows[0].project = mail.clone();
    view.rows[1].project = crm.clone();
    let whole = Finding::new(
        "whole-project",
        Severity::Block,
        Confidence::Reproduced,
        Place::Build,
        "apps/crm: The project with all accepted functions in it fails at: tests.".into(),
        vec![Exhibit::Output {
            step: "tests".into(),
            text: "slack/tests/none.test.ts lists no users\nexpected true to be false".into(),
        }],
    );
    view.failed.insert(crm.clone(), vec![whole]);
    view.projects = Some(Projects::of_list(mail, vec![crm]));
    view
}

#[test]
fn of_several_projects_one_does_not_take_its_function() {
    console::set_colors_enabled(false);
    let view = two_projects();
    assert_snapshot!("comment-projects", summary::render(&view, &links()));
    let check = check_run::render(&view, &links());
    assert_eq!(check.conclusion, Some(Conclusion::Failure));
    assert_snapshot!("terminal-projects", terminal::report_in(&view, 100));
    let page = page::render(&view).expect("a page");
    assert!(page.contains("action in apps/mail"), "{page}");
    assert!(page.contains("fails at: tests"), "{page}");
}

/// Runs that ended otherwise, by name.
fn other_ends() -> [(&'static str, View); 4] {
    let ends = [
        (
            "faulted",
            Ending::Faulted {
                why: "the disk is full".into(),
            },
        ),
        ("superseded", Ending::moved(Some(sha('c')))),
        ("closed", Ending::stopped(CancelReason::PullRequestClosed)),
        ("nothing", Ending::NothingToDo),
    ];
    ends.map(|(name, ending)| (name, run(&[], ending)))
}

/// One that was told something by people, and of the attempt before.
fn guided() -> View {
    let mut view = run(
        &[("slack/users", Verdict::Countersigned, vec![])],
        Ending::Finished,
    );
    view.rows[0].guidance = guidance();
    view
}

fn links() -> Links {
    let page = "https://countersign.example/runs/0123456789ab/key";
    Links {
        page: Some(page.into()),
    }
}

#[test]
fn the_sticky_comment() {
    assert_snapshot!("comment", summary::render(&every_verdict(), &links()));
    for (name, view) in other_ends() {
        assert_snapshot!(format!("comment-{name}"), summary::render(&view, &links()));
    }
}

#[test]
fn the_check_run() {
    let told = |view: &View| {
        serde_json::to_string_pretty(&check_run::render(view, &links())).expect("JSON")
    };
    assert_snapshot!("check-run", told(&every_verdict()));
    for (name, view) in other_ends() {
        assert_snapshot!(format!("check-run-{name}"), told(&view));
    }
}

#[test]
fn the_review() {
    let review = review::render(&every_verdict(), &Anchors::default(), &links());
    assert_snapshot!(
        "review",
        serde_json::to_string_pretty(&review).expect("JSON")
    );
}

#[test]
fn the_terminal() {
    console::set_colors_enabled(false);
    assert_snapshot!("terminal", terminal::report_in(&every_verdict(), 100));
    for (name, view) in other_ends() {
        assert_snapshot!(format!("terminal-{name}"), terminal::report_in(&view, 100));
    }
}

#[test]
fn the_page() {
    assert_snapshot!("page", page::render(&every_verdict()).expect("a page"));
}

#[test]
fn what_people_said_is_named_everywhere() {
    console::set_colors_enabled(false);
    let view = guided();
    assert_snapshot!("comment-guided", summary::render(&view, &links()));
    assert_snapshot!("terminal-guided", terminal::report_in(&view, 100));
    let review = review::render(&view, &Anchors::default(), &links()).expect("a review");
    let told = "slack/users`: Its agent was told a hint by ada, 3 remarks by two people";
    assert!(review.body.contains(told), "{}", review.body);
    let page = page::render(&view).expect("a page");
    assert!(page.contains("3 remarks by two people"), "{page}");
}

#[test]
fn what_a_verdict_does_not_vouch_for_is_said_everywhere() {
    console::set_colors_enabled(false);
    let mut view = every_verdict();
    assert_eq!(unproven::all(&view).count(), 0);
    let judged = view.rows.iter_mut().find_map(|row| match &mut row.state {
        State::Judged { judgement } => Some(judgement),
        _ => None,
    });
    let event = ConnectionEvent::ValidateConnection;
    judged.expect("a judged row").unproven =
        [Unproven::EventNotMade { event }, Unproven::NoTest].into();
    let review = review::render(&view, &Anchors::default(), &links()).expect("a review");
    for surface in [
        summary::render(&view, &links()),
        review.body,
        check_run::render(&view, &links()).summary,
        page::render(&view).expect("a page"),
        terminal::report_in(&view, 400),
    ] {
        for part in [
            "Not proven: that Nango runs it at validate-connection",
            "makes no test for on-event functions",
        ] {
            assert!(surface.contains(part), "{part} is not in:\n{surface}");
        }
    }
}
