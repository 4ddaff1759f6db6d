//! What was seen to be good and cannot have changed since: each function and each test of a project by a digest of all that
//! its verdict depends on. What cannot be told has none, and is verified each time.
//!
//! A function depends on its source, the modules that it imports, and on what all depend on: the tools, the packages and
//! declarations for the whole project. A test depends on the same, and on the recordings that it names.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::failure::Good;
use crate::domain::name::Digest;
use crate::domain::tree::ProjectFiles;
use crate::rules::assemble::INDEX;
use crate::rules::ground::imports::{Leads, closure, imports};

/// A test may import it, a function may not.
const RUNNER: &str = "vitest";
/// What a test that reads files by itself has in it.
const READS: [&str; 4] = ["readFile", "import(", "require(", "import.meta"];
/// Where old tests of Nango have their recordings.
const MOCKS: &str = "/mocks/";

/// Digests by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footprints {
    /// Functions that the index lists; nothing when the index does anything else than that.
    functions: Option<BTreeMap<String, Option<Digest>>>,
    tests: BTreeMap<String, Digest>,
}

/// What is to be verified when the rest is known to be good.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rest {
    /// Functions that are to be compiled; nothing when all are, with everything else that the index does.
    pub functions: Option<Vec<String>>,
    /// Tests that need not be run.
    pub tests: BTreeSet<String>,
}

impl Footprints {
    /// Of a project. `setup` names the tools and packages that it is verified with.
    pub fn of(setup: &str, files: &ProjectFiles) -> Self {
        let common = common(setup, files);
        let functions = files.sources.get(INDEX).and_then(|index| {
            let listed = listed(index, files)?;
            let digest = |path: String| {
                let digest = function(&common, &path, files);
                (path, digest)
            };
            Some(listed.into_iter().map(digest).collect())
        });
        let tests = files.sources.iter().filter_map(|(path, text)| {
            let name = path.strip_suffix(".test.ts")?;
            Some((path.clone(), test(&common, name, text, files)?))
        });
        Self {
            functions,
            tests: tests.collect(),
        }
    }

    /// Whether the index is there and lists no function. The CLI calls that an error; there is nothing to be wrong, though.
    pub fn lists_nothing(&self) -> bool {
        self.functions.as_ref().is_some_and(BTreeMap::is_empty)
    }

    /// What is left to verify; nothing when none of it is known to be good.
    pub fn rest(&self, good: &BTreeSet<Digest>) -> Option<Rest> {
        let is_good = |digest: &Digest| good.contains(digest);
        let functions = self.functions.as_ref().map(|all| {
            let open = |digest: &Option<Digest>| !digest.as_ref().is_some_and(is_good);
            let changed = all.iter().filter(|(_, digest)| open(digest));
            let changed: BTreeSet<&str> = changed.map(|(path, _)| integration(path)).collect();
            let together = all
                .keys()
                .filter(|path| changed.contains(integration(path)));
            together.cloned().collect::<Vec<_>>()
        });
        let tests = self.tests.iter().filter(|(_, digest)| is_good(digest));
        let rest = Rest {
            functions: functions.filter(|open| {
                let all = self.functions.as_ref().map_or(0, BTreeMap::len);
                open.len() < all
            }),
            tests: tests.map(|(path, _)| path.clone()).collect(),
        };
        (rest.functions.is_some() || !rest.tests.is_empty()).then_some(rest)
    }

    /// How many functions and tests are known to be good.
    pub fn known(&self, good: &BTreeSet<Digest>) -> usize {
        let functions = self.functions.iter().flatten();
        let functions = functions.filter_map(|(_, digest)| digest.as_ref());
        let all = functions.chain(self.tests.values());
        all.filter(|digest| good.contains(*digest)).count()
    }

    /// The digests of what was seen to be good; that nothing failed is not enough.
    pub fn good(&self, functions: &Good, tests: &Good) -> BTreeSet<Digest> {
        let functions = (self.functions.iter().flatten())
            .filter(|(path, _)| functions.holds(path))
            .filter_map(|(_, digest)| digest.as_ref());
        let tests = self.tests.iter().filter(|(path, _)| tests.holds(path));
        functions
            .chain(tests.map(|(_, digest)| digest))
            .cloned()
            .collect()
    }
}

/// Functions of one integration are looked at together: the CLI refuses two that have a model of one name.
fn integration(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// The functions that an index imports; nothing when it imports anything else, or does more.
fn listed(index: &str, files: &ProjectFiles) -> Option<Vec<String>> {
    let found = imports(INDEX, index);
    let lines = index.lines().map(str::trim);
    let code = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    if code.count() != found.len() {
        return None;
    }
    found
        .into_iter()
        .map(|import| match import.leads {
            Leads::Inside(candidates) => candidates
                .into_iter()
                .find(|path| files.sources.contains_key(path)),
            Leads::Outside | Leads::Allowed | Leads::Refused => None,
        })
        .collect()
}

/// What everything in a project depends on.
fn common(setup: &str, files: &ProjectFiles) -> Vec<String> {
    let mut parts = vec![setup.to_owned()];
    // Declarations hold without being imported.
    let declarations = files
        .sources
        .iter()
        .filter(|(path, _)| path.ends_with(".d.ts"));
    parts.extend(declarations.flat_map(|(path, text)| [path.clone(), text.clone()]));
    let manifests = files.others.iter();
    let manifests = manifests.filter(|(path, _)| path.ends_with("package.json"));
    parts.extend(manifests.flat_map(|(path, digest)| [path.clone(), digest.to_string()]));
    parts
}

fn function(common: &[String], path: &str, files: &ProjectFiles) -> Option<Digest> {
    let text = files.sources.get(path)?;
    let found = closure(path, text, |path| files.sources.get(path).cloned());
    if !found.dangling.is_empty() {
        return None;
    }
    let own = [path.to_owned(), text.clone()];
    let modules = found
        .modules
        .into_iter()
        .flat_map(|(path, text)| [path, text]);
    Some(digest(common, own.into_iter().chain(modules)))
}

/// `name` is its path without what marks it as a test.
fn test(common: &[String], name: &str, text: &str, files: &ProjectFiles) -> Option<Digest> {
    if READS.iter().any(|reads| text.contains(reads)) {
        return None;
    }
    let path = format!("{name}.test.ts");
    let found = closure(&path, text, |path| files.sources.get(path).cloned());
    if found.dangling.iter().any(|one| one.import.module != RUNNER) {
        return None;
    }
    let (folder, _) = name.rsplit_once('/').unwrap_or_default();
    let (integration, _) = folder.rsplit_once('/').unwrap_or_default();
    let is_read = |path: &str| {
        let named = path
            .strip_prefix(folder)
            .and_then(|file| file.strip_prefix('/')?.strip_suffix(".test.json"))
            .is_some_and(|stem| text.contains(stem));
        let mocks = path
            .strip_prefix(integration)
            .is_some_and(|rest| rest.starts_with(MOCKS));
        named || mocks
    };
    let recordings = files.others.iter().filter(|(path, _)| is_read(path));
    let recordings = recordings.flat_map(|(path, digest)| [path.clone(), digest.to_string()]);
    let modules = found
        .modules
        .into_iter()
        .flat_map(|(path, text)| [path, text]);
    let own = [path.clone(), text.to_owned()];
    Some(digest(
        common,
        own.into_iter().chain(modules).chain(recordings),
    ))
}

/// Parts are told apart by their lengths.
fn digest(common: &[String], own: impl Iterator<Item = String>) -> Digest {
    let mut all = String::new();
    for part in common.iter().cloned().chain(own) {
        all.push_str(&format!("{}:", part.len()));
        all.push_str(&part);
    }
    Digest::of(all.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELPER: &str = "slack/helpers/a.ts";

    fn files() -> ProjectFiles {
        let sources = [
            (
                INDEX,
                "import './slack/actions/one.js';\nimport './hubspot/syncs/two.js';\n",
            ),
            (
                "slack/actions/one.ts",
                "import { a } from '../helpers/a.js';\nexport default a;\n",
            ),
            (
                "hubspot/syncs/two.ts",
                "import { z } from 'zod';\nexport default z;\n",
            ),
            (HELPER, "export const a = 1;\n"),
            (
                "slack/tests/slack-one.test.ts",
                "import { it } from 'vitest';\nimport one from '../actions/one.js';\nmock({ name: 'one' });\n",
            ),
            (
                "hubspot/tests/hubspot-two.test.ts",
                "import { it } from 'vitest';\nimport two from '../syncs/two.js';\nmock({ name: 'two' });\n",
            ),
        ];
        let others = [
            "package.json",
            "slack/tests/one.test.json",
            "hubspot/tests/two.test.json",
        ];
        ProjectFiles {
            sources: sources
                .map(|(path, text)| (path.into(), text.into()))
                .into(),
            others: others.map(|path| (path.into(), Digest::of(b"1"))).into(),
        }
    }

    /// What is left when the files were good and are changed.
    fn rest(change: impl FnOnce(&mut ProjectFiles)) -> Option<(Vec<String>, Vec<String>)> {
        let good = Footprints::of("tools", &files()).good(&Good::All, &Good::All);
        let mut changed = files();
        change(&mut changed);
        let rest = Footprints::of("tools", &changed).rest(&good)?;
        let all = [
            "slack/tests/slack-one.test.ts",
            "hubspot/tests/hubspot-two.test.ts",
        ];
        let open = all.into_iter().filter(|path| !rest.tests.contains(*path));
        Some((
            rest.functions.unwrap_or_else(|| vec!["all".into()]),
            open.map(str::to_owned).collect(),
        ))
    }

    fn left(functions: &[&str], tests: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
        let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        Some((owned(functions), owned(tests)))
    }

    #[test]
    fn an_index_lists_nothing_only_when_there_is_nothing_in_it() {
        let lists_nothing = |index: Option<&str>| {
            let mut files = files();
            files.sources.remove(INDEX);
            let index = index.map(|text| (INDEX.to_owned(), text.to_owned()));
            files.sources.extend(index);
            Footprints::of("tools", &files).lists_nothing()
        };
        assert!(lists_nothing(Some("")));
        assert!(lists_nothing(Some("// One import per function.\n\n")));
        assert!(!lists_nothing(Some("import './slack/actions/one.js';\n")));
        // What is listed and not there fails, and so may anything else.
        assert!(!lists_nothing(Some("import './slack/actions/gone.js';\n")));
        assert!(!lists_nothing(Some("throw new Error('no');\n")));
        assert!(!lists_nothing(None));
    }

    #[test]
    fn what_cannot_have_changed_is_not_verified_again() {
        assert_eq!(rest(|_| {}), left(&[], &[]));
        let one = "slack/actions/one.ts";
        let test_of_one = "slack/tests/slack-one.test.ts";
        let touch = |path: &'static str| {
            move |files: &mut ProjectFiles| {
                files
                    .sources
                    .get_mut(path)
                    .expect("a file")
                    .push_str("// more\n");
            }
        };
        assert_eq!(rest(touch(one)), left(&[one], &[test_of_one]));
        assert_eq!(
            rest(touch(HELPER)),
            left(&[one], &[test_of_one]),
            "by its import"
        );
        assert_eq!(rest(touch(test_of_one)), left(&[], &[test_of_one]));
        let record = |files: &mut ProjectFiles| {
            files
                .others
                .insert("slack/tests/one.test.json".into(), Digest::of(b"2"));
        };
        assert_eq!(rest(record), left(&[], &[test_of_one]));
        let added = |files: &mut ProjectFiles| {
            files
                .sources
                .get_mut(INDEX)
                .expect("it")
                .push_str("import './slack/actions/new.js';\n");
            files
                .sources
                .insert("slack/actions/new.ts".into(), "export default 1;\n".into());
        };
        let both = ["slack/actions/new.ts", "slack/actions/one.ts"];
        assert_eq!(
            rest(added),
            left(&both, &[]),
            "with the others of its integration"
        );
    }

    #[test]
    fn what_everything_depends_on_leaves_everything_to_verify() {
        let packages = |files: &mut ProjectFiles| {
            files.others.insert("package.json".into(), Digest::of(b"2"));
        };
        assert_eq!(rest(packages), None);
        let declared = |files: &mut ProjectFiles| {
            files
                .sources
                .insert("types/all.d.ts".into(), "declare const x: 1;\n".into());
        };
        assert_eq!(rest(declared), None);
        let good = Footprints::of("tools", &files()).good(&Good::All, &Good::All);
        assert_eq!(Footprints::of("newer tools", &files()).rest(&good), None);
    }

    #[test]
    fn what_cannot_be_told_is_verified_each_time() {
        let reads = |files: &mut ProjectFiles| {
            let test = files.sources.get_mut("slack/tests/slack-one.test.ts");
            test.expect("it").push_str("readFileSync('x');\n");
        };
        assert_eq!(rest(reads), left(&[], &["slack/tests/slack-one.test.ts"]));
        let packages = |files: &mut ProjectFiles| {
            let function = files.sources.get_mut("hubspot/syncs/two.ts").expect("it");
            function.insert_str(0, "import x from 'unknown-package';\n");
        };
        assert_eq!(
            rest(packages),
            left(
                &["hubspot/syncs/two.ts"],
                &["hubspot/tests/hubspot-two.test.ts"]
            )
        );
        // An index that does more is not cut.
        let does = |files: &mut ProjectFiles| {
            files
                .sources
                .get_mut(INDEX)
                .expect("it")
                .push_str("start();\n");
        };
        assert_eq!(rest(does), left(&["all"], &[]));
    }

    #[test]
    fn what_was_not_seen_to_be_good_is_not_known_to_be() {
        let footprints = Footprints::of("tools", &files());
        let only = |path: &str| Good::Only([path.to_owned()].into());
        let test = "hubspot/tests/hubspot-two.test.ts";
        // The other test was skipped, or not found: it did not fail, and it proves nothing.
        let good = footprints.good(&only("slack/actions/one.ts"), &only(test));
        assert_eq!(footprints.known(&good), 2);
        let rest = footprints.rest(&good).expect("a rest");
        assert_eq!(rest.tests, [test.to_owned()].into());
        assert_eq!(rest.functions, Some(vec!["hubspot/syncs/two.ts".into()]));
    }
}
