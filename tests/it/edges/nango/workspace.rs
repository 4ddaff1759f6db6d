//! A workspace: its scaffold, its commands, and what skills show.

use countersign::domain::claim::Claim;
use countersign::domain::program::ProgramEnd;
use countersign::domain::spec::Kind;
use countersign::edge::nango::{Template, compile, scaffold};
use countersign_standin::nango::NangoStandIn;

use super::{SECRET, create_event, dry_run, private, ran, source, workspace};
use crate::support::tools::{spec, template};

#[tokio::test(flavor = "multi_thread")]
async fn a_scaffold_type_checks_and_a_workspace_holds_what_we_laid() {
    let template = template();
    for kind in Kind::ALL {
        let mut spec = spec("example/do-it", kind, None);
        spec.description = "It's a \\ 'trap'\nimport './x.js';\u{2028}*/ ${process}".to_owned();
        spec.docs = vec!["https://a.example/\nimport './y.js'".to_owned()];
        let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
        let workspace = workspace(&template, dir.path(), &spec);
        let tree = workspace.tree().expect("a tree");
        let paths: Vec<&str> = tree.0.keys().map(String::as_str).collect();
        let function = spec.function_path();
        let mut expected = vec![
            ".env",
            ".gitignore",
            ".nango/.gitkeep",
            "index.ts",
            "package.json",
            "tsconfig.json",
            "vite.config.ts",
            "vitest.setup.ts",
        ];
        expected.insert(3, &function);
        // What calls a function that the CLI's dry run cannot.
        let trigger = spec.trigger_path();
        if let Some(trigger) = &trigger {
            expected.insert(3, trigger);
        }
        assert_eq!(paths, expected);
        let (taken, bytes) =
            countersign::edge::nango::take(workspace.dir(), &function, &scaffold(&spec));
        assert_eq!(
            (taken.source(), bytes),
            (None, None),
            "an untouched scaffold is nothing"
        );
        let end = ran(compile(&template, workspace.dir(), private.path(), 300)).await;
        assert_eq!(end.code, Some(0), "{}\n{end:#?}", scaffold(&spec));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_a_workspace_work_as_agents_type_them() {
    let habits = "npx nango compile && nango generate:tests && vitest run && ! npm install";
    let end = typed(&template(), habits).await;
    assert_eq!(end.code, Some(0), "{end:#?}");
    assert!(
        end.stdout.contains("Mocks saved to") && end.stdout.contains("1 passed"),
        "{}",
        end.stdout
    );
    assert!(end.stderr.contains("packages are fixed"), "{}", end.stderr);
}

/// In a workspace with a good function: the very commands that the skill teaches, and what agents type besides.
pub(in crate::edges) async fn typed(template: &Template, besides: &str) -> ProgramEnd {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let spec = create_event();
    let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
    let workspace = workspace(template, dir.path(), &spec);
    std::fs::write(workspace.dir().join(spec.function_path()), source(&spec)).expect("a file");
    let input = spec.input.clone().expect("an input").to_string();
    std::fs::write(workspace.dir().join("in.json"), input).expect("a file");
    let mut shell = dry_run(
        template,
        &spec,
        workspace.dir(),
        private.path(),
        nango.port(),
    );
    let skill = include_str!("../../../../skills/dry-running-nango-functions/SKILL.md");
    let taught = fenced(skill, "sh").join("\n");
    let words = format!("{taught}\n{besides}");
    shell.argv = vec!["/bin/sh".to_owned(), "-ec".to_owned(), words];
    ran(shell).await
}

/// The fenced blocks of one language in a skill.
fn fenced(skill: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let blocks = skill.split(&fence).skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_skills_show_compiles_and_parses() {
    let template = template();
    let blocks = fenced(
        include_str!("../../../../skills/building-nango-functions/SKILL.md"),
        "ts",
    );
    let [action, sync, schema, webhook, on_event] = blocks.as_slice() else {
        panic!("{blocks:#?}")
    };
    // What the skill adds to the sync, in its place.
    let with_webhook = sync
        .replace("const sync =", &format!("{schema}\nconst sync ="))
        .replace("    exec:", &format!("{webhook}\n    exec:"));
    for (kind, block) in [
        (Kind::Action, action),
        (Kind::Sync, sync),
        (Kind::Sync, &with_webhook),
        (Kind::OnEvent, on_event),
    ] {
        let spec = spec("example/taught", kind, None);
        let (dir, private) = (tempfile::tempdir().expect("a folder"), private());
        let workspace = workspace(&template, dir.path(), &spec);
        std::fs::write(workspace.dir().join(spec.function_path()), block).expect("a file");
        let end = ran(compile(&template, workspace.dir(), private.path(), 300)).await;
        assert_eq!(end.code, Some(0), "{end:#?}");
    }
    let reports = fenced(
        include_str!("../../../../skills/testing-and-reporting/SKILL.md"),
        "json",
    );
    for report in &reports {
        serde_json::from_str::<Claim>(report).expect("a report as it is read");
    }
    assert_eq!(reports.len(), 2);
}
