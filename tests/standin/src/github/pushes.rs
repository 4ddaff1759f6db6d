//! What a push sets in motion: heads move, refs of pull requests follow, suites begin, webhooks go out.

use serde_json::json;

use super::error::StandInError;
use super::objects;
use super::pulls::Standing;
use super::world::World;
use crate::names::{RepoName, Sha};

/// A branch that is not where it was.
struct Move {
    branch: String,
    before: Option<Sha>,
    after: Option<Sha>,
}

impl World {
    /// Sees where the branches of `name` are now, and lets happen what follows from each move. `pusher` did it.
    pub fn after_push(&mut self, name: &RepoName, pusher: &str) -> Result<(), StandInError> {
        let repo = self.repo_mut(name)?;
        let now = repo.branches_now()?;
        let before = std::mem::replace(&mut repo.branches, now.clone());
        let mut branches: Vec<&String> = before.keys().chain(now.keys()).collect();
        branches.sort();
        branches.dedup();
        for branch in branches {
            let moved = Move {
                branch: branch.clone(),
                before: before.get(branch).cloned(),
                after: now.get(branch).cloned(),
            };
            if moved.before != moved.after {
                self.follow(name, pusher, &moved)?;
            }
        }
        Ok(())
    }

    fn follow(&mut self, name: &RepoName, pusher: &str, moved: &Move) -> Result<(), StandInError> {
        if let Some(after) = &moved.after {
            let suite = self.suite_for(name, after, Some(&moved.branch), moved.before.as_ref())?;
            self.announce_suite(name, suite, "requested", pusher)?;
        }
        let touched: Vec<(RepoName, u64)> = self
            .repos
            .values()
            .flat_map(|repo| repo.pulls.values().map(move |pull| (repo, pull)))
            .filter(|(_, pull)| {
                pull.is_open() && pull.head_repo == *name && pull.head_branch == moved.branch
            })
            .map(|(repo, pull)| (repo.name.clone(), pull.number))
            .collect();
        for (base, number) in touched {
            match &moved.after {
                Some(head) => self.synchronize(&base, number, head, pusher)?,
                None => self.set_standing(&base, number, Standing::Closed, "closed", pusher)?,
            }
        }
        Ok(())
    }

    fn synchronize(
        &mut self,
        base: &RepoName,
        number: u64,
        head: &Sha,
        pusher: &str,
    ) -> Result<(), StandInError> {
        let now = self.now_ms();
        let repo = self.repo_mut(base)?;
        let base_now = repo.branches.clone();
        let Some(pull) = repo.pulls.get_mut(&number) else {
            return Ok(());
        };
        let before = std::mem::replace(&mut pull.head, head.clone());
        pull.updated_ms = now;
        if let Some(tip) = base_now.get(&pull.base_branch) {
            pull.base = tip.clone();
        }
        self.point_pull_ref(base, number)?;
        let repo = self.repo(base)?;
        let parts = json!({
            "number": number,
            "before": before,
            "after": head,
            "pull_request": objects::pull::full(self, repo, repo.pull(number)?)?,
        });
        self.announce(
            "pull_request",
            Some("synchronize"),
            Some(base),
            pusher,
            parts,
        );
        Ok(())
    }

    /// Brings `refs/pull/N/head` to the pull request's head; its objects come along when it is in a fork.
    pub fn point_pull_ref(&self, base: &RepoName, number: u64) -> Result<(), StandInError> {
        let repo = self.repo(base)?;
        let pull = repo.pull(number)?;
        let fork = if pull.head_repo == *base {
            None
        } else {
            let fork = self.repo(&pull.head_repo)?;
            Some((fork.git_dir.as_path(), pull.head_branch.as_str()))
        };
        Ok(repo.point_pull(number, &pull.head, fork)?)
    }

    /// Opens, closes or readies a pull request, and tells the App of `action`.
    pub fn set_standing(
        &mut self,
        base: &RepoName,
        number: u64,
        standing: Standing,
        action: &str,
        sender: &str,
    ) -> Result<(), StandInError> {
        let now = self.now_ms();
        let repo = self.repo_mut(base)?;
        if let Some(pull) = repo.pulls.get_mut(&number) {
            pull.standing = standing;
            pull.updated_ms = now;
        }
        let repo = self.repo(base)?;
        let parts = json!({
            "number": number,
            "pull_request": objects::pull::full(self, repo, repo.pull(number)?)?,
        });
        self.announce("pull_request", Some(action), Some(base), sender, parts);
        Ok(())
    }
}
