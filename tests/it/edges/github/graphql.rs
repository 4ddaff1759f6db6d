//! What is asked of GitHub's other API is what its schema allows.

use countersign::edge::github::QUERIES;

use crate::support::graphql::check;

#[test]
fn queries_are_what_githubs_schema_allows() {
    for query in QUERIES {
        assert_eq!(check(query), [""; 0], "{query}");
    }
    let misspelt = QUERIES[0].replace("isMinimized", "isMinimised");
    let said = check(&misspelt).join("; ");
    assert!(said.contains("isMinimised"), "{said}");
}
