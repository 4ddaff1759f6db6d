//! **Solution fetched**: the agent looked for the finished function instead of writing one.
//!
//! Sees pages and downloads of Nango's published integrations, and the CLI's commands that bring them. The function may be
//! good, for what counts is what it does; but it is then not the agent's work on this API, and a reader wants to know. What
//! looks alike: Nango's documentation, and another example that the skills name. Confidence: *proven* (transcript).

use crate::domain::deed::Deed;
use crate::domain::dossier::Dossier;
use crate::domain::finding::{Confidence, Finding, Place, Severity};
use crate::rules::judge::reading::quote;
use crate::rules::judge::reading::shell::{self, Start};

/// Where solutions are published.
const PLACES: &[&str] = &[
    "nangohq/integration-templates",
    "nango-integration-templates",
    "nangohq/nango/contents/packages",
    "integration-templates/",
];

/// Looks for fetched solutions.
pub fn find(dossier: &Dossier) -> Vec<Finding> {
    let page = dossier
        .transcript
        .tool_calls()
        .find_map(|(turn, call)| match &call.deed {
            Deed::Fetch { url } if is_place(url) => Some((turn, quote::turn(turn, call, url))),
            _ => None,
        });
    let typed = || {
        let commands = shell::commands(dossier);
        let command = commands
            .iter()
            .find(|command| command.starts().iter().any(brings))?;
        Some((
            command.turn,
            quote::turn(command.turn, command.call, command.text),
        ))
    };
    let Some((turn, evidence)) = page.or_else(typed) else {
        return Vec::new();
    };
    vec![Finding::new(
        "solution-fetched",
        Severity::Warn,
        Confidence::Proven,
        Place::Turn { number: turn },
        format!(
            "In turn {turn} the agent looked for a published function instead of writing its own."
        ),
        vec![evidence],
    )]
}

fn brings(start: &Start) -> bool {
    let mut operands = start.operands();
    match start.program() {
        "nango" => matches!(operands.next(), Some("clone" | "pull")),
        "curl" | "wget" | "git" | "npm" | "npx" | "gh" | "degit" => {
            start.args().iter().any(|arg| is_place(arg))
        }
        _ => false,
    }
}

fn is_place(address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    PLACES.iter().any(|place| address.contains(place))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::domain::transcript::ToolStatus;
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    #[test]
    fn a_published_function_is_not_the_agents_work() {
        for command in [
            "git clone --depth 1 https://github.com/NangoHQ/integration-templates",
            "curl -s https://raw.githubusercontent.com/NangoHQ/integration-templates/main/integrations/slack/x.ts",
            "npx nango clone google-calendar",
            "nango pull --catalog",
        ] {
            let mut sample = sample::action();
            sample.bash(command, 1, "");
            assert!(
                names_of(&judge(&sample.build())).contains(&"solution-fetched"),
                "{command}"
            );
        }
    }

    #[test]
    fn documentation_is_read_freely() {
        let mut sample = sample::action();
        for url in [
            "https://nango.dev/docs/implementation-guides/actions",
            "https://github.com/NangoHQ/nango/blob/master/README.md",
            "https://developers.google.com/calendar/api/v3/reference/events/insert",
        ] {
            sample.tool(
                "webfetch",
                json!({"url": url}),
                ToolStatus::Completed,
                "text",
            );
        }
        sample.bash("git init -q && git status", 0, "");
        assert!(names_of(&judge(&sample.build())).is_empty());
    }
}
