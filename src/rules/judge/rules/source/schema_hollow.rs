//! **Hollow schema**: what the function gives may be anything.
//!
//! Sees an output or a record whose schema is `z.any()`, an object that names nothing and lets everything through, a list of
//! such, or two fields and more that are all of that kind. The dry run's validation then proves nothing. A schema in which
//! every field may be missing or anything is a note: 146 of 6,335 published functions have one. What looks alike: a function that is
//! to hand on what the API says as it is (the spec says *raw*, *as it is*, *pass through*), and one free field among others.
//! In 6,335 published functions: 30. Confidence: *suspected*.

use super::finding::{noted, suspected};
use crate::domain::dossier::Dossier;
use crate::domain::finding::Finding;
use crate::rules::judge::reading::typescript::facts::{Field, Role, Shape, Source};

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
        .filter_map(|schema| {
            let what = match schema.role {
                Role::Model => "a record",
                Role::Input | Role::Output => "the output",
            };
            let says = |why: &str| {
                format!("The schema of {what} {why}, so that validating it proves nothing.")
            };
            if is_hollow(&schema.shape) {
                let sentence = says("lets anything through");
                Some(suspected("schema-hollow", schema.line, sentence))
            } else if leaves(&schema.shape) > 1 && demands_nothing(&schema.shape) {
                let sentence = says("demands not one field");
                Some(noted("schema-hollow", schema.line, sentence))
            } else {
                None
            }
        })
        .collect()
}

fn is_hollow(shape: &Shape) -> bool {
    match shape {
        Shape::Anything => true,
        Shape::Object { fields, is_open } if fields.is_empty() => *is_open,
        Shape::Object { fields, .. } => fields.len() > 1 && shapes(fields).all(is_hollow),
        Shape::List(item) | Shape::Optional(item) => is_hollow(item),
        Shape::Either(several) => several.iter().any(is_hollow),
        Shape::Other => false,
    }
}

/// Whether each of its fields may be missing or anything, those of its lists' items too.
fn demands_nothing(shape: &Shape) -> bool {
    match shape {
        Shape::Object { fields, .. } => shapes(fields).all(|field| match field {
            Shape::Optional(inner) => is_single(inner) || demands_nothing(inner),
            field => is_hollow(field),
        }),
        Shape::List(item) => demands_nothing(item),
        Shape::Optional(inner) => demands_nothing(inner),
        Shape::Anything | Shape::Either(_) | Shape::Other => false,
    }
}

fn shapes(fields: &[Field]) -> impl Iterator<Item = &Shape> {
    fields.iter().map(|field| &field.shape)
}

fn is_single(shape: &Shape) -> bool {
    matches!(shape, Shape::Anything | Shape::Other | Shape::Either(_))
}

fn leaves(shape: &Shape) -> usize {
    match shape {
        Shape::Object { fields, .. } => shapes(fields).map(leaves).sum(),
        Shape::List(inner) | Shape::Optional(inner) => leaves(inner),
        Shape::Anything | Shape::Either(_) | Shape::Other => 1,
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
            "z.object({ id: z.string().optional(), name: z.optional(z.string()) })",
            "z.object({ all: z.array(z.object({ id: z.string().nullish(), b: z.number().optional() })).optional() })",
            "z.object({ id: z.string(), name: z.string() }).partial()",
            "z.object({ all: z.array(z.unknown()), cursor: z.string().optional() })",
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
            "z.object({ id: z.string(), name: z.string().optional() })",
            "z.object({ cursor: z.string().optional(), all: z.array(z.object({ id: z.string() })).optional() })",
            "z.object({ id: z.string().optional() })",
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
