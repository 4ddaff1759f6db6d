//! Builds again on the newest commit what was not countersigned there; what was is carried over. Interactions that are
//! named are built again even if they were countersigned. An interaction is named `integration/name`, or by its `name`
//! alone when no other has it. An agent begins from the function as it stands at the head; with `clean` as the last
//! word it begins from an empty one.

use crate::domain::beginning::Start;
use crate::domain::name::InteractionKey;

use super::command::{Reply, Seen, SlashCommand, code};

/// The word that has a function written anew.
const CLEAN: &str = "clean";

pub(super) const COMMAND: SlashCommand = SlashCommand {
    name: "retry",
    usage: "/retry [interaction…] [clean]",
    source: include_str!("retry.rs"),
    reply,
};

fn reply(words: &[String], seen: &Seen<'_>) -> Reply {
    let (names, is_clean) = match words.split_last() {
        Some((last, names)) if last.eq_ignore_ascii_case(CLEAN) => (names, true),
        _ => (words, false),
    };
    let mut only: Vec<InteractionKey> = Vec::new();
    let mut unknown = Vec::new();
    for word in names {
        match find(word, seen.interactions) {
            Ok(key) if only.contains(key) => {}
            Ok(key) => only.push(key.clone()),
            Err(why) if unknown.contains(&why) => {}
            Err(why) => unknown.push(why),
        }
    }
    if unknown.is_empty() {
        let start = if is_clean {
            Start::Clean { of: only.clone() }
        } else {
            Start::Standing
        };
        Reply::Run { only, start }
    } else {
        // More than a few would only be the same mistake again.
        unknown.truncate(10);
        let markdown = unknown.join("\n\n");
        Reply::Misuse { markdown }
    }
}

fn find<'a>(word: &str, known: &'a [InteractionKey]) -> Result<&'a InteractionKey, String> {
    let wanted = word.to_ascii_lowercase();
    let is_meant = |key: &&InteractionKey| spellings(key).contains(&wanted);
    let meant: Vec<&InteractionKey> = known.iter().filter(is_meant).collect();
    match meant[..] {
        [key] => Ok(key),
        [] => Err(unknown(word, &wanted, known)),
        _ => Err(format!(
            "{} is the name of several interactions: {}.",
            code(word),
            list(&meant)
        )),
    }
}

fn spellings(key: &InteractionKey) -> [String; 2] {
    [key.to_string(), key.name.to_string()]
}

fn unknown(word: &str, wanted: &str, known: &[InteractionKey]) -> String {
    let word = code(word);
    if known.is_empty() {
        return format!(
            "There is no interaction {word}: no run has found any on this pull request yet. `/retry` alone starts one."
        );
    }
    let nearest = known
        .iter()
        .flat_map(|key| spellings(key).map(|spelling| (key, spelling)))
        .map(|(key, spelling)| (strsim::osa_distance(&spelling, wanted), key))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= wanted.chars().count().div_ceil(3));
    match nearest {
        Some((_, key)) => format!("There is no interaction {word}. Did you mean `{key}`?"),
        None => format!(
            "There is no interaction {word} on this pull request. There are: {}.",
            list(&known.iter().collect::<Vec<_>>())
        ),
    }
}

/// Interactions' names are plain, so they need no escape.
fn list(keys: &[&InteractionKey]) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<String> = keys.iter().take(SHOWN).map(|k| format!("`{k}`")).collect();
    match keys.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> Vec<InteractionKey> {
        keys.iter().map(|k| k.parse().expect("a key")).collect()
    }

    fn known() -> Vec<InteractionKey> {
        keys(&["slack/users", "hubspot/users", "slack/post-message"])
    }

    fn seen(interactions: &[InteractionKey]) -> Seen<'_> {
        Seen {
            view: None,
            interactions,
            commands: &[],
        }
    }

    fn retry(words: &[&str]) -> Reply {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        reply(&words, &seen(&known()))
    }

    fn misuse(words: &[&str]) -> String {
        match retry(words) {
            Reply::Misuse { markdown } => markdown,
            other => panic!("{words:?}: {other:?}"),
        }
    }

    #[test]
    fn nothing_named_is_everything() {
        let (only, start) = (vec![], Start::Standing);
        assert_eq!(retry(&[]), Reply::Run { only, start });
    }

    #[test]
    fn clean_is_the_last_word() {
        for (words, only) in [
            (&["clean"][..], vec![]),
            (&["slack/users", "Clean"], keys(&["slack/users"])),
        ] {
            let start = Start::Clean { of: only.clone() };
            assert_eq!(retry(words), Reply::Run { only, start });
        }
        assert!(misuse(&["clean", "slack/users"]).contains("no interaction `clean`"));
    }

    #[test]
    fn interactions_are_named_in_full_or_by_a_name_of_their_own() {
        assert_eq!(
            retry(&["Slack/Users", "post-message", "slack/post-message"]),
            Reply::Run {
                only: keys(&["slack/users", "slack/post-message"]),
                start: Start::Standing,
            }
        );
    }

    #[test]
    fn what_is_not_clear_is_asked_back() {
        assert_eq!(
            misuse(&["users"]),
            "`users` is the name of several interactions: `slack/users`, `hubspot/users`."
        );
        assert_eq!(
            misuse(&["post-mesage", "slack/users"]),
            "There is no interaction `post-mesage`. Did you mean `slack/post-message`?"
        );
        assert_eq!(
            misuse(&["please", "please"]),
            "There is no interaction `please` on this pull request. There are: `slack/users`, `hubspot/users`, \
             `slack/post-message`."
        );
        let Reply::Misuse { markdown } = reply(&["users".into()], &seen(&[])) else {
            panic!("a misuse");
        };
        assert!(markdown.contains("`/retry` alone"));
    }

    #[test]
    fn a_long_list_is_cut() {
        let many: Vec<InteractionKey> = (0..30)
            .map(|n| format!("slack/call-{n}").parse().expect("a key"))
            .collect();
        let listed = list(&many.iter().collect::<Vec<_>>());
        assert!(listed.ends_with("`slack/call-19` and 10 more"), "{listed}");
    }
}
