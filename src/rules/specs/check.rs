//! All files of a repository at once.

use std::collections::{BTreeMap, BTreeSet};

use super::kinds;
use super::names::{FileRole, role};
use super::problem::Problem;
use super::project;
use super::raw::{RawIntegration, RawSpec};
use super::read::{Readable, read};
use super::schema::Which;
use super::source::{SourceContent, SourceFile};
use super::spec::{Shared, complete};
use crate::domain::limits;
use crate::domain::name::{Digest, IntegrationName, InteractionKey};
use crate::domain::project::ProjectFolder;
use crate::domain::settings::Settings;
use crate::domain::spec::Spec;

/// What became of the files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    /// The specs that are right, by interaction.
    pub specs: Vec<Spec>,
    /// Everything that is wrong, by file and line.
    pub problems: Vec<Problem>,
}

/// Reads specs. `files` holds all files below the folder of the specs (others are passed over), the `integration.yaml`
/// of every spec among them. A spec is only among the specs when nothing is wrong with it and its `integration.yaml`.
pub fn check(files: &[SourceFile], settings: &Settings) -> Checked {
    let mut checked = Checked::default();
    let mut specs: Vec<(&SourceFile, InteractionKey)> = Vec::new();
    let mut folders: BTreeMap<IntegrationName, Option<Shared>> = BTreeMap::new();
    let twins = twins(files);
    for file in files {
        match role(&file.path, &settings.interactions) {
            Ok(FileRole::Spec(key)) => specs.push((file, key)),
            Ok(FileRole::Integration(name)) => {
                let shared = integration(file, settings, &mut checked.problems);
                folders.insert(name, shared);
            }
            Ok(FileRole::Nothing) if hides_specs(file, &settings.interactions) => {
                checked.problems.push(file.linked());
            }
            Ok(FileRole::Nothing) => {}
            Err(problem) => checked.problems.push(match twins.get(file.path.as_str()) {
                Some(twin) => {
                    let message = format!("its name differs from `{twin}` only in case");
                    let problem = Problem::of_file(&file.path, message);
                    problem.help("rename or remove it: some file systems keep only one of the two")
                }
                None => problem,
            }),
        }
    }
    if let Some((file, _)) = specs.get(limits::SPEC_FILES) {
        let message = format!(
            "there are {} specs, and only {} are looked at",
            specs.len(),
            limits::SPEC_FILES
        );
        checked.problems.push(Problem::of_file(&file.path, message));
        specs.truncate(limits::SPEC_FILES);
    }
    for (file, key) in specs {
        let raw: Readable<'_, RawSpec> = match read(file, Which::Spec) {
            Ok(raw) => raw,
            Err(problems) => {
                checked.problems.extend(problems);
                continue;
            }
        };
        let shared = match folders.get(&key.integration) {
            // What is wrong with the folder's own file was said; the spec is incomplete without it.
            Some(None) => continue,
            Some(Some(shared)) => Some(shared),
            None => None,
        };
        match complete(&file.path, key, &raw, shared, settings) {
            Ok(spec) => checked.specs.push(spec),
            Err(problems) => checked.problems.extend(problems),
        }
    }
    for problem in kinds::shared_connections(&checked.specs) {
        checked.specs.retain(|spec| spec.path != problem.path);
        checked.problems.push(problem);
    }
    checked.specs.sort_by(|a, b| a.key.cmp(&b.key));
    checked
        .problems
        .sort_by(|a, b| (&a.path, a.line, a.column).cmp(&(&b.path, b.line, b.column)));
    checked
}

/// Whether it is a link where a folder with specs belongs: whoever made it believes that they are read.
fn hides_specs(file: &SourceFile, folder: &str) -> bool {
    let below = file.path.strip_prefix(folder);
    let is_folder = match below.and_then(|below| below.strip_prefix('/')) {
        Some(name) => name.parse::<IntegrationName>().is_ok(),
        None => below == Some(""),
    };
    is_folder && file.content == SourceContent::Link
}

/// The Nango project that an `integration.yaml` names, if it is right and names one.
pub fn shared_project(file: &SourceFile, settings: &Settings) -> Option<ProjectFolder> {
    integration(file, settings, &mut Vec::new())?.project
}

fn integration(
    file: &SourceFile,
    settings: &Settings,
    problems: &mut Vec<Problem>,
) -> Option<Shared> {
    let shared = read::<RawIntegration>(file, Which::Integration).and_then(|readable| {
        let said = readable.raw.project.as_deref();
        let project = project::named(&file.path, &readable, said, &settings.projects)
            .map_err(|problem| vec![problem])?;
        Ok(Shared {
            project,
            text: Digest::of(readable.text.as_bytes()),
            raw: readable.raw,
        })
    });
    shared.map_err(|found| problems.extend(found)).ok()
}

/// Paths that are the same to a file system that does not tell upper from lower case, each with one of the others.
fn twins<'a>(files: &'a [SourceFile]) -> BTreeMap<&'a str, &'a str> {
    let mut groups: BTreeMap<String, BTreeSet<&'a str>> = BTreeMap::new();
    for file in files {
        let group = groups.entry(file.path.to_lowercase()).or_default();
        group.insert(&file.path);
    }
    let mut twins = BTreeMap::new();
    for group in groups.values().filter(|group| group.len() > 1) {
        for path in group {
            // The last in this order has the most lower-case letters in front: most likely the right one.
            if let Some(twin) = group.iter().rev().find(|twin| *twin != path) {
                twins.insert(*path, *twin);
            }
        }
    }
    twins
}
