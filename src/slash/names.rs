//! The names that a command's line begins with: interactions, then perhaps a word of the command's own. What follows
//! them is for people or agents to read.

use crate::domain::limits;
use crate::domain::name::InteractionKey;

use super::command::{Seen, code};

/// Words that only divide names from what follows.
const DIVIDERS: &[&str] = &[":", "-", "--", "–", "—"];

/// A word that a command knows besides names.
#[derive(Debug, Clone, Copy)]
pub(super) enum OwnWord {
    /// A word of the language: it counts at the end of the line, before a colon or a dash, or before another own word, since
    /// otherwise it is the beginning of a sentence.
    Plain(&'static str),
    /// What a word begins with that says a value: `budget=`.
    Valued(&'static str),
}

/// The beginning of a command's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<'t> {
    /// Each once, in order.
    pub keys: Vec<InteractionKey>,
    /// The command's own words, as they are written.
    pub own: Vec<&'t str>,
    /// What follows.
    pub rest: &'t str,
}

impl Named<'_> {
    /// With what the command stands at, where it names nothing.
    pub fn or(mut self, about: Option<&InteractionKey>) -> Self {
        if self.keys.is_empty() {
            self.keys.extend(about.cloned());
        }
        self
    }
}

/// Reads names off the beginning of `line`: in full, or the last part alone when no other interaction has it.
///
/// The first word that is none ends them; so does a colon behind one, or a dash. `words` are the command's own. In doubt it is
/// a slip of the finger, since a command that was not understood is typed again, and one that was misunderstood has spent
/// money.
///
/// # Errors
/// Why the first word that is not understood is not, as Markdown that is safe to post.
pub(super) fn read<'t>(
    line: &'t str,
    words: &[OwnWord],
    known: &[InteractionKey],
) -> Result<Named<'t>, String> {
    let mut keys: Vec<InteractionKey> = Vec::new();
    let mut own = Vec::new();
    let mut rest = line.trim();
    for read in 0.. {
        let Some(word) = rest.split_whitespace().next() else {
            break;
        };
        let behind = rest[word.len()..].trim_start();
        if DIVIDERS.contains(&word) {
            rest = behind;
            break;
        }
        let name = word.trim_end_matches([':', ',', '.']);
        match find(name, known) {
            Ok(_) if read == limits::COMMAND_WORDS => return Err(too_many()),
            Ok(key) if keys.contains(key) => {}
            Ok(key) => keys.push(key.clone()),
            Err(_) if is_own(word, behind, words) => own.push(name),
            Err(_) if !keys.is_empty() && is_prose(rest, known) => break,
            Err(why) => {
                let mut why = why.words(name, known);
                if !behind.is_empty() && is_prose(rest, known) {
                    why += HOW_TO_HINT;
                }
                return Err(why);
            }
        }
        rest = behind;
        if word.ends_with(':') {
            break;
        }
    }
    Ok(Named { keys, own, rest })
}

/// Names before words for people; what the command stands at, where it begins with none.
///
/// # Errors
/// As [`read`], where it stands at nothing.
pub(super) fn after<'t>(line: &'t str, seen: &Seen<'_>) -> Result<Named<'t>, String> {
    match read(line, &[], seen.interactions) {
        Ok(named) => Ok(named.or(seen.about)),
        // The words are meant for people, and it is known of what they speak.
        Err(_) if seen.about.is_some() && is_prose(line.trim(), seen.interactions) => Ok(Named {
            keys: seen.about.cloned().into_iter().collect(),
            own: Vec::new(),
            rest: line.trim(),
        }),
        Err(why) => Err(why),
    }
}

/// Why a word is no finding of those that are known.
pub(super) fn no_finding<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> String {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    let near = |name: &&&str| strsim::osa_distance(name, word) <= word.chars().count().div_ceil(3);
    let shown = code(word);
    let nearest = known.iter().filter(near);
    match nearest.min_by_key(|name| strsim::osa_distance(name, word)) {
        Some(name) => format!("There is no finding {shown}. Did you mean `{name}`?"),
        None if known.is_empty() => format!("There is no finding {shown}: nothing was found."),
        None => {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!(
                "There is no finding {shown} here. There are: {}.",
                known.join(", ")
            )
        }
    }
}

/// Whether a word is one of the command's own, where it stands.
fn is_own(word: &str, behind: &str, words: &[OwnWord]) -> bool {
    let name = word.trim_end_matches([':', ',', '.']);
    words.iter().any(|own| match own {
        OwnWord::Plain(own) => name.eq_ignore_ascii_case(own) && ends(word, behind, words),
        OwnWord::Valued(own) => is_valued(name, own),
    })
}

fn is_valued(word: &str, own: &str) -> bool {
    let start = word.get(..own.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(own))
}

/// Whether nothing of the same sentence follows a word.
fn ends(word: &str, behind: &str, words: &[OwnWord]) -> bool {
    let Some(next) = behind.split_whitespace().next() else {
        return true;
    };
    let is_next = |own: &OwnWord| match own {
        OwnWord::Plain(_) => false,
        OwnWord::Valued(own) => is_valued(next, own),
    };
    word.ends_with(':') || DIVIDERS.contains(&next) || words.iter().any(is_next)
}

fn too_many() -> String {
    let most = limits::COMMAND_WORDS;
    format!("At most {most} interactions can be named in one line.")
}

/// For who wrote words where names are wanted.
const HOW_TO_HINT: &str = " Words for the agents come after the names of interactions, or on the lines below the command.";

/// Why a word names nothing.
enum Unnamed<'k> {
    /// No interaction has it.
    Unknown,
    /// Several have it.
    Ambiguous(Vec<&'k InteractionKey>),
}

fn find<'k>(word: &str, known: &'k [InteractionKey]) -> Result<&'k InteractionKey, Unnamed<'k>> {
    let wanted = word.to_ascii_lowercase();
    let is_meant = |key: &&InteractionKey| spellings(key).contains(&wanted);
    let meant: Vec<&InteractionKey> = known.iter().filter(is_meant).collect();
    match meant[..] {
        [key] => Ok(key),
        [] => Err(Unnamed::Unknown),
        _ => Err(Unnamed::Ambiguous(meant)),
    }
}

/// Whether a text that begins with no name goes on as people write, and not as a list of names with a slip in it: its
/// first word has no mark of a name, and something in it is far from every name.
fn is_prose(text: &str, known: &[InteractionKey]) -> bool {
    let mut words = text.split_whitespace();
    let is_like_a_name = |word: &str| {
        !matches!(find(word, known), Err(Unnamed::Unknown)) || nearest(word, known).is_some()
    };
    let first = words.clone().next().unwrap_or_default();
    let is_marked = first.contains('/') || (first.contains('-') && nearest(first, known).is_some());
    !is_marked && words.any(|word| !is_like_a_name(word))
}

fn spellings(key: &InteractionKey) -> [String; 2] {
    [key.to_string(), key.name.to_string()]
}

/// The interaction whose name is nearly this word.
fn nearest<'k>(word: &str, known: &'k [InteractionKey]) -> Option<&'k InteractionKey> {
    let wanted = word.to_ascii_lowercase();
    known
        .iter()
        .flat_map(|key| spellings(key).map(|spelling| (key, spelling)))
        .map(|(key, spelling)| (strsim::osa_distance(&spelling, &wanted), key))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= wanted.chars().count().div_ceil(3))
        .map(|(_, key)| key)
}

impl Unnamed<'_> {
    fn words(&self, word: &str, known: &[InteractionKey]) -> String {
        let shown = code(word);
        match self {
            Unnamed::Ambiguous(meant) => {
                format!(
                    "{shown} is the name of several interactions: {}.",
                    list(meant)
                )
            }
            Unnamed::Unknown if known.is_empty() => format!(
                "There is no interaction {shown}: no run has found any on this pull request yet. `/retry` alone starts one."
            ),
            Unnamed::Unknown => match nearest(word, known) {
                Some(key) => format!("There is no interaction {shown}. Did you mean `{key}`?"),
                None => format!(
                    "There is no interaction {shown} on this pull request. There are: {}.",
                    list(&known.iter().collect::<Vec<_>>())
                ),
            },
        }
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

    const OWN: &[OwnWord] = &[OwnWord::Plain("clean"), OwnWord::Valued("budget=")];

    fn keys(keys: &[&str]) -> Vec<InteractionKey> {
        keys.iter().map(|k| k.parse().expect("a key")).collect()
    }

    fn known() -> Vec<InteractionKey> {
        keys(&["slack/users", "hubspot/users", "slack/post-message"])
    }

    fn mistake(line: &str) -> String {
        read(line, OWN, &known()).expect_err(line)
    }

    #[test]
    fn interactions_are_named_in_full_or_by_a_name_of_their_own() {
        let known = known();
        for (line, named, rest) in [
            ("", keys(&[]), ""),
            (
                "Slack/Users, post-message slack/post-message",
                keys(&["slack/users", "slack/post-message"]),
                "",
            ),
            (
                "slack/users Use cursors.",
                keys(&["slack/users"]),
                "Use cursors.",
            ),
            (
                "slack/users: users come in pages",
                keys(&["slack/users"]),
                "users come in pages",
            ),
            (
                "post-message - slack/users too",
                keys(&["slack/post-message"]),
                "slack/users too",
            ),
            ("-- all of it", keys(&[]), "all of it"),
            (
                "slack/users users come in pages",
                keys(&["slack/users"]),
                "users come in pages",
            ),
            (
                "slack/users well-known is `ts`",
                keys(&["slack/users"]),
                "well-known is `ts`",
            ),
        ] {
            let read = read(line, OWN, &known).unwrap_or_else(|why| panic!("{line}: {why:?}"));
            assert_eq!((read.keys, read.rest), (named, rest), "{line}");
            assert!(read.own.is_empty(), "{line}");
        }
    }

    #[test]
    fn the_commands_own_word_is_the_last_or_stands_before_a_mark() {
        let users = keys(&["slack/users"]);
        for (line, keys, own, rest) in [
            ("clean", vec![], vec!["clean"], ""),
            ("slack/users Clean", users.clone(), vec!["Clean"], ""),
            (
                "slack/users clean: use cursors",
                users.clone(),
                vec!["clean"],
                "use cursors",
            ),
            (
                "slack/users clean - use cursors",
                users.clone(),
                vec!["clean"],
                "use cursors",
            ),
            (
                "slack/users clean up the names",
                users.clone(),
                vec![],
                "clean up the names",
            ),
            (
                "slack/users clean budget=2.50: use cursors",
                users.clone(),
                vec!["clean", "budget=2.50"],
                "use cursors",
            ),
            (
                "Budget=$2 slack/users use cursors",
                users,
                vec!["Budget=$2"],
                "use cursors",
            ),
        ] {
            let read = read(line, OWN, &known()).unwrap_or_else(|why| panic!("{line}: {why:?}"));
            assert_eq!(
                (read.keys, read.own, read.rest),
                (keys, own, rest),
                "{line}"
            );
        }
        assert!(mistake("clean slack/users").contains("no interaction `clean`"));
    }

    #[test]
    fn what_is_not_clear_is_asked_back() {
        assert_eq!(
            mistake("users"),
            "`users` is the name of several interactions: `slack/users`, `hubspot/users`."
        );
        let slip = "There is no interaction `post-mesage`. Did you mean `slack/post-message`?";
        for line in [
            "post-mesage slack/users",
            "slack/users post-mesage",
            "slack/users post-mesage which is hard",
        ] {
            assert_eq!(mistake(line), slip, "{line}");
        }
        assert_eq!(
            mistake("slack/users slack/usrs and more"),
            "There is no interaction `slack/usrs`. Did you mean `slack/users`?"
        );
        let none = "There is no interaction `please` on this pull request. There are: `slack/users`, `hubspot/users`, \
                    `slack/post-message`.";
        assert_eq!(mistake("please"), none);
        assert_eq!(
            mistake("please use cursors"),
            format!("{none}{HOW_TO_HINT}")
        );
        let first = read("users", OWN, &[]).expect_err("a mistake");
        assert!(first.contains("`/retry` alone"));
    }

    #[test]
    fn a_long_list_is_cut() {
        let many: Vec<InteractionKey> = (0..30)
            .map(|n| format!("slack/call-{n}").parse().expect("a key"))
            .collect();
        let listed = list(&many.iter().collect::<Vec<_>>());
        assert!(listed.ends_with("`slack/call-19` and 10 more"), "{listed}");
    }

    #[test]
    fn a_flood_of_names_is_refused() {
        let flood = "slack/users ".repeat(1000);
        assert!(mistake(&flood).contains("At most 100"));
    }
}
