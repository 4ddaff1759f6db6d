//! **On-event functions**: one that runs at another event than was asked for, and one that does nothing.
//!
//! `event-mismatch`: the file makes another kind of function, or one for another event; Nango would never call it when it
//! should. An event that is put together where the source is not read to is a warning. `event-does-nothing`: our run asked the
//! API nothing and wrote no metadata. An on-event function gives nothing back, so no output tells an empty one from one that
//! works; the tape does. It blocks when the source calls nothing of the SDK but the log. What looks alike: a check of a
//! connection that needs no more than what Nango knows of it, and throws; that is innocent. One that does something no tape
//! shows (it starts a sync) is a warning. Confidence: *proven* (the tape; the source, where it writes its event out).

use super::finding::at;
use crate::domain::clean_room::Outcome;
use crate::domain::connection_event::ConnectionEvent;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Severity};
use crate::domain::tape::Phase;
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::typescript::facts::{Root, Source};

/// What the SDK says of the connection without asking the provider.
const KNOWN: &[&str] = &["getConnection", "getMetadata"];

pub(super) fn find(dossier: &Dossier, source: &Source) -> Vec<Finding> {
    let Some(event) = dossier.seal.spec.event else {
        return Vec::new();
    };
    let mut found: Vec<Finding> = mismatch(event, source).into_iter().collect();
    if dossier.seal.room.validate.outcome == Outcome::Passed {
        found.extend(nothing(dossier, event, source));
    }
    found
}

fn mismatch(event: ConnectionEvent, source: &Source) -> Option<Finding> {
    let found = |severity, sentence: String| {
        Some(at(
            "event-mismatch",
            severity,
            Confidence::Proven,
            1,
            sentence,
        ))
    };
    let Some(definition) = &source.definition else {
        let sentence = "Where the function is made by `createOnEvent` could not be read, so its event is not known.";
        return found(Severity::Warn, sentence.into());
    };
    if definition.by != "createOnEvent" {
        return found(
            Severity::Block,
            format!(
                "An on-event function was asked for, and this is made by `{}`.",
                quote::line(&definition.by)
            ),
        );
    }
    match &definition.event {
        None => found(
            Severity::Warn,
            "The function's event is not written out, so it is not known at what it runs.".into(),
        ),
        Some(own) if own != event.name() => found(
            Severity::Block,
            format!(
                "The function runs at {}, and {} was asked for.",
                quote::line(own),
                event.name()
            ),
        ),
        Some(_) => None,
    }
}

fn nothing(dossier: &Dossier, event: ConnectionEvent, source: &Source) -> Option<Finding> {
    let did = dossier.tape.of(Phase::CleanRoom).any(|exchange| {
        exchange.path.starts_with("/proxy/") || exchange.path.ends_with("/metadata")
    });
    if did {
        return None;
    }
    let calls = || {
        let of_sdk = source
            .calls
            .iter()
            .filter(|call| call.path.root == Root::Nango);
        of_sdk.filter_map(|call| call.path.names.first().map(String::as_str))
    };
    let checks = calls().any(|name| KNOWN.contains(&name)) && !source.throws.is_empty();
    if event == ConnectionEvent::ValidateConnection && checks {
        return None;
    }
    let line = source.exec.map_or(1, |(line, _)| line);
    let (severity, sentence) = if calls().all(|name| name == "log") {
        (
            Severity::Block,
            "The function asks the API nothing and writes nothing: at its event nothing happens.",
        )
    } else {
        (
            Severity::Warn,
            "In our run the function asked the API nothing and wrote no metadata, so what it does at its event was not seen.",
        )
    };
    Some(at(
        "event-does-nothing",
        severity,
        Confidence::Proven,
        line,
        sentence,
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::clean_room::CleanRoomStep;
    use crate::domain::connection_event::ConnectionEvent;
    use crate::domain::spec::Kind;
    use crate::domain::tape::Phase;
    use crate::domain::verdict::{Judgement, Verdict};
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    /// What is said of a function with this `exec`, that asked for `paths` in the clean room.
    fn judged(made: &str, exec: &str, paths: &[&str]) -> Judgement {
        let mut sample = sample::on_event(ConnectionEvent::ValidateConnection);
        assert_eq!(sample.seal.spec.kind, Kind::OnEvent);
        sample.function(&format!(
            "import {{ createAction, createOnEvent }} from 'nango';\nconst EVENT = 'validate-connection';\nconst all = ['x'];\n\
             export default {made} description: 'x', exec: async (nango) => {{ {exec} }} }});\n"
        ));
        sample
            .tape
            .exchanges
            .retain(|exchange| exchange.phase == Phase::Agent);
        for path in paths {
            sample.exchange(Phase::CleanRoom, "GET", path, 200, ANSWER);
        }
        if !paths.contains(&"/proxy/auth.test") {
            sample.recordings(&json!({"output": null, "nango": {}, "api": {}}));
        }
        judge(&sample.build())
    }

    const ANSWER: &str = r#"{"ok":true,"team_id":"T024BE7LD"}"#;
    const MADE: &str = "createOnEvent({ event: 'validate-connection',";
    const ASKS: &str = "await nango.get({ endpoint: '/auth.test', retries: 3 });";

    fn found(judgement: &Judgement) -> Vec<&str> {
        let ours = |name: &&str| name.starts_with("event-");
        names_of(judgement).into_iter().filter(ours).collect()
    }

    #[test]
    fn one_that_does_nothing_is_refused() {
        for exec in ["", "await nango.log('connected');", "return;"] {
            let judgement = judged(MADE, exec, &[]);
            assert_eq!(
                judgement.verdict,
                Verdict::Refused,
                "{exec}: {judgement:#?}"
            );
            assert_eq!(found(&judgement), ["event-does-nothing"], "{exec}");
        }
        let unseen = judged(MADE, "await nango.startSync('slack', ['users']);", &[]);
        assert_eq!(found(&unseen), ["event-does-nothing"]);
        assert_eq!(unseen.verdict, Verdict::NeedsALook);
    }

    #[test]
    fn one_that_asks_or_writes_or_checks_what_nango_knows_is_innocent() {
        let checks = "const c = await nango.getConnection(); if (!c.connection_config['subdomain']) { throw new Error('no subdomain'); }";
        for (exec, paths) in [
            (ASKS, &["/proxy/auth.test"][..]),
            (
                "await nango.updateMetadata({ team: 1 });",
                &["/connections/metadata"],
            ),
            (checks, &["/connections/c"]),
        ] {
            let judgement = judged(MADE, exec, paths);
            assert_eq!(found(&judgement), [""; 0], "{exec}: {judgement:#?}");
        }
        // One that reads the connection and never throws checks nothing.
        let looks = judged(MADE, "await nango.getConnection();", &["/connections/c"]);
        assert_eq!(found(&looks), ["event-does-nothing"]);
    }

    #[test]
    fn another_event_or_kind_is_refused_and_the_right_one_is_not() {
        let paths = &["/proxy/auth.test"];
        for (made, verdict) in [
            (
                "createOnEvent({ event: 'pre-connection-deletion',",
                Some(Verdict::Refused),
            ),
            ("createAction({", Some(Verdict::Refused)),
            ("createOnEvent({ event: all[0],", Some(Verdict::NeedsALook)),
            ("createOnEvent({ event: EVENT,", None),
            (MADE, None),
        ] {
            let judgement = judged(made, ASKS, paths);
            let expected: &[&str] = if verdict.is_some() {
                &["event-mismatch"]
            } else {
                &[]
            };
            assert_eq!(found(&judgement), expected, "{made}: {judgement:#?}");
            if let Some(verdict) = verdict {
                assert_eq!(judgement.verdict, verdict, "{made}");
            }
        }
    }

    #[test]
    fn an_honest_one_is_countersigned_with_what_is_open() {
        let judgement = judged(MADE, ASKS, &["/proxy/auth.test"]);
        assert_eq!(judgement.unproven.len(), 2, "{judgement:#?}");
        // A step that is none for other kinds is missing there.
        let mut action = sample::action();
        action.seal.room.tests = CleanRoomStep::not_applicable();
        let judgement = judge(&action.build());
        assert!(
            names_of(&judgement).contains(&"not-checked"),
            "{judgement:#?}"
        );
    }
}
