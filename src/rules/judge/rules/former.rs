//! **Former version**: what was changed of a function that was there before.
//!
//! An agent begins from the function as it stands at the head, people's edits included, and a reviewer reads the difference
//! instead of the whole. Where it began from the empty scaffold all the same, that is told with the reason: somebody wanted
//! it (`/retry … clean`), or the function holds what looks like a key, which no model is shown. Notes. Confidence: *proven*
//! (bytes compared with bytes).

use crate::domain::beginning::{Anew, Beginning};
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::name::Digest;
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::unified::{changed_lines, is_comparable, unified};
use crate::text::number::count;

/// The names of what is found here.
pub(super) const FINDS: &[&str] = &["former-changed", "former-unchanged", "began-anew"];

/// Tells the difference.
pub(super) fn find(dossier: &Dossier) -> Vec<Finding> {
    let taken = dossier.seal.room.function.source();
    match (&dossier.seal.beginning, taken) {
        (Beginning::Nothing, _) | (Beginning::Function { .. }, None) => Vec::new(),
        (Beginning::Function { former }, Some(taken)) if former == taken => {
            let sentence = "The agent left the function as it stood at the head.";
            vec![note("former-unchanged", sentence.to_owned(), None)]
        }
        (Beginning::Function { former }, Some(taken)) => {
            let difference = Difference::between(dossier, former, taken);
            let lines = difference.as_ref().map(Difference::lines);
            let sentence = format!(
                "The function that stood at the head was changed{}; every other line is as it was.",
                lines.map(|lines| format!(": {lines}")).unwrap_or_default()
            );
            vec![note("former-changed", sentence, difference)]
        }
        (Beginning::Anew { why, former }, taken) => {
            let why = match why {
                Anew::Asked { by: Some(by) } => format!("{} wanted it so", quote::line(by)),
                Anew::Asked { by: None } => "somebody wanted it so".to_owned(),
                Anew::Secret { what } => {
                    format!(
                        "the one at the head holds {what} by its shape, which no model is shown"
                    )
                }
                Anew::Unfit => {
                    "what is at the head in its place is no text of a function's size".to_owned()
                }
            };
            let sides = former.as_ref().zip(taken);
            let difference =
                sides.and_then(|(former, taken)| Difference::between(dossier, former, taken));
            let lines = difference.as_ref().map(Difference::lines);
            let sentence = format!(
                "The function was written anew and not from the one that stood at the head, because {why}{}.",
                lines.map(|lines| format!(" ({lines})")).unwrap_or_default()
            );
            vec![note("began-anew", sentence, difference)]
        }
    }
}

/// How the function differs from the former one.
struct Difference {
    added: usize,
    removed: usize,
    exhibit: Exhibit,
}

impl Difference {
    fn between(dossier: &Dossier, former: &Digest, taken: &Digest) -> Option<Self> {
        let text = |digest| dossier.text(digest).filter(|text| is_comparable(text));
        let (before, after) = (text(former)?, text(taken)?);
        let path = dossier.seal.spec.function_path();
        let (added, removed) = changed_lines(before, after);
        let unified = unified(&format!("a/{path}"), &format!("b/{path}"), before, after);
        Some(Self {
            added,
            removed,
            exhibit: Exhibit::Diff { path, unified },
        })
    }

    fn lines(&self) -> String {
        format!(
            "{} added, {} taken away",
            count(self.added, "line"),
            self.removed
        )
    }
}

fn note(rule: &str, sentence: String, difference: Option<Difference>) -> Finding {
    Finding::new(
        rule,
        Severity::Note,
        Confidence::Proven,
        Place::Function { line: None },
        sentence,
        difference.map(|one| one.exhibit).into_iter().collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    const BEFORE: &str = "export default createAction({\n    version: '1.0.0'\n});\n";

    fn begun(beginning: impl FnOnce(Digest) -> Beginning, after: &str) -> Dossier {
        let mut sample = sample::action();
        sample.function(after);
        let former = Digest::of(BEFORE.as_bytes());
        sample.seal.beginning = beginning(former.clone());
        sample.build().keeping(former, BEFORE.as_bytes())
    }

    fn told(dossier: &Dossier) -> String {
        let judgement = judge(dossier);
        assert_eq!(judgement.verdict, Verdict::Countersigned, "{judgement:#?}");
        let findings = judgement.findings.iter();
        let mut ours = findings.filter(|one| FINDS.contains(&one.rule.as_str()));
        format!("{:?}", ours.next())
    }

    #[test]
    fn what_was_changed_is_shown_and_what_was_left_is_said() {
        let after = BEFORE.replace("1.0.0", "1.0.1");
        let told_of = told(&begun(|former| Beginning::Function { former }, &after));
        assert!(told_of.contains("1 line added, 1 taken away"), "{told_of}");
        assert!(told_of.contains("+    version: '1.0.1'"), "{told_of}");
        let told_of = told(&begun(|former| Beginning::Function { former }, BEFORE));
        assert!(told_of.contains("former-unchanged"), "{told_of}");
        assert_eq!(names_of(&judge(&sample::action().build())), [""; 0]);
    }

    #[test]
    fn a_function_that_was_written_anew_says_why() {
        let asked = Anew::Asked {
            by: Some("ada".into()),
        };
        let why = |why: Anew| {
            let after = BEFORE.replace("1.0.0", "2.0.0");
            told(&begun(|_| Beginning::Anew { why, former: None }, &after))
        };
        assert!(why(asked.clone()).contains("because ada wanted it so."));
        let secret = why(Anew::Secret {
            what: "a Slack token".into(),
        });
        assert!(
            secret.contains("holds a Slack token by its shape"),
            "{secret}"
        );
        assert!(!secret.contains("Diff"), "{secret}");
        let former = |former| Beginning::Anew {
            why: asked,
            former: Some(former),
        };
        let shown = told(&begun(former, &BEFORE.replace("1.0.0", "2.0.0")));
        assert!(shown.contains("+    version: '2.0.0'"), "{shown}");
    }
}
