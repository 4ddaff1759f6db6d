//! What a source imports, and what that imports, as paths of the project.

use std::collections::{BTreeMap, VecDeque};

use crate::domain::limits;
use crate::rules::judge::reading::paths;
use crate::rules::judge::reading::typescript::read;

/// Packages that Nango lets a function import. Source: the CLI's compiler (0.71).
const PACKAGES: &[&str] = &[
    "nango",
    "nango/experimental",
    "zod",
    "crypto",
    "node:crypto",
    "url",
    "node:url",
    "unzipper",
    "soap",
    "botbuilder",
];

/// Where an import leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leads {
    /// To one of these files of the project, the first that is there.
    Inside(Vec<String>),
    /// Out of the project.
    Outside,
    /// To a package that Nango allows, or to types alone.
    Allowed,
    /// To a package that it does not allow.
    Refused,
}

/// One import of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// From 1.
    pub line: u32,
    /// As it is written.
    pub module: String,
    /// Where it leads.
    pub leads: Leads,
}

/// The imports of the source at `path`, in order; none when it cannot be read.
pub fn imports(path: &str, text: &str) -> Vec<Import> {
    let Ok(source) = read::source(text) else {
        return Vec::new();
    };
    let modules = source.modules.into_iter();
    modules
        .map(|module| Import {
            line: module.line,
            leads: leads(path, &module.name, module.is_type),
            module: module.name,
        })
        .collect()
}

fn leads(from: &str, module: &str, is_type: bool) -> Leads {
    if !module.starts_with("./") && !module.starts_with("../") {
        return if is_type || PACKAGES.contains(&module) {
            Leads::Allowed
        } else {
            Leads::Refused
        };
    }
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let to = paths::join(folder, module);
    if to.starts_with("..") || to.is_empty() {
        return Leads::Outside;
    }
    // TypeScript means the source where it writes what is built of it.
    let stem = to.strip_suffix(".js").or(to.strip_suffix(".ts"));
    Leads::Inside(match stem {
        Some(stem) => vec![format!("{stem}.ts")],
        None => vec![format!("{to}.ts"), format!("{to}/index.ts")],
    })
}

/// An import that leads to no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dangling {
    /// The file that it stands in.
    pub path: String,
    /// It.
    pub import: Import,
}

/// All modules that a source brings along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Closure {
    /// By path, without the source that was begun with.
    pub modules: BTreeMap<String, String>,
    /// Imports that Nango or the project cannot follow.
    pub dangling: Vec<Dangling>,
}

/// Follows the imports of the source at `path` as far as they lead; `read` gives what is at a path of the project. At most
/// [`limits::MODULES`] are followed.
pub fn closure(path: &str, text: &str, mut read: impl FnMut(&str) -> Option<String>) -> Closure {
    let mut found = Closure::default();
    let mut ahead = VecDeque::from([(path.to_owned(), text.to_owned())]);
    while let Some((at, text)) = ahead.pop_front() {
        for import in imports(&at, &text) {
            let there = match &import.leads {
                Leads::Allowed => continue,
                Leads::Outside | Leads::Refused => None,
                Leads::Inside(candidates) => {
                    let is_known = |one: &String| one == path || found.modules.contains_key(one);
                    if candidates.iter().any(is_known) {
                        continue;
                    }
                    let mut candidates = candidates.iter();
                    candidates.find_map(|one| Some((one.clone(), read(one)?)))
                }
            };
            match there {
                Some((one, text)) if found.modules.len() < limits::MODULES => {
                    found.modules.insert(one.clone(), text.clone());
                    ahead.push_back((one, text));
                }
                Some(_) => {}
                None => found.dangling.push(Dangling {
                    path: at.clone(),
                    import,
                }),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_followed_within_the_project() {
        let files = BTreeMap::from([
            (
                "slack/helpers/a.ts",
                "export { b } from './b';\nimport { own } from '../actions/x.js';\n",
            ),
            (
                "slack/helpers/b/index.ts",
                "import lodash from 'lodash';\nexport const b = 1;\n",
            ),
            (
                "shared/c.ts",
                "import type { X } from 'axios';\nexport * from './gone.js';\n",
            ),
        ]);
        let source = "import { createAction } from 'nango';\nimport { a } from '../helpers/a.js';\n\
            import { c } from '../../shared/c.js';\nimport { d } from '../../../elsewhere.js';\n";
        let found = closure("slack/actions/x.ts", source, |path| {
            files.get(path).map(|text| (*text).to_owned())
        });
        let modules: Vec<&str> = found.modules.keys().map(String::as_str).collect();
        assert_eq!(
            modules,
            [
                "shared/c.ts",
                "slack/helpers/a.ts",
                "slack/helpers/b/index.ts"
            ]
        );
        let dangling: Vec<String> = found
            .dangling
            .iter()
            .map(|one| format!("{}:{} {}", one.path, one.import.line, one.import.module))
            .collect();
        assert_eq!(
            dangling,
            [
                "slack/actions/x.ts:4 ../../../elsewhere.js",
                "shared/c.ts:2 ./gone.js",
                "slack/helpers/b/index.ts:1 lodash"
            ]
        );
    }
}
