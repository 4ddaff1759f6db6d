//! The JSON Schemas (draft 2020-12) of the files: published for editors, and what files are checked against.

use std::sync::OnceLock;

use jsonschema::Validator;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::raw::{RawIntegration, RawSettings, RawSpec};

/// Which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// `interactions/<integration>/<name>.yaml`.
    Spec,
    /// `interactions/<integration>/integration.yaml`.
    Integration,
    /// `.github/countersign.yml`.
    Settings,
}

pub(super) const HTTPS: &str = r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][^\s<>]*)?$";
pub(super) const HOST: &str = r"^[a-z0-9-]+(\.[a-z0-9-]+)+$";
// Ids of connections and integrations become arguments of a program, so they must not begin with a hyphen; and parts of
// addresses, where every other character would stand for something else or be escaped here and not there.
pub(super) const NANGO_ID: &str = r"^[A-Za-z0-9_][A-Za-z0-9_.:@~-]{0,254}$";
pub(super) const MODEL: &str = r"^[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9][A-Za-z0-9_.:/@-]*$";
pub(super) const FOLDER: &str =
    r"^\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*(/\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$";

/// What a text of this pattern is, for a person.
pub(super) fn words(pattern: &str) -> Option<&'static str> {
    Some(match pattern {
        HTTPS => "an https:// address",
        HOST => "a host name in lower case, such as `docs.example.com`",
        NANGO_ID => "a Nango id that can be used here (letters, digits and _ . : @ ~ -)",
        MODEL => "a model of the form `provider/model`",
        FOLDER => "a folder of the repository, relative to its root, without `..`",
        _ => return None,
    })
}

/// What to do when a text is not of this pattern, where that goes without saying no more.
pub(super) fn way_out(pattern: &str) -> Option<&'static str> {
    (pattern == NANGO_ID).then_some(
        "copy it from Nango; one with other characters has to be renamed there, or a new one made",
    )
}

/// The schema of one kind of file.
pub fn schema(which: Which) -> Value {
    // Without references, so that every part of the schema is found by the path of an error.
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let generator = settings.into_generator();
    match which {
        Which::Spec => generator.into_root_schema_for::<RawSpec>(),
        Which::Integration => generator.into_root_schema_for::<RawIntegration>(),
        Which::Settings => generator.into_root_schema_for::<RawSettings>(),
    }
    .to_value()
}

/// A schema and its validator, made once.
pub(super) struct Checker {
    pub schema: Value,
    pub validator: Validator,
}

impl Checker {
    /// `None` never happens: the schemas are made from types, and a test compiles all three.
    pub(super) fn get(which: Which) -> Option<&'static Checker> {
        static CHECKERS: [OnceLock<Option<Checker>>; 3] =
            [OnceLock::new(), OnceLock::new(), OnceLock::new()];
        let index = match which {
            Which::Spec => 0,
            Which::Integration => 1,
            Which::Settings => 2,
        };
        let make = || {
            let schema = schema(which);
            let validator = jsonschema::draft202012::new(&schema).ok()?;
            Some(Checker { schema, validator })
        };
        CHECKERS[index].get_or_init(make).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_valid_and_explains_its_keys() {
        for which in [Which::Spec, Which::Integration, Which::Settings] {
            let schema = &Checker::get(which).expect("it compiles").schema;
            assert!(jsonschema::meta::is_valid(schema));
            assert_eq!(schema["additionalProperties"], false);
            let properties = schema["properties"].as_object().expect("keys");
            for (key, property) in properties {
                assert!(property["description"].is_string(), "{key}");
            }
        }
        assert!(words(HTTPS).is_some() && words("^x$").is_none());
    }
}
