//! What an agent was told beside its spec, by name: who gave hints and remarks, and what of the attempt before. The words
//! themselves are in the dossier.

use std::collections::BTreeSet;

use crate::domain::guidance::{Guidance, Remarks, Words};
use crate::domain::pull::Cause;
use crate::domain::row::{Row, State};
use crate::domain::view::View;
use crate::text::number::{count, plural};

/// Rows whose agents were told something, or would have been, each with the sentence.
pub fn all(view: &View) -> impl Iterator<Item = (&Row, String)> {
    let remarks = view
        .request
        .as_ref()
        .and_then(|request| match &request.cause {
            Cause::Retry { remarks, .. } => Some(remarks),
            _ => None,
        });
    view.rows.iter().filter_map(move |row| {
        let said = || waiting(row, remarks?.get(&row.key)?);
        Some((row, sentence(&row.guidance).or_else(said)?))
    })
}

/// What was said at the lines of a function that no agent works on.
fn waiting(row: &Row, said: &Remarks) -> Option<String> {
    let is_left = matches!(
        row.state,
        State::Carried { .. }
            | State::Edited { .. }
            | State::Adopted
            | State::TakenBack
            | State::Skipped { .. }
    );
    let told = remarks(said).filter(|_| is_left)?;
    let (wait, them) = match said.said.len() {
        1 => ("waits", "it"),
        _ => ("wait", "them"),
    };
    Some(format!(
        "{told} {wait} at its lines; /retry {} has an agent told {them}.",
        row.key
    ))
}

/// What an agent was told, as a sentence: `Its agent was told a hint by ada, 3 remarks by two people and 2 findings of the
/// attempt before.` Nothing when it was told nothing. Quotes logins.
pub fn sentence(guidance: &Guidance) -> Option<String> {
    let parts: Vec<String> = [
        hints(guidance),
        remarks(&guidance.remarks),
        before(guidance),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (last, others) = parts.split_last()?;
    let list = match others {
        [] => last.clone(),
        others => format!("{} and {last}", others.join(", ")),
    };
    Some(format!("Its agent was told {list}."))
}

fn hints(guidance: &Guidance) -> Option<String> {
    let by = guidance.hints.iter().map(|hint| hint.by.as_str());
    let words = guidance.hints.iter().map(|hint| &hint.words);
    let many = match guidance.hints.len() {
        0 => return None,
        1 => "a hint".to_owned(),
        many => count(many, "hint"),
    };
    let more = older(guidance.hints_left_out);
    Some(format!("{many} by {}{}", people(by), cut(words, &more)))
}

fn remarks(remarks: &Remarks) -> Option<String> {
    let by = remarks.said.iter().map(|remark| remark.by.as_str());
    let words = remarks.said.iter().map(|remark| &remark.words);
    let more = older(remarks.left_out);
    let many = match remarks.said.len() {
        0 => return None,
        many => count(many, "remark"),
    };
    Some(format!("{many} by {}{}", people(by), cut(words, &more)))
}

fn before(guidance: &Guidance) -> Option<String> {
    let before = guidance.before.as_ref()?;
    let more = match before.left_out {
        0 => String::new(),
        more => format!(" ({more} more were left out)"),
    };
    let many = count(before.findings.len(), "finding");
    Some(format!("{many} of the attempt before{more}"))
}

/// How many more there were, as a clause.
fn older(left_out: usize) -> String {
    match left_out {
        0 => String::new(),
        more => format!(
            "{more} older {} left out",
            plural(more, "one was", "ones were")
        ),
    }
}

/// One by name, more by number.
fn people<'a>(by: impl Iterator<Item = &'a str>) -> String {
    let people: BTreeSet<&str> = by.collect();
    match people.len() {
        1 => people.into_iter().collect(),
        2 => "two people".to_owned(),
        3 => "three people".to_owned(),
        many => format!("{many} people"),
    }
}

/// What was not told, in brackets; nothing when all was.
fn cut<'a>(words: impl Iterator<Item = &'a Words>, more: &str) -> String {
    let shortened = words.filter(|words| words.left_out > 0).count();
    let shortened = match shortened {
        0 => String::new(),
        1 => "one was cut".to_owned(),
        many => format!("{many} were cut"),
    };
    let parts = [shortened.as_str(), more];
    let said: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    match said.is_empty() {
        true => String::new(),
        false => format!(" ({})", said.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::beginning::Start;
    use crate::domain::decision::Decisions;
    use crate::domain::ending::Ending;
    use crate::domain::name::{Digest, InteractionKey};
    use crate::domain::verdict::Verdict;
    use crate::report::sample::{self, guidance};

    #[test]
    fn a_sentence_names_who_said_something_and_what_was_cut() {
        let mut told = guidance();
        assert_eq!(
            sentence(&told).as_deref(),
            Some(
                "Its agent was told a hint by ada, 3 remarks by two people and 2 findings of the attempt before."
            )
        );
        told.hints.push(told.hints[0].clone());
        told.hints[0].words.left_out = 7;
        told.remarks.said.truncate(1);
        told.remarks.said[0].words.left_out = 7;
        told.remarks.left_out = 2;
        told.before = None;
        assert_eq!(
            sentence(&told).as_deref(),
            Some(
                "Its agent was told 2 hints by ada (one was cut) and 1 remark by ada (one was cut, 2 older ones were left out)."
            )
        );
        assert_eq!(sentence(&Guidance::default()), None);
    }

    #[test]
    fn what_waits_at_the_lines_of_a_function_that_is_carried_is_told() {
        let mut view = sample::run(
            &[("slack/users", Verdict::Countersigned, vec![])],
            Ending::Finished,
        );
        let key: InteractionKey = "slack/users".parse().expect("a key");
        if let Some(request) = &mut view.request {
            request.cause = Cause::Retry {
                start: Start::Standing,
                by: "ada".into(),
                comment: 1,
                only: vec![],
                hints: vec![],
                remarks: [(key, sample::guidance().remarks)].into(),
                decisions: Decisions::default(),
                budgets: vec![],
            };
        }
        assert_eq!(all(&view).count(), 0, "it was told, or came too late");
        view.rows[0].state = State::Carried {
            dossier: Digest::of(b"carried"),
        };
        let told: Vec<String> = all(&view).map(|(_, told)| told).collect();
        assert_eq!(
            told,
            [
                "3 remarks by two people wait at its lines; /retry slack/users has an agent told them."
            ]
        );
    }
}
