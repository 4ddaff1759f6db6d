//! Leaves interactions alone on this pull request: no agent works on them, and what the branch has of them stays as it is. They
//! count neither for nor against the check, and the report says who wants that and why. What is under way for them ends;
//! all others go on. `/retry` with the name takes it back. At a line of a spec or a function it needs no name.

use crate::domain::decision::Skip;
use crate::domain::limits;
use crate::domain::permission::Permission;
use crate::rules::comment::CommandLine;
use crate::rules::own_words::words;

use super::command::{Reply, Seen, SlashCommand};
use super::names;

pub(super) const COMMAND: SlashCommand = SlashCommand {
    name: "skip",
    usage: "/skip interaction… reason",
    needs: Permission::Write,
    source: include_str!("skip.rs"),
    reply,
};

fn reply(command: &CommandLine, seen: &Seen<'_>) -> Reply {
    match names::after(&command.line, seen) {
        Ok(named) if named.keys.is_empty() => Reply::Misuse {
            markdown: "`/skip` needs the name of an interaction, and a reason.".into(),
        },
        Ok(named) => {
            let said = format!("{}\n{}", named.rest, command.below.text);
            let reason = words(&said, limits::REASON_CHARS);
            match reason.text.is_empty() {
                true => Reply::Misuse {
                    markdown: "`/skip` needs a reason behind the name; the report shows it.".into(),
                },
                false => Reply::Skip(Skip {
                    of: named.keys,
                    reason,
                }),
            }
        }
        Err(markdown) => Reply::Misuse { markdown },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::InteractionKey;
    use crate::rules::comment;

    #[test]
    fn it_wants_a_name_and_a_reason() {
        let known: Vec<InteractionKey> = ["slack/users", "slack/mail"]
            .map(|key| key.parse().expect("a key"))
            .to_vec();
        let seen = Seen {
            view: None,
            about: None,
            interactions: &known,
            commands: &[],
        };
        let at = |text: &str, about| {
            let seen = Seen { about, ..seen };
            match reply(&comment::lines(text)[0], &seen) {
                Reply::Skip(skip) => Ok((skip.of, skip.reason.text)),
                Reply::Misuse { markdown } => Err(markdown),
                other => panic!("{other:?}"),
            }
        };
        let of = |text: &str| at(text, None);
        let users = || known[..1].to_vec();
        assert_eq!(
            of("/skip users Not before May."),
            Ok((users(), "Not before May.".into()))
        );
        assert_eq!(of("/skip users: later"), Ok((users(), "later".into())));
        assert_eq!(of("/skip users\nlater"), Ok((users(), "later".into())));
        assert_eq!(
            of("/skip users, mail: later"),
            Ok((known.clone(), "later".into()))
        );
        assert_eq!(
            at("/skip we have it elsewhere", Some(&known[0])),
            Ok((users(), "we have it elsewhere".into()))
        );
        for vague in [
            "/skip",
            "/skip users",
            "/skip nobody because",
            "/skip usres because",
        ] {
            assert!(of(vague).is_err(), "{vague}");
        }
        let long = of(&format!("/skip users {}", "long ".repeat(1000))).expect("cut");
        assert_eq!(long.1.chars().count(), limits::REASON_CHARS);
    }
}
