//! The last look before a commit: the whole project as it would be.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::domain::clean_room::{CleanRoomStep, Outcome, Trial};
use crate::domain::finding::{Confidence, Exhibit, Finding, Place, Severity};
use crate::domain::tree::Edits;
use crate::edge::nango::{NangoError, WholeFolder};
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

use super::settling::Settling;

impl Settling<'_> {
    /// The project as it would be, compiled and tested as a whole. Findings say what fails.
    pub(super) async fn verify(&self, edits: &Edits) -> Result<Vec<Finding>, Fault> {
        let project = self.checkout.settings.project.clone();
        let folder = self
            .machine
            .runs
            .join(self.request.run.as_str())
            .join("whole");
        let (mirror, head, edits) = (
            self.checkout.mirror.clone(),
            self.checkout.head.clone(),
            edits.clone(),
        );
        let template = self.machine.template.clone();
        let under = project.clone();
        let laid = blocking(move || {
            let tree = folder.join("tree");
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            let project = tree.join(project);
            mirror
                .export(&head, &under, &project)
                .map_err(std::io::Error::other)?;
            apply(&edits, &tree)?;
            Ok::<_, std::io::Error>(WholeFolder::open(
                &template,
                &project,
                &folder.join("private"),
            ))
        })
        .await?;
        let whole = match laid.map_err(|e| Fault::passing("lay out the project as a whole", e))? {
            Ok(whole) => whole,
            Err(error @ NangoError::OwnPackages { .. }) => {
                return Ok(vec![fails("lay out", error.to_string())]);
            }
            Err(error) => return Err(Fault::passing("lay out the project as a whole", error)),
        };
        let end = self
            .machine
            .run(&whole.compile_it(), self.cancellation)
            .await?;
        let compiled = whole.read_compile(&end);
        if !compiled.passed() {
            return verdict_of(Trial::Compile, &compiled);
        }
        if !whole.has_tests() {
            return Ok(Vec::new());
        }
        let end = self
            .machine
            .run(&whole.test_it(), self.cancellation)
            .await?;
        let tested = whole.read_tests(&end);
        if tested.tests.passed() {
            Ok(Vec::new())
        } else {
            verdict_of(Trial::Tests, &tested.tests)
        }
    }
}

/// Writes edits over an exported tree. Their paths are ours: made of checked names and the project's folder.
fn apply(edits: &BTreeMap<String, Option<Vec<u8>>>, tree: &Path) -> std::io::Result<()> {
    for (path, content) in edits {
        let path = tree.join(path);
        match content {
            Some(content) => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(path, content)?;
            }
            None if path.exists() => fs::remove_file(path)?,
            None => {}
        }
    }
    Ok(())
}

fn verdict_of(trial: Trial, result: &CleanRoomStep) -> Result<Vec<Finding>, Fault> {
    match result.outcome {
        Outcome::Broken => Err(Fault::passing(
            "verify the project as a whole",
            result.said.clone(),
        )),
        Outcome::Passed | Outcome::Failed | Outcome::Skipped => {
            Ok(vec![fails(trial.word(), result.said.clone())])
        }
    }
}

fn fails(step: &str, said: String) -> Finding {
    Finding {
        rule: "whole-project".into(),
        severity: Severity::Block,
        confidence: Confidence::Reproduced,
        overruled: None,
        place: Place::Build,
        sentence: format!("The project with all accepted functions in it fails at: {step}."),
        evidence: vec![Exhibit::Output {
            step: step.to_owned(),
            text: said,
        }],
    }
}
