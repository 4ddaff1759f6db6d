//! **Mended**: the function was not sound at first, and the agent mended it when it was told.
//!
//! Says in which round, and shows what changed. It is no reproach; a reader wants to know that the first try did not hold.
//! Confidence: *proven* (the sealed evidence of both rounds).

use similar::TextDiff;

use crate::domain::dossier::{Dossier, Round};
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::text::clip::shorten;

/// Tells of the rounds before.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let seal = &dossier.seal;
    let Some(first) = seal.rounds.first() else {
        return Vec::new();
    };
    let now = seal.room.function.source();
    if first.is_as_in(seal) {
        let sentence = format!(
            "The agent was shown what was found ({}) and changed nothing.",
            found(&seal.rounds)
        );
        return vec![finding(sentence, Vec::new())];
    }
    let sentence = format!(
        "Round {} of the agent's work; what was found before it: {}.",
        seal.rounds.len() + 1,
        found(&seal.rounds)
    );
    let text = |digest: Option<&Digest>| digest.and_then(|digest| dossier.text(digest));
    let changed = text(first.function.as_ref()).zip(text(now));
    // It may have been a module that was mended.
    let changed = changed.filter(|(before, after)| before != after);
    let path = seal.spec.function_path();
    let diff = changed.map(|(before, after)| {
        let whole = TextDiff::from_lines(before, after)
            .unified_diff()
            .to_string();
        let lines = whole.lines().take(limits::DIFF_LINES);
        let lines: Vec<String> = lines
            .map(|line| shorten(line, limits::LINE_CHARS))
            .collect();
        Exhibit::Diff {
            path,
            unified: lines.join("\n") + "\n",
        }
    });
    vec![finding(sentence, diff.into_iter().collect())]
}

fn finding(sentence: String, evidence: Vec<Exhibit>) -> Finding {
    let place = Place::Function { line: None };
    Finding::new(
        "mended",
        Severity::Note,
        Confidence::Proven,
        place,
        sentence,
        evidence,
    )
}

fn found(rounds: &[Round]) -> String {
    let mut names: Vec<&str> = rounds
        .iter()
        .flat_map(|round| round.found.iter().map(String::as_str))
        .collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    #[test]
    fn a_mended_function_is_signed_and_its_rounds_are_told() {
        let mut sample = sample::action();
        let before = sample.keep(b"export default broken;\n");
        sample.seal.rounds.push(Round {
            dossier: Digest::of(b"earlier"),
            found: vec!["tests-failed".into()],
            function: Some(before),
            modules: None,
        });
        let judgement = judge(&sample.build());
        assert_eq!(judgement.verdict, Verdict::Countersigned);
        assert_eq!(names_of(&judgement), ["mended"]);
        let told = &judgement.findings[0];
        assert!(told.sentence.contains("Round 2") && told.sentence.contains("tests-failed"));
        let Exhibit::Diff { unified, .. } = &told.evidence[0] else {
            unreachable!("{told:?}")
        };
        assert!(unified.contains("-export default broken;"), "{unified}");
    }
}
