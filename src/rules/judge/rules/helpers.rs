//! **Helpers**: modules that the agent wrote or changed, and those that it wrote where none may be.
//!
//! A function may import modules of its project. New or changed ones are taken when they lie in the folders for that, and are
//! then compiled, judged and probed with it; the difference is shown. One that other functions import, too, may break them:
//! who they are is told here, and how they go with it by the rule `neighbours`. What lies
//! elsewhere is not taken, so that the function cannot be compiled (`helper-not-taken`): that is a misunderstanding and no
//! lie. Notes, but for the last. Confidence: *proven* (bytes compared with bytes).

use std::collections::BTreeSet;

use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::limits;
use crate::domain::module::{Module, Origin};
use crate::domain::tree::Entry;
use crate::rules::ground::imports::{Leads, imports};
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::unified::{is_comparable, unified};
use crate::text::number::count;

/// The names of what is found here.
pub(super) const FINDS: &[&str] = &["helper-new", "helper-changed", "helper-not-taken"];

/// Tells of them.
pub(super) fn find(dossier: &Dossier) -> Vec<Finding> {
    let modules = dossier.seal.modules.iter();
    let taken = modules.filter_map(|module| told(dossier, module));
    taken.chain(not_taken(dossier)).collect()
}

fn told(dossier: &Dossier, module: &Module) -> Option<Finding> {
    let path = quote::line(&module.path);
    let (rule, sentence) = match &module.origin {
        Origin::Given => return None,
        Origin::New => (
            "helper-new",
            format!(
                "The agent wrote {path} beside the function, which imports it: it was compiled, judged and probed with it."
            ),
        ),
        Origin::Changed { used_by, .. } if used_by.is_empty() => (
            "helper-changed",
            format!("The agent changed {path}, which no other function imports."),
        ),
        Origin::Changed { used_by, .. } => (
            "helper-changed",
            format!(
                "The agent changed {path}, which {} too: {}. {}",
                match used_by.len() {
                    1 => "1 other function imports".to_owned(),
                    many => format!("{many} other functions import"),
                },
                listed(used_by),
                what_became(dossier)
            ),
        ),
    };
    let text = |digest| dossier.text(digest).filter(|text| is_comparable(text));
    let before = match module.former() {
        None => Some(""),
        Some(former) => text(former),
    };
    let difference = before.zip(text(&module.content)).map(|(before, after)| {
        let from = match module.former() {
            None => "/dev/null".to_owned(),
            Some(_) => format!("a/{path}"),
        };
        let unified = unified(&from, &format!("b/{path}"), before, after);
        Exhibit::Diff {
            path: path.clone(),
            unified,
        }
    });
    Some(Finding::new(
        rule,
        Severity::Note,
        Confidence::Proven,
        Place::Workspace { path },
        sentence,
        difference.into_iter().collect(),
    ))
}

/// What was done with the functions that import what was changed; the rule `neighbours` says how they went.
fn what_became(dossier: &Dossier) -> &'static str {
    match (
        dossier.seal.neighbours.is_empty(),
        dossier.seal.room.passed(),
    ) {
        (false, _) => {
            "These were tried with it, and the whole project is compiled and tested before a commit."
        }
        (true, false) => "These were not tried with it, because the agent's own does not pass.",
        (true, true) => {
            "The whole project is compiled and tested with it before a commit; the probes of the others were not run."
        }
    }
}

fn listed(paths: &[String]) -> String {
    let shown: Vec<String> = paths
        .iter()
        .take(limits::STRAY_NAMES)
        .map(|path| quote::line(path))
        .collect();
    match paths.len().saturating_sub(limits::STRAY_NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Imports of what the agent wrote and what was not taken.
fn not_taken(dossier: &Dossier) -> Option<Finding> {
    let seal = &dossier.seal;
    let own = seal.spec.function_path();
    let of_function = seal.room.function.source().map(|digest| (&own, digest));
    let of_modules = seal
        .modules
        .iter()
        .map(|module| (&module.path, &module.content));
    let is_taken = |path: &String| seal.modules.iter().any(|module| module.path == *path);
    let mut outside = BTreeSet::new();
    for (path, digest) in of_function.into_iter().chain(of_modules) {
        let Some(text) = dossier.text(digest) else {
            continue;
        };
        for import in imports(path, text) {
            let Leads::Inside(candidates) = import.leads else {
                continue;
            };
            let is_there = |path: &&String| {
                let there = matches!(seal.after.get(path), Some(Entry::File { .. }));
                there && **path != own
            };
            if !candidates.iter().any(is_taken)
                && let Some(path) = candidates.iter().find(is_there)
            {
                outside.insert(path.clone());
            }
        }
    }
    let first = outside.first()?.clone();
    let paths: Vec<String> = outside.into_iter().collect();
    let sentence = format!(
        "The function imports {}, which the agent wrote outside of the folders for that ({}): {} not taken. The repository's \
         settings may add folders (`helpers`).",
        listed(&paths),
        listed(&seal.helpers),
        match paths.len() {
            1 => "it is".to_owned(),
            many => format!("these {} are", count(many, "file")),
        }
    );
    Some(Finding::new(
        "helper-not-taken",
        Severity::Warn,
        Confidence::Proven,
        Place::Workspace {
            path: quote::line(&first),
        },
        sentence,
        Vec::new(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clean_room::Outcome;
    use crate::domain::name::Digest;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, Sample, names_of};

    const FUNCTION: &str =
        "import { a } from '../helpers/a.js';\nexport default createAction({});\n";
    const PATH: &str = "google-calendar/helpers/a.ts";

    fn importing(origin: Origin, before: &str, after: &str) -> Dossier {
        let mut sample = sample::action();
        sample.function(FUNCTION);
        let (former, content) = (Digest::of(before.as_bytes()), Digest::of(after.as_bytes()));
        if !before.is_empty() {
            sample.leave(PATH, before);
            sample.seal.before = sample.seal.after.clone();
        }
        sample.leave(PATH, after);
        sample.seal.modules.push(Module {
            path: PATH.into(),
            content: content.clone(),
            origin,
        });
        let dossier = sample.build();
        dossier
            .keeping(former, before.as_bytes())
            .keeping(content, after.as_bytes())
    }

    #[test]
    fn what_was_taken_with_the_function_is_shown() {
        let judgement = judge(&importing(Origin::New, "", "export const a = 1;\n"));
        assert_eq!(judgement.verdict, Verdict::Countersigned, "{judgement:#?}");
        assert_eq!(names_of(&judgement), ["helper-new"]);
        assert!(format!("{:?}", judgement.findings[0].evidence).contains("+export const a"));

        let before = "export const a = 0;\n";
        let changed = Origin::Changed {
            former: Digest::of(before.as_bytes()),
            used_by: vec!["google-calendar/actions/other.ts".into()],
        };
        let judgement = judge(&importing(changed, before, "export const a = 1;\n"));
        assert_eq!(judgement.verdict, Verdict::Countersigned, "{judgement:#?}");
        assert_eq!(names_of(&judgement), ["helper-changed"]);
        let sentence = &judgement.findings[0].sentence;
        assert!(
            sentence.contains("1 other function imports too: google-calendar/actions/other.ts"),
            "{sentence}"
        );
        assert!(
            sentence.contains("the probes of the others were not run"),
            "{sentence}"
        );
    }

    #[test]
    fn a_helper_outside_of_its_folders_is_a_misunderstanding_and_no_lie() {
        let mut sample: Sample = sample::failing("compile", "err - TS2307: Cannot find module");
        sample.function(&FUNCTION.replace("helpers", "util"));
        sample.leave("google-calendar/util/a.ts", "export const a = 1;\n");
        sample.seal.helpers = vec!["google-calendar/helpers/".into()];
        sample.bash("nango compile", 0, "");
        let judgement = judge(&sample.build());
        assert_eq!(judgement.verdict, Verdict::Refused);
        let names = names_of(&judgement);
        assert!(
            names.contains(&"helper-not-taken") && names.contains(&"compile-failed"),
            "{names:?}"
        );
        assert!(!names.contains(&"says-done-but-failed"), "{names:?}");
        assert!(!names.contains(&"forbidden-change"), "{names:?}");
        assert_eq!(sample.seal.room.compile.outcome, Outcome::Failed);
    }

    #[test]
    fn a_given_module_that_is_changed_and_not_imported_stays_forbidden() {
        let mut sample = sample::action();
        sample.leave(PATH, "as given");
        sample.seal.before = sample.seal.after.clone();
        sample.leave(PATH, "not as given");
        sample.seal.helpers = vec!["google-calendar/helpers/".into()];
        assert_eq!(names_of(&judge(&sample.build())), ["forbidden-change"]);
    }
}
