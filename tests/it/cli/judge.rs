//! `countersign judge`: the same dossier, the same bytes; and evidence that was touched is refused.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::checkout::Checkout;

/// The sealed dossiers of the checkout, by name.
pub fn dossiers(checkout: &Checkout) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(checkout.state().join("dossiers")).expect("dossiers");
    let mut paths: Vec<PathBuf> = folder
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}

/// Judges `dossier` by path and by digest, from two folders, and returns the judgement, which is the same every time.
pub fn again(checkout: &Checkout, dossier: &Path, code: i32) -> Value {
    let path = dossier.to_str().expect("text");
    let digest = dossier.file_stem().and_then(|stem| stem.to_str());
    let by_path = checkout.run(&["judge", path]);
    assert_eq!((by_path.code, by_path.err.as_str()), (Some(code), ""));
    let by_digest = checkout.run(&["judge", digest.expect("a digest")]);
    assert_eq!(by_digest.code, Some(code), "{by_digest:?}");
    assert_eq!(by_path.out, by_digest.out);
    // Evidence is whole without its state folder's database, settings and home.
    let mut elsewhere = checkout.command(&["judge", path]);
    elsewhere.current_dir("/").env_clear();
    let elsewhere = elsewhere.output().expect("countersign runs");
    assert_eq!(String::from_utf8_lossy(&elsewhere.stdout), by_path.out);
    serde_json::from_str(&by_path.out).expect("JSON")
}

/// Touches each part of `dossier` in turn; none of them may go unseen.
pub fn tampered(checkout: &Checkout, dossier: &Path) {
    let path = dossier.to_str().expect("text");
    let seal = std::fs::read_to_string(dossier).expect("a seal");
    let sealed: Value = serde_json::from_str(&seal).expect("JSON");
    let digest = |part: &Value| part.as_str().expect("a digest").to_owned();
    let blob = |digest: &str| {
        let (head, tail) = digest.split_at(2);
        checkout.state().join("blobs").join(head).join(tail)
    };
    let tape = digest(&sealed["tape"]);
    let kept = std::fs::read(blob(&tape)).expect("the tape");
    let mut forged = kept.clone();
    let at = forged.len() / 2;
    forged[at] ^= 1;
    let refused = |why: &str| {
        let said = checkout.run(&["judge", path]);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
        assert!(said.err.contains(why), "{why:?} is not in {}", said.err);
    };
    std::fs::write(blob(&tape), forged).expect("a blob");
    refused(&format!("the blob {tape} in "));
    refused("was changed or damaged after it was written");
    std::fs::remove_file(blob(&tape)).expect("a blob");
    refused(&format!("there is no blob {tape} in "));
    std::fs::write(blob(&tape), kept).expect("a blob");
    std::fs::write(dossier, seal.replacen("\"done\"", "\"blocked\"", 1)).expect("a seal");
    refused("was changed after it was sealed");
    std::fs::write(dossier, seal).expect("a seal");
}
