//! To which of a repository's Nango projects a spec belongs.

use super::problem::Problem;
use super::read::{Readable, instead};
use super::settings::SETTINGS_PATH;
use crate::domain::project::{ProjectFolder, Projects};

/// The project that a file names.
///
/// # Errors
/// When the settings have none of this name.
pub(super) fn named<T>(
    path: &str,
    file: &Readable<'_, T>,
    said: Option<&str>,
    projects: &Projects,
) -> Result<Option<ProjectFolder>, Problem> {
    let Some(said) = said else { return Ok(None) };
    let project = ProjectFolder::named(said);
    if projects.iter().any(|known| *known == project) {
        return Ok(Some(project));
    }
    let known: Vec<String> = projects.iter().map(ToString::to_string).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let at = file.tree.nearest(&["project"]).at;
    let message = match projects.only() {
        Some(_) => format!("`{said}` is not the Nango project of this repository"),
        None => format!("`{said}` is none of the Nango projects in {SETTINGS_PATH}"),
    };
    Err(Problem::at(path, file.text, at, message).help(instead(said, &known)))
}

/// The project of a spec: the one that it names, else the one that its folder does, else the only one there is.
///
/// # Errors
/// When there are several, and nobody says which.
pub(super) fn of_spec<T>(
    path: &str,
    file: &Readable<'_, T>,
    own: Option<ProjectFolder>,
    folders: Option<&ProjectFolder>,
    projects: &Projects,
) -> Result<ProjectFolder, Problem> {
    let said = own.or_else(|| folders.cloned());
    said.or_else(|| projects.only().cloned()).ok_or_else(|| {
        let message = "there is no `project`, neither here nor in integration.yaml, and this repository has several";
        let choices = projects.listed();
        Problem::at(path, file.text, file.tree.at, message).help(format!(
            "name one of {choices}, best in the folder's integration.yaml"
        ))
    })
}
