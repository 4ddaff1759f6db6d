//! What a test or the demo can look at: the world as it is, the requests as they came, the deliveries as they went.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::checks::CheckRun;
use super::comments::Comment;
use super::error::StandInError;
use super::faults::Seen;
use super::graphql;
use super::hooks::Delivery;
use super::pulls::Pull;
use super::repos::oid;
use super::reviews::{Review, ReviewComment};
use super::{GitHubStandIn, locked};
use crate::names::{RepoName, Sha};

type Found<T> = Result<T, StandInError>;

impl GitHubStandIn {
    /// The pull request as it is now.
    pub fn pull(&self, repo: &RepoName, number: u64) -> Found<Pull> {
        Ok(locked(&self.shared.world).repo(repo)?.pull(number)?.clone())
    }
    /// The conversation of a pull request, oldest first.
    pub fn comments(&self, repo: &RepoName, number: u64) -> Found<Vec<Comment>> {
        let world = locked(&self.shared.world);
        let all = world.repo(repo)?.comments.values();
        Ok(all.filter(|one| one.issue == number).cloned().collect())
    }
    /// The reviews of a pull request, oldest first.
    pub fn reviews(&self, repo: &RepoName, number: u64) -> Found<Vec<Review>> {
        let world = locked(&self.shared.world);
        let all = world.repo(repo)?.reviews.values();
        Ok(all.filter(|one| one.pull == number).cloned().collect())
    }
    /// The comments at the lines of a pull request, oldest first.
    pub fn review_comments(&self, repo: &RepoName, number: u64) -> Found<Vec<ReviewComment>> {
        let world = locked(&self.shared.world);
        let all = world.repo(repo)?.review_comments.values();
        Ok(all.filter(|one| one.pull == number).cloned().collect())
    }
    /// The check runs of a repository, oldest first.
    pub fn check_runs(&self, repo: &RepoName) -> Found<Vec<CheckRun>> {
        let world = locked(&self.shared.world);
        Ok(world.repo(repo)?.check_runs.values().cloned().collect())
    }
    /// The newest commit of a branch.
    pub fn branch(&self, repo: &RepoName, branch: &str) -> Found<Option<Sha>> {
        let world = locked(&self.shared.world);
        Ok(world.repo(repo)?.branches_now()?.get(branch).cloned())
    }
    /// The text of a file in a commit; nothing when it is not there or not text.
    pub fn file(&self, repo: &RepoName, commit: &Sha, path: &str) -> Found<Option<String>> {
        let world = locked(&self.shared.world);
        Ok(world.repo(repo)?.file(commit, path)?)
    }
    /// The paths of all files in a commit.
    pub fn files(&self, repo: &RepoName, commit: &Sha) -> Found<Vec<String>> {
        let world = locked(&self.shared.world);
        Ok(world.repo(repo)?.files(commit)?)
    }
    /// The message of a commit, trailers included.
    pub fn message(&self, repo: &RepoName, commit: &Sha) -> Found<String> {
        let world = locked(&self.shared.world);
        let git = world.repo(repo)?.git()?;
        let commit = git.find_commit(oid(commit)?)?;
        Ok(String::from_utf8_lossy(commit.message_bytes()).into_owned())
    }
    /// The commits that `head` has and `base` has not, oldest first.
    pub fn commits_between(&self, repo: &RepoName, base: &Sha, head: &Sha) -> Found<Vec<Sha>> {
        let world = locked(&self.shared.world);
        Ok(world.repo(repo)?.commits_between(base, head)?)
    }
    /// Where the bare repository is on disk.
    pub fn git_dir(&self, repo: &RepoName) -> Found<PathBuf> {
        Ok(locked(&self.shared.world).repo(repo)?.git_dir.clone())
    }
    /// The id of the installation that covers a repository.
    pub fn installation(&self, repo: &RepoName) -> Option<u64> {
        locked(&self.shared.world)
            .installation_of(repo)
            .map(|installation| installation.id)
    }

    /// Every request so far, in the order of arrival, git's too.
    pub fn requests(&self) -> Vec<Seen> {
        locked(&self.shared.log).clone()
    }
    /// The requests to the API that no route knew. A test ends by looking that there are none.
    pub fn unexpected(&self) -> Vec<Seen> {
        let mut seen = self.requests();
        seen.retain(|seen| {
            seen.route.is_none() && seen.path != graphql::PATH && !seen.path.contains(".git/")
        });
        seen
    }
    /// Every delivery so far, held ones included.
    pub fn deliveries(&self) -> Vec<Delivery> {
        locked(&self.shared.world).hooks.deliveries.clone()
    }
    /// Waits until every delivery has been carried out, and says whether that was so within `time`.
    pub async fn deliveries_settled(&self, time: Duration) -> bool {
        let begun = Instant::now();
        loop {
            if locked(&self.shared.world).hooks.is_settled() {
                return true;
            }
            if begun.elapsed() > time {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
