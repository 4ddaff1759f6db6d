//! Specs for functions that are there already: [`draft`] reads what a function says of itself. Pure.

use serde_json::Value;

use crate::domain::limits;
use crate::domain::name::FunctionName;
use crate::domain::spec::Kind;
use crate::rules::judge::reading::recording::Recording;
use crate::rules::judge::reading::typescript::facts::Source;
use crate::rules::judge::reading::typescript::read::{self, Unread};
use crate::rules::specs::{Draft, Missing};

/// Why a file is no function that a spec can be written for.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It cannot be read.
    #[error("it could not be read: {0}")]
    Unread(String),
    /// It makes nothing of Nango's.
    #[error("it calls none of Nango's `createAction` and `createSync`")]
    NoFunction,
    /// It makes something else.
    #[error("`{0}` makes neither an action nor a sync")]
    OtherKind(String),
    /// It lies in the folder of the other kind.
    #[error("it is a {} and lies among the {}", .0.word(), .1.folder())]
    WrongFolder(Kind, Kind),
}

impl From<Unread> for Unfit {
    fn from(unread: Unread) -> Self {
        Unfit::Unread(unread.to_string())
    }
}

/// A spec for the function `name` of this source, which lies among functions of this kind; `recorded` is its recording, where
/// there is one. Says what the draft lacks.
///
/// # Errors
/// When the file is no function of this kind.
pub fn draft(
    name: &FunctionName,
    folder: Kind,
    source: &str,
    recorded: Option<&str>,
) -> Result<(Draft, Vec<Missing>), Unfit> {
    let source = read::source(source.strip_prefix('\u{feff}').unwrap_or(source))?;
    let definition = source.definition.as_ref().ok_or(Unfit::NoFunction)?;
    let kind = match definition.by.as_str() {
        "createAction" => Kind::Action,
        "createSync" => Kind::Sync,
        other => return Err(Unfit::OtherKind(other.to_owned())),
    };
    if kind != folder {
        return Err(Unfit::WrongFolder(kind, folder));
    }
    let said = definition.description.as_deref().map(str::trim);
    let said =
        said.filter(|said| !said.is_empty() && said.chars().count() <= limits::DESCRIPTION_CHARS);
    let draft = Draft {
        kind,
        description: said.map_or_else(|| of_name(name, kind), str::to_owned),
        docs: pages(&source),
        connection: None,
        project: None,
        input: recorded.and_then(input).filter(|_| kind == Kind::Action),
    };
    let mut missing = draft.missing();
    if said.is_none() {
        missing.push(Missing::Description);
    }
    Ok((draft, missing))
}

/// `list-open-deals` → `List open deals.`
fn of_name(name: &FunctionName, kind: Kind) -> String {
    let words = name.as_str().replace('-', " ");
    match kind {
        Kind::Action => {
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
            &"list-open-deals".parse().expect("a name"),
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
            "`createOnEvent` makes neither an action nor a sync"
        );
        assert!(why("export const x = 1;").contains("none of Nango's"));
        assert!(why("export default {").contains("no TypeScript"));
    }
}
