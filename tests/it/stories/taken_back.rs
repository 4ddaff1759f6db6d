//! A person takes our commit back: what was in it stays away until somebody asks for it.

use countersign::domain::event::Settlement;
use countersign_standin::names::Sha;

use crate::support::story::{
    EVENT_INPUT, Story, changes, create_event, honest, pushed, spec, states,
};

const EVENT: &str = "google-calendar/create-event";
const USERS: &str = "slack/users";
const FUNCTION: &str = "nango-integrations/google-calendar/actions/create-event.ts";

/// Takes everything back that a run has committed, as `git revert` does.
fn revert(story: &Story, branch: &str, settlement: Option<&Settlement>) -> Sha {
    let Some(Settlement::Committed { paths, .. }) = settlement else {
        panic!("{settlement:?}")
    };
    let gone: Vec<(&str, Option<&str>)> = paths.iter().map(|path| (path.as_str(), None)).collect();
    story.push(branch, &gone)
}

/// What the branch points to.
fn tip(story: &Story, branch: &str) -> Option<Sha> {
    story.github.branch(&story.repo, branch).expect("a branch")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_took_back_stays_away_until_somebody_asks_for_it() {
    let agents = vec![
        honest(EVENT, "action", Some(EVENT_INPUT)),
        honest(EVENT, "action", Some(EVENT_INPUT)),
        honest(USERS, "sync", None),
    ];
    let story = Story::begin(agents, &[]).await;
    let theirs = story.push("add", &changes(&create_event()));
    let number = story.open("add");
    let first = story.views(number, 1).await.remove(0);
    assert_eq!(states(&first), [format!("{EVENT} countersigned")]);
    let ours = pushed(&first);
    let asked = story.asked(EVENT);

    // A revert stands, and everybody is told the way out.
    let reverted = revert(&story, "add", first.settlement.as_ref());
    let second = story.views(number, 2).await.remove(1);
    assert_eq!(states(&second), [format!("{EVENT} taken back")]);
    assert_eq!(second.settlement, Some(Settlement::Nothing));
    assert_eq!(tip(&story, "add"), Some(reverted.clone()));
    let check = story.check(&reverted);
    assert_eq!(check.conclusion.as_deref(), Some("neutral"));
    assert_eq!(check.title.as_deref(), Some("1 taken back by a person"));
    let summary = check.summary.unwrap_or_default().replace('\\', "");
    let sticky = story.sticky(number).replace('\\', "");
    for told in [&summary, &sticky] {
        assert!(told.contains(&format!("/retry {EVENT}")), "{told}");
        assert!(!told.contains("the branch has all"), "{told}");
    }

    // So it does while others are built.
    story.push("add", &changes(&spec(USERS, "sync", "")));
    let third = story.views(number, 3).await.remove(2);
    let built = [
        format!("{EVENT} taken back"),
        format!("{USERS} countersigned"),
    ];
    assert_eq!(states(&third), built);
    assert_eq!(story.file(&pushed(&third), FUNCTION), None);

    // Our commit is put back: nobody has to say anything.
    let force = |to: &Sha| {
        let forced = story.github.force_push(&story.repo, "add", to, "ada");
        forced.expect("a forced push");
    };
    force(&ours);
    story.push("add", &[("other.txt", Some("other\n"))]);
    let fourth = story.views(number, 4).await.remove(3);
    assert_eq!(states(&fourth), [format!("{EVENT} carried")]);

    // A branch that is forced to before our commit is the same as a revert.
    force(&theirs);
    let forced = story.push("add", &[("other.txt", Some("more\n"))]);
    let fifth = story.views(number, 5).await.remove(4);
    assert_eq!(states(&fifth), [format!("{EVENT} taken back")]);
    assert_eq!(tip(&story, "add"), Some(forced));
    assert_eq!(story.asked(EVENT), asked, "no agent worked");

    let asks = format!("/retry {EVENT}");
    let comment = story.github.comment(&story.repo, number, "ada", &asks);
    comment.expect("a comment");
    let sixth = story.views(number, 6).await.remove(5);
    assert_eq!(states(&sixth), [format!("{EVENT} countersigned")]);
    assert!(story.file(&pushed(&sixth), FUNCTION).is_some());
    story.end();
}
