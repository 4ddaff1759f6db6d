//! The base: the head without the run's functions. What fails in it failed before. It is looked at only when the whole is
//! not green, once per head.

use std::collections::BTreeSet;

use crate::domain::clean_room::Trial;
use crate::domain::event::Event;
use crate::domain::failure::Failure;
use crate::domain::name::Digest;
use crate::domain::tree::Edits;
use crate::rules::assemble::{INDEX, Present};
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

use super::settling::InProject;

/// What the base's failures depend on besides the head.
pub(super) struct Asked<'a> {
    /// The project in it.
    pub present: &'a Present,
    /// Whose definitions are looked at.
    pub integrations: &'a BTreeSet<String>,
    /// Tests that are not ours to run.
    pub aside: &'a [String],
}

impl InProject<'_> {
    /// What fails in the base at compiling, or at its tests: as it was found out before, or found out now and written down.
    pub(super) async fn base(
        &self,
        trial: Trial,
        asked: &Asked<'_>,
    ) -> Result<Vec<Failure>, Fault> {
        let key = self.key(trial, asked);
        if let Some(known) = self.run.bases.get(&key) {
            let (dossiers, known) = (self.run.dossiers.clone(), known.clone());
            let bytes = blocking(move || dossiers.blobs().get(&known)).await?;
            let known = bytes
                .ok()
                .and_then(|bytes| serde_json::from_slice(&bytes).ok());
            if let Some(failures) = known {
                return Ok(failures);
            }
        }
        let failures = self.look_at_base(trial, asked).await?;
        let bytes = serde_json::to_vec(&failures).map_err(Fault::bug)?;
        let dossiers = self.run.dossiers.clone();
        let kept = blocking(move || dossiers.blobs().put(&bytes)).await?;
        let failures_blob = kept.map_err(|e| Fault::evidence("keep what failed before", e))?;
        (self.run.log)
            .append(Event::BaseVerified {
                project: self.to_name(),
                key,
                failures: failures_blob,
            })
            .await?;
        Ok(failures)
    }

    async fn look_at_base(&self, trial: Trial, asked: &Asked<'_>) -> Result<Vec<Failure>, Fault> {
        let is_there = asked.present.index.is_some() || asked.present.paths.contains(INDEX);
        if trial == Trial::Compile && !is_there {
            return Ok(Vec::new());
        }
        let whole = self.lay("base", Edits::new()).await?;
        if trial == Trial::Compile {
            return Ok(self.code(&whole, asked.integrations).await?.failures);
        }
        let aside: BTreeSet<&String> = asked.aside.iter().collect();
        let (whole, tests) = blocking(move || {
            let tests = whole.tests();
            (whole, tests)
        })
        .await?;
        if tests.iter().all(|test| aside.contains(&test.path)) {
            return Ok(Vec::new());
        }
        Ok(self.tested(&whole, &[], asked.aside).await?.failures)
    }

    fn key(&self, trial: Trial, asked: &Asked<'_>) -> Digest {
        let list = |all: &mut dyn Iterator<Item = &String>| {
            all.map(String::as_str).collect::<Vec<_>>().join("\n")
        };
        let of = [
            self.run.checkout.head.as_str().to_owned(),
            asked.present.project.clone(),
            self.machine.template.id().to_owned(),
            trial.word().to_owned(),
            match trial {
                Trial::Tests => list(&mut asked.aside.iter()),
                Trial::Compile | Trial::Validate | Trial::Save => {
                    list(&mut asked.integrations.iter())
                }
            },
        ];
        Digest::of(of.join("\0").as_bytes())
    }
}
