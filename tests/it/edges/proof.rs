//! The generated test and the probes in one process: what is found there is what vitest finds, whatever a function does in it,
//! and nothing that one does reaches another's.

use std::fs;
use std::path::Path;
use std::thread;

use countersign::domain::clean_room::{CleanRoomStep, Outcome, Room};
use countersign::domain::dry_run::DryRunArguments;
use countersign::domain::probe::{ProbeOutcome, ProbeOutcomes};
use countersign::domain::spec::Kind;
use countersign::edge::nango::{RoomFolder, Source, Template, Tried};
use countersign::rules::probes;

use crate::support::tools::{run, spec, template, tools};

const FUNCTION: &str = r"import { createAction } from 'nango';
import { z } from 'zod';
/*top*/
const Item = z.object({ id: z.string(), name: z.string() });

const action = createAction({
    description: 'Reads things.',
    version: '1.0.0',
    input: z.object({ id: z.string() }),
    output: z.object({ items: z.array(Item) }),
    exec: async (nango, input) => {
        const response = await nango.get({ endpoint: '/items', params: { id: input.id }, retries: 3 });
        const page = z.object({ items: z.array(Item) }).parse(response.data);
        /*here*/
        return { items: page.items.map((item) => ({ id: item.id, name: item.name })) };
    }
});

export default action;
";
const RECORDING: &str = r#"{"input":{"id":"7"},"output":{"items":[{"id":"a-1","name":"one"},{"id":"a-2","name":"two"}]},"nango":{},
    "api":{"get":{"/items":[{"request":{"params":{"id":"7"}},"status":200,"headers":{},
    "response":{"items":[{"id":"a-1","name":"one"},{"id":"a-2","name":"two"}]}}]}}}"#;
/// What gets hold of the process although no name of it stands there.
const PROCESS: &str = "const own = (console.log as any).constructor('return process')();";

/// What is inserted at the top of the module, and in the function.
const CASES: &[(&str, &str, &str)] = &[
    ("honest", "", ""),
    (
        "a module of its own",
        "import { same } from '../helpers/same.js';",
        "same(page);",
    ),
    (
        "an enum, a private field",
        "enum Way { Out = 'out' }\nclass Box { #in = Way.Out; get() { return this.#in; } }",
        "new Box().get();",
    ),
    (
        "a built-in of Node",
        "import { createHash } from 'node:crypto';",
        "createHash('sha256').update('x').digest('hex');",
    ),
    (
        "a module that is loaded late",
        "",
        "const { same } = await import('../helpers/same.js'); same(page);",
    ),
    (
        "says much",
        "",
        "for (let at = 0; at < 3000; at++) { console.log('x'.repeat(90)); }",
    ),
    ("gives something else", "", "page.items.reverse();"),
    (
        "gives too much",
        "",
        "return { items: page.items, more: 1 };",
    ),
    (
        "throws",
        "",
        "throw new nango.ActionError({ type: 'gone', message: 'is gone' });",
    ),
    ("throws no error", "", "throw 'up';"),
    (
        "asks what was not recorded",
        "",
        "await nango.get({ endpoint: '/others', retries: 3 });",
    ),
    ("cannot be loaded", "throw new Error('not today');", ""),
    (
        "rejects aside",
        "",
        "void Promise.reject(new Error('aside'));",
    ),
    (
        "throws later",
        "",
        "setTimeout(() => { throw new Error('later'); }, 0);",
    ),
    ("leaves a timer", "", "setInterval(() => {}, 1000);"),
    ("leaves the process", "", "process.exit(0);"),
];

/// What reaches for the process, and what may become of its own verdict.
const HOSTILE: &[(&str, &str, &[Outcome])] = &[
    (
        "changes arrays and JSON",
        "Array.prototype.map = function () { return []; } as never; JSON.parse = () => ({}); JSON.stringify = () => '{\"code\":0}';",
        &[Outcome::Failed],
    ),
    (
        "changes timers and promises",
        "globalThis.setTimeout = ((run: () => void) => run()) as never; Promise.race = (() => Promise.resolve()) as never; page.items.pop();",
        &[Outcome::Failed],
    ),
    (
        "takes the mocks away",
        "const all = globalThis as any; all.vitest.NangoActionMock.prototype.getOutput = async () => ({}); delete all.vitest; page.items.pop();",
        &[Outcome::Failed],
    ),
    (
        "writes our report and leaves",
        "{PROCESS} const fs = own.getBuiltinModule('node:fs'); \
         const at = own.cwd() + '/../out/'; \
         const passed = { nonce: 'guessed', testResults: [{ name: own.cwd() + '/acme/tests/acme-read.test.ts', status: 'passed', message: '', \
         assertionResults: [{ fullName: 'x', status: 'passed', failureMessages: [] }] }], outside: '', found: {} }; \
         for (const name of ['report.json', 'tests.json']) { fs.writeFileSync(at + name, JSON.stringify(passed)); } own.reallyExit(0);",
        &[Outcome::Failed],
    ),
    (
        "has a say in what is written down",
        "(Object.prototype as any).toJSON = function () { if (Array.isArray(this.testResults)) { \
         this.testResults = this.testResults.map((one: any) => ({ ...one, status: 'passed', assertionResults: one.assertionResults.map((test: any) => ({ \
         ...test, status: 'passed', failureMessages: [] })) })); } return this; }; page.items.pop();",
        &[Outcome::Failed],
    ),
    (
        "takes the report's parts as they are put together",
        "Object.defineProperty(Object.prototype, 'testResults', { configurable: true, set(all: any) { for (const one of all) { one.status = 'passed'; \
         one.assertionResults.length = 0; one.assertionResults.push({ fullName: 'x', status: 'passed', failureMessages: [] }); } \
         Object.defineProperty(this, 'testResults', { value: all, enumerable: true, configurable: true, writable: true }); } }); page.items.pop();",
        &[Outcome::Failed],
    ),
    (
        "kills its process",
        "{PROCESS} own.kill(own.pid, 'SIGKILL');",
        &[Outcome::Failed],
    ),
    (
        "changes its room",
        "{PROCESS} const fs = own.getBuiltinModule('node:fs'); \
         for (const name of ['acme-read.test.json', 'acme-read.test.ts', 'engine.mjs', 'countersign-probes.ts']) { fs.rmSync(own.cwd() + '/acme/tests/' + name, { force: true }); }",
        &[Outcome::Passed, Outcome::Failed],
    ),
];

fn function(top: &str, here: &str) -> String {
    FUNCTION.replace("/*top*/", top).replace("/*here*/", here)
}

/// The template without what runs tests by itself.
fn plain(folder: &Path) -> Template {
    let made = template();
    let from = folder_of(&made);
    let to = folder.join(made.id());
    let copied = std::process::Command::new("cp")
        .arg("-a")
        .args([&from, &to])
        .status();
    assert!(copied.expect("cp").success());
    fs::remove_file(to.join("quick/vitest.cjs")).expect("the template has it");
    Template::ensure(folder, &tools()).expect("it is there")
}

fn folder_of(template: &Template) -> std::path::PathBuf {
    let bin = template.bin();
    bin.parent().expect("a folder").to_owned()
}

/// How its test and its probes go with this template.
fn proved(template: &Template, text: &str) -> (Room, ProbeOutcomes) {
    let spec = spec("acme/read", Kind::Action, None);
    let same = Source {
        path: "acme/helpers/same.ts".into(),
        bytes: "export const same = <T>(value: T): T => value;\n".into(),
    };
    let dir = tempfile::tempdir().expect("a folder");
    let room = RoomFolder::lay(
        template,
        dir.path(),
        &spec,
        text.as_bytes(),
        &[same],
        "n0nce",
    );
    let room = room.expect("a room");
    let tried = recorded(&room);
    let probes = probes::modules();
    let program = room.test_it(&tried, &probes).expect("files");
    let end = run(&program.expect("a test"));
    let found = match room.read_probed(&probes, &end) {
        Some(found) => found,
        None => {
            let program = room.probe_it(RECORDING.as_bytes(), &probes).expect("files");
            room.read_probes(&probes, &run(&program))
        }
    };
    let arguments = DryRunArguments::default();
    (room.conclude(arguments, tried, Some(&end)).0, found)
}

fn recorded(room: &RoomFolder) -> Tried {
    let passed = CleanRoomStep {
        outcome: Outcome::Passed,
        ..CleanRoomStep::skipped()
    };
    Tried {
        compile: passed.clone(),
        validate: passed.clone(),
        save: passed,
        recording: Some(RECORDING.into()),
        saved: None,
        test: room.generated_test().expect("the CLI's template"),
    }
}

/// What is said of it. Of a stack the places in the project, however a frame is named.
fn said(room: &Room) -> Vec<&str> {
    let lines = room.tests.said.lines();
    lines
        .filter_map(|line| match line.trim_start().starts_with("at ") {
            true => line
                .find("acme/")
                .map(|at| line[at..].trim_end_matches(')')),
            // An error without a message: vitest writes its colon.
            false => Some(line.trim_end_matches(": ")),
        })
        .collect()
}

#[test]
fn what_one_process_finds_is_what_vitest_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    let (quick, plain) = (template(), plain(folder.path()));
    let mut differ = Vec::new();
    for (name, top, here) in CASES {
        let text = function(top, here);
        let (ours, found) = proved(&quick, &text);
        let (theirs, known) = proved(&plain, &text);
        let of = |room: &Room| (room.tests.outcome, room.tests_passed);
        // Of what goes wrong outside of tests vitest's report says nothing.
        let is_told = !theirs.tests.said.starts_with("its process ended");
        let is_same = of(&ours) == of(&theirs)
            && (!is_told || said(&ours) == said(&theirs))
            && (!theirs.tests.passed() || found == known);
        if !is_same {
            differ.push(format!(
                "{name}: {:#?} {found:#?}\n--- vitest\n{:#?} {known:#?}",
                ours.tests, theirs.tests
            ));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
}

/// All at once, as in a run: each has its own process, and what it does to that is its own verdict's matter.
#[test]
fn what_reaches_for_its_process_reaches_no_neighbour() {
    let template = template();
    thread::scope(|scope| {
        let honest = (0..HOSTILE.len()).map(|_| {
            let template = &template;
            scope.spawn(move || proved(template, &function("", "")))
        });
        let honest: Vec<_> = honest.collect();
        for (name, code, may) in HOSTILE {
            let text = function("", &code.replace("{PROCESS}", PROCESS));
            let (room, found) = proved(&template, &text);
            assert!(may.contains(&room.tests.outcome), "{name}: {room:#?}");
            assert!(!found.is_empty(), "{name}");
        }
        for honest in honest {
            let (room, found) = honest.join().expect("it runs");
            assert!(room.tests.passed(), "{room:#?}");
            let stands = found.values().all(|one| {
                matches!(
                    one,
                    ProbeOutcome::Passed | ProbeOutcome::NotApplicable { .. }
                )
            });
            assert!(stands, "{found:#?}");
        }
    });
}
