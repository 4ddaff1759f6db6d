//! The table of probes: experiments on the final code. Each is one file here, in the language of the function, and one entry
//! in [`PROBES`], which says what its failure means.
//!
//! They are run by `edge::nango`, in a process of their own; what they found is in the dossier, and
//! [`super::judge`] reads it by the same table.

use crate::domain::finding::Severity;
use crate::domain::probe::ProbeSource;

/// One probe and its meaning.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    /// What is run.
    pub source: ProbeSource,
    /// The name of the finding when it fails.
    pub finding: &'static str,
    /// How grave a failure is that concerns the whole function.
    pub whole: Severity,
    /// How grave a failure is that concerns one value.
    pub part: Severity,
    /// For a person.
    pub sentence: &'static str,
}

/// What all probes share.
pub const ENGINE: ProbeSource = ProbeSource {
    name: "engine",
    text: include_str!("engine.mjs"),
};

/// All probes, in the order in which they are run.
pub const PROBES: &[Probe] = &[
    Probe {
        source: ProbeSource {
            name: "refused-calls",
            text: include_str!("refused_calls.mjs"),
        },
        finding: "ignores-refusals",
        whole: Severity::Block,
        part: Severity::Block,
        sentence: "When the API refuses every call, the function still says that it succeeded.",
    },
    Probe {
        source: ProbeSource {
            name: "one-refused-call",
            text: include_str!("one_refused_call.mjs"),
        },
        finding: "ignores-a-refusal",
        whole: Severity::Block,
        part: Severity::Block,
        sentence: "When the API refuses one of its calls, the function still says that it succeeded.",
    },
    Probe {
        source: ProbeSource {
            name: "changed-answers",
            text: include_str!("changed_answers.mjs"),
        },
        finding: "output-not-from-answers",
        whole: Severity::Block,
        part: Severity::Warn,
        sentence: "When values of the API's answers are changed, the output does not follow.",
    },
    Probe {
        source: ProbeSource {
            name: "changed-input",
            text: include_str!("changed_input.mjs"),
        },
        finding: "input-ignored",
        whole: Severity::Warn,
        part: Severity::Warn,
        sentence: "When the input is changed, neither the requests nor the output follow.",
    },
];

/// The sources of all probes.
pub fn sources() -> Vec<ProbeSource> {
    PROBES.iter().map(|probe| probe.source).collect()
}
