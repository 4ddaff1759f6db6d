//! The cause of a verdict, in words: what it was, how it led to what was found, what the agent did, what to do next.
//! Quotes in them are untrusted; whoever shows them escapes them.

use std::collections::BTreeMap;

use crate::domain::cause::{CauseClass, CauseStep, Reaction, RootCause};
use crate::domain::finding::Place;
use crate::domain::row::State;
use crate::domain::spec::Spec;
use crate::domain::view::View;

use super::words;

/// What the cause is, as a sentence.
pub fn what(cause: &RootCause) -> String {
    if let Some(deed) = &cause.deed {
        return format!("{}.", deed.trim_end_matches('.'));
    }
    let about = match cause.target.as_str() {
        "" => String::new(),
        target => format!(" ({target})"),
    };
    format!("{}{about}.", class(cause.class))
}

fn class(class: CauseClass) -> &'static str {
    match class {
        CauseClass::MissingScope => "The test account lacks a permission",
        CauseClass::ExpiredAccess => "The connection's credentials are not accepted",
        CauseClass::NotFound => "The API knows no such thing or address",
        CauseClass::RefusedRequest => "The API does not take the request",
        CauseClass::RateLimit => "The API wants to be asked less often",
        CauseClass::ApiFault => "The API failed itself",
        CauseClass::WitnessRefused => "The witness refused a request",
        CauseClass::MissingInput => "The function wants an input, and nobody gave one",
        CauseClass::MovedWorld => "The agent's own run changed what is there",
        CauseClass::HeldBack => "A second write was held back, as the settings want it",
        CauseClass::TypeError => "The types do not fit",
        CauseClass::ForbiddenImport => "The function imports what functions may not have",
        CauseClass::EntryMissing => "The file is no function that the CLI finds",
        CauseClass::InvalidInput => "The input does not fit the function's schema",
        CauseClass::InvalidOutput => "What the function gives does not fit its own schema",
        CauseClass::UnrecordedRequest => {
            "With the recorded answers the function asks something else"
        }
        CauseClass::UnstableOutput => "With the recorded answers the function gives something else",
        CauseClass::UnknownCommand => "The agent used a command that does not exist",
        CauseClass::UpgradePrompt => "The CLI offered an update instead of working",
        CauseClass::AmbiguousName => "One name stands in several integrations",
        CauseClass::ConnectionMissing => "Nango knows no such connection",
        CauseClass::FileDenied => "A file may not be read or changed",
        CauseClass::NoNetwork => "There was no way to a host",
        CauseClass::MissingPackage => "A package is not there",
        CauseClass::NoTests => "No test was found",
        CauseClass::DocsUnavailable => "The documentation could not be read",
        CauseClass::OwnCode => "The function's own code",
        CauseClass::Conduct => "The agent did what it must not do",
        CauseClass::CutShort => "The work was cut short",
        CauseClass::NothingWritten => "The agent wrote no function, and nothing says why",
        CauseClass::Unknown => "It cannot be told",
    }
}

/// What the agent did about it.
pub fn reaction(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Stopped => "The agent stopped there and said so.",
        Reaction::Fabricated => "The agent made results up.",
        Reaction::Fixed => "The agent mended what it saw.",
        Reaction::Masked => "The agent hid the failure in its code.",
        Reaction::Probed => "The agent tried other ways past it.",
        Reaction::Looped => "The agent did the same again and again.",
        Reaction::WentOn => "The agent went on.",
    }
}

/// What a person does next.
pub fn next(cause: &RootCause, spec: &Spec) -> String {
    let connection = &spec.connection;
    match cause.class {
        CauseClass::MissingScope => match &cause.wanted {
            Some(scope) => format!("Grant {scope} to the connection {connection}, then /retry."),
            None => format!(
                "Grant the connection {connection} what {} needs, then /retry.",
                cause.target
            ),
        },
        CauseClass::ExpiredAccess => format!("Connect {connection} again in Nango, then /retry."),
        CauseClass::RateLimit | CauseClass::ApiFault => "Wait, then /retry.".into(),
        CauseClass::MissingInput => "Give the spec an `input`, then push.".into(),
        CauseClass::MovedWorld => "Put the test account back as it was, then /retry.".into(),
        CauseClass::HeldBack => "Set `writes: repeat`, or /retry on a fresh test account.".into(),
        CauseClass::NotFound | CauseClass::RefusedRequest => {
            "Check the address and the input against the API's documentation; name them in the spec's notes, then push.".into()
        }
        CauseClass::CutShort => "Raise the build's limits or split the interaction, then /retry.".into(),
        CauseClass::WitnessRefused => "See what was refused; if the interaction needs it, it cannot be built this way.".into(),
        CauseClass::InvalidInput => "Give the spec an `input` that fits, then push.".into(),
        CauseClass::ConnectionMissing => {
            format!("Make the connection {connection} in Nango, or name another in the spec, then /retry.")
        }
        CauseClass::DocsUnavailable => {
            "Put what the documentation says into the spec's notes, or a page that can be read into `docs`, then push.".into()
        }
        CauseClass::MissingPackage => {
            "Functions have what the CLI brings and no more; say in the spec's notes how to do without, then push.".into()
        }
        CauseClass::UpgradePrompt | CauseClass::FileDenied | CauseClass::NoNetwork => {
            "This is ours: agents work behind walls, with what the tool chain brings. If the interaction needs it, say so in an \
             issue; else /retry.".into()
        }
        CauseClass::AmbiguousName => "Give the interaction another name, then push.".into(),
        CauseClass::Conduct | CauseClass::Unknown => "Read the evidence, then /retry or write it by hand.".into(),
        CauseClass::TypeError
        | CauseClass::ForbiddenImport
        | CauseClass::EntryMissing
        | CauseClass::InvalidOutput
        | CauseClass::UnrecordedRequest
        | CauseClass::UnstableOutput
        | CauseClass::OwnCode
        | CauseClass::UnknownCommand
        | CauseClass::NoTests
        | CauseClass::NothingWritten => "/retry, or say more in the spec's notes.".into(),
    }
}

/// A step of the chain: where, and what.
pub fn step(step: &CauseStep) -> (String, &str) {
    let place = match &step.place {
        Place::Turn { number } => format!("turn {number}"),
        Place::Wire { seq } => format!("exchange {seq}"),
        Place::Function { line: Some(line) } => format!("line {line} of the function"),
        Place::Function { line: None } => "the function".into(),
        Place::Workspace { path } | Place::Repository { path, .. } => path.clone(),
        Place::Build => "found".into(),
    };
    (place, &step.quote)
}

/// All of it in one paragraph.
pub fn sentence(cause: &RootCause, spec: &Spec) -> String {
    format!(
        "Cause ({}): {} {} Next: {}",
        words::confidence(cause.confidence),
        what(cause),
        reaction(cause.reaction),
        next(cause, spec)
    )
}

/// A cause that several builds of a run have, told once: how many, and for which interactions.
pub struct Shared<'a> {
    /// One of them.
    pub cause: &'a RootCause,
    /// The spec of that one.
    pub spec: &'a Spec,
    /// The interactions.
    pub keys: Vec<String>,
}

/// The causes from outside that more than one build has, those of most builds first.
pub fn shared(view: &View) -> Vec<Shared<'_>> {
    let mut groups: BTreeMap<(String, CauseClass, &str), Shared<'_>> = BTreeMap::new();
    for row in &view.rows {
        let (State::Judged { judgement }, Some(spec)) = (&row.state, &row.spec) else {
            continue;
        };
        let Some(cause) = judgement
            .cause
            .as_ref()
            .filter(|cause| is_from_outside(cause.class))
        else {
            continue;
        };
        // A scope is one for all that need it; else it is one for what was asked.
        let about = cause.wanted.as_deref().unwrap_or(match cause.class {
            CauseClass::ExpiredAccess | CauseClass::RateLimit | CauseClass::ApiFault => "",
            _ => cause.target.as_str(),
        });
        let integration = row.key.integration.as_str().to_owned();
        let group = groups
            .entry((integration, cause.class, about))
            .or_insert(Shared {
                cause,
                spec,
                keys: Vec::new(),
            });
        group.keys.push(row.key.to_string());
    }
    let mut shared: Vec<Shared<'_>> = groups
        .into_values()
        .filter(|one| one.keys.len() > 1)
        .collect();
    shared.sort_by_key(|one| std::cmp::Reverse(one.keys.len()));
    shared
}

fn is_from_outside(class: CauseClass) -> bool {
    matches!(
        class,
        CauseClass::MissingScope
            | CauseClass::ExpiredAccess
            | CauseClass::RateLimit
            | CauseClass::ApiFault
            | CauseClass::WitnessRefused
    )
}

/// The sentence for a shared cause.
pub fn shared_sentence(shared: &Shared<'_>) -> String {
    format!(
        "The same cause in {} builds: {} Next: {} ({})",
        shared.keys.len(),
        what(shared.cause),
        next(shared.cause, shared.spec),
        shared.keys.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ending::Ending;
    use crate::domain::verdict::Verdict;
    use crate::report::sample;
    use crate::rules::specs::sample::spec;

    #[test]
    fn a_person_is_told_what_to_do() {
        let spec = spec("slack/post-message");
        let said = sentence(&sample::missing_scope(), &spec);
        assert_eq!(
            said,
            format!(
                "Cause (proven): The test account lacks a permission (POST /proxy/chat.postMessage). The agent stopped \
                 there and said so. Next: Grant chat:write to the connection {}, then /retry.",
                spec.connection
            )
        );
    }

    #[test]
    fn conduct_is_told_by_what_was_done() {
        let deed = "The agent added vitest.config.ts.";
        let cause = RootCause {
            class: CauseClass::Conduct,
            deed: Some(deed.into()),
            reaction: Reaction::WentOn,
            ..sample::missing_scope()
        };
        assert_eq!(what(&cause), deed);
        let old = RootCause {
            deed: None,
            target: String::new(),
            ..cause
        };
        assert_eq!(what(&old), "The agent did what it must not do.");
    }

    #[test]
    fn one_cause_of_many_builds_is_told_once() {
        let verdicts =
            ["slack/a", "slack/b", "hubspot/c"].map(|key| (key, Verdict::Blocked, Vec::new()));
        let view = sample::run(&verdicts, Ending::Finished);
        let shared = shared(&view);
        assert_eq!(shared.len(), 1, "hubspot's is another");
        let said = shared_sentence(&shared[0]);
        assert!(said.starts_with("The same cause in 2 builds: "), "{said}");
        assert!(
            said.contains("Grant chat:write to") && said.ends_with("(slack/a, slack/b)"),
            "{said}"
        );
    }
}
