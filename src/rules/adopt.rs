//! Specs for functions that are there already: [`draft`] reads what a function says of itself. Pure.

use serde_json::Value;

use crate::domain::connection_event::ConnectionEvent;
use crate::domain::limits;
use crate::domain::name::{FunctionName, InteractionKey};
use crate::domain::spec::Kind;
use crate::rules::judge::reading::recording::Recording;
use crate::rules::judge::reading::typescript::facts::{Definition, Source};
use crate::rules::judge::reading::typescript::read::{self, Unread};
use crate::rules::specs::{Draft, Missing};

/// Why a file is no function that a spec can be written for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It cannot be read.
    #[error("it could not be read: {0}")]
    Unread(String),
    /// It makes nothing of Nango's.
    #[error("it calls none of Nango's `createAction`, `createSync` and `createOnEvent`")]
    NoFunction,
    /// It makes something else.
    #[error("`{0}` makes neither an action, nor a sync, nor an on-event function")]
    OtherKind(String),
    /// It lies in the folder of another kind.
    #[error("it is {} and lies among the {}", .0.phrase(), .1.folder())]
    WrongFolder(Kind, Kind),
    /// Its event is none, or one that is not known.
    #[error("its `event` is none of Nango's, or not written out")]
    NoEvent,
}

impl From<Unread> for Unfit {
    fn from(unread: Unread) -> Self {
        Unfit::Unread(unread.to_string())
    }
}

/// A spec for the function `key` of this source, which lies among functions of this kind; `recorded` is its recording, where
/// there is one. Says what the draft lacks.
///
/// # Errors
/// When the file is no function of this kind.
pub fn draft(
    key: &InteractionKey,
    folder: Kind,
    source: &str,
    recorded: Option<&str>,
) -> Result<(Draft, Vec<Missing>), Unfit> {
    let source = read::source(source.strip_prefix('\u{feff}').unwrap_or(source))?;
    let definition = source.definition.as_ref().ok_or(Unfit::NoFunction)?;
    let kind = match definition.by.as_str() {
        "createAction" => Kind::Action,
        "createSync" => Kind::Sync,
        "createOnEvent" => Kind::OnEvent,
        other => return Err(Unfit::OtherKind(other.to_owned())),
    };
    if kind != folder {
        return Err(Unfit::WrongFolder(kind, folder));
    }
    let said = definition.description.as_deref().map(str::trim);
    let said =
        said.filter(|said| !said.is_empty() && said.chars().count() <= limits::DESCRIPTION_CHARS);
    let event = match kind {
        Kind::OnEvent => Some(event(definition).ok_or(Unfit::NoEvent)?),
        Kind::Action | Kind::Sync => None,
    };
    let draft = Draft {
        kind,
        event: None,
        description: said.map_or_else(|| of_name(&key.name, kind), str::to_owned),
        docs: pages(&source),
        connection: None,
        project: None,
        input: recorded.and_then(input).filter(|_| kind == Kind::Action),
    };
    let draft = match event {
        Some(event) => draft.at_event(event, key),
        None => draft,
    };
    let mut missing = draft.missing();
    if said.is_none() {
        missing.push(Missing::Description);
    }
    Ok((draft, missing))
}

/// The event that the source names.
fn event(definition: &Definition) -> Option<ConnectionEvent> {
    ConnectionEvent::of_name(definition.event.as_deref()?)
}

/// `list-open-deals` → `List open deals.`
fn of_name(name: &FunctionName, kind: Kind) -> String {
    let words = name.as_str().replace('-', " ");
    match kind {
        Kind::Action | Kind::OnEvent => {
            let mut letters = words.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(letters).chain(['.']).collect()
        }
        Kind::Sync => format!("Keep {words} fresh."),
    }
}

/// The pages that the comments name.
fn pages(source: &Source) -> Vec<String> {
    let mut pages: Vec<String> = Vec::new();
    for comment in &source.comments {
        let words = comment
            .text
            .split(|letter: char| letter.is_whitespace() || "()<>\"'`".contains(letter));
        for word in words.filter(|word| word.starts_with("https://")) {
            let page = word.trim_end_matches(['.', ',', ';', ':']);
            let is_page = page.len() > "https://".len() && !pages.iter().any(|known| known == page);
            if is_page && pages.len() < limits::DOCS_PAGES {
                pages.push(page.to_owned());
            }
        }
    }
    pages
}

/// The input of a recording, when it is short enough to stand in a spec.
fn input(recorded: &str) -> Option<Value> {
    let input = Recording::parse(recorded).ok()?.input?;
    let is_short = input.to_string().len() <= limits::DRAFT_INPUT_BYTES;
    (is_short && !input.is_null()).then_some(input)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(
        folder: Kind,
        source: &str,
        recorded: Option<&str>,
    ) -> Result<(Draft, Vec<Missing>), Unfit> {
        draft(
            &"hubspot/list-open-deals".parse().expect("a key"),
            folder,
            source,
            recorded,
        )
    }

    #[test]
    fn a_function_says_what_it_is() {
        let source = "\u{feff}import { createAction } from 'nango';\r\n\
            const action = createAction({\r\n description: `List the open deals`,\r\n exec: async (nango) => {\r\n\
            // https://developers.hubspot.com/docs/api/crm/deals.\r\n return (await nango.get({ endpoint: '/x' })).data; } });\r\n\
            export default action;\r\n";
        let recorded = json!({"input": {"limit": 2}, "output": null, "api": {}}).to_string();
        let (draft, missing) = read(Kind::Action, source, Some(&recorded)).expect("a draft");
        assert_eq!(draft.description, "List the open deals");
        assert_eq!(
            draft.docs,
            ["https://developers.hubspot.com/docs/api/crm/deals"]
        );
        assert_eq!(draft.input, Some(json!({"limit": 2})));
        assert_eq!(missing, []);
    }

    #[test]
    fn what_it_does_not_say_is_made_of_its_name_and_told() {
        let source = "import { createSync } from 'nango';\nexport default createSync({ exec: async (nango) => {} });";
        let (draft, missing) = read(Kind::Sync, source, None).expect("a draft");
        assert_eq!(draft.description, "Keep list open deals fresh.");
        assert_eq!(missing, [Missing::Docs, Missing::Description]);
    }

    #[test]
    fn an_on_event_function_says_when_it_runs() {
        let source = |event: &str| {
            format!(
                "import {{ createOnEvent }} from 'nango';\nexport default createOnEvent({{ {event} description: 'Leave', exec: async (nango) => {{}} }});"
            )
        };
        let (draft, missing) = read(
            Kind::OnEvent,
            &source("event: 'pre-connection-deletion',"),
            None,
        )
        .expect("a draft");
        assert_eq!(draft.event, Some(ConnectionEvent::PreConnectionDeletion));
        assert_eq!(
            draft.connection.as_deref(),
            Some("hubspot-list-open-deals-test")
        );
        assert_eq!(missing, [Missing::Docs, Missing::OwnConnection]);
        for event in ["", "event: 'x',", "event: EVENT,"] {
            let why = read(Kind::OnEvent, &source(event), None).expect_err("unfit");
            assert_eq!(why, Unfit::NoEvent, "{event}");
        }
    }

    #[test]
    fn what_is_no_such_function_says_why() {
        let why = |source: &str| {
            read(Kind::Action, source, None)
                .expect_err("unfit")
                .to_string()
        };
        let make = |by: &str| {
            format!(
                "import {{ {by} }} from 'nango';\nexport default {by}({{ exec: async (nango) => {{}} }});"
            )
        };
        assert_eq!(
            why(&make("createSync")),
            "it is a sync and lies among the actions"
        );
        assert_eq!(
            why(&make("createOnEvent")),
            "it is an on-event function and lies among the actions"
        );
        assert!(why(&make("createFunction")).starts_with("`createFunction` makes neither"));
        assert!(why("export const x = 1;").contains("none of Nango's"));
        assert!(why("export default {").contains("no TypeScript"));
    }
}
