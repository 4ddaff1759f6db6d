//! The probes: the function runs on its own recording, with one point changed. They run behind its test, in the same
//! process (see [`proof`](super::proof)), or by themselves; no network is reached. Which probes there are is said by
//! `rules::probes`.

use std::path::Path;

use serde_json::{Value, json};

use crate::domain::limits;
use crate::domain::probe::{ProbeModules, ProbeOutcome, ProbeOutcomes, ProbeSource};
use crate::domain::program::{Program, ProgramEnd};
use crate::domain::spec::Kind;

use super::clean_room::RoomFolder;
use super::files::{self, argument};
use super::proof::Part;
use super::step::ending;
use super::{NangoError, vitest};

impl RoomFolder {
    /// The program that runs the probes on our recording. It has a folder of its own, because an agent's code ran in the
    /// others.
    ///
    /// # Errors
    /// When its files cannot be written.
    pub fn probe_it(&self, recording: &[u8], probes: &ProbeModules) -> Result<Program, NangoError> {
        let project = self.half("probe")?;
        files::write(&project, &self.spec.recording_path(), recording)?;
        self.lay_probes(&project, probes)?;
        if self.template.has_runner() {
            return self.run_it("probe", &[Part::Probes], limits::PROBE_SECONDS);
        }
        let path = format!("{}/countersign-probes.test.ts", self.tests_folder());
        files::write(&project, &path, self.probe_test().as_bytes())?;
        let report = self.dir.join("probe/out/tests.json");
        let argv = vitest::vitest(&self.template, &project, &report, &[path]);
        Ok(self.program("probe", argv, None, "none", limits::PROBE_SECONDS))
    }

    fn tests_folder(&self) -> String {
        format!("{}/tests", self.spec.key.integration)
    }

    /// The module that has the probes and the function.
    pub(super) fn probes_entry(&self) -> String {
        format!("{}/countersign-probes.ts", self.tests_folder())
    }

    /// Writes that module, and what it imports.
    pub(super) fn lay_probes(
        &self,
        project: &Path,
        probes: &ProbeModules,
    ) -> Result<(), NangoError> {
        for probe in probes.probes.iter().chain(&probes.shared) {
            let path = format!("{}/{}.mjs", self.tests_folder(), probe.name);
            files::write(project, &path, probe.text.as_bytes())?;
        }
        let imports: Vec<String> = probes
            .probes
            .iter()
            .enumerate()
            .map(|(at, probe)| format!("import * as probe{at} from './{}.mjs';\n", probe.name))
            .collect();
        let names: Vec<String> = probes
            .probes
            .iter()
            .enumerate()
            .map(|(at, probe)| format!("{{ name: {}, run: probe{at}.run }}", quoted(probe.name)))
            .collect();
        let stem = format!("{}/{}", self.spec.kind.folder(), self.spec.key.name);
        let text = format!(
            "export {{ open, probe }} from './engine.mjs';\n{}export {{ default as fn }} from '../{stem}.js';\n\n\
             export const probes = [{}];\n",
            imports.concat(),
            names.join(", "),
        );
        files::write(project, &self.probes_entry(), text.as_bytes())
    }

    /// What the probes are told.
    pub(super) fn probe_job(&self) -> Value {
        json!({
            "kind": self.spec.kind.key(),
            "name": self.spec.key.name,
            "run_ms": limits::PROBE_RUN_MS,
            "all_ms": limits::PROBES_BEGIN_SECONDS * 1000,
            "tries_ms": limits::PROBE_TRIES_MS,
            "tries_at_least": limits::PROBE_TRIES_AT_LEAST,
            "shown_chars": limits::PROBE_SHOWN_CHARS,
            "model": match self.spec.kind { Kind::Action | Kind::OnEvent => "ActionOutput", Kind::Sync => "Model" },
            "webhook": self.spec.webhook,
        })
    }

    /// The test that runs them, where vitest is used as it is.
    fn probe_test(&self) -> String {
        format!(
            "import {{ it }} from 'vitest';\nimport {{ readFileSync, writeFileSync }} from 'node:fs';\n\n\
             // Taken hold of before the function is loaded.\n\
             const write = writeFileSync;\nconst stringify = JSON.stringify;\n\
             const recording = JSON.parse(readFileSync(`${{__dirname}}/{name}.test.json`, 'utf8'));\n\n\
             it('is probed', async () => {{\n    \
                 const {{ fn, open, probe, probes }} = await import('./countersign-probes.js');\n    \
                 const bench = await open(fn, {{ ...{job}, dirname: __dirname }}, recording);\n    \
                 const found = await probe(bench, probes);\n    \
                 if ('toJSON' in {{}} || 'toJSON' in []) throw new Error('the report would be written by the function');\n    \
                 write({report}, stringify({{ nonce: {nonce}, found }}));\n\
             }}, {ms});\n",
            name = self.spec.key.name,
            job = self.probe_job(),
            report = quoted(&argument(&self.dir.join("probe/out/report.json"))),
            nonce = quoted(&self.nonce),
            ms = limits::PROBE_SECONDS * 1000,
        )
    }

    /// What they found. Every probe has an outcome: one that says nothing is unknown.
    pub fn read_probes(&self, probes: &ProbeModules, end: &ProgramEnd) -> ProbeOutcomes {
        self.probed("probe", probes, end)
    }

    /// The same, of a program that has this folder.
    pub(super) fn probed(
        &self,
        half: &str,
        probes: &ProbeModules,
        end: &ProgramEnd,
    ) -> ProbeOutcomes {
        let mut found = self
            .reported(half)
            .and_then(|report| report.found)
            .unwrap_or_default();
        let outcome = |probe: &ProbeSource| {
            let why = || ProbeOutcome::Unknown { why: ending(end) };
            let outcome = found.remove(probe.name).unwrap_or_else(why);
            (probe.name.to_owned(), outcome)
        };
        probes.probes.iter().map(outcome).collect()
    }
}

/// A string literal of JavaScript.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
