//! A function of a project's own in a clean room: compiled by the real CLI, its generated test run on a recording that is
//! there. What comes to no end says nothing.

use countersign::domain::clean_room::{CleanRoomStep, Outcome};
use countersign::domain::program::Program;
use countersign::domain::spec::Kind;
use countersign::edge::nango::{RoomFolder, Source};

use crate::support::tools::{run, spec, template};

const FUNCTION: &str = "import { createAction } from 'nango';\nimport { z } from 'zod';\n\
    import { shout } from '../helpers/shout.js';\n\n\
    const Text = z.object({ text: z.string() });\n\n\
    const action = createAction({\n    description: 'Says it aloud.',\n    version: '1.0.0',\n    input: Text,\n    \
    output: Text,\n    exec: async (_nango, input) => ({ text: shout(input.text) })\n});\n\nexport default action;\n";
const RECORDING: &str = r#"{"input":{"text":"a"},"output":{"text":"A"},"nango":{},"api":{}}"#;

/// How it goes with this module, each program within its seconds.
fn tried(module: &str, seconds: u64) -> (CleanRoomStep, CleanRoomStep) {
    let spec = spec("acme/say", Kind::Action, None);
    let module = Source {
        path: "acme/helpers/shout.ts".into(),
        bytes: module.into(),
    };
    let dir = tempfile::tempdir().expect("a folder");
    let source = FUNCTION.as_bytes();
    let room = RoomFolder::lay(&template(), dir.path(), &spec, source, &[module], "nonce");
    let room = room.expect("a room");
    let within = |program: Program| Program { seconds, ..program };
    let compiled = room.read_compiled(&run(&within(room.compile_it())));
    let test = room.generated_test().expect("the template");
    let test = test.expect("the CLI has one for actions");
    let program = room.replay_it(RECORDING.as_bytes(), &test).expect("files");
    (compiled, room.read_replayed(&run(&within(program))))
}

#[test]
fn a_module_that_does_what_it_did_passes_and_one_that_does_not_is_told_with_its_words() {
    let good = "export const shout = (text: string, more = '') => text.toUpperCase() + more;\n";
    let (compiled, replayed) = tried(good, 120);
    assert!(
        compiled.passed() && replayed.passed(),
        "{compiled:?} {replayed:?}"
    );
    let (compiled, replayed) = tried(
        "export const shout = (text: string) => text.toLowerCase();\n",
        120,
    );
    let both = (compiled.outcome, replayed.outcome);
    assert_eq!(both, (Outcome::Passed, Outcome::Failed));
    assert!(replayed.said.contains("AssertionError"), "{replayed:?}");
    let (compiled, _) = tried("export const whisper = (text: string) => text;\n", 120);
    assert_eq!(compiled.outcome, Outcome::Failed);
    assert!(
        compiled.said.contains("acme/actions/say.ts") && compiled.said.contains("shout"),
        "{compiled:?}"
    );
}

#[test]
fn what_comes_to_no_end_says_nothing() {
    let hangs = "export const shout = (text: string): string => {\n    while (text) {}\n    return text;\n};\n";
    let (compiled, replayed) = tried(hangs, 1);
    let both = (compiled.outcome, replayed.outcome);
    assert_eq!(both, (Outcome::Broken, Outcome::Broken));
}
