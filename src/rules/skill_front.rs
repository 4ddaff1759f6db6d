//! What stands at the top of a `SKILL.md`: the front matter of the Agent Skills format.
//! Source: the format's specification, agentskills.io.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::domain::skill::Skill;

#[derive(Deserialize)]
struct Front {
    #[serde(default)]
    description: String,
    #[serde(default)]
    metadata: BTreeMap<String, Value>,
}

/// The skill in the folder `name`, by the text of its `SKILL.md`. A text without a readable front matter is a skill that does not
/// say when to use it.
pub fn skill(name: &str, text: &str) -> Skill {
    let front: Option<Front> =
        front_matter(text).and_then(|yaml| serde_saphyr::from_str(&yaml).ok());
    let said = |key: &str| {
        let value = front.as_ref()?.metadata.get(key)?;
        Some(
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned),
        )
    };
    Skill {
        name: name.to_owned(),
        version: said("version"),
        integration: said("integration").and_then(|name| name.parse().ok()),
        description: front.map(|front| front.description).unwrap_or_default(),
    }
}

fn front_matter(text: &str) -> Option<String> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    let mut yaml = String::new();
    for line in lines {
        if line.trim_end() == "---" {
            return Some(yaml);
        }
        yaml.push_str(line);
        yaml.push('\n');
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skill_says_when_to_use_it_which_version_it_is_and_what_it_is_about() {
        let text = "---\r\nname: slack\r\ndescription: >-\r\n  Slack: what is\r\n  peculiar.\r\nmetadata:\r\n  version: 2\r\n  integration: slack\r\n---\r\n# Slack\r\n";
        let expected = Skill {
            name: "slack".into(),
            description: "Slack: what is peculiar.".into(),
            version: Some("2".into()),
            integration: Some("slack".parse().expect("a name")),
        };
        assert_eq!(skill("slack", text), expected);
    }

    #[test]
    fn a_text_without_front_matter_is_a_skill_for_everybody() {
        for text in [
            "",
            "# Slack\n",
            "---\nname: x\n",
            "---\n- a\n---\n",
            "---\ndescription: [\n---\n",
        ] {
            let skill = skill("slack", text);
            assert_eq!(
                (skill.description.as_str(), skill.integration),
                ("", None),
                "{text:?}"
            );
        }
    }
}
