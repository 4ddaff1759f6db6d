//! Tells which commands there are.

use crate::domain::permission::Permission;
use crate::rules::comment::CommandLine;

use super::command::{Reply, Seen, SlashCommand};

pub(super) const COMMAND: SlashCommand = SlashCommand {
    name: "help",
    usage: "/help",
    needs: Permission::Read,
    source: include_str!("help.rs"),
    reply,
};

/// Whatever words follow: who asks for help should get it.
fn reply(_line: &CommandLine, seen: &Seen<'_>) -> Reply {
    let mut markdown = String::from("Commands of Countersign, each on a line of its own:\n");
    for command in seen.commands {
        let help = command.help().replace('\n', " ");
        let whose = match command.needs {
            Permission::Read => " For everybody.",
            _ => "",
        };
        markdown += &format!("\n- `{}`: {help}{whose}", command.usage);
    }
    markdown +=
        "\n\nWhere it does not say for whom, it is for those who may push to this repository.";
    Reply::Say { markdown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slash::COMMANDS;

    #[test]
    fn help_names_every_command_once() {
        let seen = Seen {
            view: None,
            about: None,
            interactions: &[],
            commands: COMMANDS,
        };
        let line = &crate::slash::parse("/help me")[0];
        let Reply::Say { markdown } = reply(line, &seen) else {
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
