//! Stops the run that is under way: its agents end within seconds, and nothing more is begun or committed. What it had found
//! stays in the report. The next push, or `/retry`, begins another.

use crate::domain::permission::Permission;
use crate::rules::comment::CommandLine;

use super::command::{Reply, Seen, SlashCommand};

pub(super) const COMMAND: SlashCommand = SlashCommand {
    name: "cancel",
    usage: "/cancel",
    needs: Permission::Write,
    source: include_str!("cancel.rs"),
    reply,
};

/// Who names one interaction would not want the others to stop.
fn reply(command: &CommandLine, _: &Seen<'_>) -> Reply {
    match command.line.trim() {
        "" => Reply::Stop,
        _ => Reply::Misuse {
            markdown:
                "`/cancel` stops the whole run and takes no names. Write it by itself for that."
                    .into(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::comment;

    #[test]
    fn it_stops_everything_or_nothing() {
        let seen = Seen {
            view: None,
            about: None,
            interactions: &[],
            commands: &[],
        };
        let of = |text: &str| reply(&comment::lines(text)[0], &seen);
        assert_eq!(of("/cancel"), Reply::Stop);
        assert_eq!(of("/cancel\nIt costs too much."), Reply::Stop);
        assert!(matches!(of("/cancel slack/users"), Reply::Misuse { .. }));
    }
}
