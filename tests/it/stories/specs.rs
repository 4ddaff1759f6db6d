//! Pull requests without specs, by people and by bots, and one whose specs are broken.

use countersign::domain::ending::Ending;
use countersign_standin::github::Standing;

use crate::support::story::{Story, changes, honest, pushed, spec, states};

const CONTACTS: &str = "kind: synch\ndescription: Keep contacts fresh.\nconection: hubspot-test\n";
const EVENT: &str =
    "kind: action\ndescription: ''\ndocs:\n  - https://example.com\n  - ftp://example.com\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_request_without_specs_gets_a_check_and_is_not_talked_to() {
    let story = Story::begin(vec![], &[]).await;
    let head = story.push("words", &[("README.md", Some("# Better words\n"))]);
    let number = story.open("words");
    let views = story.views(number, 1).await;
    assert_eq!(views[0].ending, Some(Ending::NothingToDo));

    // The same of another bot: a required check is asked of every head.
    let bot = "dependabot[bot]";
    let bumped = story
        .github
        .commit(&story.repo, "bump", None, &[("lock", Some("2\n"))], bot)
        .expect("a commit");
    let (base, branch) = ((&story.repo, "main"), (&story.repo, "bump"));
    let bump = story
        .github
        .open_pull(base, branch, bot, Standing::Ready)
        .expect("a pull request");
    story.views(bump, 1).await;
    // What a bot writes commands nothing.
    let words = story.github.comment(&story.repo, bump, bot, "/retry");
    let words = words.expect("a comment");
    story.views(bump, 1).await;
    assert_eq!(story.reactions(bump, words), [""; 0]);

    for (number, head) in [(number, &head), (bump, &bumped)] {
        assert_eq!(story.checks_on(head), 1);
        assert_eq!(story.check(head).conclusion.as_deref(), Some("success"));
        assert_eq!(story.said(number), [""; 0]);
        assert_eq!(story.reviewed(number), []);
    }
    assert!(story.model.requests().is_empty(), "no agent is asked");
    story.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_specs_are_told_at_their_lines_and_the_good_one_is_built() {
    let story = Story::begin(vec![honest("slack/users", "sync", None)], &[]).await;
    let mut files = spec("slack/users", "sync", "");
    files.push(("interactions/hubspot/contacts.yaml".into(), CONTACTS.into()));
    files.push((
        "interactions/google-calendar/create-event.yaml".into(),
        EVENT.into(),
    ));
    let head = story.push("mixed", &changes(&files));
    let number = story.open("mixed");
    let view = story.views(number, 1).await.remove(0);

    assert_eq!(states(&view), ["slack/users countersigned"]);
    let commit = &pushed(&view);
    let broken = [
        "interactions/google-calendar/create-event.yaml:2",
        "interactions/google-calendar/create-event.yaml:5",
        "interactions/hubspot/contacts.yaml:1",
        "interactions/hubspot/contacts.yaml:3",
    ];
    for head in [&head, commit] {
        let check = story.check(head);
        assert_eq!(check.conclusion.as_deref(), Some("failure"));
        assert_eq!(
            check.title.as_deref(),
            Some("4 errors in specs, 1 countersigned")
        );
        let mut annotated: Vec<String> = check
            .annotations
            .iter()
            .map(|one| format!("{}:{}", one.path, one.start_line))
            .collect();
        annotated.sort();
        assert_eq!(annotated, broken);
        assert!(
            check
                .annotations
                .iter()
                .all(|one| one.annotation_level == "failure")
        );
    }
    assert_eq!(story.reviewed(number), std::slice::from_ref(commit));
    let mut remarks = story.remarks(number);
    remarks.sort();
    let expected = [
        broken.as_slice(),
        &[
            "interactions/slack/users.yaml:2",
            "nango-integrations/slack/syncs/users.ts:1",
        ],
    ];
    assert_eq!(remarks, expected.concat());
    let sticky = story.sticky(number);
    for words in ["did you mean `connection`", "did you mean `sync`"] {
        let plain = sticky.replace('\\', "").to_lowercase();
        assert!(plain.contains(words), "{words} in {sticky}");
    }
    // Our own push is no reason for a run, though GitHub told us of it.
    let told = story.github.deliveries().into_iter().any(|delivery| {
        delivery.action.as_deref() == Some("synchronize") && delivery.body.contains(commit.as_str())
    });
    assert!(told, "GitHub tells of our push");
    story.end();
}
