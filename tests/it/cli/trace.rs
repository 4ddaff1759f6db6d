//! `countersign trace` of what is no dossier. What it shows of one is in the story of the liars.

use std::process::Command;

#[test]
fn what_is_no_dossier_is_said_with_its_place() {
    let home = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .env_clear()
        .env("HOME", home.path())
        .args(["trace", "/nonexistent.json"])
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("/nonexistent.json"), "{said}");
}
