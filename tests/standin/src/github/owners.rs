//! What owners do on GitHub: they make, fork and delete repositories, protect branches, give roles, and install the App.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::app;
use super::error::StandInError;
use super::objects;
use super::repos::FileChange;
use super::world::{Installation, Role, World};
use super::{GitHubStandIn, locked};
use crate::names::{RepoName, Sha};

type Done<T> = Result<T, StandInError>;

impl GitHubStandIn {
    /// Makes a private repository with one commit of `files` on `main`, and installs the App on it.
    pub fn create_repo(&self, repo: &RepoName, files: &[FileChange<'_>]) -> Done<Sha> {
        let mut world = locked(&self.shared.world);
        world.add_repo(repo, "main", None)?;
        world.install(repo);
        world.push_commit(repo, "main", None, files, repo.owner())
    }

    /// Makes a fork of `repo` for `owner`, with all its branches. The App is not installed there.
    pub fn fork(&self, repo: &RepoName, owner: &str) -> Done<RepoName> {
        let fork: RepoName = format!("{owner}/{}", repo.name())
            .parse()
            .map_err(|_| StandInError::NoRepo(repo.clone()))?;
        let mut world = locked(&self.shared.world);
        let (from, branch) = {
            let repo = world.repo(repo)?;
            (repo.git_dir.clone(), repo.default_branch.clone())
        };
        world.add_repo(&fork, &branch, Some(repo.clone()))?;
        let git = world.repo(&fork)?.git()?;
        git.remote_anonymous(&from.to_string_lossy())?.fetch(
            &["+refs/heads/*:refs/heads/*"],
            None,
            None,
        )?;
        world.after_push(&fork, owner)?;
        Ok(fork)
    }

    /// Removes a repository, as the owner of a fork may.
    pub fn delete_repo(&self, repo: &RepoName) -> Done<()> {
        let mut world = locked(&self.shared.world);
        world.repo(repo)?;
        world.repos.remove(repo);
        for installation in &mut world.installations {
            installation.repos.retain(|one| one != repo);
        }
        Ok(())
    }

    /// Refuses all pushes to `branch` over HTTP with `message`.
    pub fn protect_branch(&self, repo: &RepoName, branch: &str, message: &str) -> Done<()> {
        locked(&self.shared.world)
            .repo(repo)?
            .protect(branch, message)
    }

    /// Gives somebody a role. Whoever has none may nothing, but for the owner.
    pub fn set_permission(&self, repo: &RepoName, login: &str, role: Role) -> Done<()> {
        let mut world = locked(&self.shared.world);
        world.user(login);
        world.repo_mut(repo)?.roles.insert(login.to_owned(), role);
        Ok(())
    }

    /// Takes the App off an account. Its tokens die at once.
    pub fn uninstall(&self, account: &str) {
        let mut world = locked(&self.shared.world);
        let gone: Vec<Installation> = world
            .installations
            .extract_if(.., |installation| installation.account == account)
            .collect();
        for installation in gone {
            world
                .tokens
                .retain(|token| token.installation != installation.id);
            let value = objects::installation(&world, &installation);
            let parts = json!({ "installation": value, "repositories": [] });
            world.announce("installation", Some("deleted"), None, account, parts);
        }
    }

    /// A token for one repository, as a step of a workflow has it.
    pub fn workflow_token(&self, repo: &RepoName) -> Done<SecretString> {
        app::workflow_token(&mut locked(&self.shared.world), repo)
    }

    /// Sends the `ping` that GitHub sends when an App's webhook is set up.
    pub fn ping(&self) {
        let mut world = locked(&self.shared.world);
        let hook = json!({
            "type": "App",
            "id": world.hooks.id,
            "name": "web",
            "active": true,
            "events": world.app.events,
            "config": { "content_type": "json", "url": world.hooks.url, "insecure_ssl": "0" },
            "app_id": world.app.id,
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
        });
        let parts = json!({ "zen": "Approachable is better than simple.", "hook_id": world.hooks.id, "hook": hook });
        world.announce("ping", None, None, "countersign-operators", parts);
    }
}

impl World {
    /// Adds `repo` to its owner's installation of the App, and says so.
    fn install(&mut self, repo: &RepoName) {
        let account = repo.owner().to_owned();
        let there = self
            .installations
            .iter_mut()
            .find(|one| one.account == account);
        let (event, action) = if let Some(there) = there {
            there.repos.push(repo.clone());
            ("installation_repositories", "added")
        } else {
            let id = self.next_id();
            self.installations.push(Installation {
                id,
                account: account.clone(),
                repos: vec![repo.clone()],
            });
            ("installation", "created")
        };
        let Some(installation) = self.installation_of(repo) else {
            return;
        };
        let id = self.repos.get(repo).map_or(0, |repo| repo.id);
        let added = json!([{
            "id": id,
            "node_id": objects::node_id("Repository", id),
            "name": repo.name(),
            "full_name": repo,
            "private": true,
        }]);
        let mut parts = json!({ "installation": objects::installation(self, installation) });
        if event == "installation" {
            parts["repositories"] = added;
        } else {
            parts["repository_selection"] = json!("selected");
            parts["repositories_added"] = added;
            parts["repositories_removed"] = json!([]);
            parts["requester"] = Value::Null;
        }
        self.announce(event, Some(action), None, &account, parts);
    }
}
