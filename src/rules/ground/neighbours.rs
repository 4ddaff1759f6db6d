//! The functions of a project that import what an agent changed, and all that each of them needs to be tried.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::limits;
use crate::domain::module::{Module, Origin};
use crate::domain::name::InteractionKey;
use crate::domain::neighbour::NotTried;
use crate::domain::spec::{FunctionPaths, Kind};

use super::imports::{Leads, closure};

/// A function that is to be tried, with its modules by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToTry {
    /// Its name.
    pub key: InteractionKey,
    /// What it is.
    pub kind: Kind,
    /// Its source at the head.
    pub source: String,
    /// The modules that it brings along as they would be.
    pub with: BTreeMap<String, String>,
    /// As they stand at the head.
    pub before: BTreeMap<String, String>,
}

/// Everybody who imports one of the `modules` that was changed, by path, but for what stands under the name of the agent's `own`
/// function: where its kind was changed, the one of the other kind goes with the commit. `files` are the sources of the project at the head,
/// `texts` those of the agent's modules. At most [`limits::NEIGHBOURS`] are to be tried, the first by path.
pub fn neighbours(
    own: &InteractionKey,
    modules: &[Module],
    texts: &BTreeMap<String, String>,
    files: &BTreeMap<String, String>,
) -> Vec<(String, Result<ToTry, NotTried>)> {
    let used_by = modules.iter().flat_map(|module| match &module.origin {
        Origin::Changed { used_by, .. } => used_by.as_slice(),
        Origin::Given | Origin::New => &[],
    });
    let all: BTreeSet<&String> = used_by.collect();
    let mut tried = 0;
    let is_own = |path: &&String| function_at(path).is_some_and(|(key, _)| key == *own);
    all.into_iter()
        .filter(|path| !is_own(path))
        .map(|path| {
            let found = match tried < limits::NEIGHBOURS {
                true => to_try(path, texts, files),
                false => Err(NotTried::TooMany),
            };
            tried += usize::from(found.is_ok());
            (path.clone(), found)
        })
        .collect()
}

fn to_try(
    path: &str,
    texts: &BTreeMap<String, String>,
    files: &BTreeMap<String, String>,
) -> Result<ToTry, NotTried> {
    let (key, kind) = function_at(path).ok_or(NotTried::OtherKind)?;
    let source = files.get(path).ok_or(NotTried::OtherKind)?;
    let standing = |path: &str| files.get(path).cloned();
    let before = closure(path, source, standing);
    // A package that Nango does not allow is told by the compiler.
    let inside = |leads: &Leads| matches!(leads, Leads::Inside(_) | Leads::Outside);
    let missing = before.dangling.iter().find(|one| inside(&one.import.leads));
    if let Some(missing) = missing {
        return Err(NotTried::Incomplete {
            import: missing.import.module.clone(),
        });
    }
    let with = closure(path, source, |path| {
        texts.get(path).cloned().or_else(|| standing(path))
    });
    Ok(ToTry {
        key,
        kind,
        source: source.clone(),
        with: with.modules,
        before: before.modules,
    })
}

/// The function whose source lies at `path`.
fn function_at(path: &str) -> Option<(InteractionKey, Kind)> {
    let mut parts = path.split('/');
    let (integration, folder) = (parts.next()?, parts.next()?);
    let name = parts.next()?.strip_suffix(".ts")?;
    let key: InteractionKey = format!("{integration}/{name}").parse().ok()?;
    let kind = Kind::ALL.into_iter().find(|kind| kind.folder() == folder)?;
    (FunctionPaths::of(&key, kind).function == path).then_some((key, kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::Digest;

    const HELPER: &str = "slack/helpers/a.ts";

    fn texts(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = all
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        owned.collect()
    }

    fn own() -> InteractionKey {
        "slack/own".parse().expect("a key")
    }

    fn changed(used_by: &[&str]) -> Vec<Module> {
        vec![Module {
            path: HELPER.into(),
            content: Digest::of(b"new"),
            origin: Origin::Changed {
                former: Digest::of(b"old"),
                used_by: used_by.iter().map(|path| (*path).to_owned()).collect(),
            },
        }]
    }

    #[test]
    fn each_comes_with_its_modules_as_they_would_be_and_as_they_stand() {
        let files = texts(&[
            (
                "slack/actions/one.ts",
                "import { a } from '../helpers/a.js';\n",
            ),
            (HELPER, "export const a = 1;\n"),
            ("slack/helpers/other.ts", "export const b = 1;\n"),
        ]);
        let brings = "export { b as a } from './b.js';\n";
        let agents = texts(&[
            (HELPER, brings),
            ("slack/helpers/b.ts", "export const b = 2;\n"),
        ]);
        let found = neighbours(&own(), &changed(&["slack/actions/one.ts"]), &agents, &files);
        let [(path, Ok(one))] = found.as_slice() else {
            unreachable!("{found:?}")
        };
        assert_eq!(path, "slack/actions/one.ts");
        assert_eq!(
            (one.key.to_string().as_str(), one.kind),
            ("slack/one", Kind::Action)
        );
        assert_eq!(one.with, agents);
        assert_eq!(one.before, texts(&[(HELPER, "export const a = 1;\n")]));
    }

    #[test]
    fn what_cannot_be_tried_says_why() {
        let files = texts(&[
            (HELPER, "export const a = 1;\n"),
            (
                "slack/on-events/made.ts",
                "import { a } from '../helpers/a.js';\n",
            ),
            (
                "slack/actions/listUsers.ts",
                "import { a } from '../helpers/a.js';\n",
            ),
            (
                "slack/actions/two.ts",
                "import { a } from '../helpers/a.js';\nimport { s } from '../helpers/secrets.js';\n",
            ),
            (
                "slack/actions/three.ts",
                "import { a } from '../helpers/a.js';\nimport _ from 'lodash';\n",
            ),
        ]);
        let paths: Vec<&str> = files
            .keys()
            .map(String::as_str)
            .filter(|path| *path != HELPER)
            .collect();
        let found = neighbours(&own(), &changed(&paths), &BTreeMap::new(), &files);
        let why: BTreeMap<&str, Option<&NotTried>> = found
            .iter()
            .map(|(path, one)| (path.as_str(), one.as_ref().err()))
            .collect();
        assert_eq!(why["slack/on-events/made.ts"], None, "it is compiled");
        assert_eq!(
            why["slack/actions/listUsers.ts"],
            Some(&NotTried::OtherKind)
        );
        let import = "../helpers/secrets.js".to_owned();
        assert_eq!(
            why["slack/actions/two.ts"],
            Some(&NotTried::Incomplete { import })
        );
        assert_eq!(why["slack/actions/three.ts"], None, "the compiler tells");
    }

    #[test]
    fn what_stands_under_its_own_name_goes() {
        let path = "slack/syncs/own.ts";
        let import = "import { a } from '../helpers/a.js';\n";
        let files = texts(&[(HELPER, "export const a = 1;\n"), (path, import)]);
        let found = neighbours(&own(), &changed(&[path]), &BTreeMap::new(), &files);
        assert_eq!(found, []);
    }

    #[test]
    fn of_many_the_first_are_tried_and_the_rest_is_named() {
        let paths: Vec<String> = (0..limits::NEIGHBOURS + 2)
            .map(|number| format!("slack/actions/f-{number:02}.ts"))
            .collect();
        let mut files = texts(&[(HELPER, "export const a = 1;\n")]);
        for path in &paths {
            files.insert(
                path.clone(),
                "import { a } from '../helpers/a.js';\n".into(),
            );
        }
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let found = neighbours(&own(), &changed(&paths), &BTreeMap::new(), &files);
        assert_eq!(found.len(), limits::NEIGHBOURS + 2);
        let too_many = found
            .iter()
            .filter(|(_, one)| *one == Err(NotTried::TooMany));
        assert_eq!(too_many.count(), 2);
    }
}
