//! What people say at lines of the diff: they write, answer, edit and delete review comments. And where such a comment
//! stands once the branch has moved on.

use serde_json::json;

use super::diff::Side;
use super::error::StandInError;
use super::objects;
use super::objects::review::{told_comment, value as review_value};
use super::pulls;
use super::repos::oid;
use super::reviews::{Review, ReviewComment, ReviewState};
use super::world::{Repo, World};
use super::{GitHubStandIn, locked};
use crate::names::RepoName;

type Done<T> = Result<T, StandInError>;

impl GitHubStandIn {
    /// Comments at a line of the pull request's diff, on its new side, and returns the comment's id. The line must be in
    /// a hunk, as on the page.
    pub fn remark(
        &self,
        repo: &RepoName,
        number: u64,
        login: &str,
        (path, line): (&str, u32),
        body: &str,
    ) -> Done<u64> {
        let mut world = locked(&self.shared.world);
        let there = world.repo(repo)?;
        let pull = there.pull(number)?;
        let head = pull.head.clone();
        let files = pulls::diff_at(there, pull, &head)?;
        let nowhere = || there.nothing("line of the diff", format!("{path}:{line}"));
        let file = files.iter().find(|file| file.path == path);
        let place = (Side::Right, line);
        let anchor = file.ok_or_else(nowhere)?.anchor(place, None);
        let anchor = anchor.map_err(|_| nowhere())?;
        let comment = ReviewComment {
            id: 0,
            pull: number,
            review: 0,
            author: login.to_owned(),
            body: body.to_owned(),
            path: path.to_owned(),
            commit: head,
            line: Some(place),
            start: None,
            reactions: Vec::new(),
            is_resolved: false,
            in_reply_to: None,
            position: Some(anchor.position),
            hunk: anchor.hunk_text,
            created_ms: 0,
            updated_ms: 0,
        };
        world.say(repo, comment)
    }

    /// Submits a review that says something as a whole and nothing at lines, and returns its id.
    pub fn review(&self, repo: &RepoName, number: u64, login: &str, body: &str) -> Done<u64> {
        let mut world = locked(&self.shared.world);
        world.user(login);
        let (id, now) = (world.next_id(), world.now_ms());
        let review = Review {
            id,
            pull: number,
            author: login.to_owned(),
            body: body.to_owned(),
            state: ReviewState::Commented,
            commit: world.repo(repo)?.pull(number)?.head.clone(),
            is_minimized: false,
            reactions: Vec::new(),
            submitted_ms: now,
        };
        world.repo_mut(repo)?.reviews.insert(id, review);
        let there = world.repo(repo)?;
        let pull = objects::pull::full(&world, there, there.pull(number)?)?;
        let said = review_value(&world, there, &there.reviews[&id]);
        let parts = json!({ "review": said, "pull_request": pull });
        let event = "pull_request_review";
        world.announce(event, Some("submitted"), Some(repo), login, parts);
        Ok(id)
    }

    /// Answers a review comment, below it.
    pub fn answer_remark(&self, repo: &RepoName, id: u64, login: &str, body: &str) -> Done<u64> {
        let mut world = locked(&self.shared.world);
        let first = world.repo(repo)?.review_comment(id)?;
        let comment = ReviewComment {
            author: login.to_owned(),
            body: body.to_owned(),
            // An answer to an answer is one to the first.
            in_reply_to: Some(first.in_reply_to.unwrap_or(id)),
            reactions: Vec::new(),
            is_resolved: false,
            ..first.clone()
        };
        world.say(repo, comment)
    }

    /// Writes other words into a review comment, as its author may, and whoever may write with anybody's.
    pub fn edit_remark(&self, repo: &RepoName, id: u64, login: &str, body: &str) -> Done<()> {
        let mut world = locked(&self.shared.world);
        let before = world.repo(repo)?.review_comment(id)?.body.clone();
        let now = world.now_ms();
        if let Some(comment) = world.repo_mut(repo)?.review_comments.get_mut(&id) {
            comment.body = body.to_owned();
            comment.updated_ms = now;
        }
        let changes = json!({ "body": { "from": before } });
        world.tell_of(repo, id, "edited", login, Some(changes))
    }

    /// Deletes a review comment; answers to it stay.
    pub fn delete_remark(&self, repo: &RepoName, id: u64, login: &str) -> Done<()> {
        let mut world = locked(&self.shared.world);
        world.repo(repo)?.review_comment(id)?;
        world.tell_of(repo, id, "deleted", login, None)?;
        world.repo_mut(repo)?.review_comments.remove(&id);
        Ok(())
    }
}

impl World {
    /// Adds a review comment with a review of its own, and tells the App.
    fn say(&mut self, name: &RepoName, comment: ReviewComment) -> Done<u64> {
        self.user(&comment.author);
        let now = self.now_ms();
        let (review, id) = (self.next_id(), self.next_id());
        let author = comment.author.clone();
        let review = Review {
            id: review,
            pull: comment.pull,
            author: author.clone(),
            body: String::new(),
            state: ReviewState::Commented,
            commit: comment.commit.clone(),
            is_minimized: false,
            reactions: Vec::new(),
            submitted_ms: now,
        };
        let comment = ReviewComment {
            id,
            review: review.id,
            created_ms: now,
            updated_ms: now,
            ..comment
        };
        let repo = self.repo_mut(name)?;
        repo.reviews.insert(review.id, review);
        repo.review_comments.insert(id, comment);
        self.tell_of(name, id, "created", &author, None)?;
        Ok(id)
    }

    fn tell_of(
        &mut self,
        name: &RepoName,
        id: u64,
        action: &str,
        login: &str,
        changes: Option<serde_json::Value>,
    ) -> Done<()> {
        let repo = self.repo(name)?;
        let comment = repo.review_comment(id)?;
        let pull = objects::pull::full(self, repo, repo.pull(comment.pull)?)?;
        let mut parts =
            json!({ "comment": told_comment(self, repo, comment), "pull_request": pull });
        if let Some(changes) = changes {
            parts["changes"] = changes;
        }
        let event = "pull_request_review_comment";
        self.announce(event, Some(action), Some(name), login, parts);
        Ok(())
    }
}

impl Repo {
    pub fn review_comment(&self, id: u64) -> Result<&ReviewComment, StandInError> {
        let found = self.review_comments.get(&id);
        found.ok_or_else(|| self.nothing("review comment", id))
    }

    /// Where a comment stands in the diff of the newest commit, with its position there; nowhere when its line changed or
    /// left the diff: then GitHub calls it outdated. How GitHub follows a line is believed, not documented.
    pub fn stands(&self, comment: &ReviewComment) -> Option<((Side, u32), usize)> {
        let (side, line) = comment.line?;
        let pull = self.pulls.get(&comment.pull)?;
        let line = match side {
            // The old side is the base's, which does not move here.
            Side::Left => line,
            Side::Right => self.followed(comment, line).ok()??,
        };
        let files = pulls::diff_at(self, pull, &pull.head).ok()?;
        let file = files.iter().find(|file| file.path == comment.path)?;
        let anchor = file.anchor((side, line), None).ok()?;
        Some(((side, line), anchor.position))
    }

    /// The number that a line of the comment's commit has in the newest one; none when it is not there any more.
    fn followed(&self, comment: &ReviewComment, line: u32) -> Result<Option<u32>, git2::Error> {
        let git = self.git()?;
        let Some(pull) = self.pulls.get(&comment.pull) else {
            return Ok(None);
        };
        let blob = |commit| -> Result<Option<git2::Blob<'_>>, git2::Error> {
            let tree = git.find_commit(oid(commit)?)?.tree()?;
            match tree.get_path(comment.path.as_ref()) {
                Ok(entry) => entry.to_object(&git)?.into_blob().map(Some).or(Ok(None)),
                Err(_) => Ok(None),
            }
        };
        let (Some(then), Some(now)) = (blob(&comment.commit)?, blob(&pull.head)?) else {
            return Ok(None);
        };
        let mut options = git2::DiffOptions::new();
        options.context_lines(0);
        let patch = git2::Patch::from_blobs(&then, None, &now, None, Some(&mut options))?;
        let mut moved = i64::from(line);
        for hunk in 0..patch.num_hunks() {
            let (hunk, _) = patch.hunk(hunk)?;
            let (from, count) = (hunk.old_start(), hunk.old_lines());
            if (from..from + count).contains(&line) {
                return Ok(None);
            }
            // A hunk that only adds is named by the line above it.
            if from < line {
                moved += i64::from(hunk.new_lines()) - i64::from(count);
            }
        }
        Ok(u32::try_from(moved).ok())
    }
}
