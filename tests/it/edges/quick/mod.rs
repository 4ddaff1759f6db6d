//! The quick CLI says and writes what the pinned one does; and what the checkers outside of the walls answer by, and do not.

mod cases;
mod scene;

use std::collections::BTreeSet;
use std::fs;

use cases::{Case, cases};
use countersign::domain::limits;
use countersign::edge::nango::Checkers;
use countersign::edge::sandbox::Isolation;
use scene::{Played, Scene, checker_processes};
use serde_json::{Value, json};
use tokio::sync::RwLock;

use crate::support::tools::template;

/// Held by who asks, and alone by who kills: the tests of this process see each other's checkers.
static ALIVE: RwLock<()> = RwLock::const_new(());

/// What a case did both ways must be the same.
fn differences(case: &Case, plain: &[Played], quick: &[Played]) -> Vec<String> {
    let mut found = Vec::new();
    for ((command, plain), quick) in case.commands.iter().zip(plain).zip(quick) {
        let mut differ = |what: &str, plain: &str, quick: &str| {
            if plain != quick {
                found.push(format!(
                    "{}: `{command}`: {what}\n--- pinned\n{plain}\n+++ quick\n{quick}",
                    case.name
                ));
            }
        };
        differ(
            "exit code",
            &format!("{:?}", plain.code),
            &format!("{:?}", quick.code),
        );
        differ("standard output", &plain.stdout, &quick.stdout);
        differ("standard error", &plain.stderr, &quick.stderr);
        let paths: BTreeSet<&String> = plain.files.keys().chain(quick.files.keys()).collect();
        for path in paths {
            let text = |played: &Played| match played.files.get(path) {
                Some(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                None => "is not there".to_owned(),
            };
            differ(path, &text(plain), &text(quick));
        }
    }
    found
}

/// Plays the cases that are chosen both ways, and prints what each command cost.
async fn compare(chosen: impl Fn(&Case) -> bool) -> (usize, Vec<String>) {
    let _alive = ALIVE.read().await;
    let scene = Scene::new().await;
    let (mut compared, mut found) = (0, Vec::new());
    println!(
        "{:>7} {:>7} {:>7}  CPU-seconds",
        "pinned", "quick", "checker"
    );
    for case in cases().iter().filter(|case| chosen(case)) {
        let plain = scene.plain(case).await;
        let quick = scene.quick(case).await;
        for ((command, plain), quick) in case.commands.iter().zip(&plain).zip(&quick) {
            let verb = command.split(' ').next().unwrap_or_default();
            println!(
                "{:7.2} {:7.2} {:7.2}  {verb}: {}",
                plain.cpu, quick.cpu, quick.checker_cpu, case.name
            );
        }
        compared += 1;
        found.extend(differences(case, &plain, &quick));
    }
    assert!(scene.answers() > compared, "{} answers", scene.answers());
    (compared, found)
}

#[tokio::test(flavor = "multi_thread")]
async fn some_functions_are_compiled_and_dry_run_as_by_the_pinned_cli() {
    let some = [
        "two types that do not fit",
        "it throws when it is loaded",
        "a module that imports a module",
    ];
    let (compared, found) = compare(|case| some.contains(&case.name.as_str())).await;
    assert_eq!(compared, some.len());
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

/// The one port is enough for a question, whatever the walls are made of.
#[tokio::test(flavor = "multi_thread")]
async fn the_checker_answers_through_the_walls() {
    let _alive = ALIVE.read().await;
    let scene = Scene::new().await;
    let all = cases();
    let find = |name: &str| all.iter().find(|case| case.name == name).expect("a case");
    for (walls, answers) in [(Isolation::Namespaces, 4), (Isolation::Landlock, 8)] {
        let played = scene.behind(walls, find("a type that does not fit")).await;
        assert_eq!(played[0].code, Some(10), "{}", played[0].stderr);
        let said = "err - calendar/actions/get-event.ts:36:18";
        assert!(played[0].stdout.contains(said), "{}", played[0].stdout);
        let played = scene.behind(walls, find("a module of its own")).await;
        for (at, played) in played.iter().enumerate() {
            assert_eq!(played.code, Some(0), "{at}: {}", played.stderr);
        }
        assert!(
            played[1]
                .files
                .contains_key("calendar/tests/get-event.test.json")
        );
        assert!(scene.answers() >= answers, "{walls}: {}", scene.answers());
    }
}

/// `cargo test --test it all_functions_are_compiled -- --ignored --nocapture`. Twenty minutes: the pinned CLI takes most.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement of minutes"]
async fn all_functions_are_compiled_and_dry_run_as_by_the_pinned_cli() {
    let (compared, found) = compare(|_| true).await;
    assert!(compared >= 60, "{compared} cases");
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

/// Two runs of the pinned CLI are the same, so that nothing has to be left out of the comparison.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement of minutes"]
async fn the_pinned_cli_does_twice_the_same() {
    let _alive = ALIVE.read().await;
    let scene = Scene::new().await;
    for case in cases().iter().step_by(12) {
        let (first, second) = (scene.plain(case).await, scene.plain(case).await);
        let found = differences(case, &first, &second);
        assert!(found.is_empty(), "{}", found.join("\n\n"));
    }
}

/// A question of a workspace with these files, below `calendar/actions`.
fn question(files: &[(&str, &str)]) -> Value {
    let mut listing = json!({ "package.json": "{\"type\":\"module\"}", "index.ts": "import './calendar/actions/get-event.js';\n" });
    for (path, text) in files {
        listing[format!("calendar/actions/{path}")] = json!(text);
    }
    json!({
        "project": "/somewhere/workspace",
        "files": listing,
        "entries": ["./calendar/actions/get-event.js"],
        "sourcemap": "false",
    })
}

async fn asked(checkers: &Checkers, question: &Value) -> Value {
    let _alive = ALIVE.read().await;
    let answer = checkers
        .ask(template().id(), question.to_string().as_bytes())
        .await
        .expect("an answer");
    serde_json::from_slice(&answer).expect("JSON")
}

const IMPORTS: &str = "import { createAction } from 'nango';\nimport { z } from 'zod';\n";

fn action(output: &str) -> String {
    format!(
        "{IMPORTS}export default createAction({{ description: 'x', version: '1.0.0', input: z.object({{}}), output: z.object({{ id: z.string() }}), exec: async () => ({{ id: {output} }}) }});\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_belongs_to_the_question() {
    let checkers = Checkers::beside(&template());
    let questions: Vec<Value> = (0..12)
        .map(|at| {
            let output = if at % 3 == 0 {
                at.to_string()
            } else {
                format!("'number {at}'")
            };
            question(&[("get-event.ts", &action(&output))])
        })
        .collect();
    let all = futures_util::future::join_all(questions.iter().map(|one| asked(&checkers, one)));
    for (at, answer) in all.await.into_iter().enumerate() {
        if at % 3 == 0 {
            assert_eq!(
                answer["types"].as_array().map(Vec::len),
                Some(1),
                "{answer}"
            );
            assert_eq!(
                answer["types"][0]["file"],
                "/somewhere/workspace/calendar/actions/get-event.ts"
            );
        } else {
            assert_eq!(answer["types"], json!([]), "{answer}");
            let code = answer["builds"][0]["code"].as_str().expect("code");
            assert!(code.contains(&format!("\"number {at}\"")), "{code}");
        }
    }

    // Somebody who does not wait for the answer leaves it to nobody.
    let (first, second) = (&questions[1], &questions[2]);
    let id = template().id().to_owned();
    let late = checkers.ask(&id, b"{\"not\": \"asked before\"}");
    let _ = tokio::time::timeout(std::time::Duration::from_millis(1), late).await;
    assert!(
        asked(&checkers, second).await["builds"][0]["code"]
            .as_str()
            .is_some_and(|code| code.contains("number 2"))
    );
    // One that dies is followed by another.
    {
        let _alone = ALIVE.write().await;
        for pid in checker_processes() {
            let pid = nix::unistd::Pid::from_raw(pid);
            nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL).expect("it was there");
        }
    }
    let _ = checkers
        .ask(template().id(), first.to_string().as_bytes())
        .await;
    assert!(
        asked(&checkers, first).await["builds"][0]["code"]
            .as_str()
            .is_some_and(|code| code.contains("number 1"))
    );
}

/// What was built in one project is not built again in another, unless something else would come of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_build_stands_while_all_that_it_was_made_from_does() {
    let checkers = Checkers::beside(&template());
    let function = format!(
        "import {{ name }} from './names/one.js';\n{}",
        action("name")
    );
    let names = |text: &str| {
        format!("import {{ at }} from './two.js';\nexport const name = `{text} ${{at}}`;\n")
    };
    let at = |text: &str| format!("export const at = '{text}';\n");
    let built = async |project: &str, more: &[(&str, &str)], name: &str, place: &str| {
        let (names, at) = (names(name), at(place));
        let mut files = vec![
            ("get-event.ts", function.as_str()),
            ("names/one.ts", &names),
            ("names/two.ts", &at),
        ];
        files.extend_from_slice(more);
        let mut question = question(&files);
        question["project"] = json!(project);
        let answer = asked(&checkers, &question).await;
        let code = answer["builds"][0]["code"].as_str();
        code.unwrap_or_else(|| panic!("{answer}")).to_owned()
    };
    let first = built("/a", &[], "one", "here").await;
    assert!(first.contains("one ") && first.contains("here"), "{first}");
    assert_eq!(built("/b", &[], "one", "here").await, first);
    let other = [("else.ts", "export const other = 1;\n")];
    assert_eq!(built("/c", &other, "one", "here").await, first);
    assert!(built("/a", &[], "two", "here").await.contains("two "));
    assert!(built("/a", &[], "one", "there").await.contains("there"));
    assert_eq!(built("/d", &[], "one", "here").await, first);
    // An import that could mean another file is for the asker to build.
    let mut question = question(&[
        ("get-event.ts", &function),
        ("names/one.ts", &names("one")),
        ("names/two.ts", &at("here")),
        ("names/one.js", "export const name = 'another';\n"),
    ]);
    question["files"]["calendar/actions/names/one.js"] = Value::Null;
    let answer = asked(&checkers, &question).await;
    assert_eq!(answer["builds"], json!([]), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_this_machine_is_read_for_a_question_and_nothing_of_it_runs() {
    let checkers = Checkers::beside(&template());
    let outside = tempfile::tempdir().expect("a folder");
    let place = outside.path().to_str().expect("UTF-8");
    for (name, text) in [
        ("canary.json", "{ \"canary\": \"canary-1234\" }"),
        (
            "canary.ts",
            "export const canary: 'canary-1234' = 'canary-1234';\n",
        ),
        ("canary.d.ts", "declare const canary: 'canary-1234';\n"),
        ("canary.txt", "canary-1234"),
    ] {
        fs::write(outside.path().join(name), text).expect("a file");
    }
    let up = "../".repeat(20);
    let mut sources = Vec::new();
    for from in [
        format!("{place}/canary"),
        format!("{up}{}/canary", &place[1..]),
    ] {
        for end in ["json", "js", "ts", "txt", "d.ts"] {
            sources.push(format!(
                "// @ts-nocheck\nimport * as canary from '{from}.{end}';\n{}",
                action("String(canary)")
            ));
            sources.push(format!(
                "// @ts-ignore\nimport * as canary from '{from}.{end}';\n{}",
                action("String(canary)")
            ));
            sources.push(format!(
                "/// <reference path=\"{from}.{end}\" />\n{}",
                action("canary")
            ));
            sources.push(format!(
                "// @ts-nocheck\nconst canary = require('{from}.{end}');\n{}",
                action("String(canary)")
            ));
            sources.push(format!(
                "{}//# sourceMappingURL={from}.{end}\n",
                action("'x'")
            ));
        }
    }
    for source in sources {
        let answer = asked(&checkers, &question(&[("get-event.ts", &source)])).await;
        assert!(
            !answer.to_string().contains("canary-1234"),
            "{source}\n{answer}"
        );
    }

    let mark = outside.path().join("ran");
    let writes = format!(
        "require('node:fs').writeFileSync({:?}, ''); module.exports = {{}};",
        mark.display().to_string()
    );
    let mut with_babel = question(&[("get-event.ts", &action("'x'"))]);
    with_babel["files"]["babel.config.cjs"] = Value::Null;
    with_babel["files"]["babel.config.ts"] = json!(writes);
    assert!(asked(&checkers, &with_babel).await["plain"].is_string());
    let loaded = format!(
        "// @ts-nocheck\nimport {{ writeFileSync }} from 'fs';\nwriteFileSync({:?}, '');\n{}",
        mark.display().to_string(),
        action("'x'")
    );
    asked(&checkers, &question(&[("get-event.ts", &loaded)])).await;
    assert!(!mark.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_that_are_none_get_no_answer() {
    let checkers = Checkers::beside(&template());
    let good = question(&[("get-event.ts", &action("'x'"))]).to_string();
    for other in [
        "",
        "..",
        "../templates",
        "nowhere",
        &format!("{}/", template().id()),
    ] {
        assert_eq!(checkers.ask(other, good.as_bytes()).await, None, "{other}");
    }
    let id = template().id().to_owned();
    let two = format!("{good}\n{good}");
    assert_eq!(checkers.ask(&id, two.as_bytes()).await, None, "two at once");
    let large = vec![b' '; limits::CHECK_BYTES + 1];
    assert_eq!(checkers.ask(&id, &large).await, None, "too large");
    for broken in ["{", "null", "{}", "[]", "{\"files\":{}}"] {
        let answer = checkers
            .ask(&id, broken.as_bytes())
            .await
            .expect("an answer");
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        assert!(answer["plain"].is_string(), "{broken}: {answer}");
    }
    for path in [
        "../x.ts",
        "/etc/x.ts",
        "a//b.ts",
        "a/./b.ts",
        "a\\b.ts",
        "calendar/actions/GET-event.ts",
    ] {
        let mut odd = question(&[("get-event.ts", &action("'x'"))]);
        odd["files"][path] = json!("export {};\n");
        assert!(asked(&checkers, &odd).await["plain"].is_string(), "{path}");
    }
}
