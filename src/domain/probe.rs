//! Probes: experiments on the final code, in which its answers or its input are changed in one point.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The code of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProbeSource {
    /// Its name: letters and hyphens.
    pub name: &'static str,
    /// A JavaScript module with `run`.
    pub text: &'static str,
}

/// The modules of all probes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeModules {
    /// The probes, in the order in which they are run.
    pub probes: Vec<ProbeSource>,
    /// What they share.
    pub shared: Vec<ProbeSource>,
}

/// How much of the function a failed probe concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProbeExtent {
    /// All that it does.
    Whole,
    /// One value of it.
    Part,
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum ProbeOutcome {
    /// The function did what an honest one does.
    Passed,
    /// It did not.
    Failed {
        /// How much of it.
        extent: ProbeExtent,
        /// What was changed and what came of it. Untrusted text.
        shown: String,
    },
    /// There is nothing to change.
    NotApplicable {
        /// Why.
        why: String,
    },
    /// It could not be run, or did not come to an end.
    Unknown {
        /// Why.
        why: String,
    },
}

/// By the probe's name. Empty when none was run, as in evidence of earlier versions.
pub type ProbeOutcomes = BTreeMap<String, ProbeOutcome>;
