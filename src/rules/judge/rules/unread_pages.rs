//! **Unread pages**: an answer said that there is more, and the function neither asked for it nor passed the word on.
//!
//! Sees a cursor in an answer of the clean room (`nextPageToken`, `next_cursor`, `paging.next.after` and their like) that
//! stands in no later request and not in the output. For a sync it refuses, because records are missing; for an action it is
//! a warning, because one that looks for the first of something needs no more. What looks alike: an empty cursor, and an
//! action that returns the cursor so that its caller may go on. In 204 published recordings 6 cursors are followed, 8
//! returned, none left. Not seen: pages by number or by link, and more pages than the test account has. Confidence:
//! *proven* (tape).

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::spec::Kind;
use crate::rules::judge::reading::recording::Recording;
use crate::rules::judge::reading::{answers, cursors, quote};

/// Looks for cursors that nobody followed.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let Some(recording) = Recording::ours(dossier) else {
        return Vec::new();
    };
    let given_back: Vec<String> = recording.gives().flat_map(answers::words).collect();
    let open = answers::answers(dossier)
        .into_iter()
        .filter_map(|(exchange, answer)| {
            let cursor = cursors::of(&answer)?;
            let is_given_back = given_back.iter().any(|word| word.contains(&cursor));
            let is_open = !is_given_back && !cursors::is_asked_later(dossier, exchange, &cursor);
            is_open.then_some((exchange, cursor))
        })
        .next();
    let Some((exchange, cursor)) = open else {
        return Vec::new();
    };
    let severity = match dossier.seal.spec.kind {
        Kind::Sync => Severity::Block,
        Kind::Action | Kind::OnEvent => Severity::Warn,
    };
    vec![Finding {
        rule: "unread-pages".into(),
        severity,
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Wire { seq: exchange.seq },
        sentence: format!(
            "The API said that there are more pages (cursor {}), and the function read no further.",
            quote::line(&cursor)
        ),
        evidence: vec![quote::wire(exchange)],
    }]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::tape::Phase;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, EVENTS, names_of};

    #[test]
    fn a_sync_that_stops_after_the_first_page_is_refused() {
        let mut sample = sample::sync();
        assert_eq!(judge(&sample.build()).verdict, Verdict::Countersigned);
        let first_only = |exchange: &crate::domain::tape::Exchange| !exchange.query.contains("c2");
        sample.tape.exchanges.retain(first_only);
        let judgement = judge(&sample.build());
        assert!(
            names_of(&judgement).contains(&"unread-pages"),
            "{judgement:#?}"
        );
        assert_eq!(judgement.verdict, Verdict::Refused);
    }

    #[test]
    fn an_action_is_warned_of_and_one_that_returns_the_cursor_is_not() {
        let more = json!({"id": "evt1", "nextPageToken": "p+2/x"}).to_string();
        let mut silent = sample::action();
        silent.exchange(Phase::CleanRoom, "GET", EVENTS, 200, &more);
        let judgement = judge(&silent.build());
        assert_eq!(names_of(&judgement), ["unread-pages"]);
        assert_eq!(judgement.verdict, Verdict::NeedsALook);

        let mut returns = silent;
        let mut recording = returns.recording();
        recording["output"] = json!({"id": "evt1", "next": "p+2/x"});
        returns.recordings(&recording);
        assert_eq!(judge(&returns.build()).verdict, Verdict::Countersigned);
    }

    #[test]
    fn a_cursor_is_followed_however_it_is_written() {
        let cursor = "dXNlcjpVMEc5=\"é/+";
        let more = json!({"id": "evt1", "next_cursor": cursor}).to_string();
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("limit", "2")
            .append_pair("cursor", cursor)
            .finish();
        let in_json = json!({"cursor": cursor}).to_string();
        for (query, body) in [
            (form.as_str(), ""),
            ("", form.as_str()),
            ("", in_json.as_str()),
        ] {
            let mut sample = sample::action();
            sample.exchange(Phase::CleanRoom, "POST", EVENTS, 200, &more);
            sample.exchange(Phase::CleanRoom, "POST", EVENTS, 200, r#"{"id":"evt1"}"#);
            let later = sample.tape.exchanges.last_mut().expect("just added");
            later.query = query.into();
            later.request.text = Some(body.into());
            let judgement = judge(&sample.build());
            assert_eq!(
                judgement.verdict,
                Verdict::Countersigned,
                "{query} {body}: {judgement:#?}"
            );
        }
        // A request of which only the beginning is known may have asked for it.
        let mut long = sample::action();
        long.exchange(Phase::CleanRoom, "POST", EVENTS, 200, &more);
        long.exchange(Phase::CleanRoom, "POST", EVENTS, 200, r#"{"id":"evt1"}"#);
        long.tape
            .exchanges
            .last_mut()
            .expect("just added")
            .request
            .cut = true;
        assert_eq!(judge(&long.build()).verdict, Verdict::Countersigned);
    }

    #[test]
    fn a_followed_or_empty_cursor_is_none() {
        let mut sample = sample::action();
        let more = json!({"paging": {"next": {"after": "101"}}}).to_string();
        sample.exchange(Phase::CleanRoom, "GET", EVENTS, 200, &more);
        let last = json!({"nextPageToken": "", "items": [{"nextPageToken": "of an item"}]});
        sample.exchange(Phase::CleanRoom, "GET", EVENTS, 200, &last.to_string());
        sample.tape.exchanges.last_mut().expect("one").query = "after=101".into();
        assert_eq!(judge(&sample.build()).verdict, Verdict::Countersigned);
    }
}
