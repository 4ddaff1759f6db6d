//! A project that is adopted: specs for functions that were there before build nothing until somebody asks.

use crate::support::story::{Story, changes, honest, pushed, spec, states};

const CHANNELS: &str = "slack/list-channels";
const FUNCTION: &str = "nango-integrations/slack/actions/list-channels.ts";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_its_spec_is_a_persons_until_somebody_asks() {
    let theirs = "// Written by hand.\nexport default 1;\n";
    let agents = vec![honest(CHANNELS, "action", Some("{}"))];
    let story = Story::begin(agents, &[(FUNCTION, Some(theirs))]).await;
    let head = story.push("adopt", &changes(&spec(CHANNELS, "action", "input: {}\n")));
    let number = story.open("adopt");
    let first = story.views(number, 1).await.remove(0);
    assert_eq!(states(&first), [format!("{CHANNELS} adopted")]);
    assert_eq!(story.asked(CHANNELS), 0, "nobody was asked");
    assert_eq!(story.check(&head).conclusion.as_deref(), Some("success"));
    let sticky = story.sticky(number);
    assert!(sticky.contains("1 adopted"), "{sticky}");
    assert!(sticky.contains("/retry slack/list-channels"), "{sticky}");

    // Another commit changes nothing about that.
    story.push("adopt", &[("other.txt", Some("other\n"))]);
    let second = story.views(number, 2).await.remove(1);
    assert_eq!(states(&second), [format!("{CHANNELS} adopted")]);

    let github = &story.github;
    let asks = github.comment(&story.repo, number, "ada", "/retry slack/list-channels");
    asks.expect("a comment");
    let third = story.views(number, 3).await.remove(2);
    assert_eq!(states(&third), [format!("{CHANNELS} countersigned")]);
    let built = story.file(&pushed(&third), FUNCTION).expect("the function");
    assert_ne!(built, theirs);
    story.end();
}
