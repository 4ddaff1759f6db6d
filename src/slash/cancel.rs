//! Stops the run that is under way: its agents end within seconds, and nothing more is begun or committed. What it had found
//! stays in the report. The next push, or `/retry`, begins another. With names, only these are taken out of the run and all
//! others go on; at a line of a spec or a function, nothing named means that interaction.

use crate::domain::permission::Permission;
use crate::rules::comment::CommandLine;

use super::command::{Reply, Seen, SlashCommand};
use super::names;

pub(super) const COMMAND: SlashCommand = SlashCommand {
    name: "cancel",
    usage: "/cancel [interaction…]",
    needs: Permission::Write,
    source: include_str!("cancel.rs"),
    reply,
};

fn reply(command: &CommandLine, seen: &Seen<'_>) -> Reply {
    let named = names::read(&command.line, &[], seen.interactions);
    match named.map(|named| named.or(seen.about).keys) {
        Ok(keys) if keys.is_empty() => Reply::Stop,
        Ok(keys) => Reply::CallOff { keys },
        // Who slips while naming one would not want the others to stop.
        Err(markdown) => Reply::Misuse { markdown },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::InteractionKey;
    use crate::rules::comment;

    #[test]
    fn it_stops_everything_or_what_is_named() {
        let known: Vec<InteractionKey> = vec!["slack/users".parse().expect("a key")];
        let seen = Seen {
            view: None,
            about: None,
            interactions: &known,
            commands: &[],
        };
        let of = |text: &str| reply(&comment::lines(text)[0], &seen);
        assert_eq!(of("/cancel"), Reply::Stop);
        assert_eq!(of("/cancel\nIt costs too much."), Reply::Stop);
        let keys = known.clone();
        assert_eq!(of("/cancel users"), Reply::CallOff { keys });
        assert!(matches!(of("/cancel slack/user"), Reply::Misuse { .. }));
        assert!(matches!(of("/cancel please"), Reply::Misuse { .. }));
        let at_line = Seen {
            about: Some(&known[0]),
            ..seen
        };
        let reply = reply(&comment::lines("/cancel")[0], &at_line);
        assert_eq!(
            reply,
            Reply::CallOff {
                keys: known.clone()
            }
        );
    }
}
