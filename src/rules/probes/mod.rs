//! The table of probes: experiments on the final code. Each is one file here, in the language of the function, and one entry
//! in [`PROBES`], which says what its failure means.
//!
//! They are run by `edge::nango`, in a process of their own; what they found is in the dossier, and
//! [`super::judge`] reads it by the same table.

use crate::domain::finding::Severity;
use crate::domain::probe::{ProbeExtent, ProbeModules, ProbeSource};

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

impl Probe {
    /// How grave its failure is.
    pub fn severity(&self, extent: ProbeExtent) -> Severity {
        match extent {
            ProbeExtent::Whole => self.whole,
            ProbeExtent::Part => self.part,
        }
    }
}

/// What probes share.
const SHARED: &[ProbeSource] = &[
    source("engine", include_str!("engine.mjs")),
    source("values", include_str!("values.mjs")),
    source("pages", include_str!("pages.mjs")),
    source("cursors", include_str!("cursors.mjs")),
    source("numbered", include_str!("numbered.mjs")),
    source("paging", include_str!("paging.mjs")),
    source("things", include_str!("things.mjs")),
];

/// All probes, in the order in which they are run.
pub const PROBES: &[Probe] = &[
    Probe {
        source: source("refused-calls", include_str!("refused_calls.mjs")),
        finding: "ignores-refusals",
        whole: Severity::Block,
        part: Severity::Block,
        sentence: "When the API refuses every call, the function still says that it succeeded.",
    },
    Probe {
        source: source("one-refused-call", include_str!("one_refused_call.mjs")),
        finding: "ignores-a-refusal",
        whole: Severity::Block,
        part: Severity::Warn,
        sentence: "When the API refuses one of its calls, the function still says that it succeeded.",
    },
    Probe {
        source: source("documented-status", include_str!("documented_status.mjs")),
        finding: "ignores-a-status",
        whole: Severity::Block,
        part: Severity::Block,
        sentence: "When the API answers that something is not there, in conflict or too often asked for, the function gives \
                   the same as if nothing had been.",
    },
    Probe {
        source: source("error-body", include_str!("error_body.mjs")),
        finding: "ignores-error-body",
        whole: Severity::Warn,
        part: Severity::Note,
        sentence: "When the API says in the body of a 200 that it refuses, the function still says that it succeeded.",
    },
    Probe {
        source: source("changed-answers", include_str!("changed_answers.mjs")),
        finding: "output-not-from-answers",
        whole: Severity::Block,
        part: Severity::Warn,
        sentence: "When values of the API's answers are changed, the output does not follow.",
    },
    Probe {
        source: source("removed-value", include_str!("removed_value.mjs")),
        finding: "made-up-default",
        whole: Severity::Warn,
        part: Severity::Warn,
        sentence: "When a value is taken out of the API's answer, the function puts one of its own in its place.",
    },
    Probe {
        source: source("changed-input", include_str!("changed_input.mjs")),
        finding: "input-ignored",
        whole: Severity::Warn,
        part: Severity::Warn,
        sentence: "When the input is changed, neither the requests nor the output follow.",
    },
    Probe {
        source: source("other-world", include_str!("other_world.mjs")),
        finding: "behaves-otherwise",
        whole: Severity::Block,
        part: Severity::Block,
        sentence: "On another day, and where nothing tells of a test, the function does something else.",
    },
    Probe {
        source: source("longer-list", include_str!("longer_list.mjs")),
        finding: "list-cut-short",
        whole: Severity::Block,
        part: Severity::Warn,
        sentence: "When a list holds more things, the function does not pass them on.",
    },
    Probe {
        source: source("three-pages", include_str!("three_pages.mjs")),
        finding: "pages-left-out",
        whole: Severity::Block,
        part: Severity::Warn,
        sentence: "When a list comes in three pages, the function reads less, and does not say so.",
    },
    Probe {
        source: source("empty-page", include_str!("empty_page.mjs")),
        finding: "empty-list-mishandled",
        whole: Severity::Warn,
        part: Severity::Warn,
        sentence: "When the API has nothing to list, the function does not end with nothing.",
    },
    Probe {
        source: source("failure-midway", include_str!("failure_midway.mjs")),
        finding: "deletes-after-failure",
        whole: Severity::Warn,
        part: Severity::Warn,
        sentence: "When a list breaks off in its middle, the function goes on as if it had seen all of it.",
    },
    Probe {
        source: source("resume", include_str!("resume.mjs")),
        finding: "checkpoint-ignored",
        whole: Severity::Warn,
        part: Severity::Warn,
        sentence: "Run again from its checkpoint, the function asks for the same as without one.",
    },
    Probe {
        source: source("webhook", include_str!("webhook.mjs")),
        finding: "webhook-mishandled",
        whole: Severity::Block,
        part: Severity::Warn,
        sentence: "Called with the payload that the spec gives, `onWebhook` does not do what it says.",
    },
];

const fn source(name: &'static str, text: &'static str) -> ProbeSource {
    ProbeSource { name, text }
}

/// The modules of all probes.
pub fn modules() -> ProbeModules {
    ProbeModules {
        probes: PROBES.iter().map(|probe| probe.source).collect(),
        shared: SHARED.to_vec(),
    }
}
