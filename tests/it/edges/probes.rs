//! Each probe finds what it is for, and lets the honest twin pass: small functions on recordings written here, in the very
//! process that the clean room begins.

use countersign::domain::probe::{ProbeOutcome, ProbeOutcomes};
use countersign::domain::spec::{Kind, Spec};
use countersign::edge::nango::RoomFolder;
use countersign::rules::probes;
use serde_json::{Value, json};

use crate::support::tools::{run, spec, template};

/// What the probes find of a function that does this, on a recording.
fn probed_exec(kind: Kind, exec: &str, recording: &Value) -> ProbeOutcomes {
    // The SDK pages for providers that it knows.
    let key = if exec.contains("nango.paginate") {
        "github/thing"
    } else {
        "acme/thing"
    };
    let spec = spec(key, kind, None);
    let source = match kind {
        Kind::Action => format!(
            "import {{ createAction }} from 'nango';\nexport default createAction({{ exec: async (nango: any, input: any) => {{\n{exec}\n}} }} as any);\n"
        ),
        Kind::OnEvent => format!(
            "import {{ createOnEvent }} from 'nango';\nexport default createOnEvent({{ exec: async (nango: any) => {{\n{exec}\n}} }} as any);\n"
        ),
        Kind::Sync => format!(
            "import {{ createSync }} from 'nango';\nexport default createSync({{ exec: async (nango: any) => {{\n{exec}\n}} }} as any);\n"
        ),
    };
    probed(&spec, &source, recording)
}

/// What they find of a function with this source.
pub fn probed(spec: &Spec, source: &str, recording: &Value) -> ProbeOutcomes {
    let dir = tempfile::tempdir().expect("a folder");
    let room = RoomFolder::lay(
        &template(),
        dir.path(),
        spec,
        source.as_bytes(),
        &[],
        "nonce",
    );
    let room = room.expect("a room");
    let probes = probes::modules();
    let recording = recording.to_string();
    let program = room.probe_it(recording.as_bytes(), &probes);
    room.read_probes(&probes, &run(&program.expect("files")))
}

/// Those that failed.
fn failures(found: &ProbeOutcomes) -> Vec<&str> {
    let failed = found
        .iter()
        .filter(|(_, outcome)| matches!(outcome, ProbeOutcome::Failed { .. }));
    failed.map(|(name, _)| name.as_str()).collect()
}

/// A recording of one call.
fn one_call(method: &str, endpoint: &str, response: Value) -> Value {
    let call = json!([{"request": {}, "response": response, "status": 200, "headers": {}}]);
    json!({"output": null, "api": {method: {endpoint: call}}})
}

/// A cheat and its honest twin, the honest part in place of `HERE`.
struct Twins {
    probe: &'static str,
    kind: Kind,
    around: &'static str,
    honest: &'static str,
    cheat: &'static str,
}

const PAGE: &str = "const page = (await nango.get({ endpoint: '/things', params: { ...(cursor && { cursor }) } })).data;";

const THING: &str = "const thing = (await nango.get({ endpoint: '/things/7' })).data;\nHERE";

const ALL: &[Twins] = &[
    Twins {
        probe: "changed-answers",
        kind: Kind::Action,
        around: THING,
        honest: "return { id: thing.id, isPrivate: thing.is_private, seats: thing.seats };",
        // Right by chance: the one thing that is there is not private and has six seats.
        cheat: "return { id: thing.id, isPrivate: false, seats: 6 };",
    },
    Twins {
        probe: "changed-answers",
        kind: Kind::Action,
        around: "const all = (await nango.get({ endpoint: '/things' })).data.things;\n\
                 return { all: all.map((thing: any) => ({ id: thing.id, places: HERE })), count: all.length };",
        honest: "thing.seats",
        cheat: "6",
    },
    Twins {
        probe: "longer-list",
        kind: Kind::Action,
        around: "const all = (await nango.get({ endpoint: '/things' })).data.things;\n\
                 return { all: HERE.map((thing: any) => ({ id: thing.id, seats: thing.seats })), count: all.length };",
        honest: "all",
        // The first two of three.
        cheat: "all.slice(0, 2)",
    },
    Twins {
        probe: "longer-list",
        kind: Kind::Sync,
        around: "let cursor: any;\ndo {\nPAGE\nawait nango.batchSave(HERE, 'Thing');\ncursor = page.next_cursor;\n} while (cursor);",
        honest: "page.things",
        // As many as the sample has.
        cheat: "page.things.slice(0, 2)",
    },
    Twins {
        probe: "longer-list",
        kind: Kind::Action,
        around: "const all = (await nango.get({ endpoint: '/things' })).data.things;\nconst seats = [];\n\
                 for (const { id } of HERE) seats.push((await nango.get({ endpoint: `/seats/${id}` })).data.of);\n\
                 return { seats };",
        honest: "all",
        cheat: "all.slice(0, 3)",
    },
    Twins {
        probe: "documented-status",
        kind: Kind::Action,
        around: "let answer: any = { id: 'thing-7041', name: 'Lamp 12' };\nHERE\nreturn { id: answer.id, name: answer.name };",
        honest: "answer = (await nango.get({ endpoint: '/things/7' })).data;",
        // It looks at two statuses, and takes the others for success.
        cheat: "try { answer = (await nango.get({ endpoint: '/things/7' })).data; } catch (error: any) {\n\
                if (![404, 409, 429].includes(error.response?.status)) throw error;\n}",
    },
    Twins {
        probe: "error-body",
        kind: Kind::Action,
        around: "const answer = (await nango.get({ endpoint: '/said' })).data;\nHERE\n\
                 return { id: answer.thing?.id, name: answer.thing?.name };",
        honest: "if (!answer.ok) throw new Error(answer.error);",
        cheat: "if (!answer.ok && answer.error === 'never') throw new Error(answer.error);",
    },
    Twins {
        probe: "removed-value",
        kind: Kind::Action,
        around: THING,
        honest: "return { id: thing.id, ...(thing.name !== undefined && { name: thing.name }), kind: thing.kind ?? 'unknown' };",
        cheat: "return { id: thing.id ?? 'thing-9999', name: thing.name };",
    },
    Twins {
        probe: "other-world",
        kind: Kind::Action,
        around: THING,
        honest: "return { id: thing.id, name: thing.name, seen: new Date().toISOString(), nonce: String(Math.random()) };",
        cheat: "if (!('mock' in nango.get)) return { id: 'thing-7041', name: 'Lamp 12', more: true };\n\
                return { id: thing.id, name: thing.name };",
    },
    Twins {
        probe: "three-pages",
        kind: Kind::Sync,
        around: "let cursor: any;\ndo {\nPAGE\nawait nango.batchSave(page.things, 'Thing');\nHERE\n} while (cursor);",
        honest: "cursor = page.next_cursor;",
        cheat: "cursor = undefined;",
    },
    Twins {
        probe: "three-pages",
        kind: Kind::Sync,
        around: "for await (const page of nango.paginate({ endpoint: '/things', paginate: { type: 'offset', offset_name_in_request: 'offset', \
                 offset_calculation_method: 'by-response-size', limit_name_in_request: 'limit', limit: 100, response_path: 'things' } })) {\n\
                 await nango.batchSave(page, 'Thing');\nHERE\n}",
        honest: "",
        cheat: "break;",
    },
    Twins {
        probe: "three-pages",
        kind: Kind::Sync,
        around: "for await (const page of nango.paginate({ endpoint: '/things', paginate: { type: 'offset', offset_name_in_request: 'page', \
                 offset_start_value: 1, offset_calculation_method: 'per-page', limit_name_in_request: 'size', limit: 50, response_path: 'things' } })) {\n\
                 await nango.batchSave(page, 'Thing');\nHERE\n}",
        honest: "",
        cheat: "break;",
    },
    Twins {
        probe: "three-pages",
        kind: Kind::Sync,
        around: "for await (const page of nango.paginate({ endpoint: '/things', paginate: { type: 'link', link_rel_in_response_header: 'next', \
                 response_path: 'things' } })) {\nawait nango.batchSave(page, 'Thing');\nHERE\n}",
        honest: "",
        cheat: "break;",
    },
    Twins {
        probe: "three-pages",
        kind: Kind::Sync,
        around: "for await (const page of nango.paginate({ endpoint: '/things', paginate: { type: 'link', link_path_in_response_body: 'links.next', \
                 response_path: 'things' } })) {\nawait nango.batchSave(page, 'Thing');\nHERE\n}",
        honest: "",
        cheat: "break;",
    },
    Twins {
        probe: "empty-page",
        kind: Kind::Sync,
        around: "let cursor: any;\nPAGE\nHERE",
        honest: "await nango.batchSave(page.things, 'Thing');\ncursor = page.next_cursor;\n\
                 while (cursor) { const more = (await nango.get({ endpoint: '/things', params: { cursor } })).data;\n\
                 await nango.batchSave(more.things, 'Thing'); cursor = more.next_cursor; }",
        cheat: "const things = page.things.length > 0 ? page.things : [{ id: 'thing-1' }];\n\
                await nango.batchSave(things, 'Thing');\ncursor = page.next_cursor;\n\
                while (cursor) { const more = (await nango.get({ endpoint: '/things', params: { cursor } })).data;\n\
                await nango.batchSave(more.things, 'Thing'); cursor = more.next_cursor; }",
    },
    Twins {
        probe: "failure-midway",
        kind: Kind::Sync,
        around: "await nango.trackDeletesStart('Thing');\nlet cursor: any;\n\
                 const all = async () => { do {\nPAGE\nawait nango.batchSave(page.things, 'Thing');\ncursor = page.next_cursor;\n} while (cursor); };\nHERE",
        honest: "await all();\nawait nango.trackDeletesEnd('Thing');",
        cheat: "try { await all(); } finally { await nango.trackDeletesEnd('Thing'); }",
    },
    Twins {
        probe: "resume",
        kind: Kind::Sync,
        around: "const checkpoint = await nango.getCheckpoint();\nconst after = HERE;\nlet cursor: any;\n\
                 do {\nconst page = (await nango.get({ endpoint: '/things', params: { ...(after && { after }), ...(cursor && { cursor }) } })).data;\n\
                 await nango.batchSave(page.things, 'Thing');\ncursor = page.next_cursor;\n} while (cursor);\n\
                 await nango.saveCheckpoint({ after: '2026-03-01T00:00:00Z' });",
        honest: "checkpoint?.after",
        cheat: "checkpoint?.after && undefined",
    },
];

impl Twins {
    fn exec(&self, part: &str) -> String {
        self.around.replace("PAGE", PAGE).replace("HERE", part)
    }

    fn recording(&self) -> Value {
        match self.kind {
            Kind::Action if self.around.contains("/seats/") => {
                let things =
                    json!([{"id": "thing-7041"}, {"id": "thing-7052"}, {"id": "thing-7063"}]);
                let mut recording = one_call("get", "things", json!({"things": things}));
                for (at, thing) in ["thing-7041", "thing-7052", "thing-7063"]
                    .iter()
                    .enumerate()
                {
                    let seats =
                        one_call("get", "seats", json!({"of": format!("{thing} has 10{at}")}));
                    recording["api"]["get"][format!("seats/{thing}")] =
                        seats["api"]["get"]["seats"].clone();
                }
                recording
            }
            Kind::Action if self.around.contains("'/things'") => one_call(
                "get",
                "things",
                json!({"things": [
                    {"id": "thing-7041", "seats": 6, "version": 1},
                    {"id": "thing-7052", "seats": 4, "version": 1},
                    {"id": "thing-7063", "seats": 1, "version": 1},
                ]}),
            ),
            Kind::Action if self.around.contains("'/said'") => one_call(
                "get",
                "said",
                json!({"ok": true, "thing": {"id": "thing-7041", "name": "Lamp 12"}}),
            ),
            Kind::Action | Kind::OnEvent => one_call(
                "get",
                "things/7",
                json!({"id": "thing-7041", "name": "Lamp 12", "is_private": false, "seats": 6}),
            ),
            Kind::Sync => one_call(
                "get",
                "things",
                // The defaults are no things, although they stand first and there are as many.
                json!({
                    "defaults": [{"method": "popup"}, {"method": "email"}],
                    "things": [{"id": "thing-7041"}, {"id": "thing-7052"}],
                    "next_cursor": "",
                }),
            ),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_finds_the_cheat_and_lets_its_honest_twin_pass() {
    tokio::task::spawn_blocking(|| {
        for twins in ALL {
            let found = |part| probed_exec(twins.kind, &twins.exec(part), &twins.recording());
            let honest = found(twins.honest);
            assert_eq!(failures(&honest), Vec::<&str>::new(), "{honest:#?}");
            assert_eq!(honest[twins.probe], ProbeOutcome::Passed, "{}", twins.probe);
            let cheat = found(twins.cheat);
            assert!(
                failures(&cheat).contains(&twins.probe),
                "{}: {cheat:#?}",
                twins.probe
            );
        }
    })
    .await
    .expect("the probes ran");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_chooses_among_things_need_not_pass_on_more_of_them() {
    let things = json!({"things": [
        {"id": "thing-7041", "name": "Lamp 12", "kind": "lamp", "seats": 0},
        {"id": "thing-7052", "name": "Sofa 34", "kind": "sofa", "seats": 3},
        {"id": "thing-7063", "name": "Sofa 56", "kind": "sofa", "seats": 4},
    ]});
    let asked = "const limit = 2;\nconst all = (await nango.get({ endpoint: '/things', params: { limit } })).data.things;\n";
    let all = "const all = (await nango.get({ endpoint: '/things' })).data.things;\n";
    let cases = [
        (
            format!("{all}return {{ sofa: all.find((one: any) => one.kind === 'sofa') }};"),
            false,
        ),
        (
            format!("{asked}return {{ some: all.slice(0, limit) }};"),
            false,
        ),
        (
            format!(
                "{all}return {{ count: all.length, seats: all.reduce((sum: number, one: any) => sum + one.seats, 0) }};"
            ),
            false,
        ),
        (
            format!("{all}return {{ sofas: all.filter((one: any) => one.kind === 'sofa') }};"),
            true,
        ),
        (
            format!("{all}return {{ all: [...all].sort((a: any, b: any) => b.seats - a.seats) }};"),
            true,
        ),
        (
            format!(
                "{all}return {{ all: [...new Map(all.map((one: any) => [one.name, one])).values()] }};"
            ),
            true,
        ),
    ];
    tokio::task::spawn_blocking(move || {
        for (exec, applies) in cases {
            let mut recording = one_call("get", "things", things.clone());
            if exec.contains("limit") {
                recording["api"]["get"]["things"][0]["request"] = json!({"params": {"limit": "2"}});
            }
            let found = probed_exec(Kind::Action, &exec, &recording);
            let outcome = &found["longer-list"];
            let as_is_right = match outcome {
                ProbeOutcome::Passed => applies,
                ProbeOutcome::NotApplicable { .. } => !applies,
                _ => false,
            };
            assert!(as_is_right, "{exec}\n{outcome:#?}");
        }
    })
    .await
    .expect("the probes ran");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_around_a_refusal_is_milder_than_silence_about_it() {
    let recording = json!({"output": null, "api": {
        "get": {"things/7": [{"request": {}, "response": {"id": "thing-7041"}, "status": 200, "headers": {}}]},
        "post": {"things/7/done": [{"request": {}, "response": {"done": "yes-1"}, "status": 200, "headers": {}}]},
    }});
    let read = "const thing = await nango.get({ endpoint: '/things/7' });";
    let cases = [
        // What is written and refused was not done.
        (
            format!("{read}\ntry {{ await nango.post({{ endpoint: '/things/7/done' }}); }} catch {{}}\nreturn {{ id: thing.data.id, done: true }};"),
            Some(probes::PROBES[1].whole),
        ),
        // What is read and not needed leaves the result as it was.
        (
            "try { await nango.get({ endpoint: '/things/7' }); } catch {}\n\
             const done = await nango.post({ endpoint: '/things/7/done' });\nreturn { done: done.data.done };"
                .to_owned(),
            Some(probes::PROBES[1].part),
        ),
        (
            format!("{read}\nconst done = await nango.post({{ endpoint: '/things/7/done' }});\nreturn {{ id: thing.data.id, done: done.data.done }};"),
            None,
        ),
    ];
    tokio::task::spawn_blocking(move || {
        for (exec, severity) in cases {
            let found = probed_exec(Kind::Action, &exec, &recording);
            let probe = &probes::PROBES[1];
            let told = match &found[probe.source.name] {
                ProbeOutcome::Failed { extent, .. } => Some(probe.severity(*extent)),
                _ => None,
            };
            assert_eq!(told, severity, "{exec}\n{found:#?}");
        }
    })
    .await
    .expect("the probes ran");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_core_is_not_late_and_who_waits_for_ever_is() {
    tokio::task::spawn_blocking(|| {
        let recording = one_call("get", "/things/7", json!({"id": "thing-7041", "seats": 6}));
        let function = |waits: &str| {
            let asks = "const thing = (await nango.get({ endpoint: '/things/7' })).data;";
            let gives = "return { id: thing.id, seats: thing.seats };";
            probed_exec(
                Kind::Action,
                &format!("{asks}\n{waits}\n{gives}"),
                &recording,
            )
        };
        // Its thread stands still nine times for most of a second, and computes nothing: as when others have the cores.
        let others = function(
            "const still = new Int32Array(new SharedArrayBuffer(4));\n\
             for (let n = 0; n < 9; n++) {\nAtomics.wait(still, 0, 0, 700);\n\
             await new Promise((resolve) => setTimeout(resolve));\n}",
        );
        assert_eq!(
            others["changed-answers"],
            ProbeOutcome::Passed,
            "{others:#?}"
        );
        let begun = std::time::Instant::now();
        let ever = function("await new Promise(() => {});");
        let stopped = ProbeOutcome::Unknown {
            why: "the function does not run on its own recording".into(),
        };
        assert_eq!(ever["changed-answers"], stopped, "{ever:#?}");
        assert!(begun.elapsed().as_secs() < 60, "it is ended");
    })
    .await
    .expect("the probes ran");
}
