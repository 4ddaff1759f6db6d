//! The modules that a function brings along: those of the project as they are, and those that the agent wrote.

use std::path::Path;

use crate::domain::limits;
use crate::domain::module::{Module, Origin};
use crate::domain::name::Digest;
use crate::domain::spec::Spec;
use crate::edge::nango::{Contents, Source, read_inside};
use crate::rules::ground::helpers::{is_allowed, users};
use crate::rules::ground::imports::closure;

use super::project::Project;

/// What was taken with a function.
#[derive(Debug, Clone, Default)]
pub struct TakenModules {
    /// As evidence.
    pub modules: Vec<Module>,
    /// For the clean room.
    pub sources: Vec<Source>,
    /// What the evidence names.
    pub contents: Contents,
}

/// Follows the imports of `function`. What lies in one of `folders` is taken from the workspace, where the agent may have
/// written it; everything else is as the head has it. Blocks.
pub(super) fn taken(
    project: &Project,
    workspace: &Path,
    folders: &[String],
    spec: &Spec,
    function: &str,
) -> TakenModules {
    let standing = |path: &str| project.files.get(path).cloned();
    let read = |path: &str| {
        if !is_allowed(path, folders) {
            return standing(path);
        }
        // What cannot be taken, a link or no text, is not there.
        match read_inside(workspace, path, limits::FUNCTION_BYTES) {
            Ok(Some(bytes)) => String::from_utf8(bytes).ok(),
            Ok(None) => standing(path),
            Err(_) => None,
        }
    };
    let own = spec.function_path();
    let mut taken = TakenModules::default();
    for (path, text) in closure(&own, function, read).modules {
        let content = Digest::of(text.as_bytes());
        let origin = match project.files.get(&path) {
            None => Origin::New,
            Some(former) if *former == text => Origin::Given,
            Some(former) => {
                let digest = Digest::of(former.as_bytes());
                taken
                    .contents
                    .insert(digest.clone(), former.clone().into_bytes());
                Origin::Changed {
                    former: digest,
                    used_by: users(&project.files, &path, &own),
                }
            }
        };
        taken
            .contents
            .insert(content.clone(), text.clone().into_bytes());
        taken.sources.push(Source {
            path: path.clone(),
            bytes: text.into_bytes(),
        });
        taken.modules.push(Module {
            path,
            content,
            origin,
        });
    }
    taken
}
