//! The configuration of our server: the operator's providers below, our rules above.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use serde_json::{Map, Value, json};

use crate::domain::skill::SKILLS_FOLDER;
use crate::edge::agent::AgentError;

/// What may be taken from an operator's file. Its plugins, servers, commands and permissions stay outside.
const TAKEN: [&str; 3] = ["provider", "model", "small_model"];

/// Tools that agents are given. Searching is done with the shell, which the kernel walls in.
const TOOLS: [&str; 6] = ["read", "edit", "bash", "skill", "todowrite", "webfetch"];

/// A provider of our own, with which the walls are tried.
pub(super) struct GuardModel {
    /// Where its API begins.
    pub base_url: String,
    /// What it expects as its key.
    pub key: String,
}

impl GuardModel {
    /// The model as OpenCode names it.
    pub const MODEL: &str = "countersign/walls";
}

/// Reads the operator's file, if there is one.
pub(super) fn read_operators(path: Option<&Path>) -> Result<Value, AgentError> {
    let Some(path) = path else {
        return Ok(json!({}));
    };
    let bad = |why: String| AgentError::Config(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let config: Value = serde_json::from_str(&text)
        .map_err(|error| bad(format!("{error} (plain JSON without comments is wanted)")))?;
    if config.is_object() {
        Ok(config)
    } else {
        Err(bad("an object is wanted".into()))
    }
}

/// The names of all `{env:NAME}` in what is taken of the operator's file.
pub(super) fn variables(operators: &Value) -> BTreeSet<String> {
    let Ok(pattern) = Regex::new(r"\{env:([A-Za-z_][A-Za-z0-9_]*)\}") else {
        return BTreeSet::new();
    };
    let taken = Value::Object(taken(operators)).to_string();
    pattern
        .captures_iter(&taken)
        .map(|found| found[1].to_owned())
        .collect()
}

/// The whole configuration.
pub(super) fn build(
    operators: &Value,
    model: Option<&str>,
    shell: &Path,
    guard_model: &GuardModel,
) -> Result<Value, AgentError> {
    let mut config = taken(operators);
    if let Some(model) = model {
        config.insert("model".into(), model.into());
    }
    let model = config
        .get("model")
        .and_then(Value::as_str)
        .unwrap_or(GuardModel::MODEL)
        .to_owned();
    config.insert("model".into(), model.clone().into());
    config.entry("small_model").or_insert_with(|| model.into());
    let providers = config
        .entry("provider")
        .or_insert_with(|| json!({}))
        .as_object_mut()
        .ok_or_else(|| AgentError::Config("'provider' must be an object".into()))?;
    providers.insert("countersign".into(), provider_of(guard_model));
    let enabled: Vec<String> = providers.keys().cloned().collect();

    let mut permission = Map::new();
    permission.insert("*".into(), "deny".into());
    for tool in TOOLS {
        permission.insert(tool.into(), "allow".into());
    }
    // The last rule that matches wins. `ask` is never used: nobody is there to answer.
    for never in ["external_directory", "question", "doom_loop", "task"] {
        permission.insert(never.into(), "deny".into());
    }
    let ours = json!({
        "autoupdate": false,
        "share": "disabled",
        "snapshot": false,
        "lsp": false,
        "formatter": false,
        "enabled_providers": enabled,
        "shell": shell,
        "skills": { "paths": [SKILLS_FOLDER] },
        "permission": permission,
    });
    if let Value::Object(ours) = ours {
        config.extend(ours);
    }
    Ok(Value::Object(config))
}

/// Splits `provider/model`.
pub(super) fn parts(name: &str) -> Result<(&str, &str), AgentError> {
    let parts = name.split_once('/');
    parts
        .filter(|(provider, model)| !provider.is_empty() && !model.is_empty())
        .ok_or_else(|| {
            let why = "is not of the form provider/model, as in openrouter/z-ai/glm";
            AgentError::Config(format!("the model '{name}' {why}"))
        })
}

/// Splits `provider/model` and makes sure that the configuration knows it: the catalogue of models is empty, so an
/// unknown one would have no limits and no price.
pub(super) fn model<'a>(config: &Value, name: &'a str) -> Result<(&'a str, &'a str), AgentError> {
    let (provider, model) = parts(name)?;
    let models = &config["provider"][provider]["models"];
    if models[model].is_object() {
        return Ok((provider, model));
    }
    let mut known: Vec<String> = Vec::new();
    for (provider, settings) in config["provider"].as_object().into_iter().flatten() {
        let models = settings["models"].as_object().into_iter().flatten();
        known.extend(models.map(|(model, _)| format!("{provider}/{model}")));
    }
    known.retain(|name| name != GuardModel::MODEL);
    Err(AgentError::Config(format!(
        "the model '{name}' is not in the operator's opencode.json ({}); name it there under provider.{provider}.models \
         with its 'cost' and 'limit'",
        if known.is_empty() {
            "which names none".into()
        } else {
            format!("which names {}", known.join(", "))
        },
    )))
}

fn taken(operators: &Value) -> Map<String, Value> {
    TAKEN
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), operators.get(name)?.clone())))
        .collect()
}

fn provider_of(guard_model: &GuardModel) -> Value {
    json!({
        "npm": "@ai-sdk/openai-compatible",
        "options": { "baseURL": guard_model.base_url, "apiKey": guard_model.key },
        "models": { "walls": { "limit": { "context": 100_000, "output": 4_000 } } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard_model() -> GuardModel {
        GuardModel {
            base_url: "http://127.0.0.1:1/v1".into(),
            key: "k".into(),
        }
    }

    #[test]
    fn of_the_operators_file_only_providers_and_models_are_taken() -> Result<(), AgentError> {
        let operators = json!({
            "provider": { "p": { "options": { "apiKey": "{env:P_KEY}" }, "models": { "m": {} } } },
            "model": "p/m",
            "plugin": ["evil"],
            "permission": { "bash": "ask" },
            "mcp": { "x": { "command": ["{env:OTHER}"] } },
        });
        let config = build(&operators, None, Path::new("/bin/shell"), &guard_model())?;
        assert_eq!(config.get("plugin"), None);
        assert_eq!(config.get("mcp"), None);
        assert_eq!(config["permission"]["bash"], "allow");
        assert_eq!(config["permission"]["*"], "deny");
        assert!(!config["permission"].to_string().contains("\"ask\""));
        assert_eq!(config["small_model"], "p/m");
        assert_eq!(variables(&operators), BTreeSet::from(["P_KEY".to_owned()]));
        assert_eq!(model(&config, "p/m")?, ("p", "m"));
        Ok(())
    }

    #[test]
    fn an_unknown_model_is_refused_with_the_known_ones() {
        let config = build(
            &json!({ "provider": { "p": { "models": { "m": {} } } } }),
            None,
            Path::new("/bin/shell"),
            &guard_model(),
        )
        .expect("valid");
        let error = model(&config, "p/x").expect_err("unknown").to_string();
        assert!(error.contains("which names p/m"), "{error}");
        assert!(model(&config, "x").is_err());
    }
}
