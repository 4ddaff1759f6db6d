//! What edits leave of a project.

use super::Present;
use super::line::Import;
use crate::domain::tree::Edits;

/// Whether these edits take the last function out of a project. Functions are counted by their files, a person's own included.
pub fn takes_the_last(present: &Present, edits: &Edits) -> bool {
    let folder = match present.project.trim_matches('/') {
        "" | "." => String::new(),
        folder => format!("{folder}/"),
    };
    let is_function = |path: &str| Import::of_file(path).is_some();
    let edited = |path: &str| edits.get(&format!("{folder}{path}"));
    let stays = |path: &String| is_function(path) && !matches!(edited(path), Some(None));
    let comes = |(path, content): (&String, &Option<Vec<u8>>)| {
        let inside = path.strip_prefix(&folder);
        content.is_some() && inside.is_some_and(is_function)
    };
    let goes = |path: &String| is_function(path) && matches!(edited(path), Some(None));
    present.paths.iter().any(goes) && !present.paths.iter().any(stays) && !edits.iter().any(comes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "slack/syncs/users.ts";
    const POST: &str = "slack/actions/post.ts";

    fn takes(project: &str, there: &[&str], edits: &[(&str, Option<&str>)]) -> bool {
        let present = Present {
            project: project.into(),
            paths: there.iter().map(|path| (*path).to_owned()).collect(),
            ..Present::default()
        };
        let edits: Edits = edits
            .iter()
            .map(|(path, text)| {
                (
                    (*path).to_owned(),
                    text.map(|text| text.as_bytes().to_vec()),
                )
            })
            .collect();
        takes_the_last(&present, &edits)
    }

    #[test]
    fn the_last_one_goes_when_no_other_stays_or_comes() {
        let there = [
            USERS,
            "slack/tests/slack-users.test.ts",
            "index.ts",
            "slack/models/user.ts",
        ];
        let gone = [("nango/slack/syncs/users.ts", None)];
        assert!(takes("nango", &there, &gone));
        assert!(takes("", &there, &[(USERS, None)]));
        // A person's own stays.
        assert!(!takes("nango", &[USERS, POST], &gone));
        // Another comes in its place.
        let moved = [gone[0], ("nango/slack/actions/post.ts", Some("post"))];
        assert!(!takes("nango", &there, &moved));
        // Nothing goes, or only what is no function.
        assert!(!takes("nango", &there, &[]));
        let test = [("nango/slack/tests/slack-users.test.ts", None)];
        assert!(!takes("nango", &["slack/tests/slack-users.test.ts"], &test));
        // In another project.
        assert!(!takes(
            "nango",
            &there,
            &[("other/slack/syncs/users.ts", None)]
        ));
    }
}
