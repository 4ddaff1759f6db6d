//! What people tell Countersign on a pull request: commands in comments, and the button at a check run.

use countersign::domain::pull::Cause;
use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};

use crate::support::story::{
    EVENT_INPUT, Story, changes, create_event, honest, liar, pushed, spec, states,
};

const EVENT: &str = "google-calendar/create-event";
const CHANNELS: &str = "slack/list-channels";
const USERS: &str = "slack/users";

/// Says that it tried, and did not.
fn boasts() -> Scenario {
    let words = report("done", "It works.", &[&dry_run(EVENT, Some(EVENT_INPUT))]);
    Scenario::new(
        EVENT,
        Script::new().write_example(EVENT, "action").say(words),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_answered_and_what_they_name_is_built_again() {
    let agents = vec![
        boasts(),
        liar(CHANNELS, "action", Some("{}")),
        honest(USERS, "sync", None),
    ];
    let story = Story::begin(agents, &[]).await;
    let github = &story.github;
    let mut files = create_event();
    files.extend(spec(CHANNELS, "action", "input: {}\n"));
    files.extend(spec(USERS, "sync", ""));
    story.push("three", &changes(&files));
    let number = story.open("three");
    let first = story.views(number, 1).await.remove(0);
    let unproven = format!("{EVENT} needs a look");
    let users = |word| format!("{USERS} {word}");
    assert_eq!(
        states(&first),
        [
            unproven.clone(),
            format!("{CHANNELS} refused"),
            users("countersigned")
        ]
    );
    let one = pushed(&first);
    assert_eq!(story.check(&one).conclusion.as_deref(), Some("failure"));

    // Help, once, however often GitHub tells of the comment.
    let says = |words: &str| {
        github
            .comment(&story.repo, number, "ada", words)
            .expect("a comment")
    };
    let help = says("Hello!\n/help");
    story.views(number, 1).await;
    let of_help = github
        .deliveries()
        .into_iter()
        .rfind(|one| one.event == "issue_comment" && one.body.contains("Hello!"));
    assert!(github.redeliver(&of_help.expect("a delivery").guid));
    story.views(number, 1).await;
    assert_eq!(story.reactions(number, help), ["eyes"]);
    let answers = |words: &str| {
        story
            .said(number)
            .iter()
            .filter(|said| said.contains(words))
            .count()
    };
    assert_eq!(answers("Commands of Countersign"), 1);

    // A slip is asked back about, and starts nothing.
    let slip = says("/retry list-chanels");
    story.views(number, 1).await;
    assert_eq!(story.reactions(number, slip), ["confused"]);
    assert_eq!(answers("Did you mean `slack/list-channels`?"), 1);

    // One is named: it alone is built, the other verdicts stand.
    let asked = |key| story.asked(key);
    let before = (asked(EVENT), asked(USERS));
    story.model.play(honest(CHANNELS, "action", Some("{}")));
    let retry = says("/retry list-channels");
    let second = story.views(number, 2).await.remove(1);
    assert_eq!(story.reactions(number, retry), ["eyes"]);
    assert_eq!(
        states(&second),
        [
            unproven,
            format!("{CHANNELS} countersigned"),
            users("carried")
        ]
    );
    assert_eq!(
        (asked(EVENT), asked(USERS)),
        before,
        "nobody else was asked"
    );
    let two = pushed(&second);
    let parents = github
        .commits_between(&story.repo, &one, &two)
        .expect("commits");
    assert_eq!(parents, std::slice::from_ref(&two), "on top of the first");
    assert_eq!(story.check(&two).conclusion.as_deref(), Some("neutral"));
    assert!(
        story
            .sticky(number)
            .contains("1 to look at, 1 countersigned, 1 carried")
    );
    let message = github.message(&story.repo, &two).expect("a message");
    assert!(message.contains("Co-authored-by: ada <"), "{message}");

    // The button: everything that is not signed is built again.
    story.model.play(honest(EVENT, "action", Some(EVENT_INPUT)));
    let check = story.check(&two).id;
    github
        .press_rerun(&story.repo, check, "mallory")
        .expect("a press");
    story.views(number, 2).await;
    github
        .press_rerun(&story.repo, check, "ada")
        .expect("a press");
    let third = story.views(number, 3).await.remove(2);
    let cause = third.request.as_ref().map(|request| request.cause.clone());
    assert!(matches!(cause, Some(Cause::Rerun { by, .. }) if by == "ada"));
    assert_eq!(
        states(&third),
        [
            format!("{EVENT} countersigned"),
            format!("{CHANNELS} carried"),
            users("carried")
        ]
    );
    let three = pushed(&third);
    for head in [&two, &three] {
        assert_eq!(story.check(head).conclusion.as_deref(), Some("success"));
    }
    assert_eq!(story.reviewed(number), [one, two, three]);
    story.end();
}
