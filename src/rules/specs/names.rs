//! Where files lie and what they are called: the path of a spec is the name of its interaction.

use super::problem::Problem;
use crate::domain::name::{FunctionName, IntegrationName, InteractionKey, NameError};

/// What a file below the folder of the specs is.
pub(super) enum Role {
    /// `<integration>/<name>.yaml`.
    Spec(InteractionKey),
    /// `<integration>/integration.yaml`.
    Integration(IntegrationName),
    /// Not ours: a README, a file elsewhere.
    Nothing,
}

/// What the file at `path` is, when specs lie below `folder`.
pub(super) fn role(path: &str, folder: &str) -> Result<Role, Problem> {
    let Some(rest) = path
        .strip_prefix(folder)
        .and_then(|rest| rest.strip_prefix('/'))
    else {
        return Ok(Role::Nothing);
    };
    let file = rest.rsplit('/').next().unwrap_or(rest);
    let Some((stem, extension)) = file.rsplit_once('.') else {
        return Ok(Role::Nothing);
    };
    match extension.to_ascii_lowercase().as_str() {
        "yaml" if extension == "yaml" => {}
        "yml" | "yaml" => {
            let message = format!("specs have the extension `.yaml`, not `.{extension}`");
            return Err(Problem::of_file(path, message).help(format!("rename it to `{stem}.yaml`")));
        }
        _ => return Ok(Role::Nothing),
    }
    let Some((parent, _)) = rest.split_once('/').filter(|(_, file)| !file.contains('/')) else {
        let message =
            format!("a spec lies at `{folder}/<integration>/<name>.yaml`, and this does not");
        return Err(
            Problem::of_file(path, message).help("move it, or rename it when it is no spec")
        );
    };
    let integration: IntegrationName = parent.parse().map_err(|error: NameError| {
        let problem = Problem::of_file(path, format!("the folder's name `{parent}` {error}"));
        problem.help(format!("rename it to `{}`", kebab(parent)))
    })?;
    if stem == "integration" {
        return Ok(Role::Integration(integration));
    }
    let name: FunctionName = stem.parse().map_err(|error: NameError| {
        let problem = Problem::of_file(path, format!("the file's name `{stem}` {error}"));
        problem.help(format!("rename it to `{}.yaml`", kebab(stem)))
    })?;
    Ok(Role::Spec(InteractionKey { integration, name }))
}

/// The nearest kebab-case name.
fn kebab(text: &str) -> String {
    let mut name = String::new();
    let mut was_lower = false;
    for c in text.chars().take(crate::domain::limits::NAME_CHARS) {
        if !c.is_ascii_alphanumeric() {
            was_lower = false;
            if !name.is_empty() && !name.ends_with('-') {
                name.push('-');
            }
            continue;
        }
        if c.is_ascii_uppercase() && was_lower {
            name.push('-');
        }
        was_lower = !c.is_ascii_uppercase();
        name.push(c.to_ascii_lowercase());
    }
    let name = name.trim_matches('-');
    if name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.to_owned()
    } else {
        format!("x-{name}").trim_end_matches('-').to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_kebab_case_is_found() {
        for (text, name) in [
            ("createEvent", "create-event"),
            ("List_All  files", "list-all-files"),
            ("HTTPGet", "httpget"),
            ("3d", "x-3d"),
            ("ÄÖ", "x"),
        ] {
            assert_eq!(kebab(text), name);
            assert!(name.parse::<FunctionName>().is_ok());
        }
    }
}
