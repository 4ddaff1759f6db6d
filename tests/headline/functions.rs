//! The functions: ten of five APIs, each asked for again and again under another name.

use countersign_standin::nango;
use serde_json::Value;

/// One function as an honest agent writes it.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    integration: &'static str,
    kind: &'static str,
    name: &'static str,
    wish: &'static str,
    /// Its source.
    pub source: &'static str,
    /// JSON; `{n}` is another number for each.
    input: Option<&'static str>,
}

const FUNCTIONS: [Function; 10] = [
    Function {
        integration: "google-calendar",
        kind: "action",
        name: "create-event",
        wish: "Create an event in a calendar and return its id, status and link.",
        source: "",
        input: Some(
            r#"{"calendarId":"primary","summary":"About {n}","start":"2026-02-01T09:00:00Z","end":"2026-02-01T10:00:00Z"}"#,
        ),
    },
    Function {
        integration: "google-drive",
        kind: "sync",
        name: "files",
        wish: "Keep id, name and type of all files fresh.",
        source: include_str!("functions/files.ts"),
        input: None,
    },
    Function {
        integration: "google-sheet",
        kind: "action",
        name: "append-rows",
        wish: "Append rows below a table of a spreadsheet and return the range that was written.",
        source: include_str!("functions/append-rows.ts"),
        input: Some(
            r#"{"spreadsheetId":"1CountersignTestSpreadsheet","range":"Sheet1!A1","rows":[["Row {n}",1]]}"#,
        ),
    },
    Function {
        integration: "hubspot",
        kind: "sync",
        name: "contacts",
        wish: "Keep all contacts fresh: id, e-mail address, names, time of change.",
        source: "",
        input: None,
    },
    Function {
        integration: "slack",
        kind: "action",
        name: "list-channels",
        wish: "List the public channels of the workspace that are not archived: id, name, whether private, number of members.",
        source: "",
        input: Some("{}"),
    },
    Function {
        integration: "google-calendar",
        kind: "sync",
        name: "events",
        wish: "Keep the events of the primary calendar fresh, going on where the last run ended.",
        source: "",
        input: None,
    },
    Function {
        integration: "google-drive",
        kind: "action",
        name: "find-files",
        wish: "One page of the files that the account can see: id, name and type, and where the next page begins.",
        source: include_str!("functions/find-files.ts"),
        input: Some(r#"{"limit":3}"#),
    },
    Function {
        integration: "google-sheet",
        kind: "action",
        name: "read-rows",
        wish: "Read a range of a spreadsheet.",
        source: include_str!("functions/read-rows.ts"),
        input: Some(r#"{"spreadsheetId":"1CountersignTestSpreadsheet","range":"Sheet1!A1:B4"}"#),
    },
    Function {
        integration: "hubspot",
        kind: "action",
        name: "create-contact",
        wish: "Create a contact and return its id and when it was created.",
        source: include_str!("../suite/functions/create-contact.ts"),
        input: Some(r#"{"email":"person.{n}@example.com","firstName":"Person {n}"}"#),
    },
    Function {
        integration: "slack",
        kind: "sync",
        name: "users",
        wish: "Keep the members of the workspace fresh, without those who are gone.",
        source: "",
        input: None,
    },
];

/// The models of the syncs above.
const MODELS: [&str; 4] = ["File", "Contact", "CalendarEvent", "SlackUser"];

/// One interaction that is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    number: usize,
    function: Function,
}

/// So many interactions, of all APIs in turn.
pub fn asked(count: usize) -> Vec<Asked> {
    let all = FUNCTIONS.iter().cycle().take(count).enumerate();
    all.map(|(number, function)| Asked {
        number,
        function: *function,
    })
    .collect()
}

impl Asked {
    /// Its integration.
    pub fn integration(&self) -> &'static str {
        self.function.integration
    }

    /// `action` or `sync`.
    pub fn kind(&self) -> &'static str {
        self.function.kind
    }

    /// The function's name.
    pub fn name(&self) -> String {
        format!("{}-{:03}", self.function.name, self.number)
    }

    /// `integration/name`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.integration(), self.name())
    }

    /// Where its source goes, in a Nango project.
    pub fn place(&self) -> String {
        format!("{}/{}s/{}.ts", self.integration(), self.kind(), self.name())
    }

    /// What an honest agent writes. Models have a number: Nango refuses two of one name in one integration.
    pub fn source(&self) -> String {
        let source = self.template();
        let quoted = |name: &str| format!("'{name}'");
        let saves = |model: &&&str| source.contains(&quoted(model));
        let Some(model) = MODELS.iter().find(saves) else {
            return source.to_owned();
        };
        let numbered = format!("{model}{}", self.number);
        let source = source.replace(&quoted(model), &quoted(&numbered));
        source.replace(&format!("{model}: "), &format!("{numbered}: "))
    }

    fn template(&self) -> &'static str {
        let Function {
            integration,
            kind,
            name,
            source,
            ..
        } = self.function;
        if source.is_empty() {
            nango::function(&format!("{integration}/{kind}s/{name}.ts")).unwrap_or_default()
        } else {
            source
        }
    }

    /// What it is tried with, as JSON.
    pub fn input(&self) -> Option<String> {
        let input = self.function.input?;
        Some(input.replace("{n}", &self.number.to_string()))
    }

    /// Where its spec is, in the repository.
    pub fn spec_path(&self) -> String {
        format!("interactions/{}.yaml", self.key())
    }

    /// Its spec.
    pub fn spec(&self) -> String {
        let input = self.input().map(|input| format!("input: {input}\n"));
        format!(
            "kind: {}\ndescription: {}\nconnection: {}-test\n{}",
            self.kind(),
            Value::from(self.function.wish),
            self.integration(),
            input.unwrap_or_default()
        )
    }
}
