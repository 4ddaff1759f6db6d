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
    use crate::rules::specs::patterns::{HTTPS, words};

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
