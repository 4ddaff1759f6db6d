//! Functions that import what an agent changes for another one: an honest change is a note, one that breaks them is found,
//! goes back to the agent and is mended, and what failed before does not count.

use countersign::domain::view::View;
use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};
use countersign_standin::nango::function;

use crate::support::story::{Story, changes, pushed, spec, states};

const MODULE: &str = "slack/mappers/channel.ts";
const ASK: &str = "slack/helpers/ask.ts";
const WIDER: &str = "slack/wider";
const BREAKS: &str = "slack/breaks";

const MEMBERS: &str =
    "        ...(channel.num_members !== undefined && { memberCount: channel.num_members })\n";

fn mapper(more: &str, members: &str) -> String {
    format!(
        "/** A channel as Slack has it. */\ninterface ProviderChannel {{\n    id: string;\n    name: string;\n    \
         is_private: boolean;\n    num_members?: number | undefined;\n}}\n\n\
         export function toChannel(channel: ProviderChannel{more}) {{\n    return {{\n        id: channel.id,\n        \
         name: channel.name,\n        isPrivate: channel.is_private,\n{members}    }};\n}}\n"
    )
}

/// As the team has it.
fn given() -> String {
    mapper("", MEMBERS)
}

/// With a parameter that nobody has to give.
fn optional() -> String {
    let members = MEMBERS.replace("(channel.num", "(members && channel.num");
    mapper(", members = true", &members)
}

/// Another helper of the team's, which asks.
const ASKS: &str = "import type { ProxyConfiguration } from 'nango';\n\n\
    export async function ask(nango: { get: (config: ProxyConfiguration) => Promise<{ data: unknown }> }, config: ProxyConfiguration) {\n    \
    const response = await nango.get(config);\n    return response.data;\n}\n";

/// It with a function more; `get` is how it asks.
fn asks(get: &str) -> String {
    let trimmed = "\nexport const trimmed = (name: string) => name.trim();\n";
    let given = "    const response = await nango.get(config);\n    return response.data;\n";
    ASKS.replace(given, get) + trimmed
}

fn asks_as_before() -> String {
    asks("    return (await nango.get(config)).data;\n")
}

/// It never fails any more.
fn swallows() -> String {
    asks(
        "    try {\n        return (await nango.get(config)).data;\n    } catch {\n        return { ok: true, channels: [] };\n    }\n",
    )
}

/// The example function with its mapping left to the module.
fn mapped(call: &str) -> String {
    let zod = "import { z } from 'zod';\n";
    let source = function("slack/actions/list-channels.ts").expect("an example");
    let begin = source.find("(answer.channels ?? []).map(").expect("a map");
    let end = source[begin..].find("})),\n").expect("its end") + begin + 3;
    let map = format!("(answer.channels ?? []).map((channel) => {call})");
    source.replace(&source[begin..end], &map).replace(
        zod,
        &format!("{zod}import {{ toChannel }} from '../mappers/channel.js';\n"),
    )
}

/// The same where the other helper asks.
fn asking() -> String {
    let own = "        const response = await nango.get(config);\n        const answer = ProviderAnswerSchema.parse(response.data);\n";
    let source = mapped("toChannel(channel)");
    assert!(source.contains(own), "{source}");
    let helped = "        const answer = ProviderAnswerSchema.parse(await ask(nango, config));\n";
    let import = "import { ask } from '../helpers/ask.js';\n";
    source.replace(own, helped).replace(
        "import { toChannel }",
        &format!("{import}import {{ toChannel }}"),
    )
}

/// An example function that needs what the agent adds to both.
fn trimming() -> String {
    let call = "toChannel({ ...channel, name: trimmed(channel.name) }, false)";
    let import = "import { trimmed } from '../helpers/ask.js';\n";
    mapped(call).replace(
        "import { toChannel }",
        &format!("{import}import {{ toChannel }}"),
    )
}

fn place(key: &str) -> String {
    key.replacen('/', "/actions/", 1) + ".ts"
}

/// An agent that writes the function and, round after round, modules.
fn writes(key: &str, source: &str, rounds: &[&[(&str, String)]]) -> Scenario {
    let tried = dry_run(key, Some("{}"));
    let mut script = Script::new().write(&place(key), source);
    for modules in rounds {
        for (path, text) in *modules {
            script = script.write(path, text);
        }
        let words = report("done", "It works.", &[&tried]);
        script = script.bash(&tried).say(words);
    }
    Scenario::new(key, script)
}

/// What is found of an interaction, sentences with their names.
fn found(view: &View, key: &str) -> String {
    let mut judgements = view.judgements();
    let judgement = judgements.find(|one| one.interaction.to_string() == key);
    let findings = judgement.expect("a judgement").findings.iter();
    findings
        .map(|one| format!("{}: {}\n", one.rule, one.sentence))
        .collect()
}

fn project() -> Vec<(String, String)> {
    let at = |path: &str| format!("nango-integrations/{path}");
    let ours = mapped("toChannel(channel)");
    // It was never in this recording.
    let stale = r#"{"input":{},"output":{"channels":[]},"nango":{},"api":{}}"#;
    vec![
        (at(MODULE), given()),
        (at(ASK), ASKS.into()),
        (at("slack/actions/bare.ts"), ours.clone()),
        (at("slack/actions/stale.ts"), ours),
        (at("slack/tests/stale.test.json"), stale.into()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_helper_is_tried_with_the_functions_that_import_it() {
    let maps = writes("slack/maps", &asking(), &[&[]]);
    let story = Story::begin(vec![maps], &changes(&project())).await;
    story.push(
        "channels",
        &changes(&spec("slack/maps", "action", "input: {}\n")),
    );
    let number = story.open("channels");
    let first = story.views(number, 1).await.remove(0);
    assert_eq!(states(&first), ["slack/maps countersigned"]);

    // A parameter more that nobody has to give.
    let source = mapped("toChannel(channel, false)");
    story
        .model
        .play(writes(WIDER, &source, &[&[(MODULE, optional())]]));
    story.push("channels", &changes(&spec(WIDER, "action", "input: {}\n")));
    let second = story.views(number, 2).await.remove(1);
    let told = found(&second, WIDER);
    assert!(
        states(&second).contains(&format!("{WIDER} countersigned")),
        "{told}"
    );
    assert!(told.contains("These were tried with it"), "{told}");
    let holds = "neighbours-hold: 2 functions import what the agent changed: slack/actions/maps.ts compiles, passes its test \
                 and probes as before; slack/actions/bare.ts (it has no recording) compiles and was not probed.";
    assert!(told.contains(holds), "{told}");
    let before = "neighbour-failing: slack/actions/stale.ts imports slack/mappers/channel.ts, which the agent changed. It does \
                  not pass its test with the change and without it, so that does not count.";
    assert!(told.contains(before), "{told}");
    let commit = pushed(&second);
    let at = format!("nango-integrations/{MODULE}");
    assert_eq!(
        story.file(&commit, &at).as_deref(),
        Some(optional().as_str())
    );
    let sticky = story.sticky(number);
    assert!(
        sticky.contains("passes its test and probes as before"),
        "{sticky}"
    );

    // First one gives something else, then it does not tell of refusals, then all is well.
    let turned = optional().replace("channel.is_private,", "!channel.is_private,");
    let good = optional().replace("/** A channel", "/** One channel");
    let rounds: [&[(&str, String)]; 3] = [
        &[(MODULE, turned), (ASK, asks_as_before())],
        &[(MODULE, good.clone()), (ASK, swallows())],
        &[(ASK, asks_as_before())],
    ];
    story.model.play(writes(BREAKS, &trimming(), &rounds));
    story.push("channels", &changes(&spec(BREAKS, "action", "input: {}\n")));
    let third = story.views(number, 3).await.remove(2);
    let told = found(&third, BREAKS);
    assert!(
        states(&third).contains(&format!("{BREAKS} countersigned")),
        "{told}"
    );
    assert!(
        told.contains(
            "mended: Round 3 of the agent's work; what was found before it: breaks-neighbour."
        ),
        "{told}"
    );
    assert!(
        told.contains("neighbours-hold: 3 functions import"),
        "{told}"
    );
    let at = story.file(&pushed(&third), &at);
    assert_eq!(at.as_deref(), Some(good.as_str()));
    // What the agent was told.
    let seen = story.model.requests();
    let told = |words: &str| {
        seen.iter()
            .any(|seen| seen.body.to_string().contains(words))
    };
    for words in [
        "slack/actions/maps.ts imports slack/helpers/ask.ts, slack/mappers/channel.ts, which the agent changed, and does not pass its test",
        "isPrivate",
        "slack/actions/maps.ts imports slack/helpers/ask.ts, slack/mappers/channel.ts, which the agent changed, and fails",
    ] {
        assert!(told(words), "{words}");
    }
    // Nothing stays of what was tried.
    let runs = story.state().join("runs");
    let left = walkdir::WalkDir::new(runs).into_iter().flatten();
    let left: Vec<_> = left
        .filter(|entry| entry.file_name() == "neighbours")
        .collect();
    assert!(left.is_empty(), "{left:?}");
    story.end();
}
