//! Which tests of a project are not ours to run.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::domain::failure::{Aside, Failure, NotOurs, Stage, TestFile};

/// An import of another runner than vitest, at the end of its statement.
static OTHER_RUNNER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let modules = "bun:test|node:test(?:/[a-z]+)?|@jest/globals|@playwright/test|mocha|ava|tap|uvu|jasmine|cypress|\
                   https://deno\\.land/[^'\"]+|@std/testing/bdd";
    Regex::new(&format!(
        r#"(?m)^[^/*'"\n]*(?:\bfrom\s*|\bimport\s*|\brequire\(\s*|\bimport\(\s*)['"]({modules})['"]"#
    ))
    .ok()
});

/// The name that a test gives Nango's stand-in for an API.
static MOCK_NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\bname:\s*['"]([^'"\n]+)['"]"#).ok());

/// What vitest says of a file that only another runner, or another installation, can load.
const GLOBALS: [&str; 9] = [
    "describe",
    "it",
    "test",
    "expect",
    "jest",
    "suite",
    "beforeEach",
    "beforeAll",
    "mock",
];

/// Tests that are left out before anything is run. Tests of the commit's own, which are `ours`, never are.
pub fn known_aside(tests: &[TestFile], ours: &BTreeSet<String>) -> Vec<Aside> {
    let others = tests.iter().filter(|test| !ours.contains(&test.path));
    others
        .filter_map(|test| {
            let why = match other_runner(&test.text) {
                Some(module) => NotOurs::Runner { module },
                None if !is_looked_for(&test.path) => NotOurs::Elsewhere,
                None => return None,
            };
            Some(Aside {
                path: test.path.clone(),
                why,
            })
        })
        .collect()
}

/// Whether a test is one that we run: vitest's, where we look for them.
pub fn is_ours_to_run(test: &TestFile) -> bool {
    known_aside(std::slice::from_ref(test), &BTreeSet::new()).is_empty()
}

/// Tests that were run, fail, and failed before, because they are not ours to run. They are taken out of `before`.
pub fn later_aside(
    before: &mut Vec<Failure>,
    tests: &[TestFile],
    paths: &BTreeSet<String>,
) -> Vec<Aside> {
    let mut aside: Vec<Aside> = Vec::new();
    before.retain(|failure| {
        let why = why_not_ours(failure, tests, paths);
        let (Some(why), Some(path)) = (why, &failure.file) else {
            return true;
        };
        if aside.iter().all(|there| there.path != *path) {
            aside.push(Aside {
                path: path.clone(),
                why,
            });
        }
        false
    });
    aside
}

fn why_not_ours(
    failure: &Failure,
    tests: &[TestFile],
    paths: &BTreeSet<String>,
) -> Option<NotOurs> {
    if failure.stage != Stage::Tests {
        return None;
    }
    let test = tests
        .iter()
        .find(|test| Some(&test.path) == failure.file.as_ref())?;
    if failure.what.is_empty() && is_unloadable(&failure.said) {
        return Some(NotOurs::Unloadable {
            said: failure.said.lines().next().unwrap_or_default().to_owned(),
        });
    }
    lacks_recording(test, paths).then_some(NotOurs::NoRecording)
}

fn other_runner(text: &str) -> Option<String> {
    let found = OTHER_RUNNER.as_ref()?.captures(text)?;
    Some(found.get(1)?.as_str().to_owned())
}

/// Where vitest with our settings looks: `tests/*.test.ts` in any folder.
fn is_looked_for(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let is_test = (parts.next()).is_some_and(|name| name.ends_with(".test.ts"));
    is_test && parts.next() == Some("tests")
}

/// A package that is not there, or a global that vitest does not give. A file of the project that is not there is the
/// project's own fault.
fn is_unloadable(said: &str) -> bool {
    let first = said.lines().next().unwrap_or_default();
    let missing = [
        "Failed to load url ",
        "Failed to resolve import \"",
        "Cannot find package '",
    ];
    let named = missing
        .iter()
        .find_map(|words| first.split_once(words).map(|(_, name)| name));
    let is_package = named.is_some_and(|name| !name.starts_with(['.', '/']));
    let is_global = first
        .strip_suffix(" is not defined")
        .and_then(|words| words.rsplit(' ').next())
        .is_some_and(|name| GLOBALS.contains(&name));
    is_package || is_global
}

/// Whether it replays a recording, and there is none in any place where Nango's stand-in looks for one.
fn lacks_recording(test: &TestFile, paths: &BTreeSet<String>) -> bool {
    let replays = ["NangoActionMock", "NangoSyncMock"];
    if !replays.iter().any(|mock| test.text.contains(mock)) {
        return false;
    }
    let Some((folder, file)) = test.path.rsplit_once('/') else {
        return false;
    };
    let own = file.trim_end_matches(".ts");
    let named = MOCK_NAME
        .as_ref()
        .and_then(|name| name.captures(&test.text))
        .and_then(|found| found.get(1))
        .map(|name| format!("{folder}/{}.test.json", name.as_str()));
    let mocks = format!("{}/mocks/", folder.trim_end_matches("/tests"));
    let has_old = paths
        .range(mocks.clone()..)
        .next()
        .is_some_and(|path| path.starts_with(&mocks));
    let has_own = paths.contains(&format!("{folder}/{own}.json"));
    let has_named = named.is_some_and(|path| paths.contains(&path));
    !(has_own || has_named || has_old)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(path: &str, text: &str) -> TestFile {
        TestFile {
            path: path.into(),
            text: text.into(),
        }
    }

    fn set(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn other_runners_are_known_by_what_is_imported_and_not_by_what_is_said() {
        for (text, runner) in [
            ("import { test } from 'bun:test';", Some("bun:test")),
            (
                "import {\n  test,\n  expect\n} from \"bun:test\"",
                Some("bun:test"),
            ),
            ("import test from 'node:test';", Some("node:test")),
            ("const { test } = require('node:test');", Some("node:test")),
            (
                "import { jest } from '@jest/globals';",
                Some("@jest/globals"),
            ),
            ("import { it } from 'vitest';", None),
            (
                "// came from 'bun:test' once\nimport { it } from 'vitest';",
                None,
            ),
            (" * moved from 'bun:test'", None),
            ("const words = \"import from 'bun:test'\";", None),
            ("import x from './mocha';", None),
        ] {
            assert_eq!(other_runner(text).as_deref(), runner, "{text}");
        }
    }

    #[test]
    fn tests_of_the_commit_are_never_left_out() {
        let tests = [
            test("slack/tests/ours.test.ts", "import 'bun:test'"),
            test("slack/tests/bun.test.ts", "import 'bun:test'"),
            test("slack/tests/old.test.ts", "import { it } from 'vitest'"),
            test("slack/__tests__/old.spec.ts", "import { it } from 'vitest'"),
        ];
        let aside = known_aside(&tests, &set(&["slack/tests/ours.test.ts"]));
        let told: Vec<(&str, &NotOurs)> = aside
            .iter()
            .map(|one| (one.path.as_str(), &one.why))
            .collect();
        let bun = NotOurs::Runner {
            module: "bun:test".into(),
        };
        assert_eq!(
            told,
            [
                ("slack/tests/bun.test.ts", &bun),
                ("slack/__tests__/old.spec.ts", &NotOurs::Elsewhere)
            ]
        );
    }

    #[test]
    fn a_missing_package_is_another_installations_and_a_missing_file_the_projects() {
        for (said, is) in [
            (
                "Failed to load url sinon (resolved id: sinon) in x.test.ts. Does the file exist?",
                true,
            ),
            (
                "Failed to load url ../actions/gone.js (resolved id: ../actions/gone.js) in x",
                false,
            ),
            ("ReferenceError: describe is not defined", true),
            ("describe is not defined", true),
            ("ReferenceError: helper is not defined", false),
            ("Error: expected 1 to be 2", false),
        ] {
            assert_eq!(is_unloadable(said), is, "{said}");
        }
    }

    #[test]
    fn a_recording_that_was_never_made_is_told_from_one_that_does_not_fit() {
        let text = "new global.vitest.NangoActionMock({ dirname: __dirname, name: 'get-user' })";
        let file = test("slack/tests/slack-get-user.test.ts", text);
        let failure = Failure {
            stage: Stage::Tests,
            file: Some(file.path.clone()),
            what: "slack get-user".into(),
            said: "Error: No mock found for GET /users.info".into(),
            line: None,
        };
        let left = |paths: &[&str]| {
            let mut before = vec![failure.clone()];
            let aside = later_aside(&mut before, std::slice::from_ref(&file), &set(paths));
            (before.len(), aside.len())
        };
        assert_eq!(left(&["slack/tests/other.test.json"]), (0, 1));
        assert_eq!(left(&["slack/tests/get-user.test.json"]), (1, 0));
        assert_eq!(left(&["slack/tests/slack-get-user.test.json"]), (1, 0));
        assert_eq!(left(&["slack/mocks/get-user/output.json"]), (1, 0));
    }
}
