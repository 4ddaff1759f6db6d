//! The mirrors of this machine: a cache, for GitHub has everything that is in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::domain::limits;
use crate::domain::name::RepoName;
use crate::domain::retention::Of;
use crate::edge::git::{GitError, Mirror};
use crate::edge::store::Store;
use crate::run::blocking::blocking;
use crate::run::fault::Fault;

const ENDING: &str = ".git";

/// Where the mirror of a repository is. Names are checked: they hold no separator and are not `..`.
pub fn place(mirrors: &Path, repo: &RepoName) -> PathBuf {
    mirrors
        .join(repo.owner().to_lowercase())
        .join(format!("{}{ENDING}", repo.name().to_lowercase()))
}

/// Removes the mirrors of repositories of which nothing is known any more.
///
/// # Errors
/// When one cannot be removed, or somebody fetches into it for long.
pub async fn remove(mirrors: &Path, repos: &[RepoName]) -> Result<(), Fault> {
    let places: Vec<PathBuf> = repos.iter().map(|repo| place(mirrors, repo)).collect();
    let removed = blocking(move || {
        let patience = Duration::from_secs(limits::CANCEL_SECONDS);
        places
            .iter()
            .try_for_each(|place| Mirror::remove(place, patience))
    });
    let removed = removed.await?;
    removed.map_err(|e: GitError| Fault::passing("remove a mirror", e))
}

/// Removes the mirrors that no run needs: their repositories were taken from us, and another machine heard of it.
///
/// # Errors
/// When the database fails, or one cannot be removed.
pub async fn tidy(store: &Store, mirrors: &Path) -> Result<usize, Fault> {
    let folder = mirrors.to_owned();
    // Looked at first: what is made from now on is a run's that is about to begin.
    let there = blocking(move || there(&folder)).await?;
    if there.is_empty() {
        return Ok(0);
    }
    let known = store.repos_of(&Of::All).await;
    let known = known.map_err(|e| Fault::passing("list repositories", e))?;
    let known: BTreeSet<PathBuf> = known.iter().map(|repo| place(mirrors, repo)).collect();
    let unknown: Vec<PathBuf> = there
        .into_iter()
        .filter(|dir| !known.contains(dir))
        .collect();
    let count = unknown.len();
    let removed = blocking(move || {
        unknown
            .iter()
            .try_for_each(|dir| Mirror::remove(dir, Duration::ZERO))
    });
    let removed = removed.await?;
    removed.map_err(|e: GitError| Fault::passing("remove a mirror", e))?;
    Ok(count)
}

/// All mirrors. What cannot be listed is none.
fn there(mirrors: &Path) -> Vec<PathBuf> {
    let below = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let owners = below(mirrors).map(|owner| owner.path());
    let all = owners.flat_map(|owner| {
        below(&owner)
            .map(|mirror| mirror.path())
            .collect::<Vec<_>>()
    });
    all.filter(|dir| dir.is_dir() && dir.to_string_lossy().ends_with(ENDING))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_are_found_where_they_are_put() {
        let folder = tempfile::tempdir().expect("a folder");
        let repo: RepoName = "Octo/App".parse().expect("a name");
        let dir = place(folder.path(), &repo);
        assert_eq!(there(&folder.path().join("none")), Vec::<PathBuf>::new());
        fs::create_dir_all(&dir).expect("a folder");
        fs::write(dir.with_extension("git.lock"), "").expect("a file");
        assert_eq!(there(folder.path()), [dir]);
    }
}
