//! Shows all that is known of an interaction: its verdict, each finding with its evidence, the cause, and the way out. At a line of
//! a spec or a function it needs no name. With the name of a finding it tells what that means, how often it is wrong about honest
//! code, and where it was found here.

use crate::domain::permission::Permission;
use crate::rules::comment::CommandLine;
use crate::rules::judge;

use super::command::{Reply, Seen, Shown, SlashCommand};
use super::names;

pub(super) const COMMAND: SlashCommand = SlashCommand {
    name: "explain",
    usage: "/explain interaction… | finding",
    needs: Permission::Write,
    source: include_str!("explain.rs"),
    reply,
};

fn reply(command: &CommandLine, seen: &Seen<'_>) -> Reply {
    let word = command.line.split_whitespace().next().unwrap_or_default();
    let name = word.trim_end_matches([':', ',', '.']).to_ascii_lowercase();
    if let Some(name) = judge::names().find(|known| *known == name) {
        return Reply::Show(Shown::Finding { name });
    }
    let named = names::read(&command.line, &[], seen.interactions);
    match named.map(|named| named.or(seen.about)) {
        Ok(named) if named.keys.is_empty() => Reply::Misuse {
            markdown: "`/explain` needs the name of an interaction or a finding.".into(),
        },
        Ok(named) => Reply::Show(Shown::Interactions { keys: named.keys }),
        Err(markdown) => Reply::Misuse { markdown },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::InteractionKey;
    use crate::rules::comment;

    #[test]
    fn it_wants_a_name_that_is_one() {
        let known: Vec<InteractionKey> = vec!["slack/users".parse().expect("a key")];
        let seen = Seen {
            view: None,
            about: None,
            interactions: &known,
            commands: &[],
        };
        let of = |text: &str| reply(&comment::lines(text)[0], &seen);
        let shown = Reply::Show(Shown::Interactions {
            keys: known.clone(),
        });
        assert_eq!(of("/explain users"), shown);
        assert_eq!(of("/explain slack/users please"), shown);
        let finding = Shown::Finding {
            name: "unread-pages",
        };
        assert_eq!(of("/explain unread-pages"), Reply::Show(finding));
        for vague in ["/explain", "/explain nobody"] {
            assert!(matches!(of(vague), Reply::Misuse { .. }), "{vague}");
        }
        // At a line it is known what is meant.
        let at_line = Seen {
            about: Some(&known[0]),
            ..seen
        };
        assert_eq!(reply(&comment::lines("/explain")[0], &at_line), shown);
    }
}
