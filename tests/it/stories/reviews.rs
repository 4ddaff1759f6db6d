//! Pushes that each bring a review: the newest is in sight, the others say where it is, and no remark stands twice.

use crate::support::story::Story;

const CONTACTS: &str = "interactions/hubspot/contacts.yaml";
const USERS: &str = "interactions/slack/users.yaml";

fn broken(key: &str) -> String {
    format!("kind: sync\ndescription: Keep it fresh.\n{key}: slack-test\n")
}

/// Remarks at lines: file, words of ours that tell which, and whether they are resolved.
fn threads(story: &Story, number: u64) -> Vec<(String, bool)> {
    let all = story.github.review_comments(&story.repo, number);
    let mut threads = Vec::new();
    for comment in all.expect("remarks") {
        if comment.author == story.github.bot().0 {
            let which = ["conection", "conexion", "connexion"];
            let which = which.iter().find(|word| comment.body.contains(*word));
            let which = which.expect("a word of ours");
            threads.push((format!("{} {which}", comment.path), comment.is_resolved));
        }
    }
    threads
}

#[tokio::test(flavor = "multi_thread")]
async fn one_review_is_current_and_a_remark_is_made_once() {
    let story = Story::begin(vec![], &[]).await;
    let (first, second) = (broken("conection"), broken("conexion"));
    let third = broken("connexion");
    story.push("specs", &[(CONTACTS, Some(&first)), (USERS, Some(&first))]);
    let number = story.open("specs");
    story.views(number, 1).await;
    let both = [
        (format!("{CONTACTS} conection"), false),
        (format!("{USERS} conection"), false),
    ];
    assert_eq!(threads(&story, number), both);

    // One is broken otherwise now, and somebody answers to what was said of it. The other is as it was.
    story.push("specs", &[(CONTACTS, Some(&second))]);
    story.views(number, 2).await;
    let mut expected = vec![
        (format!("{CONTACTS} conection"), true),
        (format!("{USERS} conection"), false),
        (format!("{CONTACTS} conexion"), false),
    ];
    assert_eq!(threads(&story, number), expected);
    let all = story.github.review_comments(&story.repo, number);
    let answered = all.expect("remarks").pop().expect("a remark").id;
    story
        .github
        .answer_remark(&story.repo, answered, "ada", "It is our own word.")
        .expect("an answer");

    story.push("specs", &[(CONTACTS, Some(&third)), (USERS, Some(&third))]);
    story.views(number, 3).await;
    expected[1].1 = true;
    expected.push((format!("{CONTACTS} connexion"), false));
    expected.push((format!("{USERS} connexion"), false));
    assert_eq!(
        threads(&story, number),
        expected,
        "what was answered is left to people"
    );

    let reviews = story.github.reviews(&story.repo, number).expect("reviews");
    let ours: Vec<_> = reviews
        .iter()
        .filter(|review| review.author == story.github.bot().0)
        .collect();
    let hidden: Vec<bool> = ours.iter().map(|review| review.is_minimized).collect();
    assert_eq!(hidden, [true, true, false]);
    assert!(
        ours[1]
            .body
            .contains("1 remark of an earlier review still stands")
    );
    let next = format!("#pullrequestreview-{})", ours[1].id);
    assert!(ours[0].body.contains(&next), "{}", ours[0].body);
    let current = format!("#pullrequestreview-{})", ours[2].id);
    assert!(ours[1].body.contains(&current), "{}", ours[1].body);
    assert!(!ours[2].body.contains("Outdated"), "{}", ours[2].body);
    story.end();
}
