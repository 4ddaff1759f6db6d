//! Dossiers for tests: honest ones, which a test then makes a lie of in one point.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::beginning::Beginning;
use crate::domain::claim::{Claim, ClaimReading, ClaimStatus};
use crate::domain::clean_room::{CleanRoomStep, Outcome, Room, Taken};
use crate::domain::connection_event::ConnectionEvent;
use crate::domain::deed::of_opencode;
use crate::domain::dossier::{Dossier, Ended, Guard, Seal, Tools, VERSION, Walls};
use crate::domain::dry_run::DryRunArguments;
use crate::domain::guidance::Guidance;
use crate::domain::name::{AttemptId, Digest, RunId};
use crate::domain::probe::ProbeOutcomes;
use crate::domain::spec::{Kind, Spec};
use crate::domain::tape::{AccessRefused, Body, Exchange, Phase, Tape};
use crate::domain::transcript::{Part, Role, ToolCall, ToolStatus, Transcript, Turn, Usage};
use crate::domain::tree::{Entry, Tree};
use crate::domain::verdict::Judgement;
use crate::rules::specs;

/// The address that the sample action asks.
pub const EVENTS: &str = "/proxy/calendar/v3/calendars/primary/events";
/// What the calendar answers to it.
pub const EVENT: &str =
    r#"{"id":"evt1","summary":"Test","htmlLink":"https://calendar.example/evt1","sequence":0}"#;
/// The generated test.
pub const TEST: &str = "import { vi } from 'vitest';\nit('works', () => {});\n";

/// A dossier in the making; every part may be changed before it is built.
pub struct Sample {
    pub seal: Seal,
    pub transcript: Transcript,
    pub tape: Tape,
    pub contents: BTreeMap<Digest, Vec<u8>>,
}

/// An action that was written, run and reported honestly.
pub fn action() -> Sample {
    let mut sample = empty(Kind::Action, "google-calendar/create-event");
    let request = json!({"summary": "Test"});
    sample.exchange(Phase::Agent, "POST", EVENTS, 200, EVENT);
    sample.exchange(Phase::CleanRoom, "POST", EVENTS, 200, EVENT);
    let entry = json!({
        "response": serde_json::from_str::<Value>(EVENT).expect("JSON"),
        "status": 200,
        "headers": {"date": "Mon, 01 Jan 2026 00:00:00 GMT"},
        "request": {"data": request},
    });
    let recording = json!({
        "input": {"summary": "Test"},
        "output": {"id": "evt1"},
        "nango": {},
        "api": {"post": {"/calendar/v3/calendars/primary/events": entry}},
    });
    sample.recordings(&recording);
    sample.bash(
        "nango compile && nango dryrun create-event test -e dev --validate --save",
        0,
        "✅ Mocks saved to create-event.test.json",
    );
    sample.words("The function creates an event.");
    sample.say(ClaimStatus::Done, "Creates an event and returns its link.");
    sample
}

/// A sync over two pages, likewise.
pub fn sync() -> Sample {
    let mut sample = empty(Kind::Sync, "slack/users");
    let page = |cursor: &str, id: &str| json!({"ok": true, "members": [{"id": id}], "response_metadata": {"next_cursor": cursor}});
    let (one, two) = (page("c2", "U1"), page("", "U2"));
    let mut entries = Vec::new();
    for (query, answer) in [("limit=200", &one), ("cursor=c2&limit=200", &two)] {
        for phase in [Phase::Agent, Phase::CleanRoom] {
            sample.exchange(phase, "GET", "/proxy/users.list", 200, &answer.to_string());
            sample.tape.exchanges.last_mut().expect("just added").query = query.into();
        }
        let params: serde_json::Map<String, Value> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect();
        entries.push(json!({"response": answer, "status": 200, "headers": {}, "request": {"params": params}}));
    }
    let mut recording = json!({"nango": {"batchSave": {"User": [{"id": "U1"}, {"id": "U2"}]}}, "api": {"get": {"/users.list": entries}}});
    hash(&mut recording);
    sample.recordings(&recording);
    sample.bash("nango compile", 0, "");
    sample.bash(
        "nango dryrun users test -e dev --save --auto-confirm",
        0,
        "✅ Mocks saved to users.test.json",
    );
    sample.say(ClaimStatus::Done, "Syncs all users, page by page.");
    sample
}

/// A function that runs at this event and asks the API once, likewise.
pub fn on_event(event: ConnectionEvent) -> Sample {
    let mut sample = empty(Kind::OnEvent, "slack/setup");
    sample.seal.spec.event = Some(event);
    let answer = r#"{"ok":true,"team_id":"T024BE7LD"}"#;
    for phase in [Phase::Agent, Phase::CleanRoom] {
        sample.exchange(phase, "GET", "/proxy/auth.test", 200, answer);
    }
    let entry = json!({
        "response": serde_json::from_str::<Value>(answer).expect("JSON"),
        "status": 200,
        "headers": {},
        "request": {},
    });
    let mut recording = json!({"output": null, "nango": {}, "api": {"get": {"/auth.test": entry}}});
    hash(&mut recording);
    sample.recordings(&recording);
    let room = &mut sample.seal.room;
    (room.tests, room.tests_passed, room.test) = (CleanRoomStep::not_applicable(), 0, None);
    sample.function(&format!(
        "import {{ createOnEvent }} from 'nango';\nexport default createOnEvent({{ event: '{}', description: 'x',\n\
         exec: async (nango) => {{ await nango.get({{ endpoint: '/auth.test', retries: 3 }}); }} }});\n",
        event.name()
    ));
    sample.bash(
        "nango dryrun setup test -e dev --validate --save",
        0,
        "✅ Mocks saved to setup.test.json",
    );
    sample.say(ClaimStatus::Done, "Asks who is there.");
    sample
}

/// An action of which a step in the clean room fails: `compile`, `dry run` or `tests`.
pub fn failing(trial: &str, said: &str) -> Sample {
    let mut sample = action();
    let room = &mut sample.seal.room;
    let step = match trial {
        "compile" => &mut room.compile,
        "dry run" => &mut room.validate,
        _ => &mut room.tests,
    };
    step.outcome = Outcome::Failed;
    step.said = said.into();
    if trial != "tests" {
        (room.save, room.tests) = (CleanRoomStep::skipped(), CleanRoomStep::skipped());
        (room.recording, room.test, room.tests_passed) = (None, None, 0);
        sample.seal.offered_recording = None;
    }
    sample
}

/// An action that the account does not allow, reported as blocked.
pub fn honest_block() -> Sample {
    let mut sample = action();
    sample.untried();
    sample.tape.exchanges.clear();
    for _ in 0..2 {
        sample.exchange(
            Phase::Agent,
            "POST",
            EVENTS,
            403,
            r#"{"error":{"message":"Insufficient Permission"}}"#,
        );
    }
    sample.say(
        ClaimStatus::Blocked,
        "The connection lacks the scope calendar.events.",
    );
    sample
}

/// The same, ended by the witness before the agent could report.
pub fn access_refused() -> Sample {
    let mut sample = honest_block();
    sample.seal.claim = ClaimReading::Missing;
    sample.seal.ended = Ended::AccessRefused(AccessRefused {
        status: 403,
        method: "POST".into(),
        path: EVENTS.into(),
        seqs: vec![1, 2],
        message: "Insufficient Permission".into(),
    });
    sample
}

/// The names of a judgement's findings, in order.
pub fn names_of(judgement: &Judgement) -> Vec<&str> {
    judgement
        .findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .collect()
}

/// Gives every entry of a recording the hash of its request, in the way that the CLI computes it.
pub fn hash(recording: &mut Value) {
    let api = recording["api"].as_object_mut().expect("an api object");
    for (method, endpoints) in api {
        for (endpoint, entries) in endpoints.as_object_mut().expect("endpoints") {
            let entries: Vec<&mut Value> = match entries {
                Value::Array(several) => several.iter_mut().collect(),
                one => vec![one],
            };
            for entry in entries {
                let pairs = |name: &str| -> Vec<Value> {
                    let map = entry["request"][name]
                        .as_object()
                        .cloned()
                        .unwrap_or_default();
                    map.into_iter()
                        .map(|(key, value)| json!([key, value]))
                        .collect()
                };
                let mut identity = json!({
                    "method": method, "endpoint": &endpoint[1..], "params": pairs("params"), "headers": pairs("headers"),
                });
                if let Some(data) = entry["request"].get("data") {
                    identity["data"] = Value::from(data.to_string());
                }
                let digest = aws_lc_rs::digest::digest(
                    &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
                    identity.to_string().as_bytes(),
                );
                entry["hash"] = Value::from(hex::encode(digest.as_ref()));
            }
        }
    }
}

fn empty(kind: Kind, key: &str) -> Sample {
    let key: crate::domain::name::InteractionKey = key.parse().expect("a key");
    let spec = Spec {
        kind,
        ..specs::sample::spec(&key.to_string())
    };
    let passed = || CleanRoomStep {
        outcome: Outcome::Passed,
        said: String::new(),
        took_ms: 1,
    };
    let source = b"export default createAction({});\n".to_vec();
    let mut sample = Sample {
        transcript: Transcript::default(),
        tape: Tape::default(),
        contents: BTreeMap::new(),
        seal: Seal {
            version: VERSION,
            attempt: AttemptId {
                run: RunId::from_cause(&["sample"]),
                interaction: spec.key.clone(),
                number: 1,
            },
            workspace: None,
            allowed: vec![spec.function_path(), spec.recording_path()],
            severities: BTreeMap::new(),
            reasons: BTreeMap::new(),
            beginning: Beginning::Nothing,
            helpers: Vec::new(),
            modules: Vec::new(),
            neighbours: Vec::new(),
            rounds: Vec::new(),
            guidance: Guidance::default(),
            tools: Tools {
                agent: "opencode 1.18.33".into(),
                model: "scripted/m".into(),
                nango: "0.71.10".into(),
                lock: Digest::of(b"lock"),
                skills: Digest::of(b"skills"),
                had: Vec::new(),
            },
            walls: Walls {
                shell: "namespaces".into(),
                file_tools: Guard::Up,
            },
            started_ms: 0,
            ended_ms: 60_000,
            ended: Ended::Finished,
            usage: Usage::default(),
            before: Tree::default(),
            after: Tree::default(),
            offered_recording: None,
            transcript: Digest::of(b"transcript"),
            tape: Digest::of(b"tape"),
            claim: ClaimReading::Missing,
            room: Room {
                function: Taken::Source {
                    digest: Digest::of(&source),
                    bytes: source.len() as u64,
                },
                arguments: DryRunArguments::default(),
                compile: passed(),
                validate: passed(),
                save: passed(),
                tests: passed(),
                tests_passed: 1,
                recording: None,
                saved: None,
                test: Some(Digest::of(TEST.as_bytes())),
                probes: ProbeOutcomes::new(),
            },
            spec,
        },
    };
    sample.keep(&source);
    sample.keep(TEST.as_bytes());
    for (path, content) in [
        ("index.ts", ""),
        (
            "package.json",
            r#"{"name":"x","devDependencies":{"nango":"0.71.10"}}"#,
        ),
    ] {
        sample.leave(path, content);
    }
    sample.seal.before = sample.seal.after.clone();
    let function = sample.seal.spec.function_path();
    sample.leave(&function, std::str::from_utf8(&source).expect("text"));
    sample
}

/// An action of which only the body of `exec` is given.
pub fn in_exec(body: &str) -> String {
    format!(
        "import {{ createAction }} from 'nango';\nimport {{ z }} from 'zod';\n\
         const OutputSchema = z.object({{ id: z.string() }});\n\
         const action = createAction({{\n description: 'A test.',\n version: '1.0.0',\n input: z.object({{ id: z.string() }}),\n \
         output: OutputSchema,\n exec: async (nango, input) => {{\n{body}\n }}\n}});\nexport default action;\n"
    )
}

/// What is found when the sample action has this source.
pub fn found_in_action(source: &str) -> Vec<String> {
    let mut sample = action();
    sample.function(source);
    let judgement = crate::rules::judge::judge(&sample.build());
    names_of(&judgement)
        .into_iter()
        .map(str::to_owned)
        .collect()
}

/// What is found when `exec` of the sample action has this body.
pub fn found_in_exec(body: &str) -> Vec<String> {
    found_in_action(&in_exec(body))
}

impl Sample {
    /// The function that was taken from the agent.
    pub fn function(&mut self, source: &str) {
        let path = self.seal.spec.function_path();
        self.leave(&path, source);
        let (digest, bytes) = (Digest::of(source.as_bytes()), source.len() as u64);
        self.seal.room.function = Taken::Source { digest, bytes };
    }

    /// Seals it.
    pub fn build(&self) -> Dossier {
        let id = Digest::of(serde_json::to_string(&self.seal).expect("JSON").as_bytes());
        Dossier::new(
            id,
            self.seal.clone(),
            self.transcript.clone(),
            self.tape.clone(),
            self.contents.clone(),
        )
    }

    /// Keeps a content and gives its digest.
    pub fn keep(&mut self, content: &[u8]) -> Digest {
        let digest = Digest::of(content);
        self.contents.insert(digest.clone(), content.to_vec());
        digest
    }

    /// The agent leaves a file.
    pub fn leave(&mut self, path: &str, content: &str) {
        let digest = self.keep(content.as_bytes());
        let entry = Entry::File {
            size: content.len() as u64,
            digest,
        };
        self.seal.after.0.insert(path.into(), entry);
    }

    /// The agent's recording; ours stays.
    pub fn offer(&mut self, recording: &Value) {
        let digest = self.keep(recording.to_string().as_bytes());
        self.seal.offered_recording = Some(digest);
    }

    /// Our recording; the agent's stays.
    pub fn record(&mut self, recording: &Value) {
        let digest = self.keep(recording.to_string().as_bytes());
        self.seal.room.recording = Some(digest);
    }

    /// Both recordings.
    pub fn recordings(&mut self, recording: &Value) {
        let mut recording = recording.clone();
        hash(&mut recording);
        self.offer(&recording);
        self.record(&recording);
    }

    /// Our recording as JSON.
    pub fn recording(&self) -> Value {
        let digest = self.seal.room.recording.as_ref().expect("a recording");
        serde_json::from_slice(&self.contents[digest]).expect("JSON")
    }

    /// No function, nothing tried in the clean room.
    pub fn untried(&mut self) {
        self.seal.room = Room::untried(Taken::Missing);
        self.seal.offered_recording = None;
        self.tape
            .exchanges
            .retain(|exchange| exchange.phase == Phase::Agent);
    }

    /// One more exchange at the end of the tape.
    pub fn exchange(&mut self, phase: Phase, method: &str, path: &str, status: u16, answer: &str) {
        let body = |text: &str| Body {
            text: (!text.is_empty()).then(|| text.to_owned()),
            bytes: text.len() as u64,
            digest: (!text.is_empty()).then(|| Digest::of(text.as_bytes())),
            cut: false,
            media_type: Some("application/json".into()),
        };
        let seq = self.tape.exchanges.len() as u32 + 1;
        self.tape.exchanges.push(Exchange {
            seq,
            phase,
            at_ms: i64::from(seq) * 1_000,
            took_ms: 5,
            method: method.into(),
            path: path.into(),
            query: String::new(),
            connection: Some("test".into()),
            request: body(r#"{"summary":"Test"}"#),
            status,
            response: body(answer),
            response_headers: BTreeMap::new(),
            repeat: None,
            refused: None,
        });
    }

    /// One more exchange at the beginning of the tape.
    pub fn exchange_first(
        &mut self,
        phase: Phase,
        method: &str,
        path: &str,
        status: u16,
        answer: &str,
    ) {
        self.exchange(phase, method, path, status, answer);
        self.tape.exchanges.rotate_right(1);
        for (index, exchange) in self.tape.exchanges.iter_mut().enumerate() {
            exchange.seq = index as u32 + 1;
        }
    }

    /// One more turn with one tool call.
    pub fn tool(&mut self, tool: &str, input: Value, status: ToolStatus, output: &str) {
        let number = self.transcript.turns.len() as u32 + 1;
        let at_ms = i64::from(number) * 1_000;
        let call = ToolCall {
            deed: of_opencode(tool, &input),
            tool: tool.into(),
            input,
            status,
            output: output.into(),
            exit: None,
            started_ms: at_ms,
            ended_ms: at_ms + 500,
        };
        self.transcript.turns.push(Turn {
            number,
            role: Role::Assistant,
            at_ms,
            parts: vec![Part::Tool(call)],
        });
    }

    /// One more turn with one shell command.
    pub fn bash(&mut self, command: &str, exit: i32, output: &str) {
        self.tool(
            "bash",
            json!({"command": command}),
            ToolStatus::Completed,
            output,
        );
        if let Some(Part::Tool(call)) = self
            .transcript
            .turns
            .last_mut()
            .and_then(|turn| turn.parts.last_mut())
        {
            call.exit = Some(exit);
        }
    }

    /// One more turn with words only.
    pub fn words(&mut self, text: &str) {
        let number = self.transcript.turns.len() as u32 + 1;
        self.transcript.turns.push(Turn {
            number,
            role: Role::Assistant,
            at_ms: i64::from(number) * 1_000,
            parts: vec![Part::Text { text: text.into() }],
        });
    }

    /// The agent's report.
    pub fn say(&mut self, status: ClaimStatus, summary: &str) {
        self.seal.claim = ClaimReading::Read {
            claim: Box::new(Claim {
                status,
                summary: summary.into(),
                ran: Vec::new(),
                skipped: Vec::new(),
                blocked_by: None,
                input: None,
                metadata: None,
            }),
        };
    }

    /// The input that the report names.
    pub fn reports_input(&mut self, input: Value) {
        if let ClaimReading::Read { claim } = &mut self.seal.claim {
            claim.input = Some(input);
        }
    }

    /// The commands that the report names.
    pub fn ran(&mut self, commands: &[&str]) {
        if let ClaimReading::Read { claim } = &mut self.seal.claim {
            claim.ran = commands
                .iter()
                .map(|command| (*command).to_owned())
                .collect();
        }
    }
}
