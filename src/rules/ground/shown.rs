//! What of a project agents are shown, and in which order when there is more than fits.

use std::collections::BTreeMap;

use crate::domain::limits;
use crate::domain::spec::Spec;

/// Folders whose content is made by programs, belongs to tests, or is nobody's to read.
const PASSED_OVER: &[&str] = &[
    "node_modules",
    "build",
    "dist",
    "coverage",
    "tests",
    "mocks",
];
/// Words of a name that is for secrets.
const SECRET: &[&str] = &[
    "secret",
    "credential",
    "password",
    "private-key",
    "apikey",
    "api-key",
];
/// Folders of an integration that hold functions, which nobody imports.
const FUNCTIONS: &[&str] = &["actions", "syncs", "on-events", "functions"];

/// Whether a file of the project, by its path there, is source that agents may see. Its content has to be looked at, too.
///
/// Sources only: what configures programs or instructs agents comes from the tool chain and the base branch, and a
/// recording that lies about would be copied.
pub fn is_source(path: &str) -> bool {
    let lower = path.to_lowercase();
    let parts: Vec<&str> = lower.split('/').collect();
    let Some((name, folders)) = parts.split_last() else {
        return false;
    };
    let is_made = [".d.ts", ".test.ts", ".spec.ts", ".config.ts", ".setup.ts"];
    // At the top lie the index and configuration.
    !folders.is_empty()
        && name.ends_with(".ts")
        && !is_made.iter().any(|ending| name.ends_with(ending))
        && !parts.iter().any(|part| part.starts_with('.'))
        && !folders.iter().any(|folder| PASSED_OVER.contains(folder))
        && !SECRET.iter().any(|word| lower.contains(word))
}

/// Whether the file is a module that functions of its integration may import, and no function itself.
pub fn is_module(path: &str) -> bool {
    let mut parts = path.split('/');
    let (_, folder) = (parts.next(), parts.next());
    is_source(path) && folder.is_some_and(|folder| !FUNCTIONS.contains(&folder))
}

/// Whether the file belongs to the integration of `spec`.
pub fn is_own(path: &str, spec: &Spec) -> bool {
    let integration = spec.key.integration.as_str();
    path.strip_prefix(integration)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// What is shown of `files` to whoever builds `spec`, at most [`limits::GROUND_FILES`] of [`limits::GROUND_BYTES`]: first
/// the integration's modules, then its functions, then the modules of others, then their functions. Its own function is not
/// among them. Says how many were left out.
pub fn choose<'a>(
    files: &'a BTreeMap<String, String>,
    spec: &Spec,
) -> (Vec<(&'a str, &'a str)>, usize) {
    let (own, trigger) = (spec.function_path(), spec.trigger_path());
    let mut all: Vec<(&str, &str)> = files
        .iter()
        .filter(|(path, _)| **path != own && Some(*path) != trigger.as_ref())
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    // Stable, so that within each group the order is that of the paths.
    all.sort_by_key(|(path, _)| (!is_own(path, spec), !is_module(path)));
    let count = all.len();
    let mut room = limits::GROUND_BYTES;
    all.retain(|(_, text)| {
        let fits = text.len() <= room;
        if fits {
            room -= text.len();
        }
        fits
    });
    all.truncate(limits::GROUND_FILES);
    let left_out = count - all.len();
    (all, left_out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::specs;

    #[test]
    fn sources_are_shown_and_nothing_else() {
        for path in [
            "slack/actions/post.ts",
            "slack/helpers/paginate.ts",
            "shared/http.ts",
            "slack/types.ts",
        ] {
            assert!(is_source(path), "{path}");
        }
        for path in [
            ".env",
            "slack/.env.ts",
            "slack/.hidden/x.ts",
            "slack/secrets.ts",
            "slack/helpers/credentials.ts",
            "slack/tests/slack-post.test.ts",
            "slack/tests/post.test.json",
            "slack/mocks/post/output.json",
            "node_modules/nango/index.ts",
            "slack/globals.d.ts",
            "index.ts",
            "vitest.setup.ts",
            "slack/vite.config.ts",
            "AGENTS.md",
            "package.json",
        ] {
            assert!(!is_source(path), "{path}");
        }
    }

    #[test]
    fn its_own_integration_comes_first_and_the_limit_holds() {
        let large = "x".repeat(limits::GROUND_BYTES - 2);
        let files: BTreeMap<String, String> = [
            ("aaa/actions/one.ts", large.as_str()),
            ("aaa/helpers/two.ts", large.as_str()),
            ("slack/actions/post.ts", "b"),
            ("slack/helpers/a.ts", "a"),
            ("slack/syncs/users.ts", "own"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        let spec = crate::domain::spec::Spec {
            kind: crate::domain::spec::Kind::Sync,
            ..specs::sample::spec("slack/users")
        };
        let (shown, left_out) = choose(&files, &spec);
        let paths: Vec<&str> = shown.iter().map(|(path, _)| *path).collect();
        // Of the two large ones there is room for one.
        let expected = [
            "slack/helpers/a.ts",
            "slack/actions/post.ts",
            "aaa/helpers/two.ts",
        ];
        assert_eq!((paths, left_out), (expected.to_vec(), 1));
    }
}
