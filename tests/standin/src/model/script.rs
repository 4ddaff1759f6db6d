//! What most agents do: write the example function, run it dry, report. The words are those of the `nango` command line
//! and of the report that a brief asks for.

use serde_json::json;

use super::Script;
use crate::nango::function;

impl Script {
    /// Writes the example function for `key`, or an empty file where there is none. `kind` is `action` or `sync`.
    pub fn write_example(self, key: &str, kind: &str) -> Self {
        let (integration, name) = parts(key);
        let path = format!("{integration}/{kind}s/{name}.ts");
        self.write(&path, function(&path).unwrap_or_default())
    }
}

/// The dry run of the function for `key`, as an agent types it. `input` is JSON without single quotes.
pub fn dry_run(key: &str, input: Option<&str>) -> String {
    let (integration, name) = parts(key);
    let input = input
        .map(|input| format!(" -i '{input}'"))
        .unwrap_or_default();
    format!(
        "nango dryrun {name} {integration}-test -e dev --integration-id {integration} --validate --save{input} \
         --auto-confirm --no-interactive --no-dependency-update"
    )
}

/// A final report: words, and the same as JSON with the commands that the agent says it `ran`.
pub fn report(status: &str, summary: &str, ran: &[&str]) -> String {
    let report = json!({ "status": status, "summary": summary, "ran": ran, "skipped": [] });
    format!("{summary}\n\n```json\n{report:#}\n```")
}

fn parts(key: &str) -> (&str, &str) {
    key.split_once('/').unwrap_or((key, ""))
}
