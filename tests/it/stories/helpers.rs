//! Modules beside a function: those of the project, those that an agent writes, and those that it had better not.

use countersign::domain::view::View;
use countersign_standin::model::script::{dry_run, report};
use countersign_standin::model::{Scenario, Script};
use countersign_standin::nango::function;

use crate::support::story::{Story, changes, pushed, spec, states};

const ZOD: &str = "import { z } from 'zod';\n";

/// A helper of the team's, and what it stands for in a function.
const ANSWERS: (&str, &str) = (
    "nango-integrations/slack/helpers/answers.ts",
    "/** Why Slack refuses, when it does: it answers 200 all the same. */\n\
     export function refusal(answer: { ok: boolean; error?: string | undefined }): string | undefined {\n    \
     return answer.ok ? undefined : (answer.error ?? 'Slack refused without a reason.');\n}\n",
);
const ASKS_WHY: (&str, &str) = (
    "        if (!answer.ok) {\n            throw new nango.ActionError({\n                type: 'slack_error',\n                \
     message: answer.error ?? 'Slack refused without a reason.'\n            });\n        }\n",
    "        const refused = refusal(answer);\n        if (refused !== undefined) {\n            \
     throw new nango.ActionError({ type: 'slack_error', message: refused });\n        }\n",
);
/// What no function can import.
const LODASH: (&str, &str) = (
    "nango-integrations/slack/helpers/sorted.ts",
    "import _ from 'lodash';\nexport const sorted = (names: string[]) => _.sortBy(names);\n",
);

const MAPPER: &str = "/** A channel as Slack has it. */\ninterface ProviderChannel {\n    id: string;\n    name: string;\n    \
     is_private: boolean;\n    num_members?: number | undefined;\n}\n\n\
     export function toChannel(channel: ProviderChannel) {\n    return {\n        id: channel.id,\n        \
     name: channel.name,\n        isPrivate: channel.is_private,\n        \
     ...(channel.num_members !== undefined && { memberCount: channel.num_members })\n    };\n}\n";

/// The example function with a part of it replaced.
fn with(import: &str, old: &str, new: &str) -> String {
    let source = function("slack/actions/list-channels.ts").expect("an example");
    assert!(source.contains(old), "{old}");
    source
        .replace(ZOD, &format!("{ZOD}{import}\n"))
        .replace(old, new)
}

/// It with the mapping left to a module.
fn mapped(module: &str) -> String {
    let source = function("slack/actions/list-channels.ts").expect("an example");
    let begin = source.find("(answer.channels ?? []).map(").expect("a map");
    let end = source[begin..].find("})),\n").expect("its end") + begin + 3;
    let import = format!("import {{ toChannel }} from '{module}';");
    with(
        &import,
        &source[begin..end],
        "(answer.channels ?? []).map(toChannel)",
    )
}

fn place(key: &str) -> String {
    key.replacen('/', "/actions/", 1) + ".ts"
}

/// An agent that writes a function with a module, if any.
fn writes(key: &str, source: &str, module: Option<(&str, &str)>) -> Scenario {
    let tried = dry_run(key, Some("{}"));
    let mut script = Script::new();
    if let Some((path, text)) = module {
        script = script.write(path, text);
    }
    let words = report("done", "It works.", &[&tried]);
    Scenario::new(
        key,
        script.write(&place(key), source).bash(&tried).say(words),
    )
}

fn specs(keys: &[&str]) -> Vec<(String, String)> {
    let each = keys
        .iter()
        .flat_map(|key| spec(key, "action", "input: {}\n"));
    each.collect()
}

/// What is found of an interaction, sentences with their names.
fn found(view: &View, key: &str) -> String {
    let judgement = view
        .judgements()
        .find(|one| one.interaction.to_string() == key);
    let findings = judgement.expect("a judgement").findings.iter();
    findings
        .map(|one| format!("{}: {}\n", one.rule, one.sentence))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn modules_are_taken_judged_and_committed_with_their_function() {
    let swallows = "import type { ProxyConfiguration } from 'nango';\n\n\
        export async function ask(nango: { get: (config: ProxyConfiguration) => Promise<{ data: unknown }> }, config: ProxyConfiguration) {\n    \
        try {\n        const response = await nango.get(config);\n        return response.data;\n    } catch {\n        \
        return { ok: true, channels: [] };\n    }\n}\n";
    let asks = (
        "        const response = await nango.get(config);\n        const answer = ProviderAnswerSchema.parse(response.data);\n",
        "        const answer = ProviderAnswerSchema.parse(await ask(nango, config));\n",
    );
    let agents = vec![
        writes(
            "slack/reuses",
            &with(
                "import { refusal } from '../helpers/answers.js';",
                ASKS_WHY.0,
                ASKS_WHY.1,
            ),
            None,
        ),
        writes(
            "slack/maps",
            &mapped("../mappers/channel.js"),
            Some(("slack/mappers/channel.ts", MAPPER)),
        ),
        writes(
            "slack/elsewhere",
            &mapped("../util/channel.js"),
            Some(("slack/util/channel.ts", MAPPER)),
        ),
        writes(
            "slack/swallows",
            &with("import { ask } from '../helpers/ask.js';", asks.0, asks.1),
            Some(("slack/helpers/ask.ts", swallows)),
        ),
        writes(
            "slack/makes-up",
            &with(
                "import { nameOf } from '../helpers/names.js';",
                "name: channel.name",
                "name: nameOf()",
            ),
            Some((
                "slack/helpers/names.ts",
                "export const nameOf = (): string => 'C00012345';\n",
            )),
        ),
    ];
    let base = [(ANSWERS.0, Some(ANSWERS.1)), (LODASH.0, Some(LODASH.1))];
    let story = Story::begin(agents, &base).await;
    let keys = [
        "slack/reuses",
        "slack/maps",
        "slack/elsewhere",
        "slack/swallows",
        "slack/makes-up",
    ];
    story.push("helpers", &changes(&specs(&keys)));
    let number = story.open("helpers");
    let first = story.views(number, 1).await.remove(0);
    let all = states(&first);
    assert_eq!(
        all,
        [
            "slack/elsewhere refused",
            "slack/makes-up needs a look",
            "slack/maps countersigned",
            "slack/reuses countersigned",
            "slack/swallows refused",
        ],
        "{:#?}",
        keys.map(|key| (key, found(&first, key)))
    );
    let commit = pushed(&first);
    let file = |path: &str| story.file(&commit, &format!("nango-integrations/{path}"));
    assert_eq!(file("slack/mappers/channel.ts").as_deref(), Some(MAPPER));
    for path in [
        "slack/util/channel.ts",
        "slack/helpers/ask.ts",
        "slack/helpers/names.ts",
    ] {
        assert_eq!(file(path), None, "{path}");
    }
    assert!(
        found(&first, "slack/maps")
            .contains("helper-new: The agent wrote slack/mappers/channel.ts")
    );
    assert!(found(&first, "slack/swallows").contains("ignores-refusals"));
    // As it is judged when the function itself makes it up.
    let made_up = found(&first, "slack/makes-up");
    assert!(
        made_up.contains("made-up-output") && made_up.contains("constant-field"),
        "{made_up}"
    );
    let elsewhere = found(&first, "slack/elsewhere");
    assert!(elsewhere.contains("helper-not-taken"), "{elsewhere}");
    for lie in ["says-done-but-failed", "forbidden-change"] {
        assert!(!elsewhere.contains(lie), "{elsewhere}");
    }
    // Said before anything was spent, and to the agents.
    let known: Vec<&str> = first.problems.iter().map(|one| one.rule.as_str()).collect();
    assert_eq!(known, ["not-importable"]);
    let sticky = story.sticky(number);
    assert!(
        sticky.contains("Known before anything was built") && sticky.contains("lodash"),
        "{sticky}"
    );
    let seen = story.model.requests();
    assert!(seen.iter().any(|seen| {
        seen.body
            .to_string()
            .contains("- `slack/helpers/answers.ts`")
    }));

    // Two of one run write the same module, each in its way.
    let path = "slack/helpers/label.ts";
    for key in ["slack/one", "slack/two"] {
        let text = format!("// As {key} has it.\n{MAPPER}");
        let source = mapped("../helpers/label.js");
        story.model.play(writes(key, &source, Some((path, &text))));
    }
    story.push("helpers", &changes(&specs(&["slack/one", "slack/two"])));
    let second = story.views(number, 2).await.remove(1);
    let word = |view: &View, key: &str| {
        let all = states(view);
        all.into_iter()
            .find_map(|state| state.strip_prefix(&format!("{key} ")).map(str::to_owned))
    };
    assert_eq!(word(&second, "slack/one").as_deref(), Some("countersigned"));
    assert_eq!(word(&second, "slack/two").as_deref(), Some("needs a look"));
    let clash = found(&second, "slack/two");
    assert!(
        clash.contains("helper-clash") && clash.contains("`/retry slack/two`"),
        "{clash}"
    );
    let label = story.file(&pushed(&second), &format!("nango-integrations/{path}"));
    assert!(label.expect("the module").contains("As slack/one has it."));

    // One that others use is changed so that they do not compile, and nobody mends it: it stays as it is.
    let renamed = |text: &str| text.replace("toChannel", "toSlackChannel");
    story.model.play(writes(
        "slack/breaks",
        &renamed(&mapped("../mappers/channel.js")),
        Some(("slack/mappers/channel.ts", &renamed(MAPPER))),
    ));
    story.push("helpers", &changes(&specs(&["slack/breaks"])));
    let third = story.views(number, 3).await.remove(2);
    let changed = found(&third, "slack/breaks");
    assert!(
        states(&third).contains(&"slack/breaks refused".to_owned()),
        "{changed}"
    );
    let broken = "breaks-neighbour: slack/actions/maps.ts imports slack/mappers/channel.ts, which the agent changed, and does \
                  not compile. With the module as it stands at the head it does.";
    assert!(changed.contains(broken), "{changed}");
    let mapper = story.file(
        &pushed(&third),
        "nango-integrations/slack/mappers/channel.ts",
    );
    assert_eq!(mapper.as_deref(), Some(MAPPER));
    story.end();
}
