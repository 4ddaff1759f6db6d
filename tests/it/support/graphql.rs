//! GitHub's own schema of its other API, as the judge of queries: [`check`].

use std::process::Command;

use super::openapi::descriptions;
use super::tools::tools;

const CHECK: &str = "
import { validate } from '@octokit/graphql-schema';
console.log(JSON.stringify(validate(process.argv[1]).map(({ message }) => message)));
";

/// What is wrong with a query.
pub fn check(query: &str) -> Vec<String> {
    let checked = Command::new(tools().node)
        .args(["--input-type=module", "-e", CHECK, query])
        .current_dir(descriptions())
        .output()
        .expect("node starts");
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    serde_json::from_slice(&checked.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}
