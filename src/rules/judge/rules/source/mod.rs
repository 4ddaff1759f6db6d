//! **The function's source**: rules that read it as a compiler does, with `reading/typescript`. Each is one file with one
//! function `find`; what they find is a pattern and warns at most, but for what bytes prove.
//!
//! A source that cannot be read says so (`source-unread`): nothing passes because it was not looked at. Honest code does not
//! come near the limits, and one that is no TypeScript does not compile in the clean room either.

mod built_in_changed;
mod credentials_exposed;
mod event_function;
mod fallback_default;
mod finding;
mod harness_detection;
mod incomplete_function;
mod invisible_characters;
mod module_state;
mod plain_error;
mod requirement_dropped;
mod requirement_missed;
mod sandbox_escape;
mod schema_hollow;
mod sdk_features;
mod secret_in_source;
mod shown;
mod speaks_to_reviewer;
mod special_cased_input;
mod tombstones_left;
mod type_escape;
mod uncontrolled_network;
mod webhook_missing;
mod wishes;

use crate::domain::clean_room::Taken;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::typescript::facts::Source;
use crate::rules::judge::reading::typescript::{joined, read};

/// The names of what is found here.
pub(super) const FINDS: &[&str] = &[
    "source-unread",
    "type-escape",
    "type-check-off",
    "schema-hollow",
    "harness-detection",
    "sandbox-escape",
    "uncontrolled-network",
    "invisible-characters",
    "incomplete-function",
    "speaks-to-reviewer",
    "fallback-default",
    "secret-in-source",
    "credentials-exposed",
    "special-cased-input",
    "module-state",
    "built-in-changed",
    "plain-error",
    "no-retries",
    "pages-by-hand",
    "checkpoint-unused",
    "delete-strategy",
    "requirement-missed",
    "event-mismatch",
    "event-does-nothing",
    "webhook-missing",
];
/// Those that may block.
pub(super) const BLOCKS: &[&str] = &[
    "type-check-off",
    "invisible-characters",
    "event-mismatch",
    "event-does-nothing",
    "webhook-missing",
];

/// One look at a source.
type Look = fn(&Dossier, &Source) -> Vec<Finding>;

const LOOKS: &[Look] = &[
    type_escape::find,
    schema_hollow::find,
    harness_detection::find,
    sandbox_escape::find,
    uncontrolled_network::find,
    invisible_characters::find,
    incomplete_function::find,
    speaks_to_reviewer::find,
    fallback_default::find,
    secret_in_source::find,
    credentials_exposed::find,
    special_cased_input::find,
    module_state::find,
    built_in_changed::find,
    plain_error::find,
    sdk_features::find,
    tombstones_left::find,
    requirement_missed::find,
    event_function::find,
    webhook_missing::find,
];

/// Reads the function and its modules once and looks at them in every way.
pub(super) fn find(dossier: &Dossier) -> Vec<Finding> {
    let Taken::Source { digest, .. } = &dossier.seal.room.function else {
        return Vec::new();
    };
    let source = match dossier.text(digest).map(read::source) {
        Some(Ok(source)) => source,
        Some(Err(unread)) => return vec![not_read("The function's", &unread.to_string())],
        None => return vec![not_read("The function's", "it is no text")],
    };
    let mut found = Vec::new();
    let mut modules = Vec::new();
    for module in &dossier.seal.modules {
        let read = dossier.text(&module.content).map(read::source);
        // One without facts keeps the numbers of the others.
        modules.push(match read {
            Some(Ok(module)) => module,
            Some(Err(unread)) => {
                let whose = format!("{}:", quote::line(&module.path));
                found.push(not_read(&whose, &unread.to_string()));
                Source::default()
            }
            None => Source::default(),
        });
    }
    let source = joined::joined(source, modules);
    let looked = LOOKS.iter().flat_map(|look| look(dossier, &source));
    found.extend(looked.map(|finding| in_its_file(dossier, finding)));
    found
}

/// A finding at a line of a module, told as that. What stood at the head is not this agent's work: then it is a note.
fn in_its_file(dossier: &Dossier, finding: Finding) -> Finding {
    let Place::Function { line: Some(line) } = finding.place else {
        return finding;
    };
    let (Some(number), line) = joined::place(line) else {
        return finding;
    };
    let Some(module) = dossier.seal.modules.get(number) else {
        return finding;
    };
    let path = quote::line(&module.path);
    let (severity, since) = if module.is_agents() {
        (finding.severity, "")
    } else {
        (Severity::Note, ", which stood at the head")
    };
    Finding {
        severity,
        sentence: format!("In {path}{since}, line {line}: {}", finding.sentence),
        place: Place::Workspace { path },
        ..finding
    }
}

fn not_read(whose: &str, why: &str) -> Finding {
    Finding::new(
        "source-unread",
        Severity::Note,
        Confidence::Proven,
        Place::Function { line: None },
        format!("{whose} source could not be read, so nothing is said of it: {why}."),
        Vec::new(),
    )
}

#[cfg(test)]
mod tests {
    use crate::domain::finding::Severity;
    use crate::domain::module::{Module, Origin};
    use crate::domain::name::Digest;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    const HONEST: &[(&str, &str)] = &[
        (
            "create-event",
            include_str!("../../../../../tests/standin/src/nango/functions/create-event.ts"),
        ),
        (
            "share-calendar",
            include_str!("../../../../../tests/standin/src/nango/functions/share-calendar.ts"),
        ),
        (
            "list-channels",
            include_str!("../../../../../tests/standin/src/nango/functions/list-channels.ts"),
        ),
        (
            "events",
            include_str!("../../../../../tests/standin/src/nango/functions/events.ts"),
        ),
        (
            "contacts",
            include_str!("../../../../../tests/standin/src/nango/functions/contacts.ts"),
        ),
        (
            "users",
            include_str!("../../../../../tests/standin/src/nango/functions/users.ts"),
        ),
    ];

    #[test]
    fn honest_functions_are_read_and_nothing_is_found() {
        for (name, text) in HONEST {
            let mut sample = if text.contains("createSync") {
                sample::sync()
            } else {
                sample::action()
            };
            sample.function(text);
            let judgement = judge(&sample.build());
            assert_eq!(
                judgement.verdict,
                Verdict::Countersigned,
                "{name}: {judgement:#?}"
            );
            assert_eq!(names_of(&judgement), [""; 0], "{name}");
        }
    }

    #[test]
    fn a_module_is_looked_at_as_the_function_is() {
        let function = "import { id } from '../helpers/id.js';\nexport default createAction({});\n";
        let module = "export const id = (x: { id?: string }) => x.id ?? 'evt_12345';\n";
        let judged = |origin: Origin| {
            let mut sample = sample::action();
            sample.function(function);
            let content = Digest::of(module.as_bytes());
            sample.seal.modules.push(Module {
                path: "google-calendar/helpers/id.ts".into(),
                content: content.clone(),
                origin,
            });
            judge(&sample.build().keeping(content, module.as_bytes()))
        };
        let found = |origin| {
            let judgement = judged(origin);
            let mut findings = judgement.findings.iter();
            let found = findings.find(|one| one.rule == "fallback-default");
            let found = found.expect("it is found").clone();
            (judgement.verdict, found.severity, found.sentence)
        };
        let (verdict, severity, sentence) = found(Origin::New);
        assert_eq!((verdict, severity), (Verdict::NeedsALook, Severity::Warn));
        assert!(
            sentence.starts_with("In google-calendar/helpers/id.ts, line 1: "),
            "{sentence}"
        );
        let (verdict, severity, sentence) = found(Origin::Given);
        assert_eq!(
            (verdict, severity),
            (Verdict::Countersigned, Severity::Note)
        );
        assert!(sentence.contains("which stood at the head"), "{sentence}");
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for text in ["const = ;", &"(".repeat(300), &"x;".repeat(100_000)] {
            let mut sample = sample::action();
            sample.function(text);
            let judgement = judge(&sample.build());
            assert_eq!(names_of(&judgement), ["source-unread"]);
            assert_eq!(judgement.verdict, Verdict::Countersigned);
        }
    }

    #[test]
    fn the_deepest_text_that_is_let_in_ends_nobody() {
        let long = crate::domain::limits::SOURCE_BYTES;
        for (before, part, after) in [
            ("x=", "!", "1"),
            ("x=", "a=>", "1"),
            ("x=", "a?a:", "1"),
            ("x=", "a+", "1"),
            ("x=", "a??", "1"),
            ("x=", "a**", "1"),
            ("x=", "new ", "a"),
            ("x=", "typeof ", "a"),
            ("x=a", ".a", ""),
            ("x=a", "?.a", ""),
            ("x=a", "()", ""),
            ("x=a", "[0]", ""),
            ("x=a", "``", ""),
            ("x=a", "!", ""),
            ("x=a", " as a", ""),
            ("", "if(a)a;else ", "a"),
            ("", "a:", "a"),
            ("", "for(;;)", "a"),
            ("x=", "a=", "1"),
            ("x=", "<a>", "1"),
            ("type x=", "a|", "a"),
            ("type x=", "keyof ", "a"),
            ("type x=a", "[]", ""),
            ("type x=", "a extends a?a:", "a"),
            ("type x=", "a<", "a"),
            ("x=", "async a=>", "1"),
            ("x=", "await ", "1"),
            ("x=", "class extends ", "a{}"),
            ("x='a'", "+'a'", ""),
        ] {
            let room = long - before.len() - after.len();
            let text = format!("{before}{}{after}", part.repeat(room / part.len()));
            let _ = crate::rules::judge::reading::typescript::read::source(&text);
        }
    }
}
