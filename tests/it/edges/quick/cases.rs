//! The corpus: `data/quick/cases.txt` says how it is written.

use std::collections::BTreeMap;

const BASE: &str = include_str!("../../data/quick/base.ts");
const CASES: &str = include_str!("../../data/quick/cases.txt");
const FUNCTION: &str = "calendar/actions/get-event.ts";
const DRY_RUN: &str =
    "dryrun get-event cal -e dev --integration-id calendar --validate --save -i {\"id\":\"1\"}";

/// One project and what is typed in it.
pub struct Case {
    pub name: String,
    /// What is written over the template's project; nothing is a file that is taken away.
    pub files: BTreeMap<String, Option<String>>,
    pub commands: Vec<String>,
}

/// All of them.
pub fn cases() -> Vec<Case> {
    CASES.split("\n=== ").skip(1).map(case).collect()
}

fn case(block: &str) -> Case {
    let mut lines = block.lines();
    let name = lines.next().expect("a name").to_owned();
    let mut function = BASE.to_owned();
    let mut files: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut commands = Vec::new();
    let mut open: Option<String> = None;
    for line in lines {
        if let Some(command) = line.strip_prefix("$ ") {
            commands.push(command.to_owned());
            open = None;
        } else if let Some(path) = line.strip_prefix("--- ") {
            files.insert(path.to_owned(), Some(String::new()));
            open = Some(path.to_owned());
        } else if let Some(text) = open.as_ref().and_then(|path| files.get_mut(path)) {
            let text = text.get_or_insert_default();
            text.push_str(line);
            text.push('\n');
        } else if let Some(change) = line.strip_prefix("- ") {
            let (this, that) = change.split_once(" ⇒ ").expect("a change");
            let (this, that) = (unescaped(this), unescaped(that));
            if this == "ALL" {
                function = that;
            } else {
                assert!(function.contains(&this), "{name}: {this}");
                function = function.replace(&this, &that);
            }
        }
    }
    for text in files.values_mut() {
        match text.as_deref().map(str::trim) {
            Some("BASE") => *text = Some(BASE.to_owned()),
            Some("DELETE") => *text = None,
            _ => {}
        }
    }
    files.insert(FUNCTION.to_owned(), Some(function));
    let index = format!("import './{}.js';\n", FUNCTION.trim_end_matches(".ts"));
    files.entry("index.ts".to_owned()).or_insert(Some(index));
    if commands.is_empty() {
        commands = vec!["compile".to_owned(), DRY_RUN.to_owned()];
    }
    Case {
        name,
        files,
        commands,
    }
}

fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        let (sign, used) = match after.chars().next() {
            Some('n') => ('\n', 1),
            Some('r') => ('\r', 1),
            Some('u') => {
                let code = u32::from_str_radix(&after[1..5], 16).expect("a code");
                (char::from_u32(code).expect("a letter"), 5)
            }
            _ => ('\\', 1),
        };
        plain.push(sign);
        rest = &after[used..];
    }
    plain + rest
}

/// The words of a command; its JSON is one.
pub fn words(command: &str) -> Vec<String> {
    let (Some(from), Some(to)) = (command.find('{'), command.rfind('}')) else {
        return command.split(' ').map(str::to_owned).collect();
    };
    let plain = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut words = plain(&command[..from]);
    words.push(command[from..=to].to_owned());
    words.extend(plain(&command[to + 1..]));
    words
}
