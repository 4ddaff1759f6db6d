//! **Own arguments**: the clean room ran the function with an input that the agent chose, because the spec gives none.
//!
//! Nothing is wrong with that: a spec may leave the input to the agent. It is told because whoever reviews should know
//! what the recording was made with; the input is shown and stands in the recording. Confidence: *proven* (what we ran).

use crate::domain::dossier::Dossier;
use crate::domain::dry_run::{DryRunArgument, GivenBy};
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::rules::judge::reading::quote;

/// Shows each argument that is not the spec's.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let arguments = dossier.seal.room.arguments.named();
    arguments
        .filter_map(|(name, argument)| told(name, argument))
        .collect()
}

fn told(name: &str, argument: &DryRunArgument) -> Option<Finding> {
    let whose = match argument.by {
        GivenBy::Spec => return None,
        GivenBy::Report => "that the agent reports",
        GivenBy::Transcript => "of the agent's last dry run",
    };
    let text = serde_json::to_string_pretty(&argument.value).unwrap_or_default();
    Some(Finding {
        rule: "own-arguments".into(),
        severity: Severity::Note,
        confidence: Confidence::Proven,
        overruled: None,
        place: Place::Build,
        sentence: format!(
            "The spec gives no {name}, so we ran the function with the {name} {whose}."
        ),
        evidence: vec![Exhibit::Output {
            step: name.into(),
            text: quote::head(&text),
        }],
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::dry_run::{DryRunArgument, GivenBy};
    use crate::domain::finding::Severity;
    use crate::domain::verdict::Verdict;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    #[test]
    fn an_input_of_the_agents_is_shown_and_the_specs_own_is_not() {
        for (by, found) in [
            (GivenBy::Spec, vec![]),
            (GivenBy::Report, vec!["own-arguments"]),
            (GivenBy::Transcript, vec!["own-arguments"]),
        ] {
            let mut sample = sample::action();
            let value = json!({"summary": "Test"});
            sample.seal.room.arguments.input = Some(DryRunArgument { value, by });
            let judgement = judge(&sample.build());
            assert_eq!(judgement.verdict, Verdict::Countersigned);
            assert_eq!(names_of(&judgement), found);
            for finding in &judgement.findings {
                assert_eq!(finding.severity, Severity::Note);
                assert!(format!("{:?}", finding.evidence).contains("summary"));
            }
        }
    }
}
