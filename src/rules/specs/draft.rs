//! A spec that nobody has written yet: its text, and what a person has still to say.

use serde::Serialize;
use serde_json::Value;

use super::schema::Which;
use crate::domain::connection_event::ConnectionEvent;
use crate::domain::name::{IntegrationName, InteractionKey};
use crate::domain::project::ProjectFolder;
use crate::domain::spec::Kind;

/// The folder of the published schemas, from the repository's root.
const SCHEMAS: &str = ".github/countersign";

/// What a spec says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Draft {
    /// What it is to Nango.
    pub kind: Kind,
    /// What an on-event function runs at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<ConnectionEvent>,
    /// The goal.
    pub description: String,
    /// Pages that say how the API works.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub docs: Vec<String>,
    /// The test account, where it is not the one that the folder shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The Nango project, where it is not the one that the folder shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Sample input for the dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
}

/// What a draft does not say, and an agent would be glad of. None of it is needed for a valid spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// No page of the API's documentation: the agent reads none.
    Docs,
    /// No sample input of an action: the agent finds its own.
    Input,
    /// A goal that was made of the name.
    Description,
    /// A connection that nothing else uses, for a function that may take its access away.
    OwnConnection,
}

impl Missing {
    /// What is missing, as an item of a list.
    pub fn words(self) -> &'static str {
        match self {
            Missing::Docs => "docs (agents read no page of the API)",
            Missing::Input => "a sample input (the agent finds its own)",
            Missing::Description => "a description (made of the name)",
            Missing::OwnConnection => {
                "a connection that nothing else uses (made of the name; a dry run may take its access away)"
            }
        }
    }
}

impl Draft {
    /// A draft from a sentence, of the kind that the sentence sounds like: what is kept fresh is a sync.
    pub fn of_sentence(sentence: &str) -> Self {
        Self {
            kind: kind_of(sentence),
            event: None,
            description: sentence.trim().to_owned(),
            docs: Vec::new(),
            connection: None,
            project: None,
            input: None,
        }
    }

    /// The same for a function that runs at this event. One that may take the access of its connection away gets a connection
    /// of its own, made of the interaction's name when none is given.
    pub fn at_event(self, event: ConnectionEvent, key: &InteractionKey) -> Self {
        let own = || format!("{}-{}-test", key.integration, key.name);
        let connection = match event.spares_the_connection() {
            true => self.connection,
            false => Some(self.connection.unwrap_or_else(own)),
        };
        Self {
            kind: Kind::OnEvent,
            event: Some(event),
            connection,
            input: None,
            ..self
        }
    }

    /// What it does not say.
    pub fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        if self.docs.is_empty() {
            missing.push(Missing::Docs);
        }
        if self.kind == Kind::Action && self.input.is_none() {
            missing.push(Missing::Input);
        }
        if self
            .event
            .is_some_and(|event| !event.spares_the_connection())
        {
            missing.push(Missing::OwnConnection);
        }
        missing
    }

    /// The file's text. `interactions` is the folder of the specs, from the repository's root.
    ///
    /// # Errors
    /// When it cannot be said in YAML.
    pub fn text(&self, interactions: &str) -> Result<String, serde_saphyr::ser::Error> {
        let said = serde_saphyr::to_string(self)?;
        let mut text = format!("{}{said}", head(Which::Spec, interactions));
        if self.docs.is_empty() {
            text += "# docs: pages that say how the API works; agents read no others\n";
        }
        Ok(text)
    }
}

/// The text of an `integration.yaml` with a connection, and a Nango project where the repository has several.
///
/// # Errors
/// When it cannot be said in YAML.
pub fn integration(
    connection: &str,
    project: Option<&ProjectFolder>,
    interactions: &str,
) -> Result<String, serde_saphyr::ser::Error> {
    #[derive(Serialize)]
    struct Shared<'a> {
        connection: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        project: Option<String>,
    }
    let project = project.map(ToString::to_string);
    let said = serde_saphyr::to_string(&Shared {
        connection,
        project,
    })?;
    Ok(format!("{}{said}", head(Which::Integration, interactions)))
}

/// Where an interaction's spec lies.
pub fn spec_path(interactions: &str, key: &InteractionKey) -> String {
    format!("{interactions}/{key}.yaml")
}

/// Where what an integration's specs share lies.
pub fn integration_path(interactions: &str, integration: &IntegrationName) -> String {
    format!("{interactions}/{integration}/integration.yaml")
}

/// Where a schema lies, from the repository's root.
pub fn schema_path(which: Which) -> String {
    let name = match which {
        Which::Spec => "spec",
        Which::Integration => "integration",
        Which::Settings => "settings",
    };
    format!("{SCHEMAS}/{name}.schema.json")
}

/// The line by which editors find the schema. Specs lie one folder below `interactions`.
fn head(which: Which, interactions: &str) -> String {
    let up = "../".repeat(interactions.split('/').count() + 1);
    format!(
        "# yaml-language-server: $schema={up}{}\n",
        schema_path(which)
    )
}

/// Words with which a sentence about a sync begins, or that it has.
const BEGINS: &[&str] = &[
    "sync",
    "synchronize",
    "synchronise",
    "keep",
    "mirror",
    "replicate",
];
const SAYS: &[&str] = &["fresh", "incrementally", "up to date", "in sync"];

fn kind_of(sentence: &str) -> Kind {
    let lower = sentence.to_lowercase();
    let first = lower.split_whitespace().next().unwrap_or_default();
    let first = first.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let is_sync = BEGINS.contains(&first) || SAYS.iter().any(|words| lower.contains(words));
    if is_sync { Kind::Sync } else { Kind::Action }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::settings::Settings;
    use crate::rules::specs::{SourceContent, SourceFile, check};

    fn file(path: String, text: String) -> SourceFile {
        SourceFile {
            path,
            content: SourceContent::Regular(text.into_bytes()),
        }
    }

    #[test]
    fn what_is_drafted_is_read_again_as_it_was_meant() {
        for description in [
            "Post a message: \"hello\" # not a comment",
            "- a list?\nand a second line",
            "yes",
            "{ not: a map }",
            "* ' & ! | > % @ `",
            "É à la carte, 日本",
            &"long words ".repeat(60),
        ] {
            let key: InteractionKey = "slack/post-message".parse().expect("a key");
            let draft = Draft {
                kind: Kind::Action,
                event: None,
                description: description.to_owned(),
                docs: vec!["https://docs.slack.dev/x#y".to_owned()],
                connection: None,
                project: None,
                input: Some(json!({"channel": "C1", "n": 1, "no": "no", "deep": [{"a": null}]})),
            };
            let spec = file(
                spec_path("interactions", &key),
                draft.text("interactions").expect("YAML"),
            );
            let shared = file(
                integration_path("interactions", &key.integration),
                integration("1234", None, "interactions").expect("YAML"),
            );
            let checked = check(&[spec, shared], &Settings::default());
            assert_eq!(checked.problems, [], "{description}");
            let read = &checked.specs[0];
            assert_eq!(read.description, draft.description);
            assert_eq!((&read.docs, &read.input), (&draft.docs, &draft.input));
            assert_eq!(read.connection, "1234");
        }
    }

    #[test]
    fn editors_find_the_schema_from_where_the_file_lies() {
        let draft = Draft::of_sentence("Create an event.");
        let text = draft.text("specs/nango").expect("YAML");
        let first = "# yaml-language-server: $schema=../../../.github/countersign/spec.schema.json";
        assert_eq!(text.lines().next(), Some(first));
        assert_eq!(draft.missing(), [Missing::Docs, Missing::Input]);
    }

    #[test]
    fn a_function_that_may_cost_the_connection_has_its_own() {
        let key: InteractionKey = "slack/leave".parse().expect("a key");
        for (event, connection) in [
            (ConnectionEvent::PostConnectionCreation, "slack-test"),
            (ConnectionEvent::PreConnectionDeletion, "slack-leave-test"),
        ] {
            let draft = Draft::of_sentence("Clean up.").at_event(event, &key);
            let files = [
                file(
                    spec_path("interactions", &key),
                    draft.text("interactions").expect("YAML"),
                ),
                file(
                    integration_path("interactions", &key.integration),
                    integration("slack-test", None, "interactions").expect("YAML"),
                ),
            ];
            let checked = check(&files, &Settings::default());
            assert_eq!(checked.problems, []);
            let read = &checked.specs[0];
            assert_eq!(
                (read.event, read.connection.as_str()),
                (Some(event), connection)
            );
        }
    }

    #[test]
    fn what_is_kept_fresh_is_a_sync() {
        for (sentence, kind) in [
            ("Sync Slack users", Kind::Sync),
            ("Keep: the contacts", Kind::Sync),
            ("The members of a workspace, always fresh.", Kind::Sync),
            ("Create a calendar event", Kind::Action),
            ("List users", Kind::Action),
            ("Asynchronously post a message", Kind::Action),
        ] {
            assert_eq!(Draft::of_sentence(sentence).kind, kind, "{sentence}");
        }
    }
}
