//! The probes' program: a process of its own in which the function runs on its own recording, with one point changed. It
//! reaches no network. Which probes there are is said by `rules::probes`.

use serde::Deserialize;
use serde_json::json;

use crate::domain::limits;
use crate::domain::probe::{ProbeOutcome, ProbeOutcomes, ProbeSource};
use crate::domain::program::{Program, ProgramEnd};
use crate::domain::spec::Kind;

use super::clean_room::RoomFolder;
use super::files::{self, argument};
use super::step::ending;
use super::{NangoError, read_inside, vitest};

/// What the program writes.
#[derive(Deserialize)]
struct ProbeReport {
    nonce: String,
    found: ProbeOutcomes,
}

impl RoomFolder {
    /// The program that runs the probes on our recording. It has a folder of its own, because an agent's code ran in the
    /// others.
    ///
    /// # Errors
    /// When its files cannot be written.
    pub fn probe_it(
        &self,
        recording: &[u8],
        shared: &[ProbeSource],
        probes: &[ProbeSource],
    ) -> Result<Program, NangoError> {
        let project = self.half("probe")?;
        files::write(&project, &self.spec.recording_path(), recording)?;
        let tests = format!("{}/tests", self.spec.key.integration);
        for probe in probes.iter().chain(shared) {
            let path = format!("{tests}/{}.mjs", probe.name);
            files::write(&project, &path, probe.text.as_bytes())?;
        }
        let path = format!("{tests}/countersign-probes.test.ts");
        files::write(&project, &path, self.probe_test(probes).as_bytes())?;
        let report = self.dir.join("probe/out/tests.json");
        let argv = vitest::vitest(&self.template, &project, &report, &[path]);
        Ok(self.program("probe", argv, None, "none", limits::PROBE_SECONDS))
    }

    /// The test that runs them.
    fn probe_test(&self, probes: &[ProbeSource]) -> String {
        let imports: Vec<String> = probes
            .iter()
            .enumerate()
            .map(|(at, probe)| format!("import * as probe{at} from './{}.mjs';\n", probe.name))
            .collect();
        let names: Vec<String> = probes
            .iter()
            .enumerate()
            .map(|(at, probe)| format!("{{ name: {}, run: probe{at}.run }}", quoted(probe.name)))
            .collect();
        let job = json!({
            "kind": self.spec.kind.key(),
            "name": self.spec.key.name,
            "run_ms": limits::PROBE_RUN_MS,
            "all_ms": limits::PROBES_BEGIN_SECONDS * 1000,
            "tries_ms": limits::PROBE_TRIES_MS,
            "tries_at_least": limits::PROBE_TRIES_AT_LEAST,
            "shown_chars": limits::PROBE_SHOWN_CHARS,
            "model": match self.spec.kind { Kind::Action | Kind::OnEvent => "ActionOutput", Kind::Sync => "Model" },
            "webhook": self.spec.webhook,
        });
        let stem = format!("{}/{}", self.spec.kind.folder(), self.spec.key.name);
        format!(
            "import {{ it }} from 'vitest';\nimport {{ readFileSync, writeFileSync }} from 'node:fs';\n\
             import {{ probe }} from './engine.mjs';\n{imports}\n\
             // Taken hold of before the function is loaded.\n\
             const write = writeFileSync;\nconst stringify = JSON.stringify;\n\
             const recording = JSON.parse(readFileSync(`${{__dirname}}/{name}.test.json`, 'utf8'));\n\n\
             it('is probed', async () => {{\n    \
                 const {{ default: fn }} = await import('../{stem}.js');\n    \
                 const job = {{ ...{job}, dirname: __dirname }};\n    \
                 const found = await probe(fn, job, recording, [{names}]);\n    \
                 write({report}, stringify({{ nonce: {nonce}, found }}));\n\
             }}, {ms});\n",
            imports = imports.concat(),
            name = self.spec.key.name,
            names = names.join(", "),
            report = quoted(&argument(&self.dir.join("probe/out/probes.json"))),
            nonce = quoted(&self.nonce),
            ms = limits::PROBE_SECONDS * 1000,
        )
    }

    /// What they found. Every probe has an outcome: one that says nothing is unknown.
    pub fn read_probes(&self, probes: &[ProbeSource], end: &ProgramEnd) -> ProbeOutcomes {
        let out = self.dir.join("probe/out");
        let read = read_inside(&out, "probes.json", limits::ROOM_REPORT_BYTES);
        let report = read
            .ok()
            .flatten()
            .and_then(|bytes| serde_json::from_slice::<ProbeReport>(&bytes).ok())
            .filter(|report| report.nonce == self.nonce);
        let mut found = report.map(|report| report.found).unwrap_or_default();
        let outcome = |probe: &ProbeSource| {
            let why = || ProbeOutcome::Unknown { why: ending(end) };
            let outcome = found.remove(probe.name).unwrap_or_else(why);
            (probe.name.to_owned(), outcome)
        };
        probes.iter().map(outcome).collect()
    }
}

/// A string literal of JavaScript.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
