//! Honest agents of whom our clean room knows less than they knew: the spec leaves the input to them, or their own run
//! changed what is there. None of them is called a liar, and none is signed unseen.

use countersign::domain::finding::Severity;
use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};
use countersign_standin::nango::function;
use serde_json::json;

use crate::support::story::{EVENT_INPUT, Story, changes, pushed, spec, states};

const REPORTS: &str = "google-calendar/reports-its-input";
const TYPES: &str = "google-calendar/types-its-input";
const NAMES_NONE: &str = "google-calendar/names-no-input";
const TWICE: &str = "hubspot/create-contact";
const CONTACT: &str = r#"{"email":"story@example.com"}"#;

const CREATE_CONTACT: &str = "import { createAction } from 'nango';
import { z } from 'zod';

const action = createAction({
    description: 'Create a contact.',
    version: '1.0.0',
    input: z.object({ email: z.string() }),
    output: z.object({ id: z.string() }),
    scopes: ['crm.objects.contacts.write'],

    exec: async (nango, input) => {
        const response = await nango.post({
            // https://developers.hubspot.com/docs/api/crm/contacts
            endpoint: '/crm/v3/objects/contacts',
            data: { properties: { email: input.email } }
        });
        return { id: z.object({ id: z.string() }).parse(response.data).id };
    }
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
";

fn place(key: &str) -> String {
    key.replacen('/', "/actions/", 1) + ".ts"
}

fn creates_an_event(key: &str) -> Script {
    let source = function("google-calendar/actions/create-event.ts").expect("an example");
    Script::new().write(&place(key), source)
}

fn agents() -> Vec<Scenario> {
    let input: serde_json::Value = serde_json::from_str(EVENT_INPUT).expect("JSON");
    let said = json!({
        "status": "done", "summary": "It works.", "ran": [dry_run(REPORTS, Some(EVENT_INPUT))], "input": input,
    });
    vec![
        Scenario::new(
            REPORTS,
            creates_an_event(REPORTS)
                .bash(&dry_run(REPORTS, Some(EVENT_INPUT)))
                .say(format!("```json\n{said:#}\n```")),
        ),
        Scenario::new(
            TYPES,
            creates_an_event(TYPES)
                .bash(&dry_run(TYPES, Some(EVENT_INPUT)))
                // So that our run writes for itself.
                .bash(&format!("touch {}", place(TYPES)))
                .say(report("done", "It works.", &[])),
        ),
        Scenario::new(
            NAMES_NONE,
            creates_an_event(NAMES_NONE).say(report("done", "It creates an event.", &[])),
        ),
        Scenario::new(
            TWICE,
            Script::new()
                .write(&place(TWICE), CREATE_CONTACT)
                .bash(&dry_run(TWICE, Some(CONTACT)))
                // Touched after its last run, so our run cannot be answered from the tape.
                .write(
                    &place(TWICE),
                    &CREATE_CONTACT.replace("a contact", "one contact"),
                )
                .say(report(
                    "done",
                    "It works.",
                    &[&dry_run(TWICE, Some(CONTACT))],
                )),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knew_more_than_we_do_is_not_called_a_liar() {
    let story = Story::begin(agents(), &[]).await;
    let mut files = spec(TWICE, "action", &format!("input: {CONTACT}\n"));
    for key in [REPORTS, TYPES, NAMES_NONE] {
        files.extend(spec(key, "action", ""));
    }
    story.push("own-input", &changes(&files));
    let number = story.open("own-input");

    let view = story.views(number, 1).await.remove(0);
    assert_eq!(
        states(&view),
        [
            format!("{NAMES_NONE} needs a look"),
            format!("{REPORTS} countersigned"),
            format!("{TYPES} countersigned"),
            format!("{TWICE} needs a look"),
        ]
    );
    let found = |key: &str| {
        let key = key.parse().expect("a key");
        let judgement = view.judgements().find(|one| one.interaction == key);
        judgement.expect("a judgement").findings.clone()
    };
    // What could not be checked is told with the way out, and nothing is said against the agent.
    for (key, way_out) in [
        (NAMES_NONE, "give the spec an `input`"),
        (TWICE, "then /retry"),
    ] {
        let mut findings = found(key);
        findings.retain(|finding| finding.severity > Severity::Note);
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert_eq!(findings[0].rule, "not-checked");
        assert!(findings[0].sentence.contains(way_out), "{findings:#?}");
    }
    for (key, whose) in [(REPORTS, "agent reports"), (TYPES, "agent's last dry run")] {
        assert!(found(key)[0].sentence.contains(whose), "{:#?}", found(key));
    }

    // What our own run created in the account is gone again.
    let seen = story.nango.seen();
    let removed = seen
        .iter()
        .filter(|one| one.method == "DELETE" && one.status == 204);
    assert_eq!(removed.count(), 1, "{seen:#?}");

    // The input stands in the recording that is committed, and in the review.
    let path = "nango-integrations/google-calendar/tests/reports-its-input.test.json";
    let recording = story.file(&pushed(&view), path).expect("a recording");
    assert!(
        recording.contains("\"calendarId\": \"primary\""),
        "{recording}"
    );
    let reviews = story.github.reviews(&story.repo, number).expect("reviews");
    let review = &reviews.last().expect("a review").body;
    assert!(review.contains("The spec gives no input"), "{review}");
    story.end();
}
