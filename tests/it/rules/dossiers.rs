//! Evidence of the suite, judged again: every finding that was right stays right.
//!
//! `cargo test --test suite -- --results FILE --corpus tests/dossiers` writes it anew from what the suite kept.

use std::collections::BTreeMap;
use std::path::Path;

use countersign::domain::cause::CauseClass;
use countersign::domain::name::Digest;
use countersign::domain::verdict::Verdict;
use countersign::edge::blobs::Dossiers;
use countersign::rules::judge::judge;
use serde::Deserialize;

/// What must come of a dossier.
#[derive(Debug, PartialEq, Deserialize)]
struct Expected {
    dossier: Digest,
    verdict: Verdict,
    /// Names by severity.
    found: BTreeMap<String, Vec<String>>,
    cause: Option<CauseClass>,
}

#[test]
fn what_was_found_is_found_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dossiers");
    let text = std::fs::read_to_string(folder.join("expected.json")).expect("the corpus");
    let corpus: BTreeMap<String, Expected> = serde_json::from_str(&text).expect("JSON");
    let dossiers = Dossiers::open(&folder).expect("a folder");
    for (name, expected) in corpus {
        let dossier = dossiers.get(&expected.dossier).expect("it is whole");
        let judgement = judge(&dossier);
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for finding in &judgement.findings {
            let severity = serde_json::to_value(finding.severity).expect("JSON");
            let names = found.entry(severity.as_str().expect("a word").to_owned());
            let names = names.or_default();
            if !names.contains(&finding.rule) {
                names.push(finding.rule.clone());
            }
        }
        let now = Expected {
            dossier: expected.dossier.clone(),
            verdict: judgement.verdict,
            found,
            cause: judgement.cause.map(|cause| cause.class),
        };
        assert_eq!(now, expected, "{name}");
    }
}
