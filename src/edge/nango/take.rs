//! Takes one file out of a folder that somebody else has written, without being led anywhere else.

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path};

use nix::dir::Dir;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use crate::domain::clean_room::Taken;
use crate::domain::limits;
use crate::domain::name::Digest;

/// Takes the function at `path` below `dir`. What still equals `scaffold` was never written.
///
/// The bytes are there exactly when it is [`Taken::Source`].
pub fn take(dir: &Path, path: &str, scaffold: &str) -> (Taken, Option<Vec<u8>>) {
    let bytes = match read_inside(dir, path, limits::FUNCTION_BYTES) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return (Taken::Missing, None),
        Err(why) => return (Taken::Rejected { why }, None),
    };
    if bytes == scaffold.as_bytes() {
        return (Taken::Missing, None);
    }
    if std::str::from_utf8(&bytes).is_err() {
        let why = "is not UTF-8 text".to_owned();
        return (Taken::Rejected { why }, None);
    }
    let taken = Taken::Source {
        digest: Digest::of(&bytes),
        bytes: bytes.len() as u64,
    };
    (taken, Some(bytes))
}

/// When the file at `path` below `dir` was last touched (written, renamed, linked, its times set), in milliseconds since
/// the epoch. The kernel keeps this time, and no program without privileges can set it.
pub fn touched_ms(dir: &Path, path: &str) -> Option<i64> {
    let meta = open_inside(dir, path).ok()?.metadata().ok()?;
    Some(meta.ctime() * 1_000 + meta.ctime_nsec() / 1_000_000)
}

/// The content of the regular file at `path` below `dir`; `None` when there is nothing.
///
/// # Errors
/// A fragment that fits after the path: `is a hard link`, `is larger than 262144 bytes`, ...
pub fn read_inside(dir: &Path, path: &str, limit: u64) -> Result<Option<Vec<u8>>, String> {
    let file = match open_inside(dir, path) {
        Ok(file) => file,
        Err(nix::Error::ENOENT) => return Ok(None),
        Err(nix::Error::ELOOP) => return Err("is a symbolic link, or lies behind one".to_owned()),
        Err(error) => return Err(format!("cannot be opened ({})", error.desc())),
    };
    let meta = file
        .metadata()
        .map_err(|error| format!("cannot be looked at ({error})"))?;
    if !meta.is_file() {
        return Err("is no regular file".to_owned());
    }
    if meta.nlink() > 1 {
        return Err("is a hard link".to_owned());
    }
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("cannot be read ({error})"))?;
    if bytes.len() as u64 > limit {
        return Err(format!("is larger than {limit} bytes"));
    }
    Ok(Some(bytes))
}

/// Opens `path` below `dir` component by component, so that no link anywhere on the way is followed.
pub(super) fn open_inside(dir: &Path, path: &str) -> nix::Result<File> {
    let mut names = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(name) => names.push(name),
            _ => return Err(nix::Error::EINVAL),
        }
    }
    let (last, folders) = names.split_last().ok_or(nix::Error::EINVAL)?;
    let folder = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let mut here = Dir::open(dir, folder, Mode::empty())?;
    for name in folders {
        let next = openat(&here, *name, folder | OFlag::O_NOFOLLOW, Mode::empty());
        // A link at a folder's place answers ENOTDIR when it is asked to be one.
        here = Dir::from_fd(next.map_err(|error| match error {
            nix::Error::ENOTDIR => nix::Error::ELOOP,
            other => other,
        })?)?;
    }
    // Without waiting for somebody at the other end of a pipe.
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_CLOEXEC;
    Ok(File::from(openat(&here, *last, flags, Mode::empty())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_a_written_regular_file_of_bounded_size_is_taken() {
        let dir = tempfile::tempdir().expect("a folder");
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("slack/syncs")).expect("a folder");
        let taken = |path: &str| take(dir.path(), path, "scaffold").0;
        let why = |path: &str| match taken(path) {
            Taken::Rejected { why } => why,
            other => format!("{other:?}"),
        };

        assert_eq!(taken("slack/syncs/users.ts"), Taken::Missing);
        fs::write(at("slack/syncs/users.ts"), "scaffold").expect("a file");
        assert_eq!(taken("slack/syncs/users.ts"), Taken::Missing);
        fs::write(at("slack/syncs/users.ts"), "written").expect("a file");
        assert_eq!(
            taken("slack/syncs/users.ts").source(),
            Some(&Digest::of(b"written"))
        );

        symlink("users.ts", at("slack/syncs/link.ts")).expect("a link");
        assert!(why("slack/syncs/link.ts").contains("symbolic link"));
        symlink("slack", at("alias")).expect("a link");
        assert!(
            why("alias/syncs/users.ts").contains("symbolic link"),
            "{}",
            why("alias/syncs/users.ts")
        );
        fs::hard_link(at("slack/syncs/users.ts"), at("hard.ts")).expect("a hard link");
        assert!(why("hard.ts").contains("hard link"));
        nix::unistd::mkfifo(&at("pipe.ts"), Mode::S_IRUSR).expect("a pipe");
        assert!(why("pipe.ts").contains("no regular file"));
        fs::write(at("large.ts"), vec![b'x'; 300 * 1024]).expect("a file");
        assert!(why("large.ts").contains("larger than"));
        fs::write(at("latin.ts"), [0xe4]).expect("a file");
        assert!(why("latin.ts").contains("UTF-8"));
        assert!(why("../x.ts").contains("cannot be opened"));
    }
}
