//! Which modules of an integration its functions may import, said before an agent spends money.

use std::collections::BTreeMap;

use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::domain::ground::Unusable;
use crate::domain::project::ProjectFolder;
use crate::domain::spec::Spec;

use super::imports::{Dangling, Leads, closure};
use super::shown::{is_module, is_own};

/// The modules that functions of the integration of `spec` may import, and those that they may not.
pub fn modules(files: &BTreeMap<String, String>, spec: &Spec) -> (Vec<String>, Vec<Unusable>) {
    let (mut usable, mut unusable) = (Vec::new(), Vec::new());
    let own = files
        .iter()
        .filter(|(path, _)| is_own(path, spec) && is_module(path));
    for (path, text) in own {
        match hindrance(files, path, text) {
            None => usable.push(path.clone()),
            Some(hindrance) => unusable.push(hindrance),
        }
    }
    (usable, unusable)
}

/// What keeps the file at `path` from being compiled by Nango, if anything does.
fn hindrance(files: &BTreeMap<String, String>, path: &str, text: &str) -> Option<Unusable> {
    let found = closure(path, text, |path| files.get(path).cloned());
    let first = found.dangling.first()?;
    Some(Unusable {
        path: path.to_owned(),
        line: (first.path == path).then_some(first.import.line),
        why: why(path, first),
    })
}

fn why(path: &str, dangling: &Dangling) -> String {
    let Dangling { path: at, import } = dangling;
    let module = &import.module;
    let what = match import.leads {
        Leads::Refused => {
            format!("the package `{module}`, which Nango does not let functions import")
        }
        Leads::Outside => format!("`{module}`, which lies outside of the Nango project"),
        Leads::Inside(_) | Leads::Allowed => {
            format!("`{module}`, which is not there or is not shown to agents")
        }
    };
    if at == path {
        format!("it imports {what}")
    } else {
        format!("it imports `{at}`, which imports {what}")
    }
}

/// What is to be known before agents begin: modules, and functions that are there, of the integrations in which something is
/// built and that Nango would not compile. `specs` are those of what is built in this project.
pub fn known_before(
    files: &BTreeMap<String, String>,
    specs: &[&Spec],
    project: &ProjectFolder,
) -> Vec<Finding> {
    let mut all: BTreeMap<String, Unusable> = BTreeMap::new();
    for spec in specs {
        let function = spec.function_path();
        let own = files.get(&function);
        all.extend(
            own.and_then(|text| hindrance(files, &function, text))
                .map(|one| (function, one)),
        );
        let (_, unusable) = modules(files, spec);
        all.extend(unusable.into_iter().map(|one| (one.path.clone(), one)));
    }
    all.into_values()
        .map(|one| {
            let path = project.path(&one.path);
            let sentence = format!(
                "`{path}` cannot be compiled under Nango's rules, so no function can import it: {}.",
                one.why
            );
            Finding::new(
                "not-importable",
                Severity::Note,
                Confidence::Proven,
                Place::Repository { path, line: one.line.unwrap_or(1) },
                sentence,
                Vec::new(),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::specs;

    #[test]
    fn what_nango_would_not_compile_is_known_before() {
        let files: BTreeMap<String, String> = [
            (
                "slack/helpers/good.ts",
                "import { z } from 'zod';\nexport const a = z;\n",
            ),
            (
                "slack/helpers/bad.ts",
                "import { z } from 'zod';\nimport _ from 'lodash';\n",
            ),
            (
                "slack/mappers/uses.ts",
                "import { x } from '../helpers/bad.js';\n",
            ),
            (
                "slack/actions/own.ts",
                "import { x } from '../helpers/gone.js';\n",
            ),
            ("hubspot/helpers/bad.ts", "import _ from 'lodash';\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .into();
        let spec = specs::sample::spec("slack/own");
        let (usable, _) = modules(&files, &spec);
        assert_eq!(usable, ["slack/helpers/good.ts"]);
        let project = spec.project.clone().expect("a project");
        let known = known_before(&files, &[&spec], &project);
        let told: Vec<&str> = known.iter().map(|one| one.sentence.as_str()).collect();
        assert_eq!(told.len(), 3, "{told:#?}");
        assert!(told[0].contains("slack/actions/own.ts") && told[0].contains("gone.js"));
        assert!(
            told[1].ends_with("the package `lodash`, which Nango does not let functions import.")
        );
        assert!(told[2].contains("it imports `slack/helpers/bad.ts`, which imports the package"));
        let places: Vec<&Place> = known.iter().map(|one| &one.place).collect();
        assert!(
            matches!(places[1], Place::Repository { line: 2, .. }),
            "{places:?}"
        );
    }
}
