//! What every agent is told, whatever its interaction is. It stands before everything else that an agent is told, so that
//! the providers of models keep it in their caches for all agents of a run.

use std::fmt::Write as _;

use crate::domain::skill::Skill;

/// The same words for all interactions with the same skills; what is about one integration alone is told with its interaction.
pub fn general(skills: &[Skill]) -> String {
    let for_all = skills.iter().filter(|skill| skill.integration.is_none());
    let mut text = String::from(
        "# How work is done here\n\n\
         The first message asks for one Nango function in TypeScript. Others take it from your workspace, check it and report.\n",
    );
    listed(&mut text, "Skills", for_all);
    text.push_str(COMMANDS);
    text.push_str(LIMITS);
    text.push_str(REPORT);
    text
}

/// Where to read what, a line each; nothing when there is nothing.
pub(super) fn listed<'a>(text: &mut String, title: &str, skills: impl Iterator<Item = &'a Skill>) {
    let mut skills = skills.peekable();
    if skills.peek().is_none() {
        return;
    }
    let _ = write!(
        text,
        "\n## {title}\n\nRead what you need before you begin:\n\n"
    );
    for skill in skills {
        let description = skill
            .description
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let _ = writeln!(
            text,
            "- `{}/SKILL.md` ({}): {description}",
            skill.path(),
            skill.name
        );
    }
}

const COMMANDS: &str = "\n## Commands\n\n\
    The first message has the exact ones; run them in the Nango project. `nango` is on the PATH, and so are the usual tools \
    of a shell; search with `find` and `grep`. There is no network but the Nango API and no package can be installed.\n\n\
    Compile, as a command of its own, before every dry run: a dry run checks against what was compiled last. An exit code of \
    0 alone proves nothing; a dry run has succeeded when it says that it saved its mocks. The recording it saves is never \
    edited by hand.\n";

const LIMITS: &str = "\n## Limits\n\n\
    Your file tools and your shell are kept to the workspace. Every request to the API is recorded by others and compared \
    with what you report, so invent nothing: no responses, no ids, no results. When the test account is refused (401, 403) \
    or something outside is missing, stop and report `blocked` with what you saw. *Blocked with evidence is a good end*; a \
    made-up success is not.\n";

const REPORT: &str = "\n## Report\n\n\
    End with one last message whose end is one fenced block like this, and nothing after it:\n\n\
    ```json\n\
    {\n  \
      \"status\": \"done\",\n  \
      \"summary\": \"One or two sentences.\",\n  \
      \"ran\": [\"nango compile --no-interactive\"],\n  \
      \"skipped\": [{ \"feature\": \"pagination\", \"reason\": \"The endpoint answers with one object.\" }],\n  \
      \"blocked_by\": null\n\
    }\n\
    ```\n\n\
    `status` is `done` (the function is finished and its dry run succeeded), `blocked` (something outside makes it \
    impossible; `blocked_by` says what refused, with status, address and message) or `partial`. `ran` lists the commands \
    with which you checked your work, as typed. `skipped` lists features of the SDK that you left out, and why. The first \
    message may ask for one key more; there are no others.\n";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::brief::read_claim;

    fn skills() -> [Skill; 1] {
        [Skill {
            name: "dry-run".into(),
            description: "How to\ndry run.".into(),
            version: None,
            integration: None,
        }]
    }

    #[test]
    fn what_all_are_told() {
        insta::assert_snapshot!("general", general(&skills()));
    }

    #[test]
    fn skills_are_named_in_one_line_each() {
        let line = "\n- `.agents/skills/dry-run/SKILL.md` (dry-run): How to dry run.\n";
        assert!(general(&skills()).contains(line));
        assert!(!general(&[]).contains("## Skills"));
    }

    #[test]
    fn what_is_about_one_api_is_not_for_all() {
        let [for_all] = skills();
        let slack = Skill {
            name: "slack".into(),
            integration: Some("slack".parse().expect("a name")),
            ..for_all.clone()
        };
        assert_eq!(general(&[for_all, slack.clone()]), general(&skills()));
        let mut text = String::new();
        listed(&mut text, "This API", [&slack].into_iter());
        assert!(text.ends_with("\n- `.agents/apis/slack/SKILL.md` (slack): How to dry run.\n"));
    }

    #[test]
    fn the_example_is_a_valid_report() {
        assert!(read_claim(Some(&general(&[]))).claim().is_some());
    }
}
