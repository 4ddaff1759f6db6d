//! Which paths may be written, into a commit or out of one.

use super::error::GitError;
use crate::domain::limits::GIT_PATH_CHARS;

/// Accepts a plain relative path with `/`, and nothing that leads elsewhere or means something to git.
pub(super) fn check(path: &str) -> Result<(), GitError> {
    match fault(path) {
        None => Ok(()),
        Some(why) => Err(GitError::Path {
            path: path.chars().take(GIT_PATH_CHARS).collect(),
            why,
        }),
    }
}

/// The same for a folder, where empty means the repository's root.
pub(super) fn check_folder(path: &str) -> Result<(), GitError> {
    if path.is_empty() { Ok(()) } else { check(path) }
}

fn fault(path: &str) -> Option<&'static str> {
    if path.chars().count() > GIT_PATH_CHARS {
        return Some("it is too long");
    }
    if path.chars().any(|c| c.is_control() || c == '\\') {
        return Some("it has a control character or a backslash");
    }
    path.split('/').find_map(|part| match part {
        "" => Some("a part of it is empty"),
        "." | ".." => Some("it leads elsewhere"),
        part if means_dot_git(part) => Some("it is git's own folder"),
        _ => None,
    })
}

/// Whether some file system takes the name for `.git`: letters in any case, trailing dots and spaces (Windows), the
/// short name `git~1` (NTFS), characters that are ignored (HFS+). Source: the CVEs that git itself was mended for.
fn means_dot_git(part: &str) -> bool {
    let plain: String = part
        .chars()
        .filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'))
        .collect::<String>()
        .to_ascii_lowercase();
    let plain = plain.split(':').next().unwrap_or_default();
    let plain = plain.trim_end_matches(['.', ' ']);
    plain == ".git" || plain == "git~1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_pass_and_odd_ones_do_not() {
        for good in [
            "a",
            "a/b.ts",
            ".github/x.yml",
            ".gitignore",
            "ä/ö",
            "a b",
            "..a",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [
            "",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "a/../b",
            "./a",
            ".git",
            ".GIT/config",
            "a/.git/hooks/x",
            "git~1",
            ".git. ",
            ".g\u{200c}it",
            ".git::$INDEX_ALLOCATION",
            "a\\b",
            "a\0b",
            "a\nb",
        ] {
            assert!(fault(bad).is_some(), "{bad:?}");
        }
        assert!(fault(&"a".repeat(GIT_PATH_CHARS + 1)).is_some());
    }
}
