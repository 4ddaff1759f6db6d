//! One spec, complete: what its file says, with what its folder and the repository's settings add.

use super::kinds;
use super::problem::Problem;
use super::project;
use super::raw::{RawIntegration, RawSpec};
use super::read::Readable;
use super::settings::SETTINGS_PATH;
use crate::domain::name::{Digest, InteractionKey};
use crate::domain::project::ProjectFolder;
use crate::domain::settings::Settings;
use crate::domain::spec::{BuildLimits, Spec};
use crate::domain::sync_webhook::SyncWebhook;

/// What a folder shares, with the digest of its text.
pub(super) struct Shared {
    pub raw: RawIntegration,
    /// The project that it names.
    pub project: Option<ProjectFolder>,
    pub text: Digest,
}

pub(super) fn complete(
    path: &str,
    key: InteractionKey,
    file: &Readable<'_, RawSpec>,
    shared: Option<&Shared>,
    settings: &Settings,
) -> Result<Spec, Vec<Problem>> {
    let raw = &file.raw;
    let mut problems = kinds::problems(path, file);
    let folder = shared.map(|shared| &shared.raw);
    let connection = raw
        .connection
        .clone()
        .or_else(|| folder.and_then(|folder| folder.connection.clone()));
    if connection.is_none() {
        let message = "there is no `connection`, neither here nor in integration.yaml";
        let problem = Problem::at(path, file.text, file.tree.at, message);
        problems.push(problem.help(
            "name Nango's connection id of the test account, best in the folder's integration.yaml",
        ));
    }
    if raw.description.trim().is_empty() {
        let at = file.tree.nearest(&["description"]).at;
        problems.push(Problem::at(path, file.text, at, "`description` is empty"));
    }
    let limits = limits(path, file, &settings.build, &mut problems);
    let folders = shared.and_then(|shared| shared.project.as_ref());
    let project = project::named(path, file, raw.project.as_deref(), &settings.projects)
        .and_then(|own| project::of_spec(path, file, own, folders, &settings.projects))
        .map_err(|problem| problems.push(problem));
    let (Some(connection), Ok(project), true) = (connection, project, problems.is_empty()) else {
        return Err(problems);
    };
    let mut docs = raw.docs.clone();
    let more = folder.map(|folder| folder.docs.clone()).unwrap_or_default();
    docs.extend(more.into_iter().filter(|page| !raw.docs.contains(page)));
    let line = file
        .tree
        .entry("description")
        .map(|entry| entry.key_at.line);
    Ok(Spec {
        project: Some(project),
        kind: raw.kind,
        event: raw.event,
        webhook: raw.webhook.as_ref().map(|webhook| SyncWebhook {
            subscriptions: webhook.subscriptions.clone(),
            sample: webhook.sample.clone().filter(|sample| !sample.is_null()),
        }),
        description: raw.description.clone(),
        docs,
        docs_hosts: folder
            .map(|folder| folder.docs_hosts.clone())
            .unwrap_or_default(),
        connection,
        integration_id: folder
            .and_then(|folder| folder.integration.clone())
            .unwrap_or_else(|| key.integration.to_string()),
        input: raw.input.clone().filter(|input| !input.is_null()),
        metadata: raw.metadata.clone().map(serde_json::Value::Object),
        notes: raw.notes.clone(),
        limits,
        path: path.to_owned(),
        line: line.unwrap_or(1),
        text: Digest::of(file.text.as_bytes()),
        integration_text: shared.map(|shared| shared.text.clone()),
        key,
    })
}

/// The spec's own limits, where it has any; none may be above the repository's.
fn limits(
    path: &str,
    file: &Readable<'_, RawSpec>,
    repository: &BuildLimits,
    problems: &mut Vec<Problem>,
) -> BuildLimits {
    let own = &file.raw.limits;
    let mut check = |key: &str, wanted: Option<f64>, allowed: f64| {
        if let Some(wanted) = wanted.filter(|wanted| *wanted > allowed) {
            let at = file.tree.nearest(&["limits", key]).at;
            let message =
                format!("`limits.{key}` is {wanted}, and the repository allows {allowed}");
            let problem = Problem::at(path, file.text, at, message);
            problems.push(problem.help(format!(
                "lower it, or raise `limits.build.{key}` in {SETTINGS_PATH} on the base branch"
            )));
        }
    };
    check(
        "minutes",
        own.minutes.map(f64::from),
        f64::from(repository.minutes),
    );
    check("usd", own.usd, repository.usd);
    check(
        "tokens",
        own.tokens.map(|tokens| tokens as f64),
        repository.tokens as f64,
    );
    BuildLimits {
        minutes: own.minutes.unwrap_or(repository.minutes),
        usd: own.usd.unwrap_or(repository.usd),
        tokens: own.tokens.unwrap_or(repository.tokens),
    }
}
