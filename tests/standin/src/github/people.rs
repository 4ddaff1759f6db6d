//! What people do on GitHub: they push, open pull requests, comment, press buttons. Each of it sends
//! the webhooks that GitHub would send.

use serde_json::json;

use super::error::StandInError;
use super::objects;
use super::pulls::{Pull, Standing};
use super::repos::FileChange;
use super::world::World;
use super::{GitHubStandIn, locked};
use crate::names::{RepoName, Sha};

type Done<T> = Result<T, StandInError>;

impl GitHubStandIn {
    /// Commits `files` and moves `branch` there. It goes on top of `parent`; of the branch when there is none given, and
    /// of the default branch when there is no such branch yet.
    pub fn commit(
        &self,
        repo: &RepoName,
        branch: &str,
        parent: Option<&Sha>,
        files: &[FileChange<'_>],
        author: &str,
    ) -> Done<Sha> {
        locked(&self.shared.world).push_commit(repo, branch, parent, files, author)
    }

    /// Moves `branch` to a commit that is there, wherever it was.
    pub fn force_push(&self, repo: &RepoName, branch: &str, to: &Sha, pusher: &str) -> Done<()> {
        let mut world = locked(&self.shared.world);
        world.user(pusher);
        world.repo(repo)?.point(branch, to)?;
        world.after_push(repo, pusher)
    }

    /// Deletes `branch`, which closes its pull requests.
    pub fn delete_branch(&self, repo: &RepoName, branch: &str, pusher: &str) -> Done<()> {
        let mut world = locked(&self.shared.world);
        let git = world.repo(repo)?.git()?;
        git.find_reference(&format!("refs/heads/{branch}"))?
            .delete()?;
        world.after_push(repo, pusher)
    }

    /// Opens a pull request that brings `head` into `base`, and returns its number.
    pub fn open_pull(
        &self,
        base: (&RepoName, &str),
        head: (&RepoName, &str),
        author: &str,
        standing: Standing,
    ) -> Done<u64> {
        let mut world = locked(&self.shared.world);
        let tip = |world: &World, (name, branch): (&RepoName, &str)| {
            let repo = world.repo(name)?;
            let tip = repo.branches.get(branch).cloned();
            tip.ok_or_else(|| repo.nothing("branch", branch))
        };
        let (base_tip, head_tip) = (tip(&world, base)?, tip(&world, head)?);
        world.user(author);
        let number = world
            .repo(base.0)?
            .pulls
            .keys()
            .next_back()
            .map_or(1, |last| last + 1);
        let pull = Pull {
            number,
            title: format!("Change {}", head.1),
            author: author.to_owned(),
            standing,
            head_repo: head.0.clone(),
            head_branch: head.1.to_owned(),
            head: head_tip,
            base_branch: base.1.to_owned(),
            base: base_tip,
            id: world.next_id(),
            issue_id: world.next_id(),
            created_ms: world.now_ms(),
            updated_ms: world.now_ms(),
            reactions: Vec::new(),
        };
        world.repo_mut(base.0)?.pulls.insert(number, pull);
        world.point_pull_ref(base.0, number)?;
        world.set_standing(base.0, number, standing, "opened", author)?;
        Ok(number)
    }

    /// Closes a pull request without merging it.
    pub fn close_pull(&self, repo: &RepoName, number: u64, login: &str) -> Done<()> {
        self.set_standing(repo, number, (Standing::Closed, "closed"), login)
    }
    /// Opens it again.
    pub fn reopen_pull(&self, repo: &RepoName, number: u64, login: &str) -> Done<()> {
        self.set_standing(repo, number, (Standing::Ready, "reopened"), login)
    }
    /// Makes a draft ready for review.
    pub fn ready_pull(&self, repo: &RepoName, number: u64, login: &str) -> Done<()> {
        self.set_standing(repo, number, (Standing::Ready, "ready_for_review"), login)
    }
    /// Makes it a draft again.
    pub fn draft_pull(&self, repo: &RepoName, number: u64, login: &str) -> Done<()> {
        let to = (Standing::Draft, "converted_to_draft");
        self.set_standing(repo, number, to, login)
    }
    fn set_standing(
        &self,
        repo: &RepoName,
        number: u64,
        to: (Standing, &str),
        login: &str,
    ) -> Done<()> {
        let mut world = locked(&self.shared.world);
        world.repo(repo)?.pull(number)?;
        world.user(login);
        world.set_standing(repo, number, to.0, to.1, login)
    }

    /// Comments in the conversation, and returns the comment's id.
    pub fn comment(&self, repo: &RepoName, number: u64, login: &str, body: &str) -> Done<u64> {
        locked(&self.shared.world).add_comment(repo, number, login, body)
    }
    /// Deletes a comment, as a maintainer may with anybody's. No event is sent.
    pub fn delete_comment(&self, repo: &RepoName, id: u64) -> Done<()> {
        let mut world = locked(&self.shared.world);
        let repo = world.repo_mut(repo)?;
        match repo.comments.remove(&id) {
            Some(_) => Ok(()),
            None => Err(repo.nothing("comment", id)),
        }
    }

    /// Presses *Re-run* at one check run. GitHub queues the suite again and leaves the check run as it is.
    pub fn press_rerun(&self, repo: &RepoName, check_run: u64, login: &str) -> Done<()> {
        self.press(repo, check_run, "rerequested", None, login)
    }
    /// Presses one of the check run's own buttons.
    pub fn press_action(
        &self,
        repo: &RepoName,
        check_run: u64,
        identifier: &str,
        login: &str,
    ) -> Done<()> {
        self.press(repo, check_run, "requested_action", Some(identifier), login)
    }
    fn press(
        &self,
        name: &RepoName,
        id: u64,
        action: &str,
        button: Option<&str>,
        login: &str,
    ) -> Done<()> {
        let mut world = locked(&self.shared.world);
        world.user(login);
        let repo = world.repo_mut(name)?;
        let Some(suite) = repo.check_runs.get(&id).map(|run| run.suite) else {
            return Err(repo.nothing("check run", id));
        };
        if let (None, Some(suite)) = (button, repo.suites.get_mut(&suite)) {
            suite.rerequested = true;
        }
        let repo = world.repo(name)?;
        let mut parts = json!({ "check_run": objects::check::event_value(&world, repo, &repo.check_runs[&id]) });
        if let Some(identifier) = button {
            parts["requested_action"] = json!({ "identifier": identifier });
        }
        world.announce("check_run", Some(action), Some(name), login, parts);
        Ok(())
    }
    /// Presses *Re-run all checks* at a commit.
    pub fn press_rerun_all(&self, repo: &RepoName, head: &Sha, login: &str) -> Done<()> {
        let mut world = locked(&self.shared.world);
        world.user(login);
        let suite = world.suite_for(repo, head, None, None)?;
        if let Some(suite) = world.repo_mut(repo)?.suites.get_mut(&suite) {
            suite.rerequested = true;
        }
        world.announce_suite(repo, suite, "rerequested", login)
    }
}

impl World {
    /// Commits `files` and moves `branch` there.
    pub fn push_commit(
        &mut self,
        name: &RepoName,
        branch: &str,
        parent: Option<&Sha>,
        files: &[FileChange<'_>],
        author: &str,
    ) -> Done<Sha> {
        self.user(author);
        let now = self.now_ms();
        let repo = self.repo(name)?;
        let message = format!("Change {branch}");
        let made = loop {
            // What was pushed a moment ago is there already, though nobody has heard of it yet.
            let now_there = repo.branches_now()?;
            let there = now_there.get(branch).filter(|_| parent.is_none());
            let tip = parent
                .or(there)
                .or_else(|| now_there.get(&repo.default_branch));
            let sha = repo.commit(tip, files, author, &message, now)?;
            let is_there = match there {
                Some(there) => repo.advance(branch, there, &sha)?,
                None => repo.point(branch, &sha).map(|()| true)?,
            };
            if is_there {
                break sha;
            }
        };
        self.after_push(name, author)?;
        Ok(made)
    }
}
