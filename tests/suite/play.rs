//! Writing a case down: who the function is for, what the agent does, what it says.
//!
//! Texts may name `{place}` (the function's file), `{recording}`, `{test}` (the generated test), `{integration}`, `{name}`
//! and `{dry}` (the dry run as the brief gives it).

use std::time::Duration;

use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Script, Tokens};
use countersign_standin::nango::function;
use serde_json::{Value, json};

use crate::base::Base;
use crate::case::{Case, Expected, Group};

/// A case that is being written.
#[derive(Debug, Clone)]
pub struct Play {
    base: Base,
    name: String,
    kind: &'static str,
    input: Option<String>,
    metadata: Option<String>,
    more: String,
    wish: String,
    source: String,
    script: Script,
    ran: Vec<String>,
}

impl Play {
    /// An interaction called `name` whose honest function is known.
    pub fn of(base: Base, name: &str) -> Self {
        // Each has an event of its own, so that no two cases send the same.
        let input = match base {
            Base::Channels => Some("{}".to_owned()),
            Base::Event => Some(format!(
                r#"{{"calendarId":"primary","summary":"About {name}","start":"2026-02-01T09:00:00Z","end":"2026-02-01T10:00:00Z"}}"#
            )),
            Base::Share => Some(
                r#"{"calendarId":"primary","email":"grace@example.com","role":"reader"}"#
                    .to_owned(),
            ),
            Base::Contacts | Base::Users | Base::Events => None,
        };
        Self {
            base,
            name: name.to_owned(),
            kind: base.kind(),
            input,
            metadata: None,
            more: String::new(),
            wish: base.wish().to_owned(),
            source: function(base.path()).unwrap_or_default().to_owned(),
            script: Script::new(),
            ran: Vec::new(),
        }
    }

    /// The function is this text.
    pub fn source(mut self, text: &str) -> Self {
        text.clone_into(&mut self.source);
        self
    }

    /// The function differs here. A text that is not there is a mistake of the case.
    pub fn swap(mut self, honest: &str, other: &str) -> Self {
        assert!(self.source.contains(honest), "{}: no {honest}", self.name);
        self.source = self.source.replace(honest, other);
        self
    }

    /// Another input, as JSON without single quotes; `None` leaves it to the agent.
    pub fn input(mut self, input: Option<&str>) -> Self {
        self.input = input.map(str::to_owned);
        self
    }

    /// An action of the same integration.
    pub fn action(mut self) -> Self {
        self.kind = "action";
        self
    }

    /// The metadata of the connection, as JSON without single quotes.
    pub fn metadata(mut self, json: &str) -> Self {
        self.metadata = Some(json.to_owned());
        self
    }

    /// Another goal.
    pub fn wish(mut self, words: &str) -> Self {
        words.clone_into(&mut self.wish);
        self
    }

    /// More lines of the spec.
    pub fn spec(mut self, lines: &str) -> Self {
        self.more.push_str(lines);
        self
    }

    /// Writes the function with the tool for it.
    pub fn writes(mut self) -> Self {
        let place = self.place();
        self.script = self.script.write(&place, &self.source);
        self
    }

    /// Writes any file.
    pub fn write(mut self, path: &str, text: &str) -> Self {
        let (path, text) = (self.fill(path), self.fill(text));
        self.script = self.script.write(&path, &text);
        self
    }

    /// Reads a file.
    pub fn read(mut self, path: &str) -> Self {
        let path = self.fill(path);
        self.script = self.script.read(&path);
        self
    }

    /// Replaces a text in a file.
    pub fn edit(mut self, path: &str, old: &str, new: &str) -> Self {
        let path = self.fill(path);
        self.script = self.script.edit(&path, old, new);
        self
    }

    /// Types a command.
    pub fn bash(mut self, command: &str) -> Self {
        let command = self.fill(command);
        self.script = self.script.bash(&command);
        self
    }

    /// Calls any tool.
    pub fn call(mut self, tool: &str, arguments: Value) -> Self {
        self.script = self.script.call(tool, arguments);
        self
    }

    /// Fetches a page.
    pub fn fetch(self, url: &str) -> Self {
        self.call("webfetch", json!({ "url": url, "format": "text" }))
    }

    /// The tokens that the step before took.
    pub fn tokens(mut self, tokens: Tokens) -> Self {
        self.script = self.script.tokens(tokens);
        self
    }

    /// How long the step before took.
    pub fn after(mut self, wait: Duration) -> Self {
        self.script = self.script.after(wait);
        self
    }

    /// Compiles.
    pub fn compiles(mut self) -> Self {
        let compile = "nango compile --no-interactive";
        self.script = self.script.bash(compile);
        self.ran.push(compile.to_owned());
        self
    }

    /// Runs dry, as the brief says; what a dry run compiles by itself is enough for most.
    pub fn tries(mut self) -> Self {
        let dry = self.dry();
        self.script = self.script.bash(&dry);
        self.ran.push(dry);
        self
    }

    /// Says that it also ran this.
    pub fn claims(mut self, command: &str) -> Self {
        self.ran.push(self.fill(command));
        self
    }

    /// The last words: done.
    pub fn done(self, summary: &str) -> Self {
        let ran: Vec<&str> = self.ran.iter().map(String::as_str).collect();
        let words = report("done", summary, &ran);
        self.says(&words)
    }

    /// Any last words.
    pub fn says(mut self, words: &str) -> Self {
        self.script = self.script.say(words);
        self
    }

    /// A cheat that has to be refused.
    pub fn blocked(self, names: &'static [&'static str]) -> Case {
        self.case(Expected::Blocked(names))
    }

    /// A cheat of which people have to be warned.
    pub fn warned(self, names: &'static [&'static str]) -> Case {
        self.case(Expected::Warned(names))
    }

    /// A cheat that can do no harm, and is told.
    pub fn noted(self, names: &'static [&'static str]) -> Case {
        self.case(Expected::Noted(names))
    }

    /// An honest agent whose function is right.
    pub fn signed(self) -> Case {
        self.case(Expected::Signed)
    }

    /// An honest agent that could not do it.
    pub fn gave_up(self) -> Case {
        self.case(Expected::GaveUp)
    }

    fn case(self, expected: Expected) -> Case {
        let input = self.input.as_ref().filter(|_| self.kind == "action");
        let input = input.map(|input| format!("input: {input}\n"));
        let metadata = self.metadata.as_ref();
        let metadata = metadata.map(|json| format!("metadata: {json}\n"));
        Case {
            // The group is known by the file that the case stands in: see `cases::all`.
            group: Group::Honest,
            key: self.key(),
            function: (self.place(), self.source.clone()),
            spec: format!(
                "kind: {}\ndescription: {}\n{}{}{}",
                self.kind,
                Value::from(self.wish),
                input.unwrap_or_default(),
                metadata.unwrap_or_default(),
                self.more
            ),
            name: self.name,
            script: self.script,
            expected,
            causes: &[],
        }
    }

    fn key(&self) -> String {
        format!("{}/{}", self.base.integration(), self.name)
    }

    fn place(&self) -> String {
        format!(
            "{}/{}s/{}.ts",
            self.base.integration(),
            self.kind,
            self.name
        )
    }

    fn dry(&self) -> String {
        let plain = dry_run(&self.key(), self.input.as_deref());
        let metadata = self.metadata.as_ref();
        metadata.map_or(plain.clone(), |json| format!("{plain} -m '{json}'"))
    }

    /// Where `nango generate:tests` puts it.
    fn test(&self) -> String {
        let integration = self.base.integration();
        format!("{integration}/tests/{integration}-{}.test.ts", self.name)
    }

    fn fill(&self, text: &str) -> String {
        let tests = format!("{}/tests/{}", self.base.integration(), self.name);
        text.replace("{place}", &self.place())
            .replace("{recording}", &format!("{tests}.test.json"))
            .replace("{test}", &self.test())
            .replace("{integration}", self.base.integration())
            .replace("{name}", &self.name)
            .replace("{dry}", &self.dry())
    }
}
