//! A project in which several things fail at once: the CLI tells the first, the survey all of them.

use std::path::Path;

use countersign::domain::failure::{Failure, Good, Stage};
use countersign::domain::program::{Program, ProgramEnd};
use countersign::edge::nango::{Outside, Part, WholeFolder};
use countersign_standin::nango::function;

use crate::support::tools::{run, template};

const NONCE: &str = "1a2b3c";

struct Project {
    folder: tempfile::TempDir,
    whole: WholeFolder,
}

/// A project with these files, and an index that imports these functions.
fn project(files: &[(&str, &str)], functions: &[&str]) -> Project {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |path: &str, text: &str| {
        let path = folder.path().join("project").join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    put(
        "package.json",
        "{ \"private\": true, \"type\": \"module\" }",
    );
    let index: Vec<String> = functions
        .iter()
        .map(|path| format!("import './{}.js';\n", path.trim_end_matches(".ts")))
        .collect();
    put("index.ts", &index.concat());
    for (path, text) in files {
        put(path, text);
    }
    let whole = WholeFolder::open(
        &template(),
        &folder.path().join("project"),
        &folder.path().join("private"),
    );
    Project {
        whole: whole.expect("a project"),
        folder,
    }
}

async fn ran(program: Program) -> ProgramEnd {
    tokio::task::spawn_blocking(move || run(&program))
        .await
        .expect("a thread")
}

fn action(body: &str) -> String {
    format!(
        "import {{ createAction }} from 'nango';\nimport {{ z }} from 'zod';\n{body}\nexport default createAction({{\n    \
         description: 'x',\n    version: '1.0.0',\n    input: z.object({{}}),\n    output: z.object({{}}),\n    \
         exec: async () => ({{}})\n}});\n"
    )
}

fn told(failures: &[Failure]) -> Vec<(Stage, &str, &str)> {
    let told = failures.iter().map(|one| {
        let file = one.file.as_deref().unwrap_or_default();
        (one.stage, file, one.what.as_str())
    });
    told.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_fails_is_told_and_not_only_the_first() {
    let users = function("slack/syncs/users.ts").expect("an example");
    let (typed, imports, throws) = (
        action("const wrong: number = 'x';\nvoid wrong;"),
        action("import ts from 'typescript';\nvoid ts.version;"),
        action("if (Date.now() > 0) { throw new Error('at the top'); }"),
    );
    let project = project(
        &[
            ("slack/syncs/users.ts", users),
            ("slack/syncs/twin.ts", users),
            ("slack/actions/typed.ts", &typed),
            ("slack/actions/imports.ts", &imports),
            ("slack/actions/throws.ts", &throws),
            ("tsconfig.json", "{ broken"),
            ("node_modules/nango/index.js", "throw new Error('theirs');"),
        ],
        &[
            "slack/syncs/users.ts",
            "slack/syncs/twin.ts",
            "slack/actions/typed.ts",
            "slack/actions/imports.ts",
            "slack/actions/throws.ts",
            "slack/actions/gone.ts",
        ],
    );
    let whole = &project.whole;
    let compiled = whole.read_compile(&ran(whole.compile_it()).await);
    assert!(!compiled.passed());
    assert!(!compiled.said.contains("SlackUser"), "{}", compiled.said);

    let program = whole.survey(&Part::Code, NONCE).expect("a program");
    let code = whole.read_survey(NONCE, &ran(program).await);
    let mut all = told(&code.failures);
    all.sort();
    assert_eq!(
        all,
        [
            (Stage::Types, "slack/actions/gone.ts", "TS6053"),
            (Stage::Types, "slack/actions/typed.ts", "TS2322"),
            (
                Stage::Build,
                "slack/actions/gone.ts",
                "failed_to_build_unknown"
            ),
            (
                Stage::Build,
                "slack/actions/imports.ts",
                "disallowed_import"
            ),
        ]
    );
    let path = project.folder.path().to_string_lossy().into_owned();
    assert!(code.failures.iter().all(|one| !one.said.contains(&path)));
    let Good::Only(built) = code.good else {
        panic!("all good")
    };
    assert!(built.contains("slack/actions/throws.ts"), "{built:?}");

    let part = Part::Definitions(vec![built.into_iter().collect()]);
    let program = whole.survey(&part, NONCE).expect("a program");
    let end = ran(program).await;
    let read = whole.read_survey(NONCE, &end);
    assert_eq!(
        told(&read.failures),
        [
            (Stage::Definitions, "slack/actions/throws.ts", "load"),
            (
                Stage::Definitions,
                "slack/syncs/users.ts",
                "createSync > input"
            ),
        ]
    );
    assert!(read.good.holds("slack/syncs/twin.ts"));
    assert!(!read.good.holds("slack/syncs/users.ts"));

    // What another look left is no report of this one.
    let none = whole.read_survey("another", &end);
    assert_eq!(told(&none.failures), [(Stage::Program, "", "compile")]);
    assert_eq!(none.good, Good::default());
}

#[tokio::test(flavor = "multi_thread")]
async fn configuration_of_the_project_does_not_reach_tests_and_those_aside_are_not_run() {
    let test = "import { it } from 'vitest';\nit('is green', () => {});\n";
    let bun = "import { test } from 'bun:test';\ntest('x', () => {});\n";
    let red = "import { it } from 'vitest';\nit('is red', () => { throw new Error('red'); });\n";
    let aside = "slack/tests/bun (old) [1].test.ts";
    let project = project(
        &[
            (
                "tsconfig.json",
                "{ \"extends\": \"@tsconfig/node22/tsconfig.json\" }",
            ),
            ("slack/tsconfig.json", "{ broken"),
            ("slack/tests/green.test.ts", test),
            ("slack/tests/red.test.ts", red),
            (aside, bun),
            ("slack/x.spec.mts", test),
        ],
        &[],
    );
    let whole = &project.whole;
    let found = whole.tests();
    let paths: Vec<&str> = found.iter().map(|test| test.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            aside,
            "slack/tests/green.test.ts",
            "slack/tests/red.test.ts",
            "slack/x.spec.mts"
        ]
    );
    let result = whole.read_tests(&ran(whole.test_it(&[], &[aside.to_owned()])).await);
    let survey = result.survey();
    assert_eq!(
        told(&survey.failures),
        [(Stage::Tests, "slack/tests/red.test.ts", "is red")]
    );
    assert_eq!(survey.failures[0].said, "Error: red");
    assert!(survey.good.holds("slack/tests/green.test.ts"));

    let only = ["slack/tests/green.test.ts".to_owned()];
    let result = whole.read_tests(&ran(whole.test_it(&only, &[])).await);
    assert_eq!(result.files.len(), 1, "{result:#?}");

    // A test that takes the process with it leaves no report.
    let kills = Path::new("slack/tests/kills.test.ts");
    let text = "process.kill(process.ppid, 'SIGKILL');\n";
    std::fs::write(project.folder.path().join("project").join(kills), text).expect("a file");
    let result = whole.read_tests(&ran(whole.test_it(&[], &[aside.to_owned()])).await);
    assert!(
        matches!(result.outside, Some(Outside::NoReport(_))),
        "{result:#?}"
    );
}
