//! What nothing but an experiment of ours runs: `onWebhook` of a sync, and the probes of an on-event function, each with a
//! cheat and its honest twin.

use countersign::domain::probe::{ProbeExtent, ProbeOutcome};
use countersign::domain::spec::{Kind, Spec};
use countersign::domain::sync_webhook::SyncWebhook;
use serde_json::{Value, json};

use super::probes::probed;
use crate::support::tools::spec;

fn recording() -> Value {
    let response = json!({"ok": true, "team_id": "T024BE7LD", "things": [{"id": "thing-7041"}]});
    let call = json!([{"request": {}, "response": response, "status": 200, "headers": {}}]);
    json!({"output": null, "nango": {}, "api": {"get": {"things": call}}})
}

fn handled(handler: &str, sample: Option<Value>) -> ProbeOutcome {
    let spec = Spec {
        webhook: Some(SyncWebhook {
            subscriptions: vec!["*".into()],
            sample,
        }),
        ..spec("acme/thing", Kind::Sync, None)
    };
    let source = format!(
        "import {{ createSync }} from 'nango';\nimport {{ z }} from 'zod';\n\
         export default createSync({{ models: {{ Thing: z.object({{ id: z.string(), name: z.string().optional() }}) }},\n\
         exec: async (nango: any) => {{ await nango.batchSave((await nango.get({{ endpoint: '/things' }})).data.things, 'Thing'); }},\n\
         {handler} }} as any);\n"
    );
    probed(&spec, &source, &recording())
        .remove("webhook")
        .expect("the probe ran")
}

fn extent(outcome: &ProbeOutcome) -> Option<ProbeExtent> {
    match outcome {
        ProbeOutcome::Failed { extent, .. } => Some(*extent),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_does_what_the_payload_says() {
    tokio::task::spawn_blocking(|| {
        let payload = || Some(json!({"type": "renamed", "thing": {"id": "thing-9001", "name": "Lamp 77"}}));
        let on = |body: &str| format!("onWebhook: async (nango: any, payload: any) => {{ {body} }},");
        for honest in [
            "await nango.batchSave([{ id: payload.thing.id, name: payload.thing.name }], 'Thing');",
            "if (payload.type === 'renamed') { await nango.batchUpdate([payload.thing], 'Thing'); }",
            "await nango.batchDelete([{ id: payload.thing.id }], 'Thing');",
            // What the payload names is asked for, and the answer of the recording comes.
            "const { things } = (await nango.get({ endpoint: '/things', params: { id: payload.thing.id } })).data; await nango.batchSave(things, 'Thing');",
        ] {
            let outcome = handled(&on(honest), payload());
            assert_eq!(outcome, ProbeOutcome::Passed, "{honest}");
        }
        for (cheat, expected) in [
            ("await nango.batchSave([{ id: 'thing-9001', name: 'Lamp 77' }], 'Thing');", ProbeExtent::Whole),
            ("await nango.batchSave([{ id: payload.thing.id, name: 'Lamp 77' }], 'Thing');", ProbeExtent::Part),
            ("await nango.batchSave([{ id: 'made up' }], 'Thing');", ProbeExtent::Whole),
            ("await nango.batchSave([{ id: payload.thing.id }], 'Sofa');", ProbeExtent::Part),
            ("await nango.batchSave([{ id: 7, name: payload.thing.name }], 'Thing');", ProbeExtent::Part),
            ("await nango.log(payload.thing.id);", ProbeExtent::Part),
            ("throw new Error('later');", ProbeExtent::Part),
        ] {
            let outcome = handled(&on(cheat), payload());
            assert_eq!(extent(&outcome), Some(expected), "{cheat}: {outcome:?}");
        }
        assert_eq!(extent(&handled("", payload())), Some(ProbeExtent::Whole));
        let untried = handled(&on("await nango.batchSave([payload.thing], 'Thing');"), None);
        assert!(matches!(&untried, ProbeOutcome::NotApplicable { why } if why.contains("not tried")), "{untried:?}");
    })
    .await
    .expect("the probes ran");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_on_event_function_is_probed_by_what_it_writes() {
    tokio::task::spawn_blocking(|| {
        let spec = spec("acme/setup", Kind::OnEvent, None);
        let failures = |exec: &str| -> Vec<String> {
            let source = format!(
                "import {{ createOnEvent }} from 'nango';\n\
                 export default createOnEvent({{ event: 'post-connection-creation', exec: async (nango: any) => {{ {exec} }} }} as any);\n"
            );
            let found = probed(&spec, &source, &recording());
            let failed = found.into_iter().filter(|(_, one)| matches!(one, ProbeOutcome::Failed { .. }));
            failed.map(|(name, _)| name).collect()
        };
        const ASKS: &str = "const { data } = await nango.get({ endpoint: '/things' });";
        for way in ["updateMetadata", "setMetadata"] {
            let honest = format!("{ASKS} if (!data.ok) {{ throw new Error('no'); }} await nango.{way}({{ team: data.team_id }});");
            assert_eq!(failures(&honest), [""; 0], "{way}");
        }
        // Of several calls that are refused, the one that may fail is told by its status.
        let tolerant = "try { await nango.get({ endpoint: '/things' }); } catch (error: any) { if (error.response?.status !== 404) { throw error; } }";
        assert_eq!(failures(tolerant), ["error-body"]);
        let swallows = format!("try {{ {ASKS} await nango.updateMetadata({{ team: data.team_id }}); }} catch {{ await nango.log('no'); }}");
        assert!(failures(&swallows).contains(&"refused-calls".to_owned()));
        let ignores = format!("{ASKS} if (!data.ok) {{ throw new Error('no'); }} await nango.updateMetadata({{ team: 'T024BE7LD' }});");
        assert_eq!(failures(&ignores), ["changed-answers", "removed-value"]);
    })
    .await
    .expect("the probes ran");
}
