//! Keys that belong to one kind of interaction: what is missing for it, and what has no meaning for it.

use super::problem::Problem;
use super::raw::RawSpec;
use super::read::Readable;
use crate::domain::connection_event::ConnectionEvent;
use crate::domain::spec::{Kind, Spec};

/// What is wrong with a spec because of its kind.
pub(super) fn problems(path: &str, file: &Readable<'_, RawSpec>) -> Vec<Problem> {
    let raw = &file.raw;
    let mut problems = Vec::new();
    let mut at = |key: &str, message: String, help: String| {
        let place = file.tree.entry(key).map(|entry| entry.key_at);
        let place = place.unwrap_or(file.tree.nearest(&["kind"]).at);
        problems.push(Problem::at(path, file.text, place, message).help(help));
    };
    let is = format!("and this is {}", raw.kind.phrase());
    match (raw.kind, raw.event) {
        (Kind::OnEvent, None) => at(
            "kind",
            "an on-event function needs an `event`".into(),
            format!("name what it runs at: `event: {}`", events()),
        ),
        (Kind::Action | Kind::Sync, Some(event)) => at(
            "event",
            format!("`event` is for on-event functions, {is}"),
            format!(
                "leave it out, or write `kind: on-event` for a function that runs at {}",
                event.name()
            ),
        ),
        (Kind::OnEvent, Some(_)) | (Kind::Action | Kind::Sync, None) => {}
    }
    if raw.webhook.is_some() && raw.kind != Kind::Sync {
        at(
            "webhook",
            format!("`webhook` is for syncs, {is}"),
            "leave it out, or give it to the sync whose records the webhooks change".into(),
        );
    }
    if raw.kind != Kind::OnEvent {
        return problems;
    }
    if raw.input.is_some() {
        at(
            "input",
            "Nango gives an on-event function no input".into(),
            "leave it out; what the function needs, it asks the API or the connection for".into(),
        );
    }
    if raw.metadata.is_some() {
        at(
            "metadata",
            "the dry run of an on-event function takes no metadata".into(),
            "leave it out, and put it on the test account's connection in Nango".into(),
        );
    }
    let spares = raw.event.is_none_or(ConnectionEvent::spares_the_connection);
    if !spares && raw.connection.is_none() {
        at(
            "event",
            "a function before the deletion of a connection needs a `connection` of its own".into(),
            "make a connection in Nango that nothing else uses and name it here: a dry run may take its access away".into(),
        );
    }
    problems
}

/// Specs of functions that may take a connection's access away, while others use the same connection.
pub(super) fn shared_connections(specs: &[Spec]) -> Vec<Problem> {
    let takes = |spec: &&Spec| {
        spec.event
            .is_some_and(|event| !event.spares_the_connection())
    };
    let shared = specs.iter().filter(takes).filter_map(|spec| {
        let mut others = specs.iter().filter(|other| other.key != spec.key);
        let other = others.find(|other| {
            (&other.connection, &other.integration_id) == (&spec.connection, &spec.integration_id)
        })?;
        let message = format!(
            "the connection `{}` is also that of {}, and a dry run of this function may take its access away",
            spec.connection, other.key
        );
        let problem = Problem::of_file(&spec.path, message);
        Some(problem.help("make a connection in Nango that nothing else uses and name it here"))
    });
    shared.collect()
}

/// All events, as a list of choices.
fn events() -> String {
    let names = ConnectionEvent::ALL.map(ConnectionEvent::name);
    names.join("`, `event: ")
}

#[cfg(test)]
mod tests {
    use crate::domain::settings::Settings;
    use crate::rules::specs::{Checked, SourceContent, SourceFile, check};

    fn checked(text: &str) -> Checked {
        let file = |path: &str, text: &str| SourceFile {
            path: path.into(),
            content: SourceContent::Regular(text.into()),
        };
        let files = [
            file(
                "interactions/slack/setup.yaml",
                &format!("description: Do it.\n{text}"),
            ),
            file(
                "interactions/slack/integration.yaml",
                "connection: slack-test\n",
            ),
        ];
        check(&files, &Settings::default())
    }

    fn said(text: &str) -> Vec<String> {
        let problems = checked(text).problems;
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_on_event_function_has_its_event() {
        let specs = checked("kind: on-event\nevent: validate-connection\n").specs;
        assert_eq!(specs[0].function_path(), "slack/on-events/setup.ts");
        let event = specs[0].event.expect("an event");
        assert_eq!(event.name(), "validate-connection");
    }

    #[test]
    fn what_is_missing_is_said_with_the_way_out() {
        let problems = said("kind: on-event\n");
        assert_eq!(problems.len(), 1, "{problems:#?}");
        for part in [
            "setup.yaml:2:1: an on-event function needs an `event`",
            "`event: post-connection-creation`",
        ] {
            assert!(problems[0].contains(part), "{}", problems[0]);
        }
        let typo = said("kind: on-event\nevent: post-connection-create\n");
        assert!(
            typo[0].contains("did you mean `post-connection-creation`?"),
            "{}",
            typo[0]
        );
    }

    #[test]
    fn what_has_no_meaning_for_a_kind_is_refused() {
        for (text, line, part) in [
            (
                "kind: sync\nevent: validate-connection\n",
                3,
                "and this is a sync",
            ),
            (
                "kind: action\nwebhook: { subscriptions: ['*'] }\n",
                3,
                "and this is an action",
            ),
            (
                "kind: on-event\nevent: validate-connection\ninput: {}\n",
                4,
                "no input",
            ),
            (
                "kind: on-event\nevent: validate-connection\nmetadata: {}\n",
                4,
                "no metadata",
            ),
            (
                "kind: on-event\nevent: pre-connection-deletion\n",
                3,
                "of its own",
            ),
            ("kind: sync\nwebhook: {}\n", 3, "`subscriptions` is missing"),
            (
                "kind: sync\nwebhook: { subscriptions: [] }\n",
                3,
                "`subscriptions` has no entry",
            ),
        ] {
            let problems = said(text);
            assert_eq!(problems.len(), 1, "{text}: {problems:#?}");
            let at = format!("setup.yaml:{line}:");
            assert!(
                problems[0].contains(&at) && problems[0].contains(part),
                "{}",
                problems[0]
            );
        }
    }

    #[test]
    fn a_connection_that_may_be_lost_is_used_by_nothing_else() {
        let file = |path: &str, text: &str| SourceFile {
            path: path.into(),
            content: SourceContent::Regular(text.into()),
        };
        let cleanup = "kind: on-event\nevent: pre-connection-deletion\ndescription: Clean up.\nconnection: one\n";
        let users =
            |connection: &str| format!("kind: sync\ndescription: x\nconnection: {connection}\n");
        let problems = |connection: &str| {
            let files = [
                file("interactions/slack/cleanup.yaml", cleanup),
                file("interactions/slack/users.yaml", &users(connection)),
            ];
            let checked = check(&files, &Settings::default());
            (checked.specs.len(), checked.problems)
        };
        let (specs, found) = problems("one");
        assert_eq!((specs, found.len()), (1, 1));
        assert!(
            found[0].to_string().contains("also that of slack/users"),
            "{}",
            found[0]
        );
        assert_eq!(problems("two"), (2, vec![]));
    }

    #[test]
    fn what_is_right_for_a_kind_is_let_in() {
        for text in [
            "kind: sync\nwebhook: { subscriptions: ['user.created'], sample: { id: 1 } }\n",
            "kind: sync\n",
            "kind: on-event\nevent: pre-connection-deletion\nconnection: slack-to-delete\n",
        ] {
            assert_eq!(said(text), [""; 0], "{text}");
        }
    }
}
