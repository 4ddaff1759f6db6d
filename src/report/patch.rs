//! A commit that is not ours to push, shown in the review as a patch.

use crate::domain::limits;
use crate::domain::post::Review;
use crate::text::markdown::{code, fence};

/// Room for what stands around the patch.
const AROUND_CHARS: usize = 2_000;
/// Names of files that are left out.
const NAMED: usize = 10;

/// A review with a commit below it, as far as there is room: functions before what comes with them.
pub fn with_patch(review: Review, patch: &str) -> Review {
    let used = review.body.chars().count() + AROUND_CHARS;
    let (shown, left) = fitting(patch, limits::COMMENT_CHARS.saturating_sub(used));
    let mut body = review.body;
    if !shown.is_empty() {
        body.push_str(&format!(
            "\n\n<details><summary>The commit, for <code>git apply</code></summary>\n\n{}\n\n</details>",
            fence("diff", &shown)
        ));
    }
    if !left.is_empty() {
        let names: Vec<String> = left.iter().take(NAMED).map(|name| code(name)).collect();
        let more = match left.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        body.push_str(&format!(
            "\n\nToo long for GitHub, so not in it: {}{more}. From a branch of this repository they are committed.",
            names.join(", ")
        ));
    }
    Review { body, ..review }
}

/// The files of a patch that go into so many characters, and the paths of the others.
fn fitting(patch: &str, room: usize) -> (String, Vec<String>) {
    let mut files = files(patch);
    // The sort is stable.
    files.sort_by_key(|(path, _)| path.contains("/tests/"));
    let (mut shown, mut left, mut used) = (String::new(), Vec::new(), 0);
    for (path, text) in files {
        let chars = text.chars().count();
        if used + chars <= room {
            used += chars;
            shown.push_str(&text);
        } else {
            left.push(path);
        }
    }
    (shown, left)
}

/// The changes of each file. What a file holds begins with another sign in a patch.
fn files(patch: &str) -> Vec<(String, String)> {
    const HEAD: &str = "diff --git ";
    let mut files: Vec<(String, String)> = Vec::new();
    for line in patch.split_inclusive('\n') {
        match (line.strip_prefix(HEAD), files.last_mut()) {
            (Some(paths), _) => {
                // In quotation marks where it holds other than ASCII.
                let path = paths.trim_end().trim_start_matches('"');
                let path = path.strip_prefix("a/").unwrap_or(path);
                let end = path.find(" b/").or_else(|| path.find("\" \""));
                files.push((
                    path[..end.unwrap_or(path.len())].to_owned(),
                    line.to_owned(),
                ));
            }
            (None, Some((_, text))) => text.push_str(line),
            (None, None) => {}
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::markdown_reading::MarkdownReading;

    fn patch(files: &[(&str, usize)]) -> String {
        let file = |(path, lines): &(&str, usize)| {
            let added = "+diff --git a/x b/x\n".repeat(*lines);
            format!(
                "diff --git a/{path} b/{path}\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{lines} @@\n{added}"
            )
        };
        files.iter().map(file).collect()
    }

    fn shown(patch: &str) -> MarkdownReading {
        let review = Review {
            body: "Countersigned.".into(),
            comments: vec![],
        };
        MarkdownReading::of(&with_patch(review, patch).body)
    }

    #[test]
    fn a_patch_is_one_block_with_functions_first() {
        let all = patch(&[
            ("n/slack/tests/users.test.ts", 2),
            ("n/slack/syncs/users.ts", 3),
        ]);
        let shown = shown(&all);
        assert_eq!(shown.code.len(), 1, "{shown:?}");
        let expected = patch(&[
            ("n/slack/syncs/users.ts", 3),
            ("n/slack/tests/users.test.ts", 2),
        ]);
        assert!(
            shown
                .code
                .iter()
                .any(|code| code.trim_end() == expected.trim_end()),
            "{shown:?}"
        );
        assert!(!shown.text.contains("Too long"), "{shown:?}");
    }

    #[test]
    fn what_github_does_not_take_is_named_and_the_rest_is_whole() {
        let all = patch(&[
            ("n/slack/tests/users.test.json", 10_000),
            ("n/slack/syncs/users.ts", 3),
        ]);
        let review = Review {
            body: "Countersigned.".into(),
            comments: vec![],
        };
        let body = with_patch(review, &all).body;
        assert!(body.chars().count() < limits::COMMENT_CHARS);
        let shown = MarkdownReading::of(&body);
        let names = "n/slack/tests/users.test.json";
        assert!(shown.text.contains("Too long for GitHub"), "{body}");
        assert!(shown.code.iter().any(|code| code == names), "{body}");
        let function = patch(&[("n/slack/syncs/users.ts", 3)]);
        assert!(
            shown
                .code
                .iter()
                .any(|code| code.trim_end() == function.trim_end()),
            "{body}"
        );
    }

    #[test]
    fn a_folder_of_any_name_is_in_it() {
        let quoted = "diff --git \"a/\\303\\274/x.ts\" \"b/\\303\\274/x.ts\"\n+x\n";
        let all = format!("{quoted}{}", patch(&[("n/y.ts", 1)]));
        let names: Vec<String> = files(&all).into_iter().map(|(path, _)| path).collect();
        assert_eq!(names, ["\\303\\274/x.ts", "n/y.ts"]);
        assert!(shown(&all).code[0].starts_with(quoted));
    }

    #[test]
    fn a_patch_of_nothing_is_not_shown() {
        assert_eq!(shown("").text, "Countersigned.");
    }
}
