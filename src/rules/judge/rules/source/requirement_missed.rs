//! **Requirement missed**: the spec names something that the function knows nothing of.
//!
//! Sees names that the spec puts between backticks, and a few nouns that say what is wanted (attendees, a reminder, a place, a link, …),
//! of which there is no trace: in no name and no text of the source, no request, no input and no output. What an action is to
//! *return* must be in its output. A part of a sentence that says what is not wanted asks for nothing. What looks alike: another
//! word for the same thing, of which the usual ones are known.
//! Silent on what it does not know. Confidence: *suspected*.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::requirement_dropped;
use super::shown::{Shown, plain};
use super::wishes::{NOUNS, asked, list};
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::rules::judge::reading::typescript::facts::Source;

static QUOTED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"`([A-Za-z_][A-Za-z0-9_]{2,40})`").ok());

/// Words that turn a wish round.
const TURNS: &[&str] = &[
    "not",
    "no",
    "never",
    "without",
    "unless",
    "except",
    "instead",
    "ignore",
    "leave",
    "if",
    "when",
    "optional",
    "optionally",
];

pub(super) fn find(dossier: &Dossier, source: &Source) -> Vec<Finding> {
    let wanted = wanted(&asked(&dossier.seal.spec));
    let shown = Shown::of(dossier, source);
    let is_missed = |wish: &Wish| {
        !wish.roots.iter().any(|root| match wish.place {
            Wanted::Returned => shown.gives(root),
            Wanted::Anywhere => shown.has(root),
        })
    };
    let missed = wanted.into_iter().filter(is_missed);
    let missed: BTreeSet<String> = missed.map(|wish| wish.name).collect();
    let mut found = requirement_dropped::find(dossier, &shown);
    if missed.is_empty() {
        return found;
    }
    let sentence = format!(
        "The spec asks for {}, and the function, its requests and its output do not have it.",
        missed.into_iter().collect::<Vec<_>>().join(", ")
    );
    found.push(Finding::new(
        "requirement-missed",
        Severity::Warn,
        Confidence::Suspected,
        Place::Function { line: None },
        sentence,
        Vec::new(),
    ));
    found
}

/// Where something that is wanted has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// In what is given back.
    Returned,
    /// Wherever it is dealt with.
    Anywhere,
}

/// Something that a text asks for.
struct Wish {
    name: String,
    /// The beginnings of the words by which it is known.
    roots: Vec<String>,
    place: Wanted,
}

/// What a text asks for.
fn wanted(text: &str) -> Vec<Wish> {
    let mut wanted: Vec<Wish> = Vec::new();
    for part in text.split(['.', ';']) {
        let lower = part.to_lowercase();
        let mut words = lower.split(|letter: char| !letter.is_alphanumeric());
        if words.any(|word| TURNS.contains(&word)) {
            continue;
        }
        let quoted = QUOTED.iter().flat_map(|quoted| quoted.captures_iter(part));
        wanted.extend(quoted.map(|found| Wish {
            name: format!("`{}`", &found[1]),
            roots: vec![plain(&found[1])],
            place: Wanted::Anywhere,
        }));
        let returned = format!("- {}", list(lower.trim()).unwrap_or_default());
        let nouns = NOUNS.iter().filter(|(noun, _)| is_named(&lower, noun));
        wanted.extend(nouns.map(|(noun, roots)| Wish {
            name: (*noun).to_owned(),
            roots: roots.iter().map(|root| (*root).to_owned()).collect(),
            place: if is_named(&returned, noun) {
                Wanted::Returned
            } else {
                Wanted::Anywhere
            },
        }));
    }
    wanted
}

/// Whether a text has a noun as a word, in the singular or the plural. At its beginning it is a verb: *link a contact*.
fn is_named(text: &str, noun: &str) -> bool {
    let (text, noun) = (text.trim_start(), noun.trim_end_matches('s'));
    text.match_indices(noun).any(|(at, _)| {
        if at == 0 {
            return false;
        }
        let before = text[..at].chars().next_back();
        let after = text[at + noun.len()..]
            .trim_start_matches('s')
            .chars()
            .next();
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::wanted;
    use crate::domain::settings::Settings;
    use crate::domain::spec::Spec;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, in_exec, names_of};
    use crate::rules::specs::{SourceContent, SourceFile, check};

    fn spec(integration: &str, path: &str, shared: &str, own: &str) -> Spec {
        let file = |name: &str, text: &str| SourceFile {
            path: format!("interactions/{integration}/{name}.yaml"),
            content: SourceContent::Regular(text.into()),
        };
        let files = [file("integration", shared), file(path, own)];
        check(&files, &Settings::default())
            .specs
            .pop()
            .expect("a sound spec")
    }

    fn names(text: &str) -> Vec<String> {
        wanted(text).into_iter().map(|wish| wish.name).collect()
    }

    #[test]
    fn words_are_taken_from_wishes_only() {
        assert_eq!(
            names("Create an event with attendees and a reminder, return its `htmlLink`."),
            ["`htmlLink`", "attendees", "reminder"]
        );
        assert_eq!(
            names("Do not send `sendUpdates`; ignore attendees. Do it."),
            [""; 0]
        );
        assert_eq!(
            names("Keep all contacts fresh. Unlinked reminderless ones, too."),
            [""; 0]
        );
        assert_eq!(names("Link a contact to a company. Assignees"), [""; 0]);
        assert_eq!(names("Return the link"), ["link"]);
    }

    #[test]
    fn what_left_no_trace_is_named() {
        let mut sample = sample::action();
        sample.seal.spec.description = "Create an event with attendees and a location.".into();
        sample.function(&in_exec(
            "await nango.post({ data: { place: input.place }, retries: 3 });",
        ));
        let judgement = judge(&sample.build());
        assert_eq!(names_of(&judgement), ["requirement-missed"]);
        assert!(
            judgement.findings[0]
                .sentence
                .contains("asks for attendees, and"),
            "{judgement:#?}"
        );
        sample.function(&in_exec(
            "await nango.post({ data: { place: input.place, guests: input.guests }, retries: 3 });",
        ));
        assert_eq!(names_of(&judge(&sample.build())), [""; 0]);
    }

    #[test]
    fn what_is_to_be_returned_must_be_in_the_output() {
        let function = |output: &str| {
            format!(
                "import {{ createAction }} from 'nango';\nimport {{ z }} from 'zod';\n\
                 const Answer = z.object({{ id: z.string(), htmlLink: z.string() }});\n\
                 export default createAction({{ input: z.object({{}}), output: {output}, exec: async (nango) => \
                 Answer.parse((await nango.get({{ retries: 3 }})).data) }});"
            )
        };
        let mut sample = sample::action();
        sample.seal.spec.description = "Create an event and return its id and link.".into();
        for output in [
            "z.object({ id: z.string() })",
            "z.object({ success: z.boolean() })",
        ] {
            sample.function(&function(output));
            assert_eq!(
                names_of(&judge(&sample.build())),
                ["requirement-missed"],
                "{output}"
            );
        }
        for output in [
            "z.object({ id: z.string(), url: z.string().optional() })",
            "z.object({ event: Answer })",
            "z.object({ id: z.string() }).passthrough()",
            "z.string()",
        ] {
            sample.function(&function(output));
            assert_eq!(names_of(&judge(&sample.build())), [""; 0], "{output}");
        }
    }

    #[test]
    fn the_repositorys_own_interactions_are_not_missed() {
        macro_rules! own {
            ($path:literal) => {
                include_str!(concat!("../../../../../interactions/", $path))
            };
        }
        macro_rules! function {
            ($name:literal) => {
                include_str!(concat!(
                    "../../../../../tests/standin/src/nango/functions/",
                    $name
                ))
            };
        }
        let calendar = own!("google-calendar/integration.yaml");
        for (spec, function) in [
            (
                spec(
                    "google-calendar",
                    "create-event",
                    calendar,
                    own!("google-calendar/create-event.yaml"),
                ),
                function!("create-event.ts"),
            ),
            (
                spec(
                    "google-calendar",
                    "events",
                    calendar,
                    own!("google-calendar/events.yaml"),
                ),
                function!("events.ts"),
            ),
            (
                spec(
                    "hubspot",
                    "contacts",
                    own!("hubspot/integration.yaml"),
                    own!("hubspot/contacts.yaml"),
                ),
                function!("contacts.ts"),
            ),
            (
                spec(
                    "slack",
                    "users",
                    own!("slack/integration.yaml"),
                    own!("slack/users.yaml"),
                ),
                function!("users.ts"),
            ),
        ] {
            let mut sample = sample::action();
            sample.seal.spec.description = spec.description;
            sample.seal.spec.notes = spec.notes;
            sample.function(function);
            let judgement = judge(&sample.build());
            assert!(
                !names_of(&judgement).contains(&"requirement-missed"),
                "{judgement:#?}"
            );
        }
    }
}
