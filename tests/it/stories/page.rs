//! The page of a run in a real browser: what a recorded run looks like, and that what agents and APIs wrote stays text.

use std::sync::Arc;

use axum::response::{Html, IntoResponse as _};
use countersign::domain::event::{Event, Logged};
use countersign::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use countersign::domain::view::View;
use countersign::report::page;

use crate::support::browser::dumped;
use crate::support::listener::Listener;

/// What an agent would write to take the page over; `LEAK` becomes an address that must never be asked for.
const HOSTILE: &str = "</pre></span><script>document.title='taken'</script><img src=LEAK onerror=\"document.title='taken'\">\
    <link rel=stylesheet href=LEAK><style>body{display:none}</style>";

/// Opens the page 400 pixels wide and writes down what it finds: one fact per line.
const FRAME: &str = r#"<!doctype html><body><iframe src="/run" width="400" height="800" style="border:0"></iframe>
<pre id="facts"></pre><script>
document.querySelector('iframe').onload = event => {
  const page = event.target.contentDocument, root = page.documentElement;
  document.querySelector('#facts').textContent = [
    'title=' + page.title,
    'rows=' + (page.querySelectorAll('table tr').length - 1),
    'foreign=' + page.querySelectorAll('script, img, link, body style, iframe').length,
    'shown=' + page.body.innerText.includes("<script>document.title='taken'</" + "script>"),
    'reversed=' + page.body.textContent.includes('\u202e'),
    'wider=' + (root.scrollWidth > root.clientWidth),
    'pairs=' + page.querySelectorAll('.pair .claimed + .received').length,
    'seen=' + (page.body.getBoundingClientRect().height > 100),
    'reached=' + [...page.querySelectorAll('summary')].every(one => { one.focus(); return page.activeElement === one; }),
  ].join('\n');
};
</script></body>"#;

fn recorded() -> Vec<Logged> {
    serde_json::from_str(include_str!("../data/page/run.json")).expect("a recorded run")
}

fn hostile(leak: &str) -> Finding {
    let text = HOSTILE.replace("LEAK", leak);
    let long = format!("\u{202e}{text}{}", "x".repeat(3_000));
    Finding {
        rule: text.clone(),
        severity: Severity::Block,
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Workspace { path: long.clone() },
        sentence: long.clone(),
        evidence: vec![
            Exhibit::Turn {
                number: 3,
                tool: text.clone(),
                quote: long.clone(),
            },
            Exhibit::Diff {
                path: text.clone(),
                unified: format!("+{long}\n"),
            },
            Exhibit::Claimed {
                claimed: long.clone(),
                received: long,
            },
        ],
    }
}

/// A recorded run of which one refusal quotes hostile text everywhere.
fn taken_over(leak: &str) -> View {
    let mut events = recorded();
    let refused = events
        .iter_mut()
        .find_map(|logged| match &mut logged.event {
            Event::Judged { judgement, .. } if !judgement.findings.is_empty() => Some(judgement),
            _ => None,
        })
        .expect("something was refused");
    refused.findings.push(hostile(leak));
    refused.sentence = hostile(leak).sentence;
    View::of(&events)
}

/// Opens the page three times and writes down what it finds the last time, and how long the fastest took.
const TIMED: &str = r#"<!doctype html><body><iframe src="/run" width="1100" height="900" style="border:0"></iframe>
<pre id="facts"></pre><script>
const took = [];
document.querySelector('iframe').onload = event => {
  const frame = event.target.contentWindow;
  // Layout is a part of opening it.
  const seen = frame.document.body.getBoundingClientRect().height > 100;
  const [begun] = frame.performance.getEntriesByType('navigation');
  took.push(frame.performance.now() - begun.startTime);
  // Other tests run beside this one: the best of many says what the page takes.
  if (took.length < 20 && Math.min(...took) >= 1000) { frame.location.reload(); return; }
  document.querySelector('#facts').textContent = [
    'rows=' + (frame.document.querySelectorAll('table tr').length - 1),
    'first=' + frame.document.querySelector('td.k code').textContent,
    'seen=' + seen,
    'took=' + Math.ceil(Math.min(...took)),
  ].join('\n');
};
</script></body>"#;

fn facts(dom: &str) -> String {
    dom.split_once("<pre id=\"facts\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"))
        .map(|(facts, _)| facts.to_owned())
        .unwrap_or_else(|| panic!("no facts in {dom}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_reads_well_in_a_browser_and_hostile_text_stays_text() {
    let html: Arc<std::sync::OnceLock<String>> = Arc::default();
    let page = html.clone();
    let server = Listener::start(move |asked| match asked.path.as_str() {
        "/run" => Html(page.get().cloned().unwrap_or_default()).into_response(),
        "/frame" => Html(FRAME).into_response(),
        _ => axum::http::StatusCode::NOT_FOUND.into_response(),
    })
    .await;
    let leak = format!("{}/leak", server.url);
    html.set(page::render(&taken_over(&leak)).expect("the page"))
        .expect("set once");

    let dom = dumped(
        &format!("{}/frame", server.url),
        "--virtual-time-budget=10000",
    )
    .await;
    let facts = facts(&dom);
    assert_eq!(
        facts.lines().collect::<Vec<_>>(),
        [
            "title=2 refused, 2 countersigned · acme/product#1 · Countersign",
            "rows=4",
            "foreign=0",
            "shown=true",
            "reversed=false",
            "wider=false",
            "pairs=4",
            "seen=true",
            "reached=true",
        ]
    );
    let asked: Vec<String> = server.asked().into_iter().map(|asked| asked.path).collect();
    assert!(asked.iter().any(|path| path == "/run"), "{asked:?}");
    assert!(!asked.iter().any(|path| path == "/leak"), "{asked:?}");
}

/// A run of two hundred interactions of five APIs. Each has what the recorded refusals have, evidence and all.
fn two_hundred() -> View {
    let recorded = View::of(&recorded());
    let mut rows = Vec::new();
    for n in 0..200 {
        let mut row = recorded.rows[n % recorded.rows.len()].clone();
        let api = ["calendar", "drive", "hubspot", "sheet", "slack"][n % 5];
        row.key = format!("{api}/function-{n:03}").parse().expect("a key");
        rows.push(row);
    }
    View { rows, ..recorded }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_interactions_are_open_in_a_second_with_the_worst_on_top() {
    let html = page::render(&two_hundred()).expect("the page");
    assert!(html.len() > 400_000, "it is a large page: {}", html.len());
    let server = Listener::start(move |asked| match asked.path.as_str() {
        "/run" => Html(html.clone()).into_response(),
        "/timed" => Html(TIMED).into_response(),
        _ => axum::http::StatusCode::NOT_FOUND.into_response(),
    })
    .await;
    // Real time, because time is what is asked for; the document is taken when nothing is loading any more.
    let dom = dumped(&format!("{}/timed", server.url), "--timeout=60000").await;
    let facts = facts(&dom);
    let facts: Vec<&str> = facts.lines().collect();
    let [rows, first, seen, took] = facts.as_slice() else {
        panic!("{facts:?}");
    };
    assert_eq!((*rows, *seen), ("rows=200", "seen=true"));
    assert!(first.starts_with("first="), "{first}");
    let view = two_hundred();
    let name = first.trim_start_matches("first=");
    let row = view.rows.iter().find(|row| row.key.to_string() == name);
    let state = row.map(|row| countersign::report::words::state(&row.state));
    assert_eq!(state.as_deref(), Some("❌ refused"));
    let took = took.trim_start_matches("took=").parse::<u32>();
    assert!(took.clone().is_ok_and(|ms| ms < 1_000), "{took:?} ms");
}
