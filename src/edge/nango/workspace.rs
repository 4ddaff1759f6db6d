//! The folder that an agent works in: a Nango project with one function to write. Made in milliseconds, a few kilobytes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::domain::spec::Spec;
use crate::domain::tree::Tree;

use super::scaffold::trigger;
use super::template::Template;
use super::{NangoError, files, snapshot::walk};

/// A workspace on disk.
#[derive(Debug, Clone)]
pub struct Workspace {
    dir: PathBuf,
    packages: PathBuf,
}

impl Workspace {
    /// Lays a workspace for `spec` into `dir`, which must be empty or absent. `source` is what its function is at first.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn lay(
        template: &Template,
        dir: &Path,
        spec: &Spec,
        source: &[u8],
    ) -> Result<Self, NangoError> {
        project(template, dir, spec, source)?;
        let dir = fs::canonicalize(dir).map_err(NangoError::files("finding", dir))?;
        Ok(Self {
            dir,
            packages: template.tools().node_modules.clone(),
        })
    }

    /// Where it lies; canonical.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What is in it, without our own link to the packages.
    ///
    /// # Errors
    /// When the folder cannot be read at all.
    pub fn tree(&self) -> Result<Tree, NangoError> {
        walk(&self.dir, Some(("node_modules", &self.packages)))
    }
}

/// A source file besides the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Relative to the project; checked by whoever made it.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// The template's files, one function with its index line and with what calls it, and the link to the packages.
pub(super) fn project(
    template: &Template,
    dir: &Path,
    spec: &Spec,
    source: &[u8],
) -> Result<(), NangoError> {
    files::make(dir)?;
    for (path, bytes) in template.files() {
        files::write(dir, path, bytes)?;
    }
    files::write(dir, ".env", super::template::ENV.as_bytes())?;
    files::write(dir, &spec.function_path(), source)?;
    let mut index = index_line(&spec.function_path());
    if let Some((path, text)) = trigger(spec) {
        files::write(dir, &path, text.as_bytes())?;
        index += &index_line(&path);
    }
    files::write(dir, "index.ts", index.as_bytes())?;
    link(template, dir)
}

/// Links the packages into a project.
pub(super) fn link(template: &Template, dir: &Path) -> Result<(), NangoError> {
    let link = dir.join("node_modules");
    symlink(&template.tools().node_modules, &link).map_err(NangoError::files("linking", &link))
}

/// The CLI compiles what `index.ts` imports, and finds the lines by their shape.
fn index_line(path: &str) -> String {
    format!("import './{}.js';\n", path.trim_end_matches(".ts"))
}
