//! A project laid out on disk, and what we see of it: everything that fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::domain::clean_room::Trial;
use crate::domain::failure::{Failure, Good, Stage, Survey};
use crate::domain::limits;
use crate::domain::tree::Edits;
use crate::edge::nango::{Outside, Part, WholeFolder};
use crate::os::random;
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

use super::settling::InProject;

impl InProject<'_> {
    /// Lays out the project at the head with `edits` over it, in a folder `name` of the run.
    pub(super) async fn lay(&self, name: &str, edits: Edits) -> Result<WholeFolder, Fault> {
        let project = self.project.as_str().to_owned();
        let folder = self.machine.runs.join(self.run.request.run.as_str());
        let folder = folder.join(name);
        let checkout = self.run.checkout;
        let (mirror, head) = (checkout.mirror.clone(), checkout.head.clone());
        let template = self.machine.template.clone();
        let laid = blocking(move || {
            let tree = folder.join("tree");
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            let under = tree.join(&project);
            mirror
                .export(&head, &project, &under)
                .map_err(std::io::Error::other)?;
            apply(&edits, &tree)?;
            WholeFolder::open(&template, &under, &folder.join("private"))
                .map_err(std::io::Error::other)
        })
        .await?;
        laid.map_err(|e| Fault::passing("lay out the project as a whole", e))
    }

    /// What fails before any test is run: `nango compile`, and where that fails everything that does, with the definitions
    /// of these integrations. It ends at the first stage that has a failure, and not all of them are of this commit. The
    /// pinned CLI is asked where the quick one does not find all well: its words count.
    pub(super) async fn code(
        &self,
        whole: &WholeFolder,
        integrations: &BTreeSet<String>,
    ) -> Result<Survey, Fault> {
        if self.is_soon_well(whole).await? {
            return Ok(Survey::green());
        }
        let end = self.try_it(whole.compile_it()).await?;
        let compiled = whole.read_compile(&end);
        if compiled.passed() {
            return Ok(Survey::green());
        }
        let mut survey = self.survey(whole, &Part::Code).await?;
        let built = match std::mem::take(&mut survey.good) {
            Good::Only(built) => built,
            Good::All => BTreeSet::new(),
        };
        if survey.failures.is_empty() && built.is_empty() {
            // A project without functions, which the CLI calls an error: the last one went.
            return Ok(survey);
        }
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in built {
            let integration = path.split('/').next().unwrap_or_default();
            if integrations.contains(integration) {
                groups.entry(integration.to_owned()).or_default().push(path);
            }
        }
        if !groups.is_empty() {
            let groups = groups.into_values().collect();
            let read = self.survey(whole, &Part::Definitions(groups)).await?;
            survey.failures.extend(read.failures);
            survey.good = read.good;
        }
        if survey.failures.is_empty() {
            // The CLI has reasons of its own, and its words for them.
            survey.failures.push(Failure {
                stage: Stage::Program,
                file: None,
                what: Trial::Compile.word().to_owned(),
                said: compiled.said,
                line: None,
            });
        }
        Ok(survey)
    }

    /// Whether the quick CLI compiles it.
    async fn is_soon_well(&self, whole: &WholeFolder) -> Result<bool, Fault> {
        let key = self.machine.compile_key()?;
        let Some(program) = whole.compile_quickly(key.port(), key.key()) else {
            return Ok(false);
        };
        let end = self.try_it(program).await?;
        Ok(whole.read_compile(&end).passed())
    }

    /// What fails of the tests; these `only`, when there are any, and none of those that are not ours to run.
    pub(super) async fn tested(
        &self,
        whole: &WholeFolder,
        only: &[String],
        aside: &[String],
    ) -> Result<Survey, Fault> {
        let end = self.try_it(whole.test_it(only, aside)).await?;
        let together = whole.read_tests(&end).survey();
        if together.is_green() {
            return Ok(together);
        }
        // They ran in one process: what one does to that must not be another's failure. What is nobody's may be anybody's.
        let failing = match together.failures.iter().all(|one| one.file.is_some()) {
            true => together.failing(),
            false if only.is_empty() => whole.tests().into_iter().map(|test| test.path).collect(),
            false => only.iter().cloned().collect(),
        };
        let files: Vec<String> = failing
            .into_iter()
            .filter(|path| !aside.contains(path))
            .collect();
        if files.is_empty() || files.len() > limits::TESTS_APART {
            return Ok(together);
        }
        let end = self.try_it(whole.test_apart(&files, aside)).await?;
        let alone = whole.read_tests(&end);
        Ok(match alone.outside {
            Some(Outside::NoReport(_)) => together,
            Some(Outside::Unhandled(_)) | None => together.corrected(&files, alone.survey()),
        })
    }

    async fn survey(&self, whole: &WholeFolder, part: &Part) -> Result<Survey, Fault> {
        let nonce = random::hex::<24>().map_err(Fault::bug)?;
        let program = whole
            .survey(part, &nonce)
            .map_err(|e| Fault::passing("look at the project as a whole", e))?;
        let end = self.try_it(program).await?;
        Ok(whole.read_survey(&nonce, &end))
    }

    async fn try_it(
        &self,
        program: crate::domain::program::Program,
    ) -> Result<crate::domain::program::ProgramEnd, Fault> {
        let core = self.machine.core(self.run.cancellation).await?;
        self.machine
            .run(core, &program, self.run.cancellation)
            .await
    }
}

/// Writes edits over an exported tree. Their paths are ours: made of checked names and the project's folder.
fn apply(edits: &Edits, tree: &Path) -> std::io::Result<()> {
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
