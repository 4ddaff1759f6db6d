//! Webhook bodies: GitHub's own examples, whole and with pieces missing.

use std::path::Path;

use countersign::domain::button::Button;
use countersign::domain::limits;
use countersign::domain::pull::Trigger;
use countersign::domain::webhook_event::{Gone, PullChange, WebhookEvent};
use countersign::edge::github::{kept, read};
use serde_json::Value;

fn example(name: &str) -> Value {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/data/webhooks/{name}.json"));
    let text = std::fs::read_to_string(&path).expect("an example");
    serde_json::from_str(&text).expect("JSON")
}

fn event(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn event_of(name: &str, body: &Value) -> Option<WebhookEvent> {
    read(event(name), body.to_string().as_bytes()).ok()
}

const NAMES: [&str; 13] = [
    "pull_request.opened",
    "pull_request.synchronize",
    "pull_request.edited",
    "pull_request.closed",
    "issue_comment.created",
    "pull_request_review.submitted",
    "pull_request_review_comment.created",
    "check_run.rerequested",
    "check_run.requested_action",
    "check_suite.rerequested",
    "installation.deleted",
    "installation_repositories.removed",
    "ping",
];

/// Everything that may change what we read; all else of a body may be missing.
const USED: [&str; 30] = [
    "/action",
    "/changes",
    "/changes/base",
    "/check_run",
    "/check_run/external_id",
    "/check_run/head_sha",
    "/check_suite",
    "/check_suite/head_sha",
    "/comment",
    "/comment/body",
    "/comment/id",
    "/comment/path",
    "/comment/user",
    "/installation",
    "/installation/id",
    "/issue",
    "/issue/number",
    "/issue/pull_request",
    "/pull_request",
    "/pull_request/number",
    "/repository",
    "/repository/full_name",
    "/requested_action",
    "/requested_action/identifier",
    "/review",
    "/review/body",
    "/review/id",
    "/review/node_id",
    "/review/user",
    "/sender",
];

fn is_used(path: &str) -> bool {
    let user = ["/sender/", "/comment/user/", "/review/user/"]
        .iter()
        .filter_map(|user| path.strip_prefix(user))
        .any(|field| ["login", "id", "type"].contains(&field));
    let listed = [
        ("/check_run/pull_requests", "number"),
        ("/check_suite/pull_requests", "number"),
        ("/repositories_removed", "full_name"),
    ]
    .iter()
    .filter_map(|(list, field)| Some((path.strip_prefix(list)?, field)))
    .any(|(rest, field)| match rest.matches('/').count() {
        0 | 1 => true,
        2 => rest.ends_with(&format!("/{field}")),
        _ => false,
    });
    USED.contains(&path) || user || listed
}

#[test]
fn githubs_examples_are_read() {
    let read = |name| event_of(name, &example(name)).unwrap_or_else(|| panic!("{name}"));
    for (name, wanted) in [
        ("pull_request.opened", PullChange::Look(Trigger::Opened)),
        (
            "pull_request.synchronize",
            PullChange::Look(Trigger::Pushed),
        ),
        (
            "pull_request.edited",
            PullChange::Look(Trigger::BaseChanged),
        ),
        ("pull_request.closed", PullChange::Closed),
    ] {
        assert!(
            matches!(read(name), WebhookEvent::Pull { change, pull, .. }
                if change == wanted && pull.at.repo.as_str() == "Codertocat/Hello-World"),
            "{name}"
        );
    }
    assert!(matches!(
        read("issue_comment.created"),
        WebhookEvent::Comment { pull, body, author, sender, .. }
            if pull.number == 1 && body.ends_with("/retry slack/users") && author == sender
    ));
    assert!(matches!(
        read("check_run.rerequested"),
        WebhookEvent::Pressed { sender, check, button: Button::Retry }
            if sender.login == "octocat" && check.run.as_deref() == Some("0123456789ab")
    ));
    assert!(matches!(
        read("check_suite.rerequested"),
        WebhookEvent::Pressed { check, .. } if check.run.is_none() && check.pulls == [2]
    ));
    assert!(matches!(
        read("installation.deleted"),
        WebhookEvent::Installation {
            installation: 2,
            gone: Gone::All,
            ..
        }
    ));
    assert!(matches!(
        read("installation_repositories.removed"),
        WebhookEvent::Installation { gone: Gone::Repos(repos), .. } if repos.len() == 1
    ));
    assert_eq!(read("ping"), WebhookEvent::Ping);
}

#[test]
fn what_is_not_used_may_be_missing_or_of_any_kind() {
    let mut tried = 0;
    for name in NAMES {
        let whole = example(name);
        let expected = event_of(name, &whole);
        assert!(expected.is_some(), "{name}");
        for path in paths(&whole) {
            if is_used(&path) {
                continue;
            }
            for odd in [
                None,
                Some(Value::Null),
                Some(Value::from("odd")),
                Some(Value::from(-1)),
            ] {
                let mut broken = whole.clone();
                change(&mut broken, &path, odd.clone());
                assert_eq!(event_of(name, &broken), expected, "{name} {path} = {odd:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 2_000, "{tried}");
}

#[test]
fn what_is_kept_says_the_same_in_a_few_hundred_bytes() {
    for name in NAMES {
        let whole = example(name);
        let short = kept(whole.to_string().as_bytes());
        let read_again = read(event(name), short.as_bytes());
        assert_eq!(read_again.ok(), event_of(name, &whole), "{name}");
        assert!(short.len() < 1_000, "{name}: {} bytes", short.len());
    }
    // What cannot be read cannot be read afterwards either, and is not kept for ever.
    for odd in [
        "not even JSON".to_owned(),
        format!("[\"{}\"]", "é".repeat(1 << 20)),
    ] {
        let short = kept(odd.as_bytes());
        assert!(
            short.len() <= limits::MALFORMED_BODY_BYTES + 2,
            "{}",
            short.len()
        );
        assert!(read("pull_request", short.as_bytes()).is_err());
    }
}

#[test]
fn what_is_used_is_really_used() {
    // Were a path in the list that nobody reads, the test above would pass it over for nothing.
    for path in USED {
        let changes = NAMES.iter().any(|name| {
            let whole = example(name);
            let mut broken = whole.clone();
            whole.pointer(path).is_some() && {
                change(&mut broken, path, None);
                event_of(name, &broken) != event_of(name, &whole)
            }
        });
        assert!(changes, "{path}");
    }
}

#[test]
fn other_events_and_actions_are_ignored_whatever_they_hold() {
    for (event, body) in [
        ("push", "{}"),
        ("an_event_of_tomorrow", "not even JSON"),
        ("pull_request", r#"{"action":"stacked"}"#),
        (
            "pull_request",
            r#"{"action":"edited","changes":{"title":{"from":"a"}}}"#,
        ),
        ("pull_request", "{}"),
        ("issue_comment", r#"{"action":"edited"}"#),
        ("issue_comment", r#"{"action":"deleted"}"#),
        (
            "issue_comment",
            r#"{"action":"created","issue":{"number":1}}"#,
        ),
        (
            "issue_comment",
            r#"{"action":"created","issue":{"number":1,"pull_request":null}}"#,
        ),
        ("check_run", r#"{"action":"created"}"#),
        ("check_suite", r#"{"action":"requested"}"#),
        ("installation", r#"{"action":"renamed"}"#),
        ("installation_repositories", r#"{"action":"sorted"}"#),
    ] {
        let read = read(event, body.as_bytes()).expect("no error");
        assert!(
            matches!(read, WebhookEvent::Ignored { .. }),
            "{event} {body}: {read:?}"
        );
    }
}

#[test]
fn a_body_that_cannot_be_read_is_an_error_that_tells_nothing_of_it() {
    for (event, body) in [
        ("pull_request", "secret"),
        ("pull_request", r#"{"action":["secret"]}"#),
        ("pull_request", r#"{"action":"opened","secret":1}"#),
        ("installation", r#"{"action":"deleted"}"#),
    ] {
        let error = read(event, body.as_bytes())
            .expect_err("an error")
            .to_string();
        assert!(
            error.contains(event) && !error.contains("secret"),
            "{error}"
        );
    }
    let mut odd = example("pull_request.opened");
    odd["repository"]["full_name"] = "../../etc".into();
    assert_eq!(event_of("pull_request.opened", &odd), None);
}

#[test]
fn a_suspended_installation_is_gone_and_a_new_one_is_not() {
    let mut body = example("installation.deleted");
    for (action, wanted) in [
        ("suspend", Gone::All),
        ("created", Gone::Nothing),
        ("unsuspend", Gone::Nothing),
        ("new_permissions_accepted", Gone::Nothing),
    ] {
        body["action"] = action.into();
        assert!(
            matches!(event_of("installation", &body), Some(WebhookEvent::Installation { gone, .. }) if gone == wanted),
            "{action}"
        );
    }
}

fn paths(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(i, v)| (i.to_string(), v))
            .collect(),
        _ => Vec::new(),
    };
    let mut all = Vec::new();
    for (key, child) in children {
        let here = format!("/{}", key.replace('~', "~0").replace('/', "~1"));
        all.extend(paths(child).into_iter().map(|path| format!("{here}{path}")));
        all.push(here);
    }
    all
}

/// Removes what is at the path, or puts something else there.
fn change(root: &mut Value, path: &str, to: Option<Value>) {
    let (parent, key) = path.rsplit_once('/').expect("a path");
    let key = key.replace("~1", "/").replace("~0", "~");
    match (root.pointer_mut(parent).expect("a parent"), to) {
        (Value::Object(map), Some(value)) => drop(map.insert(key, value)),
        (Value::Object(map), None) => drop(map.shift_remove(&key)),
        (Value::Array(list), to) => {
            let index: usize = key.parse().expect("an index");
            match to {
                Some(value) => list[index] = value,
                None => drop(list.remove(index)),
            }
        }
        _ => panic!("{path}"),
    }
}
