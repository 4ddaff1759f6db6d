//! Users, repositories, the App and its installations as GitHub writes them, complete.

pub(super) mod check;
pub(super) mod comment;
pub(super) mod pull;
pub(super) mod review;

use base64::Engine as _;
use serde_json::{Map, Value, json};

use super::error::StandInError;
use super::world::{Installation, World, time};
use crate::names::RepoName;

/// What GitHub names things by in its other API. Opaque.
pub(super) fn node_id(kind: &str, id: u64) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(format!("{kind}:{id}"))
}

const USER_LINKS: &[(&str, &str)] = &[
    ("followers_url", "/followers"),
    ("following_url", "/following{/other_user}"),
    ("gists_url", "/gists{/gist_id}"),
    ("starred_url", "/starred{/owner}{/repo}"),
    ("subscriptions_url", "/subscriptions"),
    ("organizations_url", "/orgs"),
    ("repos_url", "/repos"),
    ("events_url", "/events{/privacy}"),
    ("received_events_url", "/received_events"),
];

/// An account; GitHub's own ghost where nobody of that login is known.
pub(super) fn user(world: &World, login: &str) -> Value {
    let id = world.users.get(login).map_or(10_137, |user| user.id);
    // The brackets of a bot's login are escaped in addresses, as GitHub does it.
    let escaped = login.replace('[', "%5B").replace(']', "%5D");
    let api = format!("{}/users/{escaped}", world.api);
    let is_bot = login.ends_with("[bot]");
    let page = match login.strip_suffix("[bot]") {
        Some(slug) => format!("{}/apps/{slug}", world.server),
        None => format!("{}/{login}", world.server),
    };
    let mut user = json!({
        "login": login,
        "id": id,
        "node_id": node_id("User", id),
        "avatar_url": format!("{}/avatars/u/{id}", world.server),
        "gravatar_id": "",
        "url": api,
        "html_url": page,
        "type": if is_bot { "Bot" } else { "User" },
        "user_view_type": "public",
        "site_admin": false,
    });
    add_links(&mut user, &api, USER_LINKS);
    user
}

const REPO_LINKS: &[(&str, &str)] = &[
    ("forks_url", "/forks"),
    ("keys_url", "/keys{/key_id}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("teams_url", "/teams"),
    ("hooks_url", "/hooks"),
    ("issue_events_url", "/issues/events{/number}"),
    ("events_url", "/events"),
    ("assignees_url", "/assignees{/user}"),
    ("branches_url", "/branches{/branch}"),
    ("tags_url", "/tags"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("trees_url", "/git/trees{/sha}"),
    ("statuses_url", "/statuses/{sha}"),
    ("languages_url", "/languages"),
    ("stargazers_url", "/stargazers"),
    ("contributors_url", "/contributors"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("commits_url", "/commits{/sha}"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("comments_url", "/comments{/number}"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("contents_url", "/contents/{+path}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("merges_url", "/merges"),
    ("archive_url", "/{archive_format}{/ref}"),
    ("downloads_url", "/downloads"),
    ("issues_url", "/issues{/number}"),
    ("pulls_url", "/pulls{/number}"),
    ("milestones_url", "/milestones{/number}"),
    (
        "notifications_url",
        "/notifications{?since,all,participating}",
    ),
    ("labels_url", "/labels{/name}"),
    ("releases_url", "/releases{/id}"),
    ("deployments_url", "/deployments"),
];

/// What is the same for every repository here.
const REPO_NULLS: &[&str] = &["mirror_url", "homepage", "language", "license"];
const REPO_ZEROS: &[&str] = &[
    "stargazers_count",
    "watchers_count",
    "forks_count",
    "forks",
    "watchers",
    "subscribers_count",
    "network_count",
];
const REPO_FLAGS: &[(&str, bool)] = &[
    ("has_issues", true),
    ("has_projects", true),
    ("has_downloads", true),
    ("has_wiki", false),
    ("has_pages", false),
    ("has_discussions", false),
    ("archived", false),
    ("disabled", false),
    ("allow_forking", true),
    ("is_template", false),
    ("web_commit_signoff_required", false),
];

/// A repository.
pub(super) fn repo(world: &World, name: &RepoName) -> Result<Value, StandInError> {
    let repo = world.repo(name)?;
    let api = format!("{}/repos/{name}", world.api);
    let page = format!("{}/{name}", world.server);
    let now = time(world.now_ms());
    let open = repo.pulls.values().filter(|pull| pull.is_open()).count();
    let mut value = json!({
        "id": repo.id,
        "node_id": node_id("Repository", repo.id),
        "name": name.name(),
        "full_name": name,
        "private": true,
        "owner": user(world, name.owner()),
        "html_url": page,
        "description": null,
        "fork": repo.fork_of.is_some(),
        "url": api,
        "created_at": now,
        "updated_at": now,
        "pushed_at": now,
        "git_url": format!("{page}.git"),
        "ssh_url": format!("git@localhost:{name}.git"),
        "clone_url": format!("{page}.git"),
        "svn_url": page,
        "size": 1,
        "open_issues_count": open,
        "open_issues": open,
        "topics": [],
        "visibility": "private",
        "default_branch": repo.default_branch,
    });
    for key in REPO_NULLS {
        value[*key] = Value::Null;
    }
    for key in REPO_ZEROS {
        value[*key] = json!(0);
    }
    for (key, flag) in REPO_FLAGS {
        value[*key] = json!(flag);
    }
    add_links(&mut value, &api, REPO_LINKS);
    Ok(value)
}

fn add_links(value: &mut Value, base: &str, links: &[(&str, &str)]) {
    if let Some(object) = value.as_object_mut() {
        for (key, rest) in links {
            object.insert((*key).to_owned(), json!(format!("{base}{rest}")));
        }
    }
}

/// The App.
pub(super) fn app(world: &World) -> Value {
    let app = &world.app;
    let page = format!("{}/apps/{}", world.server, app.slug);
    json!({
        "id": app.id,
        "slug": app.slug,
        "client_id": format!("Iv23li{}", app.id),
        "node_id": node_id("Integration", app.id),
        "owner": user(world, "countersign-operators"),
        "name": app.slug,
        "description": null,
        "external_url": page,
        "html_url": page,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "permissions": app.permissions,
        "events": app.events,
        "installations_count": world.installations.len(),
    })
}

/// The App on one account.
pub(super) fn installation(world: &World, installation: &Installation) -> Value {
    let api = format!("{}/app/installations/{}", world.api, installation.id);
    let account = user(world, &installation.account);
    json!({
        "id": installation.id,
        "account": account,
        "repository_selection": "selected",
        "access_tokens_url": format!("{api}/access_tokens"),
        "repositories_url": format!("{}/installation/repositories", world.api),
        "html_url": format!("{}/settings/installations/{}", world.server, installation.id),
        "app_id": world.app.id,
        "app_slug": world.app.slug,
        "target_id": account["id"],
        "target_type": "User",
        "permissions": world.app.permissions,
        "events": world.app.events,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "single_file_name": null,
        "has_multiple_single_files": false,
        "single_file_paths": [],
        "suspended_by": null,
        "suspended_at": null,
    })
}

/// The counts of reactions that many objects carry.
pub(super) fn reactions(url: &str, given: &[super::reactions::Reaction]) -> Value {
    let mut counts = Map::new();
    counts.insert("url".to_owned(), json!(format!("{url}/reactions")));
    counts.insert("total_count".to_owned(), json!(given.len()));
    for content in super::reactions::CONTENTS {
        let count = given.iter().filter(|one| one.content == *content).count();
        counts.insert((*content).to_owned(), json!(count));
    }
    Value::Object(counts)
}
