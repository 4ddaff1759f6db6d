//! A function that is there already: a changed spec changes it, and does not start over.

use countersign::domain::view::View;
use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};
use countersign_standin::nango::function;

use crate::support::story::{Story, changes, honest, pushed, spec, states};

const KEY: &str = "slack/list-channels";
const PLACE: &str = "slack/actions/list-channels.ts";
const FUNCTION: &str = "nango-integrations/slack/actions/list-channels.ts";

/// What a person changed, and what the second agent does to it, each as old and new.
const EDITED: (&str, &str) = ("input.limit ?? 100", "input.limit ?? 50");
const CHANGES: [(&str, &str); 3] = [
    (
        "    memberCount: z.number().optional()\n",
        "    topic: z.string(),\n    memberCount: z.number().optional()\n",
    ),
    (
        "                num_members: z.number().optional()\n",
        "                topic: z.object({ value: z.string() }),\n                num_members: z.number().optional()\n",
    ),
    (
        "                isPrivate: channel.is_private,\n",
        "                isPrivate: channel.is_private,\n                topic: channel.topic.value,\n",
    ),
];

/// An agent that changes what is there.
fn changes_it() -> Scenario {
    let tried = dry_run(KEY, Some("{}"));
    let mut script = Script::new().read(PLACE);
    for (old, new) in CHANGES {
        script = script.edit(PLACE, old, new);
    }
    let words = report("done", "The topic is listed, too.", &[&tried]);
    Scenario::new(KEY, script.bash(&tried).say(words))
}

fn asked(description: &str) -> Vec<(String, String)> {
    let mut files = spec(KEY, "action", "input: {}\n");
    for (path, text) in &mut files {
        if path.ends_with("list-channels.yaml") {
            *text = format!("kind: action\ndescription: {description}\ninput: {{}}\n");
        }
    }
    files
}

/// The sentence of a finding, with the diff that it shows.
fn told(view: &View, rule: &str) -> String {
    let findings = view.judgements().flat_map(|one| &one.findings);
    let found: Vec<_> = findings.filter(|one| one.rule == rule).collect();
    assert_eq!(
        found.len(),
        1,
        "{:#?}",
        view.judgements().collect::<Vec<_>>()
    );
    format!("{} {:?}", found[0].sentence, found[0].evidence)
}

/// The briefs that spoke of `words`.
fn briefed(story: &Story, words: &str) -> usize {
    let seen = story.model.requests();
    seen.iter()
        .filter(|seen| seen.body.to_string().contains(words))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_spec_changes_the_function_and_does_not_start_over() {
    let story = Story::begin(vec![honest(KEY, "action", Some("{}"))], &[]).await;
    story.push("channels", &changes(&asked("List the channels.")));
    let number = story.open("channels");
    let first = story.views(number, 1).await.remove(0);
    assert_eq!(states(&first), [format!("{KEY} countersigned")]);
    let built = story.file(&pushed(&first), FUNCTION).expect("the function");
    assert_eq!(briefed(&story, "What changed in the spec"), 0);

    // A person edits the function, and the spec gains a sentence.
    story.model.play(changes_it());
    let edited = built.replace(EDITED.0, EDITED.1);
    assert_ne!(edited, built);
    let mut files = asked("List the channels. Each comes with its topic.");
    files.push((FUNCTION.into(), edited.clone()));
    story.push("channels", &changes(&files));
    let second = story.views(number, 2).await.remove(1);
    assert_eq!(states(&second), [format!("{KEY} countersigned")]);
    let changed = story
        .file(&pushed(&second), FUNCTION)
        .expect("the function");
    let wanted = CHANGES.iter().fold(edited.clone(), |text, (old, new)| {
        text.replacen(old, new, 1)
    });
    assert_eq!(
        changed, wanted,
        "the edit stayed, and nothing else was touched"
    );
    let difference = told(&second, "former-changed");
    assert!(
        difference.contains("3 lines added, 0 taken away"),
        "{difference}"
    );
    assert!(
        difference.contains("+    topic: z.string(),"),
        "{difference}"
    );
    assert!(
        briefed(
            &story,
            "+description: List the channels. Each comes with its topic."
        ) > 0
    );
    let sticky = story.sticky(number);
    assert!(sticky.contains("3 lines added"), "{sticky}");

    // Somebody wants it written anew.
    story.model.play(honest(KEY, "action", Some("{}")));
    let asks = story
        .github
        .comment(&story.repo, number, "ada", "/retry list-channels clean");
    asks.expect("a comment");
    let third = story.views(number, 3).await.remove(2);
    let anew = told(&third, "began-anew");
    assert!(anew.contains("because ada wanted it so"), "{anew}");
    assert!(story.sticky(number).contains("ada wanted it so"));

    // What looks like a key is shown to no model: neither the function nor how it differs.
    let token = format!("xoxb-{}", "2f9a81c7d3e05b64");
    let source = function(PLACE).expect("an example");
    let leaky = source.replace("export default", &format!("// {token}\nexport default"));
    let mut files = asked("List the channels, all of them.");
    files.push((FUNCTION.into(), leaky));
    story.push("channels", &changes(&files));
    let fourth = story.views(number, 4).await.remove(3);
    let anew = told(&fourth, "began-anew");
    assert!(anew.contains("holds a Slack token by its shape"), "{anew}");
    assert!(!anew.contains(&token) && !anew.contains("Diff"), "{anew}");
    assert_eq!(briefed(&story, &token), 0, "the key reached the model");
    assert!(!story.sticky(number).contains(&token));
    story.end();
}
