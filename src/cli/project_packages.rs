//! The packages that the Nango projects of a work tree pin.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::domain::limits;
use crate::domain::packages::Packages;
use crate::domain::project::{PerProject, ProjectFolder};
use crate::domain::settings::Settings;
use crate::rules::packages::{Found, candidates, choose};
use crate::rules::specs;

use super::error::CommandError;
use super::work_tree;

/// Which, for each project of the repository that `folder` is in.
///
/// # Errors
/// When the repository cannot be read; not when its settings are wrong, which `check` tells.
pub fn look(folder: &Path) -> Result<PerProject<Packages>, CommandError> {
    let root = work_tree::root(folder)?;
    let settings = work_tree::settings(&root)?
        .and_then(|file| specs::read_settings(&file).ok())
        .unwrap_or_else(Settings::default);
    let mut packages = PerProject::default();
    for project in settings.projects.iter() {
        packages.set(settings.projects.to_name(project), of(&root, project));
    }
    Ok(packages)
}

fn of(root: &Path, project: &ProjectFolder) -> Packages {
    let mut found = Found::new();
    for path in candidates(project.as_str()) {
        let file = root.join(&path);
        let read = match fs::symlink_metadata(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => Err(error.to_string()),
            Ok(there) if !there.is_file() => Err("it is no regular file".into()),
            Ok(there) if there.len() > limits::LOCK_FILE_BYTES => Err(format!(
                "it is larger than the {} bytes that are allowed",
                limits::LOCK_FILE_BYTES
            )),
            Ok(_) => fs::read(&file).map_err(|error| error.to_string()),
        };
        found.insert(path, read);
    }
    choose(project.as_str(), &found)
}
