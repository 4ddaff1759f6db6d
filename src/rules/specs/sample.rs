//! A spec for tests, as the reader makes it: a new key needs no change here.

use super::{SourceContent, SourceFile, check};
use crate::domain::settings::Settings;
use crate::domain::spec::Spec;

/// An action that is described as `Do it.`, on the connection `test`.
pub fn spec(key: &str) -> Spec {
    let text = "kind: action\ndescription: Do it.\nconnection: test\n";
    let file = SourceFile {
        path: format!("interactions/{key}.yaml"),
        content: SourceContent::Regular(text.into()),
    };
    let mut checked = check(&[file], &Settings::default());
    checked.specs.pop().expect("a sound spec")
}
