//! The generated test of a function: the CLI's own template with the names filled in.
//!
//! The template is read from the installed CLI, so that its text is neither copied nor able to differ. It has nothing but
//! places for names, so filling it in needs neither the CLI's process nor anything an agent wrote.

use std::fs;

use crate::domain::spec::{Kind, Spec};

use super::NangoError;
use super::template::Template;

/// The text of `spec`'s generated test, where the CLI has one for its kind. `models` are the names of a sync's models.
///
/// # Errors
/// When the template cannot be read.
pub(super) fn test_file(
    template: &Template,
    spec: &Spec,
    models: &[String],
) -> Result<Option<String>, NangoError> {
    let (name, models) = match spec.kind {
        Kind::Action => ("action-test-template.ejs", action_output(spec)),
        Kind::Sync => ("sync-test-template.ejs", models.join(",")),
        Kind::OnEvent => return Ok(None),
    };
    let path = template
        .tools()
        .node_modules
        .join("nango/dist/templates")
        .join(name);
    let mut text = fs::read_to_string(&path).map_err(NangoError::files("reading", &path))?;
    for (place, value) in [
        ("integration", spec.key.integration.as_str()),
        ("actionName", spec.key.name.as_str()),
        ("syncName", spec.key.name.as_str()),
        ("modelName", &models),
        ("output", &models),
    ] {
        text = text.replace(&format!("<%= {place} %>"), value);
    }
    Ok(Some(text))
}

/// How the CLI names an action's output: everything but letters and digits goes.
fn action_output(spec: &Spec) -> String {
    let integration = spec.key.integration.as_str().replace('-', "_");
    let name = spec.key.name.as_str().replace('-', "");
    format!("ActionOutput_{integration}_{name}")
}
