//! How many tokens agents are told: what all are told, what each is told of its interaction, and the skills that they can
//! read. Hints of people and what an agent finds in a project come to that.

use std::fmt::Write as _;

use crate::domain::brief::Brief;
use crate::domain::ground::Ground;
use crate::domain::guidance::Guidance;
use crate::domain::spec::Spec;
use crate::rules::brief::{general, prompt};
use crate::run::skills::Skills;
use crate::text::tokens::estimate;

/// A line for each of them, by estimate.
pub fn lines(specs: &[&Spec], skills: &Skills) -> String {
    let mut text = String::from("tokens, about\n");
    let mut line = |said: &str, what: &str| {
        let _ = writeln!(text, "{:>13}  {what}", estimate(said));
    };
    line(&general(&skills.listed()), "what all agents are told first");
    for spec in specs {
        let brief = brief(spec, skills);
        line(&prompt(&brief), &format!("the brief of {}", spec.key));
    }
    for (path, content) in skills.files() {
        line(&String::from_utf8_lossy(content), &format!("skill {path}"));
    }
    text
}

fn brief(spec: &Spec, skills: &Skills) -> Brief {
    Brief {
        spec: spec.clone(),
        project: ".".into(),
        allowed: vec![spec.function_path(), spec.recording_path()],
        skills: skills.of(&spec.key.integration).own(),
        guidance: Guidance::default(),
        ground: Ground::default(),
    }
}
