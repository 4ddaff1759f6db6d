//! Where files lie and what they are called: the path of a spec is the name of its interaction.

use super::problem::Problem;
use crate::domain::limits::NAME_CHARS;
use crate::domain::name::{FunctionName, IntegrationName, InteractionKey, NameError};

/// What a file below the folder of the specs is.
pub(super) enum FileRole {
    /// `<integration>/<name>.yaml`.
    Spec(InteractionKey),
    /// `<integration>/integration.yaml`.
    Integration(IntegrationName),
    /// Not ours: a README, a file elsewhere.
    Nothing,
}

/// What the file at `path` is, when specs lie below `folder`.
pub(super) fn role(path: &str, folder: &str) -> Result<FileRole, Problem> {
    let Some(rest) = path
        .strip_prefix(folder)
        .and_then(|rest| rest.strip_prefix('/'))
    else {
        return Ok(FileRole::Nothing);
    };
    let file = rest.rsplit('/').next().unwrap_or(rest);
    let Some((stem, extension)) = file.rsplit_once('.') else {
        return Ok(FileRole::Nothing);
    };
    match extension.to_ascii_lowercase().as_str() {
        "yaml" if extension == "yaml" => {}
        "yml" | "yaml" => {
            let message = format!("specs have the extension `.yaml`, not `.{extension}`");
            return Err(Problem::of_file(path, message).help(format!("rename it to `{stem}.yaml`")));
        }
        _ => return Ok(FileRole::Nothing),
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
        problem.help(rename(parent, ""))
    })?;
    if stem == "integration" {
        return Ok(FileRole::Integration(integration));
    }
    let name: FunctionName = stem.parse().map_err(|error: NameError| {
        let problem = Problem::of_file(path, format!("the file's name `{stem}` {error}"));
        problem.help(rename(stem, ".yaml"))
    })?;
    Ok(FileRole::Spec(InteractionKey { integration, name }))
}

/// What to call it instead: the nearest name, or an example where there is none near.
fn rename(name: &str, extension: &str) -> String {
    match kebab(name) {
        Some(name) => format!("rename it to `{name}{extension}`"),
        None => format!("rename it; `create-event{extension}` is such a name"),
    }
}

/// The nearest kebab-case name. None when the text has letters that have no Latin letter beneath.
fn kebab(text: &str) -> Option<String> {
    let mut name = String::new();
    let mut was_lower = false;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            was_lower = false;
            if !name.is_empty() && !name.ends_with('-') {
                name.push('-');
            }
            continue;
        }
        if c.is_uppercase() && was_lower {
            name.push('-');
        }
        was_lower = !c.is_uppercase();
        name.push_str(&plain(c)?);
    }
    let begins_well = name.starts_with(|c: char| c.is_ascii_lowercase());
    let whole = if begins_well {
        name
    } else {
        format!("x-{name}")
    };
    let cut = &whole[..whole.len().min(NAME_CHARS)];
    Some(cut.trim_end_matches('-').to_owned())
}

/// A letter or digit as ASCII and in lower case, without its accent.
fn plain(c: char) -> Option<String> {
    let lower: String = c.to_lowercase().collect();
    let plain = match lower.chars().next()? {
        c if c.is_ascii() => return Some(lower),
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    };
    Some(plain.to_owned())
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
            ("ÄÖ", "ao"),
            ("Über", "uber"),
            ("créerÉvénement", "creer-evenement"),
            ("e\u{301}t", "e-t"),
            ("__", "x"),
        ] {
            assert_eq!(kebab(text).as_deref(), Some(name));
            assert!(name.parse::<FunctionName>().is_ok());
        }
        let long = kebab(&"Ab ß".repeat(100)).expect("a name");
        assert!(long.parse::<FunctionName>().is_ok(), "{long}");
        // Half a name would be worse than none.
        assert_eq!(kebab("событие"), None);
        assert_eq!(kebab("event-事件"), None);
    }
}
