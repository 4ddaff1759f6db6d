//! What keeps a commit from being made, in words.

use crate::domain::clean_room::Trial;
use crate::domain::failure::{Failure, Stage};
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::limits;
use crate::text::number::count;

/// The name under which it is found.
const RULE: &str = "whole-project";

/// What fails only with the run's functions in the project; nothing when nothing does. Beside it `before` failures were
/// there before. `base` says what fails without them, and with it whether the project is at fault itself.
pub fn fails_newly(new: &[Failure], before: usize, base: &[Failure]) -> Option<Finding> {
    let mut evidence = Vec::new();
    let mut at = Vec::new();
    for trial in [Trial::Compile, Trial::Tests] {
        let of: Vec<&Failure> = new
            .iter()
            .filter(|one| trial_of(one.stage, &one.what) == trial)
            .collect();
        if of.is_empty() {
            continue;
        }
        at.push(trial.word());
        evidence.push(Exhibit::Output {
            step: trial.word().to_owned(),
            text: told(&of),
        });
    }
    if new.is_empty() {
        return None;
    }
    let mut sentence = format!(
        "The project with all accepted functions in it fails at: {}.",
        at.join(", ")
    );
    if before > 0 {
        sentence.push_str(&format!(
            " This is new; {} that {} there before {} not count.",
            count(before, "failure"),
            if before == 1 { "was" } else { "were" },
            if before == 1 { "does" } else { "do" },
        ));
    }
    if let Some(said) = projects_own(new, base) {
        sentence.push_str(&format!(
            " The same fails for what was there before, so the project itself has to be mended first: {said}"
        ));
    }
    Some(found(sentence, evidence))
}

/// Functions and tests of the commit that nothing shows to be good, although nothing shows them to fail.
pub fn unproven(paths: &[String], failures: &[Failure]) -> Option<Finding> {
    let first = paths.first()?;
    let others = match paths.len() {
        1 => String::new(),
        more => format!(" and {} more", more - 1),
    };
    let program = failures.iter().find(|one| one.stage == Stage::Program);
    let why = program.map_or("no program that we ran says how they are", |one| {
        one.said.lines().next().unwrap_or_default()
    });
    let sentence = format!(
        "The project as it was before keeps us from verifying {first}{others} in it: {}. Mend that first.",
        why.trim_end_matches('.')
    );
    let evidence = program.map(|one| Exhibit::Output {
        step: one.what.clone(),
        text: one.said.clone(),
    });
    Some(found(sentence, evidence.into_iter().collect()))
}

fn found(sentence: String, evidence: Vec<Exhibit>) -> Finding {
    Finding::new(
        RULE,
        Severity::Block,
        Confidence::Reproduced,
        Place::Build,
        sentence,
        evidence,
    )
}

fn trial_of(stage: Stage, what: &str) -> Trial {
    match stage {
        Stage::Tests => Trial::Tests,
        Stage::Program if what != Trial::Compile.word() => Trial::Tests,
        Stage::Types | Stage::Build | Stage::Definitions | Stage::Program => Trial::Compile,
    }
}

/// The words with which everything new fails, where something else fails with the same words without us: a configuration
/// that no program can read fails every function alike.
fn projects_own<'a>(new: &'a [Failure], base: &[Failure]) -> Option<&'a str> {
    let first = new.first()?;
    let is_whole = |one: &Failure| match one.stage {
        Stage::Build | Stage::Definitions => true,
        Stage::Tests => one.what.is_empty(),
        Stage::Types | Stage::Program => false,
    };
    let alike = |one: &Failure| {
        is_whole(one) && one.stage == first.stage && one.said == first.said && !one.said.is_empty()
    };
    (new.iter().all(alike) && base.iter().any(alike))
        .then(|| first.said.lines().next().unwrap_or_default())
}

fn told(failures: &[&Failure]) -> String {
    let shown = failures.iter().take(limits::FAILURES_TOLD);
    let mut texts: Vec<String> = shown
        .map(|one| {
            let place = match (&one.file, one.line) {
                (Some(file), Some(line)) => format!("{file}:{line}"),
                (Some(file), None) => file.clone(),
                (None, _) => String::new(),
            };
            let head = format!("{place} {}", one.what);
            format!("{}\n{}", head.trim(), one.said).trim().to_owned()
        })
        .collect();
    let more = failures.len().saturating_sub(limits::FAILURES_TOLD);
    if more > 0 {
        texts.push(format!("and {more} more"));
    }
    texts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(stage: Stage, file: &str, what: &str, said: &str) -> Failure {
        Failure {
            stage,
            file: Some(file.into()),
            what: what.into(),
            said: said.into(),
            line: None,
        }
    }

    #[test]
    fn what_is_new_is_told_apart_from_what_was_there() {
        let new = [failure(
            Stage::Types,
            "slack/actions/old.ts",
            "TS2339",
            "no `x`",
        )];
        let told = |before| fails_newly(&new, before, &[]).expect("a finding");
        assert_eq!(
            told(0).sentence,
            "The project with all accepted functions in it fails at: compile."
        );
        assert_eq!(
            told(15).sentence,
            "The project with all accepted functions in it fails at: compile. This is new; 15 failures that were there \
             before do not count."
        );
        assert_eq!(
            told(15).evidence,
            [Exhibit::Output {
                step: "compile".into(),
                text: "slack/actions/old.ts TS2339\nno `x`".into()
            }]
        );
        assert_eq!(fails_newly(&[], 15, &[]), None);
    }

    #[test]
    fn a_configuration_that_fails_everything_alike_is_the_projects_own() {
        let build = |file| failure(Stage::Build, file, "", "babel.config.cjs cannot be read");
        let finding = fails_newly(
            &[build("slack/actions/ours.ts")],
            1,
            &[build("slack/actions/old.ts")],
        );
        let sentence = finding.expect("a finding").sentence;
        assert!(
            sentence.ends_with("has to be mended first: babel.config.cjs cannot be read"),
            "{sentence}"
        );
        let other = fails_newly(
            &[failure(Stage::Build, "slack/actions/ours.ts", "", "axios")],
            1,
            &[build("slack/actions/old.ts")],
        );
        assert!(!other.expect("a finding").sentence.contains("mended first"));
    }
}
