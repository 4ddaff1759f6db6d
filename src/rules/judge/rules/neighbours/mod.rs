//! **Neighbours**: functions of the project that import a module which the agent changed.
//!
//! A helper that is changed for one function may break another, which nobody asked the agent to touch. Each is compiled with
//! the change, its test and the probes are run on the recording that the head has of it, and what fails is run once more with
//! the module as it stood: only what is new counts. What looks alike: a function that failed before, which is told and does
//! not count; a test that hangs on the time of day and fails once. Not seen: what the recording does not hold, a function
//! without a recording (it is only compiled, and that is said), and a module that knows that it is tried. What came to no
//! end is not known, said, and not held against anybody. Confidence: *reproduced*.

mod standing;
mod words;

use crate::domain::clean_room::Trial;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::module::Origin;
use crate::domain::neighbour::{FailedPart, Neighbour, NeighbourTrial};
use crate::domain::probe::ProbeOutcome;
use crate::rules::judge::reading::quote;
use crate::rules::probes::PROBES;
use crate::text::number::{count, plural};

use standing::Standing;
use words::{listed, name, no_recording};

/// The names of what is found here.
pub(super) const FINDS: &[&str] = &[
    "breaks-neighbour",
    "neighbour-failing",
    "neighbour-unknown",
    "neighbours-hold",
];
/// Those that may block.
pub(super) const BLOCKS: &[&str] = &["breaks-neighbour"];

/// Tells of them.
pub(super) fn find(dossier: &Dossier) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut hold, mut compile, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for one in &dossier.seal.neighbours {
        let path = quote::line(&one.path);
        match Standing::of(&one.trial) {
            Standing::Holds => hold.push(path),
            Standing::Compiles(why) => compile.push(format!("{path} ({})", no_recording(why))),
            Standing::Breaks(part) => findings.push(breaks(dossier, one, &part)),
            Standing::Failing(part) => findings.push(failing(dossier, one, &part)),
            Standing::Unknown(why) => unknown.push(format!("{path} ({why})")),
        }
    }
    findings.extend(all_is_well(&hold, &compile));
    if !unknown.is_empty() {
        let sentence = format!(
            "It is not known whether {} what the agent changed {} as before: {}.",
            match unknown.len() {
                1 => "1 function that imports".to_owned(),
                many => format!("{many} functions that import"),
            },
            plural(unknown.len(), "goes", "go"),
            listed(&unknown)
        );
        findings.push(note(
            "neighbour-unknown",
            Place::Build,
            sentence,
            Vec::new(),
        ));
    }
    findings
}

fn breaks(dossier: &Dossier, one: &Neighbour, part: &FailedPart<'_>) -> Finding {
    let before = "With the module as it stands at the head";
    let sentence = match part {
        FailedPart::Compile => format!(
            "{}, and does not compile. {before} it does.",
            imports(dossier, one)
        ),
        FailedPart::Tests => format!(
            "{}, and does not pass its test on its recording. {before} it does.",
            imports(dossier, one)
        ),
        FailedPart::Probes(failed) => {
            let said = PROBES
                .iter()
                .filter(|probe| failed.contains(&probe.source.name));
            let said: Vec<&str> = said.map(|probe| probe.sentence).collect();
            format!(
                "{}, and fails {} that it passes with the module as it stands at the head: {}",
                imports(dossier, one),
                count(failed.len(), "probe"),
                said.join(" ")
            )
        }
    };
    Finding::new(
        "breaks-neighbour",
        Severity::Block,
        Confidence::Reproduced,
        place(dossier, one),
        sentence,
        shown(one, part),
    )
}

fn failing(dossier: &Dossier, one: &Neighbour, part: &FailedPart<'_>) -> Finding {
    let sentence = format!(
        "{}. It {} with the change and without it, so that does not count.",
        imports(dossier, one),
        name(part)
    );
    note(
        "neighbour-failing",
        place(dossier, one),
        sentence,
        shown(one, part),
    )
}

fn all_is_well(hold: &[String], compile: &[String]) -> Option<Finding> {
    let all = hold.len() + compile.len();
    if all == 0 {
        return None;
    }
    let mut sentence = format!(
        "{} what the agent changed:",
        match all {
            1 => "1 function imports".to_owned(),
            many => format!("{many} functions import"),
        }
    );
    if !hold.is_empty() {
        sentence += &format!(
            " {} {}, {} and probes as before",
            listed(hold),
            plural(hold.len(), "compiles", "compile"),
            plural(hold.len(), "passes its test", "pass their tests")
        );
    }
    if !compile.is_empty() {
        let joint = if hold.is_empty() { "" } else { ";" };
        sentence += &format!(
            "{joint} {} {} and {} not probed",
            listed(compile),
            plural(compile.len(), "compiles", "compile"),
            plural(compile.len(), "was", "were")
        );
    }
    sentence.push('.');
    Some(note("neighbours-hold", Place::Build, sentence, Vec::new()))
}

/// `slack/actions/a.ts imports slack/helpers/b.ts, which the agent changed`.
fn imports(dossier: &Dossier, one: &Neighbour) -> String {
    let modules: Vec<String> = changed(dossier, one).map(quote::line).collect();
    format!(
        "{} imports {}, which the agent changed",
        quote::line(&one.path),
        listed(&modules)
    )
}

/// The changed modules that it imports.
fn changed<'a>(dossier: &'a Dossier, one: &Neighbour) -> impl Iterator<Item = &'a str> {
    let is_used = |origin: &Origin| match origin {
        Origin::Changed { used_by, .. } => used_by.contains(&one.path),
        Origin::Given | Origin::New => false,
    };
    let modules = dossier.seal.modules.iter();
    modules
        .filter(move |module| is_used(&module.origin))
        .map(|module| module.path.as_str())
}

/// The module: that is what the agent touched.
fn place(dossier: &Dossier, one: &Neighbour) -> Place {
    let module = changed(dossier, one).next().unwrap_or(&one.path);
    Place::Workspace {
        path: quote::line(module),
    }
}

/// What the programs said of the part that fails.
fn shown(one: &Neighbour, part: &FailedPart<'_>) -> Vec<Exhibit> {
    let NeighbourTrial::Tried { with, .. } = &one.trial else {
        return Vec::new();
    };
    match part {
        FailedPart::Compile => vec![quote::output(Trial::Compile.word(), &with.compile.said)],
        FailedPart::Tests => vec![quote::output(Trial::Tests.word(), &with.tests.said)],
        FailedPart::Probes(failed) => {
            let shown = failed
                .iter()
                .filter_map(|name| match with.probes.get(*name)? {
                    ProbeOutcome::Failed { shown, .. } => Some(Exhibit::Output {
                        step: (*name).to_owned(),
                        text: quote::head(shown),
                    }),
                    _ => None,
                });
            shown.collect()
        }
    }
}

fn note(rule: &str, place: Place, sentence: String, evidence: Vec<Exhibit>) -> Finding {
    Finding::new(
        rule,
        Severity::Note,
        Confidence::Reproduced,
        place,
        sentence,
        evidence,
    )
}

#[cfg(test)]
mod tests;
