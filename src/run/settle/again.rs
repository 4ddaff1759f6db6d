//! What was seen to be good in an earlier run of the pull request and cannot have changed: it is not verified again.

use std::collections::BTreeSet;

use crate::domain::event::Event;
use crate::domain::failure::{Good, Survey, TestFile};
use crate::domain::name::Digest;
use crate::domain::tree::Edits;
use crate::edge::nango::WholeFolder;
use crate::rules::whole::{Footprints, Rest};
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

use super::settling::InProject;

/// A project that is looked at.
pub(super) struct Looked<'a> {
    /// What is laid over the head.
    pub edits: &'a Edits,
    /// Whose definitions are looked at.
    pub integrations: &'a BTreeSet<String>,
    /// Where it is compiled.
    pub whole: &'a WholeFolder,
    /// Where it is tested.
    pub testing: &'a WholeFolder,
    /// Its tests.
    pub tests: &'a [TestFile],
    /// Those that are not ours to run.
    pub aside: &'a [String],
    /// What all of it depends on; nothing of a project that is too large to look at.
    pub footprints: Option<&'a Footprints>,
}

/// What was seen of it.
pub(super) struct Seen {
    /// Of its code.
    pub code: Survey,
    /// Of its tests.
    pub tested: Survey,
    /// How many files were known to be good.
    pub known: usize,
}

impl Seen {
    /// Whether nothing fails.
    pub fn is_green(&self) -> bool {
        self.code.is_green() && self.tested.is_green()
    }
}

impl InProject<'_> {
    /// Looks at everything.
    pub(super) async fn everything(&self, looked: &Looked<'_>) -> Result<Seen, Fault> {
        let tests = async {
            match looked.tests.len() > looked.aside.len() {
                true => self.tested(looked.testing, &[], looked.aside).await,
                false => Ok(Survey::default()),
            }
        };
        let code = async {
            match looked.footprints.is_some_and(Footprints::lists_nothing) {
                true => Ok(Survey::green()),
                false => self.code(looked.whole, looked.integrations).await,
            }
        };
        let (code, tested) = tokio::try_join!(code, tests)?;
        Ok(Seen {
            code,
            tested,
            known: 0,
        })
    }

    /// Looks at what is not known to be good. Nothing when all is to be looked at: because nothing is known, or because the rest is
    /// not green, and then everything is seen together.
    pub(super) async fn rest(&self, looked: &Looked<'_>) -> Result<Option<Seen>, Fault> {
        let Some(footprints) = looked.footprints else {
            return Ok(None);
        };
        let good = self.known_good().await?;
        let Some(rest) = footprints.rest(&good) else {
            return Ok(None);
        };
        let (code, tested) =
            tokio::try_join!(self.code_of(looked, &rest), self.tests_of(looked, &rest))?;
        let seen = Seen {
            known: footprints.known(&good),
            code,
            tested,
        };
        Ok(Some(seen).filter(Seen::is_green))
    }

    /// The functions that may have changed, compiled. In it is only whether they are good: where they are not, all are looked at.
    async fn code_of(&self, looked: &Looked<'_>, rest: &Rest) -> Result<Survey, Fault> {
        let whole = match rest.functions.as_deref() {
            None if looked.footprints.is_some_and(Footprints::lists_nothing) => {
                return Ok(Survey::green());
            }
            None => return self.code(looked.whole, looked.integrations).await,
            Some([]) => return Ok(Survey::green()),
            Some(functions) => {
                let whole = self.lay("rest", looked.edits.clone()).await?;
                let listed = whole.list_only(functions);
                listed.map_err(|e| Fault::passing("lay out what may have changed", e))?;
                whole
            }
        };
        self.code(&whole, looked.integrations).await
    }

    /// The tests that may have changed.
    async fn tests_of(&self, looked: &Looked<'_>, rest: &Rest) -> Result<Survey, Fault> {
        let left = looked.tests.iter().map(|test| &test.path);
        let left = left.filter(|path| !looked.aside.contains(path) && !rest.tests.contains(*path));
        let left: Vec<String> = left.cloned().collect();
        let mut tested = match left.is_empty() {
            true => Survey::default(),
            false => self.tested(looked.testing, &left, looked.aside).await?,
        };
        if let Good::Only(good) = &mut tested.good {
            good.extend(rest.tests.iter().cloned());
        }
        Ok(tested)
    }

    /// What was good when all was, in the newest run that saw that.
    async fn known_good(&self) -> Result<BTreeSet<Digest>, Fault> {
        let Some(blob) = self.run.history.good(self.to_name().as_ref()).cloned() else {
            return Ok(BTreeSet::new());
        };
        let dossiers = self.run.dossiers.clone();
        let bytes = blocking(move || dossiers.blobs().get(&blob)).await?;
        // Evidence that is gone is nothing known.
        let known = bytes
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Ok(known.unwrap_or_default())
    }

    /// Keeps what was good.
    pub(super) async fn write_down(
        &self,
        footprints: &Footprints,
        seen: &Seen,
    ) -> Result<(), Fault> {
        let good = footprints.good(&seen.code.good, &seen.tested.good);
        let bytes = serde_json::to_vec(&good).map_err(Fault::bug)?;
        let dossiers = self.run.dossiers.clone();
        let kept = blocking(move || dossiers.blobs().put(&bytes)).await?;
        let event = Event::WholeGood {
            project: self.to_name(),
            good: kept.map_err(|e| Fault::evidence("keep what was good", e))?,
            known: seen.known,
        };
        self.run.log.append(event).await.map(|_| ())
    }
}
