//! Pages of `docs` that are made from code: each is what the code says.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use countersign::domain::button::Button;
use countersign::domain::permission::Permission;
use countersign::slash::COMMANDS;

const BEGINNING: &str = "\
# Commands

Made from `src/slash` and `src/domain/button.rs`; a test says when it is not.

A command stands at the beginning of a line, outside of code, quotations and HTML comments. Several may stand in one comment. It may be
a comment in the conversation, a review, or a comment at a line: at a line of a spec or a function, `/retry` and `/explain` mean that
interaction. An edited comment is not read again, and comments of bots are not read at all.

Whoever may give all commands of a comment gets 👀 at once, and each is done once. In a comment of which anything is not understood
nothing is run; it gets 😕 and an answer that says why. Who may not give a command gets no answer.
";

/// Compares with the page, and lays the right one beside where it is not.
fn is_page(name: &str, right: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    let there = fs::read_to_string(&page).unwrap_or_default();
    if there != right {
        let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&beside, right).expect("a file");
        panic!(
            "docs/{name} is not what the code says: cp {} docs/{name}",
            beside.display()
        );
    }
}

fn whose(needs: Permission) -> &'static str {
    match needs {
        Permission::None | Permission::Read => "Everybody who may read the repository.",
        Permission::Triage => "Those who may triage.",
        Permission::Write => "Those who may push.",
        Permission::Maintain => "Maintainers.",
        Permission::Admin => "Administrators.",
    }
}

#[test]
fn commands_are_what_the_code_says() {
    let mut page = BEGINNING.to_owned();
    for command in COMMANDS {
        let needs = whose(command.needs);
        writeln!(
            page,
            "\n## `{}`\n\n{}\n\n{needs}",
            command.usage,
            command.help()
        )
        .expect("text");
    }
    page.push_str("\n## Buttons at the check run\n\nFor those who may push.\n\n| button | does |\n|---|---|\n");
    for button in Button::ALL {
        writeln!(page, "| {} | {} |", button.label(), button.description()).expect("text");
    }
    is_page("commands.md", &page);
}

/// The action's inputs and variables are what the command takes: a name that nobody reads would be a setting without effect.
#[test]
fn the_action_sets_what_the_command_reads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/action.yml");
    let text = fs::read_to_string(path).expect("the action");
    let action: serde_json::Value = serde_saphyr::from_str(&text).expect("YAML");
    let inputs = action["inputs"].as_object().expect("inputs");
    let steps = action["runs"]["steps"].as_array().expect("steps");
    let last = steps.last().expect("a step");
    let env = last["env"].as_object().expect("variables");
    for input in inputs.keys() {
        let used = format!("${{{{ inputs.{input} }}}}");
        let is_used = env.values().any(|value| value.as_str() == Some(&used));
        assert!(is_used, "the input {input} goes nowhere");
    }
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["action", "--help"])
        .output();
    let help = String::from_utf8(help.expect("countersign runs").stdout).expect("a text");
    for variable in env.keys().filter(|name| *name != "PROGRAM") {
        assert!(
            help.contains(variable.as_str()),
            "{variable} is read by nobody"
        );
    }
    for output in action["outputs"].as_object().expect("outputs").keys() {
        assert!(
            help.contains(&format!("`{output}`")),
            "the output {output} comes from nowhere"
        );
    }
}
