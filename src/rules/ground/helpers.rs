//! Where an agent may write modules that its function imports.

use std::collections::BTreeMap;

use crate::domain::spec::Spec;

use super::imports::closure;
use super::shown::{is_module, is_source};

/// Folders of an integration for that.
const FOLDERS: &[&str] = &["helpers", "mappers", "models", "types"];

/// The folders for who builds `spec`, relative to the Nango project, each with a `/` at its end; `more` are those that the
/// repository's settings add.
pub fn folders(spec: &Spec, more: &[String]) -> Vec<String> {
    let own = FOLDERS
        .iter()
        .map(|folder| format!("{}/{folder}/", spec.key.integration));
    let more = more
        .iter()
        .map(|folder| format!("{}/", folder.trim_end_matches('/')));
    own.chain(more).collect()
}

/// Whether `path` is one at which a module may be written.
pub fn is_allowed(path: &str, folders: &[String]) -> bool {
    is_source(path)
        && folders
            .iter()
            .any(|folder| path.starts_with(folder.as_str()))
}

/// The functions of a project that import the module at `path`, without the one at `but`.
pub fn users(files: &BTreeMap<String, String>, path: &str, but: &str) -> Vec<String> {
    let read = |path: &str| files.get(path).cloned();
    let others = files
        .iter()
        .filter(|(other, _)| !is_module(other) && other.as_str() != but);
    others
        .filter(|(other, text)| closure(other, text, read).modules.contains_key(path))
        .map(|(other, _)| other.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::specs;

    #[test]
    fn modules_are_written_in_their_folders_only() {
        let folders = folders(&specs::sample::spec("slack/post"), &["shared".into()]);
        for path in ["slack/helpers/a.ts", "slack/types/b/c.ts", "shared/x.ts"] {
            assert!(is_allowed(path, &folders), "{path}");
        }
        for path in [
            "slack/actions/other.ts",
            "slack/util/a.ts",
            "hubspot/helpers/a.ts",
            "slack/helpers/a.d.ts",
            "slack/helpers/a.mjs",
            "slack/helpers/node_modules/x/index.ts",
            "sharedx/x.ts",
        ] {
            assert!(!is_allowed(path, &folders), "{path}");
        }
    }

    #[test]
    fn whoever_imports_it_by_whatever_way_uses_it() {
        let files: BTreeMap<String, String> = [
            ("slack/helpers/a.ts", "export const a = 1;\n"),
            (
                "slack/mappers/b.ts",
                "export { a } from '../helpers/a.js';\n",
            ),
            (
                "slack/actions/one.ts",
                "import { a } from '../mappers/b.js';\n",
            ),
            ("slack/syncs/two.ts", "import { a } from '../helpers/a';\n"),
            (
                "slack/actions/own.ts",
                "import { a } from '../helpers/a.js';\n",
            ),
            ("slack/actions/none.ts", "export default 1;\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        assert_eq!(
            users(&files, "slack/helpers/a.ts", "slack/actions/own.ts"),
            ["slack/actions/one.ts", "slack/syncs/two.ts"]
        );
    }
}
