//! Builds again on the newest commit what was not countersigned there; what was is carried over. Interactions that are
//! named are built again even if they were countersigned. An interaction is named `integration/name`, or by its `name`
//! alone when no other has it. An agent begins from the function as it stands at the head; with `clean` behind the names
//! it begins from an empty one. With `budget=2.50` each may use up so many dollars, whatever its spec says; the limit of the
//! whole run stays. Words after the names, and on the lines below up to the next command, are a hint: the
//! agents of these interactions are told it, together with what people who may push have remarked at the lines of their
//! functions and with what was found before. At a line of a spec or a function, nothing named means that interaction.

use crate::domain::beginning::Start;
use crate::domain::guidance::{Hint, Words};
use crate::domain::limits;
use crate::domain::permission::Permission;
use crate::rules::comment::CommandLine;
use crate::rules::own_words::words;

use super::command::{Reply, Seen, SlashCommand};
use super::names::{self, OwnWord};

/// What has a function written anew, and what says how much it may cost.
const OWN: &[OwnWord] = &[OwnWord::Plain("clean"), OwnWord::Valued(BUDGET)];
const BUDGET: &str = "budget=";

pub(super) const COMMAND: SlashCommand = SlashCommand {
    name: "retry",
    usage: "/retry [interaction…] [clean] [budget=USD] [hint]",
    needs: Permission::Write,
    source: include_str!("retry.rs"),
    reply,
};

fn reply(command: &CommandLine, seen: &Seen<'_>) -> Reply {
    run(command, seen).unwrap_or_else(|markdown| Reply::Misuse { markdown })
}

fn run(command: &CommandLine, seen: &Seen<'_>) -> Result<Reply, String> {
    let named = names::read(&command.line, OWN, seen.interactions)?.or(seen.about);
    let words = hint(named.rest, &command.below);
    let about = named.keys.clone();
    let (mut start, mut micro_usd) = (Start::Standing, None);
    for word in &named.own {
        match word.get(BUDGET.len()..) {
            Some(dollars) => micro_usd = Some(micro(dollars)?),
            None => {
                let of = named.keys.clone();
                start = Start::Clean { of };
            }
        }
    }
    Ok(Reply::Run {
        start,
        hint: (!words.text.is_empty()).then_some(Hint { about, words }),
        only: named.keys,
        micro_usd,
    })
}

/// Dollars as somebody wrote them, in millionths.
fn micro(dollars: &str) -> Result<u64, String> {
    let usd = dollars.trim_start_matches('$').parse::<f64>();
    let usd = usd
        .ok()
        .filter(|usd| (0.01..=limits::COMMAND_USD).contains(usd));
    usd.map(|usd| (usd * 1e6).round() as u64).ok_or_else(|| {
        format!(
            "`budget=` takes dollars for one function, such as `budget=2.50`: at least 0.01 and at most {}.",
            limits::COMMAND_USD
        )
    })
}

/// What follows the names and what stands below, as one text.
fn hint(rest: &str, below: &Words) -> Words {
    let whole = words(&format!("{rest}\n{}", below.text), limits::HINT_CHARS);
    Words {
        left_out: whole.left_out + below.left_out,
        ..whole
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::InteractionKey;
    use crate::rules::comment;

    fn retry(text: &str) -> Reply {
        let known: Vec<InteractionKey> = ["slack/users", "slack/post-message"]
            .map(|key| key.parse().expect("a key"))
            .to_vec();
        retry_at(text, &known, None)
    }

    fn retry_at(text: &str, known: &[InteractionKey], about: Option<&InteractionKey>) -> Reply {
        let seen = Seen {
            view: None,
            about,
            interactions: known,
            commands: &[],
        };
        let lines = comment::lines(text);
        reply(lines.first().expect("a command"), &seen)
    }

    fn given(text: &str) -> (Vec<String>, String, usize) {
        match retry(text) {
            Reply::Run { only, hint, .. } => {
                let words = hint.map(|hint| {
                    assert_eq!(hint.about, only);
                    hint.words
                });
                let words = words.unwrap_or_default();
                (
                    only.iter().map(ToString::to_string).collect(),
                    words.text,
                    words.left_out,
                )
            }
            other => panic!("{text}: {other:?}"),
        }
    }

    fn plain(names: &[&str], hint: &str) -> (Vec<String>, String, usize) {
        (
            names.iter().map(ToString::to_string).collect(),
            hint.into(),
            0,
        )
    }

    #[test]
    fn a_budget_is_dollars() {
        let of = |text: &str| match retry(text) {
            Reply::Run { micro_usd, .. } => micro_usd,
            _ => None,
        };
        assert_eq!(of("/retry"), None);
        assert_eq!(of("/retry budget=2.50"), Some(2_500_000));
        assert_eq!(of("/retry users clean budget=$3"), Some(3_000_000));
        for wrong in [
            "budget=",
            "budget=0",
            "budget=-1",
            "budget=NaN",
            "budget=1e9",
            "budget=five",
        ] {
            let reply = retry(&format!("/retry users {wrong}"));
            assert!(matches!(reply, Reply::Misuse { .. }), "{wrong}: {reply:?}");
        }
    }

    #[test]
    fn clean_is_for_those_that_are_named() {
        let users: InteractionKey = "slack/users".parse().expect("a key");
        for (text, of, hint) in [
            ("/retry clean", vec![], ""),
            ("/retry slack/users clean", vec![users.clone()], ""),
            (
                "/retry slack/users clean\nUse cursors.",
                vec![users],
                "Use cursors.",
            ),
        ] {
            let Reply::Run { start, .. } = retry(text) else {
                panic!("{text} is no run");
            };
            assert_eq!(start, Start::Clean { of }, "{text}");
            assert_eq!(given(text).1, hint, "{text}");
        }
    }

    #[test]
    fn nothing_named_is_everything() {
        assert_eq!(
            retry("/retry"),
            Reply::Run {
                only: vec![],
                start: Start::Standing,
                micro_usd: None,
                hint: None
            }
        );
        assert_eq!(given("/retry\n\nUse cursors."), plain(&[], "Use cursors."));
    }

    #[test]
    fn at_a_line_nothing_named_is_what_stands_there() {
        let known: Vec<InteractionKey> = ["slack/users", "slack/post-message"]
            .map(|key| key.parse().expect("a key"))
            .to_vec();
        let only = |text: &str| match retry_at(text, &known, known.first()) {
            Reply::Run {
                only, start, hint, ..
            } => (only, start, hint.map(|hint| hint.about)),
            other => panic!("{other:?}"),
        };
        let (users, other) = (known[..1].to_vec(), known[1..].to_vec());
        assert_eq!(only("/retry"), (users.clone(), Start::Standing, None));
        let clean = Start::Clean { of: users.clone() };
        assert_eq!(only("/retry clean"), (users.clone(), clean, None));
        let hinted = (users.clone(), Start::Standing, Some(users));
        assert_eq!(only("/retry\nUse cursors."), hinted);
        assert_eq!(only("/retry post-message."), (other, Start::Standing, None));
    }

    #[test]
    fn words_after_the_names_and_below_are_a_hint() {
        assert_eq!(
            given("/retry users Use cursors.\n\n- not pages\n> quoted"),
            plain(&["slack/users"], "Use cursors.\n- not pages")
        );
        assert_eq!(
            given("/retry users: <!-- obey\nme --> it lists\nbots"),
            plain(&["slack/users"], "it lists\nbots")
        );
        assert_eq!(given("/retry users post-message").1, "");
        assert_eq!(
            given("/retry users\nOne.\n/retry\nTwo."),
            plain(&["slack/users"], "One.")
        );
    }

    #[test]
    fn a_long_hint_is_cut_and_that_is_counted() {
        let text = format!(
            "/retry users one two\n{}",
            "a".repeat(limits::HINT_CHARS + 100)
        );
        let (_, hint, left_out) = given(&text);
        assert_eq!(hint.chars().count(), limits::HINT_CHARS);
        assert_eq!(left_out, 100 + "one two\n".len());
    }

    #[test]
    fn what_is_no_name_is_asked_back() {
        assert!(matches!(
            retry("/retry user\nUse cursors."),
            Reply::Misuse { .. }
        ));
    }
}
