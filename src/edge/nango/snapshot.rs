//! A folder that somebody else has written, as data. Nothing is followed, everything is bounded.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use walkdir::{DirEntry, WalkDir};

use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::tree::{Entry, Tree};

use super::NangoError;
use super::take::open_inside;

/// What is in `dir`. `but` names one link at the top that is ours and where it leads; it is left out only as long as it is
/// just that.
///
/// A folder with more than [`limits::WORKSPACE_FILES`] files is not looked at to its end; the path `…` then says so.
///
/// # Errors
/// When `dir` itself cannot be read.
pub fn walk(dir: &Path, but: Option<(&str, &Path)>) -> Result<Tree, NangoError> {
    let mut entries = BTreeMap::new();
    let walker = WalkDir::new(dir)
        .min_depth(1)
        .max_depth(limits::WORKSPACE_DEPTH)
        .follow_links(false)
        .sort_by_file_name();
    for entry in walker {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.depth() == 0 => {
                return Err(NangoError::files("walking", dir)(error.into()));
            }
            Err(error) => {
                let path = error.path().unwrap_or(dir);
                let what = "cannot be read".to_owned();
                entries.insert(relative(dir, path), Entry::Other { what });
                continue;
            }
        };
        if entry.file_type().is_dir() && entry.depth() < limits::WORKSPACE_DEPTH {
            continue;
        }
        if but.is_some_and(|(name, target)| is_our_link(&entry, name, target)) {
            continue;
        }
        if entries.len() == limits::WORKSPACE_FILES {
            let what = format!("more than {} files", limits::WORKSPACE_FILES);
            entries.insert("…".to_owned(), Entry::Other { what });
            break;
        }
        let path = relative(dir, entry.path());
        let found = look(dir, &path, &entry);
        entries.insert(path, found);
    }
    Ok(Tree(entries))
}

fn relative(dir: &Path, path: &Path) -> String {
    let path = path.strip_prefix(dir).unwrap_or(path);
    path.to_string_lossy().into_owned()
}

fn is_our_link(entry: &DirEntry, name: &str, target: &Path) -> bool {
    entry.depth() == 1
        && entry.file_name() == name
        && entry.path_is_symlink()
        && std::fs::read_link(entry.path()).is_ok_and(|found| found == target)
}

fn look(dir: &Path, path: &str, entry: &DirEntry) -> Entry {
    let other = |what: &str| Entry::Other {
        what: what.to_owned(),
    };
    if entry.path_is_symlink() {
        return match std::fs::read_link(entry.path()) {
            Ok(target) => Entry::Link {
                target: target.to_string_lossy().into_owned(),
            },
            Err(_) => other("a link that cannot be read"),
        };
    }
    if entry.file_type().is_dir() {
        return other("a folder too deep to be looked at");
    }
    if !entry.file_type().is_file() {
        return other("a socket, pipe or device");
    }
    if entry.path().to_str().is_none() {
        return other("a file whose name is not UTF-8");
    }
    let Ok(mut file) = open_inside(dir, path) else {
        return other("cannot be opened");
    };
    match file.metadata() {
        Ok(meta) if !meta.is_file() => return other("no regular file"),
        Ok(meta) if meta.nlink() > 1 => return other("a hard link"),
        Ok(meta) if meta.len() > limits::HASHED_FILE_BYTES => return other("a file too large"),
        Ok(_) => {}
        Err(_) => return other("cannot be looked at"),
    }
    let mut hash = Context::new(&SHA256);
    let mut size = 0;
    let mut chunk = [0; 16 * 1024];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => {
                hash.update(&chunk[..read]);
                size += read as u64;
                // It may have grown since; somebody could write for ever.
                if size > limits::HASHED_FILE_BYTES {
                    return other("a file too large");
                }
            }
            Err(_) => return other("cannot be read"),
        }
    }
    match Digest::try_from(hex::encode(hash.finish())) {
        Ok(digest) => Entry::File { size, digest },
        Err(_) => other("cannot be hashed"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_our_own_link_is_left_out_and_the_rest_is_called_what_it_is() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = |name: &str| dir.path().join(name);
        std::fs::create_dir(at("a")).expect("a folder");
        std::fs::write(at("a/x.ts"), "x").expect("a file");
        std::fs::write(at("one"), "1").expect("a file");
        std::fs::hard_link(at("one"), at("two")).expect("a hard link");
        symlink("/etc", at("node_modules")).expect("a link");
        nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRUSR).expect("a pipe");

        let tree = walk(dir.path(), Some(("node_modules", Path::new("/etc")))).expect("a tree");
        let paths: Vec<&str> = tree.0.keys().map(String::as_str).collect();
        assert_eq!(paths, ["a/x.ts", "one", "pipe", "two"]);
        assert_eq!(
            tree.get("a/x.ts"),
            Some(&Entry::File {
                size: 1,
                digest: Digest::of(b"x")
            })
        );
        assert!(matches!(tree.get("two"), Some(Entry::Other { what }) if what == "a hard link"));
        assert!(matches!(tree.get("pipe"), Some(Entry::Other { .. })));

        let tree = walk(dir.path(), Some(("node_modules", Path::new("/usr")))).expect("a tree");
        assert!(
            matches!(tree.get("node_modules"), Some(Entry::Link { target }) if target == "/etc")
        );
    }
}
