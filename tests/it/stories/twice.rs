//! Webhooks that come twice, late and in the wrong order: each head is worked on once.

use countersign::domain::event::Settlement;
use countersign_standin::github::Order;

use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, pushed, states};

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_may_come_twice_late_and_in_any_order() {
    let key = "google-calendar/create-event";
    let story = Story::begin(vec![honest(key, "action", Some(EVENT_INPUT))], &[]).await;
    let github = &story.github;
    let again = |action: &str| {
        let all = github.deliveries();
        let pulls = all.iter().filter(|one| one.event == "pull_request");
        let found = pulls.filter(|one| !one.redelivery && one.action.as_deref() == Some(action));
        let guids: Vec<String> = found.map(|one| one.guid.clone()).collect();
        for guid in &guids {
            assert!(github.redeliver(guid));
        }
        guids.len()
    };

    // Opened and pushed to while nothing gets through; then everything twice, the newest first.
    github.hold_deliveries();
    let first = story.push("add-event", &changes(&create_event()));
    let number = story.open("add-event");
    let second = story.push("add-event", &[("README.md", Some("# Second thoughts\n"))]);
    assert_eq!((again("opened"), again("synchronize")), (1, 1));
    github.release_deliveries(Order::NewestFirst);
    let view = story.views(number, 1).await.remove(0);
    assert_eq!(states(&view), [format!("{key} countersigned")]);
    let pushed = pushed(&view);
    let tip = || {
        github
            .pull(&story.repo, number)
            .expect("a pull request")
            .head
    };
    assert_eq!(tip(), pushed);

    // Once more when all is done, with the tidings of our own push.
    let asked = story.asked(key);
    assert_eq!((again("opened"), again("synchronize")), (1, 2));
    story.views(number, 1).await;
    let once = |heads: &[&_]| {
        let counts: Vec<usize> = heads.iter().map(|head| story.checks_on(head)).collect();
        assert!(counts.iter().all(|count| *count == 1), "{counts:?}");
        story.sticky(number);
    };
    once(&[&second, &pushed]);
    assert_eq!(story.checks_on(&first), 0, "nobody looks at it any more");
    assert_eq!(story.reviewed(number), std::slice::from_ref(&pushed));
    assert_eq!(story.remarks(number).len(), 2);
    let since = |from| {
        github
            .commits_between(&story.repo, from, &tip())
            .expect("commits")
    };
    assert_eq!(since(&second).len(), 1);

    // Two pushes that touch no spec: the newest is looked at, what was signed is carried, and nothing is said twice.
    github.hold_deliveries();
    story.push("add-event", &[("README.md", Some("# Third\n"))]);
    let fourth = story.push("add-event", &[("README.md", Some("# Fourth\n"))]);
    github.release_deliveries(Order::NewestFirst);
    let views = story.views(number, 2).await;
    assert_eq!(states(&views[1]), [format!("{key} carried")]);
    assert_eq!(views[1].settlement, Some(Settlement::Nothing));
    assert_eq!(story.check(&fourth).conclusion.as_deref(), Some("success"));
    once(&[&second, &pushed, &fourth]);
    assert_eq!(story.reviewed(number), [pushed], "nothing was judged since");
    assert_eq!(tip(), fourth);
    assert_eq!(story.asked(key), asked, "no agent worked again");
    story.end();
}
