//! A whole project, compiled and tested at once.

use countersign::domain::clean_room::Outcome;
use countersign::domain::spec::Kind;
use countersign::edge::nango::WholeFolder;
use countersign_standin::nango::NangoStandIn;

use super::{SECRET, clean_room, create_event, ran, source};
use crate::support::tools::{spec, template};

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_project_is_compiled_and_tested_at_once_and_a_failure_names_its_test() {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let template = template();
    let (project, private) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let put = |path: &str, bytes: &[u8]| {
        let path = project.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    };
    let mut index = String::new();
    for (path, bytes) in template.files() {
        put(path, bytes);
    }
    for spec in [create_event(), spec("slack/users", Kind::Sync, None)] {
        let (room, contents) = clean_room(&spec, source(&spec), nango.port()).await;
        put(&spec.function_path(), source(&spec).as_bytes());
        put(
            &spec.recording_path(),
            &contents[&room.recording.expect("a recording")],
        );
        put(&spec.test_path(), &contents[&room.test.expect("a test")]);
        index += &format!(
            "import './{}';\n",
            spec.function_path().replace(".ts", ".js")
        );
    }
    put("index.ts", index.as_bytes());
    // Configuration of the project's own, which must not matter.
    put(
        "vitest.config.ts",
        b"export default { test: { include: ['nothing'], passWithNoTests: true } };",
    );
    put("postcss.config.cjs", b"throw new Error('loaded');");

    let whole = WholeFolder::open(&template, project.path(), private.path()).expect("a project");
    let compiled = whole.read_compile(&ran(whole.compile_it()).await);
    assert!(compiled.passed(), "{compiled:#?}");
    let result = whole.read_tests(&ran(whole.test_it(&[], &[])).await);
    assert!(result.tests.passed(), "{result:#?}");
    assert_eq!(result.files.iter().map(|file| file.passed).sum::<u32>(), 3);

    let users = spec("slack/users", Kind::Sync, None);
    put(
        &users.function_path(),
        source(&users)
            .replace("user.is_admin ?? false", "false")
            .as_bytes(),
    );
    let result = whole.read_tests(&ran(whole.test_it(&[], &[])).await);
    assert_eq!(result.tests.outcome, Outcome::Failed);
    assert!(
        result
            .tests
            .said
            .contains("slack/tests/slack-users.test.ts"),
        "{}",
        result.tests.said
    );
    let failed: Vec<&str> = result
        .files
        .iter()
        .filter(|file| !file.failed.is_empty())
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(failed, ["slack/tests/slack-users.test.ts"]);
}
