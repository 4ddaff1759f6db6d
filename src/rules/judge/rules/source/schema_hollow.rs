//! **Hollow schema**: what the function gives may be anything.
//!
//! Sees an output or a record whose schema is `z.any()`, an object that names nothing and lets everything through, a list of
//! such, or two fields and more that are all of that kind. The dry run's validation then proves nothing. What looks alike: a function that is to hand on
//! what the API says as it is (the spec says *raw*, *as it is*, *pass through*), and one free field among others. In
//! 6,335 published functions: 30. Confidence:
//! *suspected*.

use super::finding::suspected;
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::typescript::facts::{Role, Shape, Source};

/// Words of a spec that ask for whatever the API says.
const RAW: &[&str] = &[
    "raw",
    "as it is",
    "as-is",
    "as is",
    "pass through",
    "pass-through",
    "passthrough",
    "unchanged",
    "whole response",
    "whole answer",
    "full response",
];

pub(super) fn find(dossier: &Dossier, source: &Source) -> Vec<Finding> {
    let spec = &dossier.seal.spec;
    let asked = format!(
        "{} {}",
        spec.description,
        spec.notes.as_deref().unwrap_or_default()
    )
    .to_lowercase();
    if RAW.iter().any(|word| asked.contains(word)) {
        return Vec::new();
    }
    let given = source
        .schemas
        .iter()
        .filter(|schema| schema.role != Role::Input);
    given
        .filter(|schema| is_hollow(&schema.shape))
        .map(|schema| {
            let what = match schema.role {
                Role::Model => "a record",
                Role::Input | Role::Output => "the output",
            };
            let sentence = format!(
                "The schema of {what} lets anything through, so that validating it proves nothing."
            );
            suspected("schema-hollow", schema.line, sentence)
        })
        .collect()
}

fn is_hollow(shape: &Shape) -> bool {
    match shape {
        Shape::Anything => true,
        Shape::Object { fields, is_open } if fields.is_empty() => *is_open,
        Shape::Object { fields, .. } => fields.len() > 1 && fields.iter().all(is_hollow),
        Shape::List(item) => is_hollow(item),
        Shape::Either(several) => several.iter().any(is_hollow),
        Shape::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::judge::judge;
    use crate::rules::judge::sample::{self, names_of};

    fn with_output(schema: &str) -> String {
        format!(
            "import {{ createAction }} from 'nango';\nimport {{ z }} from 'zod';\nconst Any = z.any();\nconst Out = {schema};\n\
             export default createAction({{ input: z.object({{}}), output: Out, exec: async (nango) => (await nango.get({{ retries: 3 }})).data }});"
        )
    }

    #[test]
    fn a_schema_that_says_nothing_is_seen() {
        for schema in [
            "z.any()",
            "z.unknown().optional()",
            "z.object({}).passthrough()",
            "z.looseObject({})",
            "z.record(z.string(), z.unknown())",
            "z.array(Any)",
            "z.object({ id: z.any(), name: Any.optional() })",
            "z.union([z.string(), z.any()])",
        ] {
            let mut sample = sample::action();
            sample.function(&with_output(schema));
            assert_eq!(
                names_of(&judge(&sample.build())),
                ["schema-hollow"],
                "{schema}"
            );
        }
    }

    #[test]
    fn one_free_field_and_what_is_asked_for_are_innocent() {
        for schema in [
            "z.object({ id: z.string(), more: z.any() })",
            "z.object({ id: z.string() }).passthrough()",
            "z.object({ data: z.array(z.unknown()) })",
            "z.array(z.object({ id: z.string() }))",
            "z.object({ ...z.object({ id: z.string() }).shape, more: z.any() })",
            "z.void()",
        ] {
            let mut sample = sample::action();
            sample.function(&with_output(schema));
            assert_eq!(names_of(&judge(&sample.build())), [""; 0], "{schema}");
        }
        let mut raw = sample::action();
        raw.seal.spec.description = "Return the event as it is.".into();
        raw.function(&with_output("z.any()"));
        assert_eq!(names_of(&judge(&raw.build())), [""; 0]);
    }
}
