//! The last look before a commit: the whole project as it would be, and where that is not green, what of it is new.

use std::collections::BTreeSet;

use crate::domain::clean_room::Trial;
use crate::domain::event::Event;
use crate::domain::failure::{Before, Failure, Stage, Survey};
use crate::domain::finding::Finding;
use crate::domain::spec::Spec;
use crate::domain::tree::Edits;
use crate::domain::verdict::Parts;
use crate::edge::nango::WholeFolder;
use crate::rules::assemble::Present;
use crate::rules::whole::{Footprints, compare, fails_newly, known_aside, later_aside, unproven};
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

use super::again::{Looked, Seen};
use super::base::Asked;
use super::settling::InProject;

/// What a commit changes, by paths from the project's root.
struct Ours {
    /// Everything that it writes or removes.
    touched: BTreeSet<String>,
    /// Functions that it brings.
    functions: Vec<String>,
    /// Their tests, as far as the CLI makes any.
    tests: BTreeSet<String>,
    /// The integrations of all that.
    integrations: BTreeSet<String>,
}

impl InProject<'_> {
    /// The project as it would be, compiled and tested as a whole. Findings say what fails that did not fail before; what
    /// did is written down.
    pub(super) async fn verify(
        &self,
        present: &Present,
        edits: &Edits,
        parts: &[Parts],
    ) -> Result<Vec<Finding>, Fault> {
        let ours = Ours::of(&self.project.path(""), edits, parts);
        // Two folders: both take long and go side by side, and code that tests run must not reach what is compiled.
        let (whole, testing) = tokio::try_join!(
            self.lay("whole", edits.clone()),
            self.lay("tests", edits.clone()),
        )?;
        let (testing, tests, files) = blocking(move || {
            let (tests, files) = (testing.tests(), testing.files());
            (testing, tests, files)
        })
        .await?;
        let mut aside = known_aside(&tests, &ours.tests);
        let left_out: Vec<String> = aside.iter().map(|one| one.path.clone()).collect();
        let asked = Asked {
            present,
            integrations: &ours.integrations,
            aside: &left_out,
        };
        let setup = self.machine.template.id();
        let footprints = files.map(|files| Footprints::of(setup, &files));
        let looked = Looked {
            edits,
            integrations: &ours.integrations,
            whole: &whole,
            testing: &testing,
            tests: &tests,
            aside: &left_out,
            footprints: footprints.as_ref(),
        };
        let seen = match self.rest(&looked).await? {
            Some(seen) => seen,
            None => self.everything(&looked).await?,
        };
        if let Some(footprints) = footprints.filter(|_| seen.is_green()) {
            self.write_down(&footprints, &seen).await?;
        }
        let Seen {
            code, mut tested, ..
        } = seen;
        let mut base = Vec::new();
        if !code.failures.is_empty() {
            base.extend(self.base(Trial::Compile, &asked).await?);
        }
        if !tested.failures.is_empty() {
            let failing = self.base(Trial::Tests, &asked).await?;
            self.ours_alone(&testing, &ours, &failing, &mut tested)
                .await?;
            base.extend(failing);
        }

        let failures = [code.failures.as_slice(), &tested.failures].concat();
        let compared = compare(failures.clone(), &base, &ours.touched);
        let mut before = compared.before;
        let paths = present.paths.union(&ours.touched).cloned().collect();
        aside.extend(later_aside(&mut before, &tests, &paths));
        let new = fails_newly(&compared.new, before.len(), &base);
        let findings: Vec<Finding> = new
            .or_else(|| unproven(&ours.not_good(&code, &tested), &failures))
            .into_iter()
            .collect();
        let before = Before::of(before, aside);
        if !before.is_empty() {
            let project = self.to_name();
            let before = match &project {
                Some(project) => before.of_project(project),
                None => before,
            };
            let event = Event::Verified { project, before };
            self.run.log.append(event).await?;
        }
        Ok(findings)
    }

    /// Where all tests together bring no report, without our functions neither, ours are run alone.
    async fn ours_alone(
        &self,
        testing: &WholeFolder,
        ours: &Ours,
        base: &[Failure],
        tested: &mut Survey,
    ) -> Result<(), Fault> {
        let is_silent = |failures: &[Failure]| {
            let unreported =
                |one: &Failure| one.stage == Stage::Program && one.what == Trial::Tests.word();
            failures.iter().any(unreported)
        };
        if ours.tests.is_empty() || !is_silent(&tested.failures) || !is_silent(base) {
            return Ok(());
        }
        let only: Vec<String> = ours.tests.iter().cloned().collect();
        let alone = self.tested(testing, &only, &[]).await?;
        tested.failures.extend(alone.failures);
        tested.good = alone.good;
        Ok(())
    }
}

impl Ours {
    /// `prefix` is what paths of the project begin with.
    fn of(prefix: &str, edits: &Edits, parts: &[Parts]) -> Self {
        let touched: BTreeSet<String> = edits
            .keys()
            .filter_map(|path| path.strip_prefix(prefix).map(str::to_owned))
            .collect();
        let specs = parts.iter().map(|part| part.accepted.spec());
        let brought: Vec<&Spec> = specs
            .filter(|spec| touched.contains(&spec.function_path()))
            .collect();
        let tested = brought.iter().filter(|spec| spec.kind.is_tested());
        let folders = touched.iter().filter_map(|path| path.split_once('/'));
        Self {
            integrations: folders.map(|(folder, _)| folder.to_owned()).collect(),
            functions: brought.iter().map(|spec| spec.function_path()).collect(),
            tests: tested.map(|spec| spec.test_path()).collect(),
            touched,
        }
    }

    /// What is ours and was not seen to be good.
    fn not_good(&self, code: &Survey, tested: &Survey) -> Vec<String> {
        let functions = self.functions.iter().filter(|path| !code.good.holds(path));
        let tests = self.tests.iter().filter(|path| !tested.good.holds(path));
        functions.chain(tests).cloned().collect()
    }
}
