//! A spec is changed and changed back: what was built for the text between does not stay.

use countersign::domain::ending::Ending;
use countersign::domain::event::Settlement;
use countersign_standin::nango::function;

use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, pushed, states};

const EVENT: &str = "google-calendar/create-event";
const SPEC: &str = "interactions/google-calendar/create-event.yaml";
const FUNCTION: &str = "nango-integrations/google-calendar/actions/create-event.ts";
const INDEX: &str = "nango-integrations/index.ts";
const IMPORT: &str = "import './google-calendar/actions/create-event.js';\n";

/// A project with a person's function, and its spec.
fn base() -> Vec<(String, String)> {
    let source = function("google-calendar/actions/create-event.ts").expect("one");
    let mut files = create_event();
    let manifest = "{\"private\": true, \"type\": \"module\"}\n";
    for (path, text) in [
        ("nango-integrations/package.json", manifest.to_owned()),
        (INDEX, IMPORT.to_owned()),
        (FUNCTION, format!("// By hand.\n{source}")),
    ] {
        files.push((path.to_owned(), text));
    }
    files
}

fn text(files: &[(String, String)], path: &str) -> String {
    let found = files.iter().find(|(at, _)| at == path);
    found.expect("a file").1.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_that_is_changed_back_takes_its_function_back_too() {
    let base = base();
    let (spec, by_hand) = (text(&base, SPEC), text(&base, FUNCTION));
    let agents = vec![honest(EVENT, "action", Some(EVENT_INPUT))];
    let story = Story::begin(agents, &changes(&base)).await;
    let between = format!("{spec}# Another thought.\n");
    story.push("think", &[(SPEC, Some(&between))]);
    let number = story.open("think");
    let first = story.views(number, 1).await.remove(0);
    assert_eq!(states(&first), [format!("{EVENT} countersigned")]);
    let built = pushed(&first);
    let made = story.file(&built, FUNCTION).expect("a function");
    assert_ne!(made, by_hand);

    let asked = story.asked(EVENT);
    story.push("think", &[(SPEC, Some(&spec))]);
    let second = story.views(number, 2).await.remove(1);
    assert_eq!(states(&second), [format!("{EVENT} restored")]);
    let back = pushed(&second);
    // Nothing of ours stays, the recording and the test included.
    let Some(Settlement::Committed { paths, .. }) = &first.settlement else {
        panic!("{:?}", first.settlement)
    };
    assert!(paths.len() > 2, "{paths:?}");
    for path in paths {
        let was = base.iter().find(|(at, _)| at == path);
        let was = was.map(|(_, text)| text.clone());
        assert_eq!(story.file(&back, path), was, "{path}");
    }
    let check = story.check(&back);
    assert_eq!(check.conclusion.as_deref(), Some("success"), "{check:?}");
    assert!(story.sticky(number).contains("restored"));
    assert_eq!(story.asked(EVENT), asked, "no agent worked");

    // The same text again: what was countersigned is good for it.
    story.push("think", &[(SPEC, Some(&between))]);
    let third = story.views(number, 3).await.remove(2);
    assert_eq!(states(&third), [format!("{EVENT} carried")]);
    assert_eq!(story.file(&pushed(&third), FUNCTION), Some(made.clone()));

    // A person's edit of it is theirs.
    let edited = format!("// Mine now.\n{made}");
    let theirs = story.push("think", &[(SPEC, Some(&spec)), (FUNCTION, Some(&edited))]);
    let fourth = story.views(number, 4).await.remove(3);
    assert_eq!(fourth.ending, Some(Ending::NothingToDo));
    assert_eq!(story.file(&theirs, FUNCTION), Some(edited));
    story.end();
}
