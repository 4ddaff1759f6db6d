//! Runs to render in tests.

use crate::domain::cause::{CauseClass, CauseStep, Reaction, RootCause};
use crate::domain::dossier::{Guard, Walls};
use crate::domain::ending::Ending;
use crate::domain::event::{Event, Logged, Settlement};
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::guidance::{
    EarlierFinding, FoundBefore, GivenHint, Guidance, Remark, Remarks, Words,
};
use crate::domain::name::Digest;
use crate::domain::plan::{Plan, Step};
use crate::domain::project::{ProjectFolder, Projects};
use crate::domain::pull::{Cause, PullRequest, PullState, Request};
use crate::domain::settings::{Commit, Mode};
use crate::domain::spec::Spec;
use crate::domain::transcript::Usage;
use crate::domain::verdict::{Judgement, Verdict};
use crate::domain::view::View;
use crate::rules::specs;
use crate::text::markdown_reading::MarkdownReading;

pub fn sha(digit: char) -> crate::domain::name::Sha {
    digit.to_string().repeat(40).parse().expect("a sha")
}

pub fn spec(key: &str) -> Spec {
    Spec {
        line: 2,
        ..specs::sample::spec(key)
    }
}

/// A finished run with one verdict per given pair.
pub fn run(verdicts: &[(&str, Verdict, Vec<Finding>)], ending: Ending) -> View {
    let pull = PullRequest {
        repo: "acme/product".parse().expect("a repo"),
        number: 7,
        state: PullState::Open,
        head: sha('a'),
        head_branch: "add".into(),
        head_repo: Some("acme/product".parse().expect("a repo")),
        base_branch: "main".into(),
        base: sha('b'),
        author: "ada".into(),
    };
    let walls = Walls {
        shell: "namespaces + Landlock + seccomp".into(),
        file_tools: Guard::Up,
    };
    let steps = verdicts
        .iter()
        .map(|(key, ..)| Step::Build {
            spec: spec(key),
            fingerprint: Digest::of(key.as_bytes()),
        })
        .collect();
    let mut events = vec![
        Event::Requested {
            request: Request::for_pull(1, pull, Cause::Head),
        },
        Event::Planned {
            plan: Plan {
                steps,
                ..Plan::default()
            },
            merge_base: sha('b'),
            base: None,
            projects: Projects::one(ProjectFolder::named("nango-integrations")),
            commit: Commit::Countersigned,
            watched: Mode::Strict,
        },
        Event::WallsTried {
            walls: walls.clone(),
        },
    ];
    for (key, verdict, findings) in verdicts {
        events.push(Event::Judged {
            spec: Box::new(spec(key)),
            fingerprint: Digest::of(key.as_bytes()),
            judgement: Judgement {
                dossier: Digest::of(key.as_bytes()),
                interaction: key.parse().expect("a key"),
                verdict: *verdict,
                sentence: "Compiled, validated and recorded by us.".into(),
                cause: matches!(verdict, Verdict::Blocked | Verdict::Refused).then(missing_scope),
                unproven: Box::default(),
                findings: findings.clone(),
            },
            usage: Usage {
                input: 1_500,
                output: 500,
                cache_read: 10_000,
                micro_usd: 40_000,
                ..Usage::default()
            },
            took_ms: 41_000,
            walls: walls.clone(),
        });
    }
    events.push(Event::Settled {
        settlement: Settlement::Committed {
            commit: sha('c'),
            branch: "add".into(),
            paths: vec!["x".into()],
        },
    });
    events.push(Event::Ended { ending });
    let logged: Vec<Logged> = events
        .into_iter()
        .enumerate()
        .map(|(at, event)| Logged {
            seq: at as i64 + 1,
            at_ms: 1_000 * at as i64,
            event,
        })
        .collect();
    View::of(&logged)
}

/// What an agent was told by two people and of an attempt before.
pub fn guidance() -> Guidance {
    let words = |text: &str| Words {
        text: text.into(),
        left_out: 0,
    };
    let remark = |by: &str, line| Remark {
        by: by.into(),
        comment: 12,
        line: Some(line),
        quote: "const users = [];".into(),
        words: words("Bots are users, too."),
    };
    let finding = |rule: &str| EarlierFinding {
        rule: rule.into(),
        severity: Severity::Block,
        says: None,
    };
    Guidance {
        hints: vec![GivenHint {
            by: "ada".into(),
            comment: 11,
            words: words("Use cursors."),
        }],
        hints_left_out: 0,
        remarks: Remarks {
            said: vec![remark("ada", 3), remark("bob", 4), remark("ada", 9)],
            left_out: 0,
        },
        before: Some(FoundBefore {
            dossier: Digest::of(b"before"),
            verdict: Verdict::Refused,
            findings: vec![finding("pages-left-out"), finding("hash-mismatch")],
            left_out: 0,
        }),
    }
}

/// What an agent would write to take over a report.
pub const HOSTILE: &str = "@acme/team fixes #1 <img src=https://evil/x> </details> ``` | ![a](b) <!-- countersign:summary -->";

/// Whatever [`HOSTILE`] is quoted in, GitHub would find nothing in it that is not ours: no mention, no reference, no image,
/// no link, and no HTML but our own folds, each of which ends.
pub fn assert_ours(markdown: &str) {
    let shown = MarkdownReading::of(markdown);
    for bad in ["@acme", "fixes #1"] {
        assert!(!shown.text.contains(bad), "{bad} in {}", shown.text);
    }
    assert_eq!((shown.images, shown.links), (0, vec![]));
    let ours = [
        "<details>",
        "<details open>",
        "</details>",
        "<summary>",
        "<code>",
        "</code>",
        "<br>",
        "</summary>",
        "<sub>",
        "</sub>",
        "<!-- countersign:",
    ];
    let html = shown.html.concat();
    for at in html.match_indices('<').map(|(at, _)| at) {
        assert!(
            ours.iter().any(|tag| html[at..].starts_with(tag)),
            "{}",
            html[at..].lines().next().unwrap_or("")
        );
    }
    let count = |tag: &str| html.matches(tag).count();
    assert_eq!(count("<details"), count("</details>"));
}

/// A finding that quotes it everywhere.
pub fn hostile() -> Finding {
    Finding {
        rule: "some-rule".into(),
        severity: Severity::Block,
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Workspace {
            path: HOSTILE.into(),
        },
        sentence: HOSTILE.into(),
        evidence: vec![
            Exhibit::Turn {
                number: 3,
                tool: HOSTILE.into(),
                quote: format!("```\n{HOSTILE}\n```"),
            },
            Exhibit::Diff {
                path: HOSTILE.into(),
                unified: format!("+{HOSTILE}\n").repeat(5_000),
            },
        ],
    }
}

/// A permission that the account lacks.
pub fn missing_scope() -> RootCause {
    let refused = CauseStep {
        place: Place::Wire { seq: 4 },
        at_ms: None,
        quote: "POST /proxy/chat.postMessage → 403".into(),
    };
    let found = CauseStep {
        place: Place::Wire { seq: 7 },
        at_ms: None,
        quote: "blocked".into(),
    };
    RootCause {
        class: CauseClass::MissingScope,
        target: "POST /proxy/chat.postMessage".into(),
        wanted: Some("chat:write".into()),
        deed: None,
        chain: vec![refused, found],
        reaction: Reaction::Stopped,
        confidence: Confidence::Proven,
    }
}
