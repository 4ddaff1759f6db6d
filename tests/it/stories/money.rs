//! What is the same for all agents stands first in what their models read, so that providers cache it; and reports say what
//! came of it.

use countersign_standin::model::Seen;
use countersign_standin::nango;
use serde_json::Value;

use crate::support::checkout::Checkout;
use crate::support::story::honest;

const EVENT: &str = "google-calendar/create-event";
const USERS: &str = "slack/users";
const INPUT: &str = r#"{"calendarId":"primary","summary":"Story","start":"2026-02-01T09:00:00Z","end":"2026-02-01T10:00:00Z"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_the_same_for_all_agents_comes_first_and_is_read_from_the_cache() {
    assert!(nango::function("slack/syncs/users.ts").is_some());
    let scenarios = vec![
        honest(EVENT, "action", Some(INPUT)),
        honest(USERS, "sync", None),
    ];
    // One after the other, so that the second finds what the first left in the cache.
    let settings = (".github/countersign.yml", "parallel: 1\n");
    let checkout = Checkout::for_runs(scenarios, &[settings]).await;
    checkout.write(
        "interactions/google-calendar/create-event.yaml",
        &format!("kind: action\ndescription: Create an event.\nconnection: google-calendar-test\ninput: {INPUT}\n"),
    );
    checkout.write(
        "interactions/slack/users.yaml",
        "kind: sync\ndescription: Keep the members of the workspace fresh.\nconnection: slack-test\n",
    );
    let model = checkout.model.as_ref().expect("a model");
    model.count_tokens();
    let said = checkout.run_beside(&["run"]).await;
    assert_eq!(said.code, Some(0), "{}\n{}", said.err, said.out);

    let requests = model.requests();
    let (event, users) = (of(&requests, EVENT), of(&requests, USERS));
    all_alike_first(event[0], users[0]);
    each_turn_begins_with_the_one_before(&event);
    each_turn_begins_with_the_one_before(&users);

    let line = said.out.lines().find(|line| line.contains("tokens read ("));
    let line = line.unwrap_or_else(|| panic!("no sum in\n{}", said.out));
    let (_, share) = line.split_once('(').expect("a share");
    let (share, _) = share.split_once('%').expect("a share");
    let share: u32 = share.parse().expect("a number");
    // It is 78. Without the beginning that both share it would be 63, and without any cache there is no share at all.
    assert!((72..100).contains(&share), "{line}");
    assert!(
        said.out.contains("for each function countersigned"),
        "{line}"
    );
}

/// The requests of one interaction's agent, in order, without those for a title.
fn of<'a>(requests: &'a [Seen], key: &str) -> Vec<&'a Value> {
    let of_it = requests
        .iter()
        .filter(|seen| seen.key.as_deref() == Some(key) && seen.body["tools"].is_array());
    of_it.map(|seen| &seen.body).collect()
}

/// Two first requests: tools and the first message are the same, and are nearly all of it.
fn all_alike_first(one: &Value, other: &Value) {
    assert_eq!(one["tools"], other["tools"]);
    let general = one["messages"][0]["content"].as_str().expect("words");
    assert_eq!(one["messages"][0], other["messages"][0]);
    assert_eq!(one["messages"][0]["role"], "system");
    for part in [
        "# How work is done here",
        "`.agents/skills/building-nango-functions/SKILL.md`",
        "## Report",
        "<location>.agents/skills/building-nango-functions/SKILL.md</location>",
    ] {
        assert!(general.contains(part), "{part:?} is not in\n{general}");
    }
    for part in ["Working directory", "Today's date", EVENT, USERS] {
        assert!(!general.contains(part), "{part:?} is in\n{general}");
    }
    let own = one["messages"][1]["content"].as_str().expect("words");
    assert!(own.contains("Working directory: /"), "{own}");

    let (one, other) = (read(one), read(other));
    let alike = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b);
    let share = alike.count() * 100 / one.len();
    assert!(share >= 90, "only {share}% of {} bytes", one.len());
}

/// All that a model reads, in its order.
fn read(request: &Value) -> String {
    format!("{}{}", request["tools"], request["messages"])
}

fn each_turn_begins_with_the_one_before(requests: &[&Value]) {
    assert!(requests.len() > 2, "{} turns", requests.len());
    for pair in requests.windows(2) {
        let [before, after] = [pair[0], pair[1]].map(|one| one["messages"].as_array());
        let (before, after) = (before.expect("messages"), after.expect("messages"));
        assert!(after.starts_with(before), "a turn changed what was said");
        assert_eq!(pair[0]["tools"], pair[1]["tools"]);
    }
}
