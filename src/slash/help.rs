//! Tells which commands there are.

use crate::domain::name::InteractionKey;

use super::COMMANDS;
use super::command::{Command, Reply};

pub(super) const COMMAND: Command = Command {
    name: "help",
    usage: "/help",
    source: include_str!("help.rs"),
    reply,
};

/// Whatever words follow: who asks for help should get it.
fn reply(_words: &[String], _known: &[InteractionKey]) -> Reply {
    let mut markdown = String::from(
        "Commands of Countersign, each on a line of its own, for everybody who may push to this repository:\n",
    );
    for command in COMMANDS {
        let help = command.help().replace('\n', " ");
        markdown += &format!("\n- `{}`: {help}", command.usage);
    }
    Reply::Say { markdown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_command_once() {
        let Reply::Say { markdown } = reply(&["me".into()], &[]) else {
            panic!("words");
        };
        for command in COMMANDS {
            assert_eq!(markdown.matches(command.usage).count(), 1, "{markdown}");
        }
        assert!(markdown.contains("- `/help`: Tells which commands there are."));
        // Said aloud it must not be a command itself.
        assert!(crate::slash::parse(&markdown).is_empty());
    }
}
