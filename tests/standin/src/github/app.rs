//! Routes about the App itself: its installations, its tokens, its deliveries.

use aws_lc_rs::rand;
use base64::Engine as _;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal, per_page};
use super::auth::{Level, Permissions, Token, TokenScope};
use super::error::StandInError;
use super::objects;
use super::routes::Call;
use super::world::{Installation, World, time};
use crate::names::RepoName;

/// How long an installation token lives, in milliseconds.
const TOKEN_MS: i64 = 3_600_000;
/// GitHub takes at most this many repositories in one narrowing.
const TOKEN_REPOS: usize = 500;

pub(super) fn show(world: &mut World, _call: &Call) -> Outcome {
    Ok(Answer::ok(objects::app(world)))
}

pub(super) fn installations(world: &mut World, call: &Call) -> Outcome {
    let all = world.installations.clone();
    let items = all
        .iter()
        .map(|installation| objects::installation(world, installation))
        .collect();
    Ok(Answer::page(call, items))
}

pub(super) fn installation(world: &mut World, call: &Call) -> Outcome {
    let installation = by_id(world, call.number("installation_id")?)?;
    Ok(Answer::ok(objects::installation(world, &installation)))
}

pub(super) fn repo_installation(world: &mut World, call: &Call) -> Outcome {
    let repo = call.repo()?;
    let installation = world
        .installation_of(&repo)
        .cloned()
        .ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(objects::installation(world, &installation)))
}

pub(super) fn repositories(world: &mut World, call: &Call) -> Outcome {
    let (_, scope) = call.installation().ok_or_else(Refusal::not_found)?;
    let mut items = Vec::new();
    for name in &scope.repositories {
        items.push(objects::repo(world, name)?);
    }
    Ok(Answer::counted_page(call, "repositories", items))
}

fn by_id(world: &World, id: u64) -> Result<Installation, Refusal> {
    world
        .installations
        .iter()
        .find(|installation| installation.id == id)
        .cloned()
        .ok_or_else(Refusal::not_found)
}

#[derive(Deserialize)]
struct Narrowing {
    repositories: Option<Vec<String>>,
    repository_ids: Option<Vec<u64>>,
    permissions: Option<Permissions>,
}

pub(super) fn access_token(world: &mut World, call: &Call) -> Outcome {
    let installation = by_id(world, call.number("installation_id")?)?;
    let asked: Narrowing = if call.body.is_null() {
        Narrowing {
            repositories: None,
            repository_ids: None,
            permissions: None,
        }
    } else {
        call.read()?
    };
    let permissions = narrow_permissions(&world.app.permissions, asked.permissions)?;
    let narrowed = asked.repositories.is_some() || asked.repository_ids.is_some();
    let repositories = narrow_repos(
        world,
        &installation,
        asked.repositories,
        asked.repository_ids,
    )?;
    let token = Token {
        text: token_text(world.app.id)?,
        expires_ms: world.now_ms() + TOKEN_MS,
        installation: installation.id,
        scope: TokenScope {
            repositories,
            permissions,
        },
    };
    let mut body = json!({
        "token": token.text,
        "expires_at": time(token.expires_ms),
        "permissions": token.scope.permissions,
        "repository_selection": if narrowed { "selected" } else { "all" },
    });
    if narrowed {
        let mut repos = Vec::new();
        for name in &token.scope.repositories {
            repos.push(objects::repo(world, name)?);
        }
        body["repositories"] = Value::Array(repos);
    }
    world.tokens.push(token);
    Ok(Answer::created(body))
}

/// What was asked for, when all of it is granted; everything granted when nothing was asked for. `metadata: read` comes
/// with every token.
fn narrow_permissions(
    granted: &Permissions,
    asked: Option<Permissions>,
) -> Result<Permissions, Refusal> {
    let mut permissions = match asked {
        None => granted.clone(),
        Some(asked) => {
            let too_much = asked
                .iter()
                .any(|(name, level)| granted.get(name).is_none_or(|has| has < level));
            if too_much {
                return Err(Refusal::new(
                    422,
                    "The permissions requested are not granted to this installation.",
                ));
            }
            asked
        }
    };
    permissions.insert("metadata".to_owned(), Level::Read);
    Ok(permissions)
}

fn narrow_repos(
    world: &World,
    installation: &Installation,
    names: Option<Vec<String>>,
    ids: Option<Vec<u64>>,
) -> Result<Vec<RepoName>, Refusal> {
    if names.is_none() && ids.is_none() {
        return Ok(installation.repos.clone());
    }
    let names = names.unwrap_or_default();
    let ids = ids.unwrap_or_default();
    if names.len() + ids.len() > TOKEN_REPOS {
        return Err(Refusal::invalid(
            "No more than 500 repositories are allowed.",
        ));
    }
    let id_of = |name: &RepoName| world.repos.get(name).map_or(0, |repo| repo.id);
    let chosen: Vec<RepoName> = installation
        .repos
        .iter()
        .filter(|repo| names.iter().any(|name| name == repo.name()) || ids.contains(&id_of(repo)))
        .cloned()
        .collect();
    if chosen.len() < names.len().max(ids.len()) || chosen.is_empty() {
        return Err(Refusal::new(
            422,
            "There is at least one repository that does not exist or is not accessible to the parent installation.",
        ));
    }
    Ok(chosen)
}

/// A token of the shape that GitHub rolls out since 2026: `ghs_`, the App's id, and something like a JWT; about 520
/// characters, with dots, dashes and underscores.
/// A token as a step of a workflow has it: for one repository, with all that the App was granted.
pub(super) fn workflow_token(
    world: &mut World,
    repo: &RepoName,
) -> Result<SecretString, StandInError> {
    let installation = world.installation_of(repo).cloned();
    let installation = installation.ok_or_else(|| StandInError::NoRepo(repo.clone()))?;
    let text = token_text(world.app.id).map_err(|_| StandInError::Key)?;
    world.tokens.push(Token {
        text: text.clone(),
        expires_ms: world.now_ms() + TOKEN_MS,
        installation: installation.id,
        scope: TokenScope {
            repositories: vec![repo.clone()],
            permissions: world.app.permissions.clone(),
        },
    });
    Ok(text.into())
}

fn token_text(app: u64) -> Result<String, Refusal> {
    let part = |bytes: usize| -> Result<String, Refusal> {
        let mut noise = vec![0; bytes];
        rand::fill(&mut noise).map_err(|_| Refusal::new(500, "no random numbers"))?;
        Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(noise))
    };
    Ok(format!(
        "ghs_{app}_{}.{}.{}",
        part(27)?,
        part(96)?,
        part(256)?
    ))
}

pub(super) fn hook_config(world: &mut World, _call: &Call) -> Outcome {
    Ok(Answer::ok(json!({
        "content_type": "json",
        "insecure_ssl": "0",
        "secret": "********",
        "url": world.hooks.url,
    })))
}

pub(super) fn deliveries(world: &mut World, call: &Call) -> Outcome {
    let per_page = per_page(call);
    // The cursor is opaque to clients; ours is the id below which the next page begins.
    let below = match call.query_text("cursor") {
        None => u64::MAX,
        Some(text) => text
            .parse()
            .map_err(|_| Refusal::new(400, "The cursor is not valid."))?,
    };
    let mut sent: Vec<_> = world
        .hooks
        .deliveries
        .iter()
        .filter(|delivery| delivery.was_sent() && delivery.id < below)
        .collect();
    sent.sort_by_key(|delivery| std::cmp::Reverse(delivery.id));
    let mut older = sent.into_iter();
    let items: Vec<_> = older.by_ref().take(per_page).collect();
    let mut answer = Answer::ok(items.iter().map(|delivery| delivery.item()).collect());
    if let (Some(last), Some(_)) = (items.last(), older.next()) {
        let link = call.link("cursor", &last.id.to_string(), "next");
        answer.headers.push(("link".to_owned(), link));
    }
    Ok(answer)
}

pub(super) fn delivery(world: &mut World, call: &Call) -> Outcome {
    let id = call.number("delivery_id")?;
    let delivery = world
        .hooks
        .deliveries
        .iter()
        .find(|delivery| delivery.id == id)
        .ok_or_else(Refusal::not_found)?;
    Ok(Answer::ok(delivery.whole(&world.hooks)))
}

pub(super) fn redeliver(world: &mut World, call: &Call) -> Outcome {
    let id = call.number("delivery_id")?;
    let guid = world
        .hooks
        .deliveries
        .iter()
        .find(|delivery| delivery.id == id)
        .map(|delivery| delivery.guid.clone())
        .ok_or_else(Refusal::not_found)?;
    world.redeliver(&guid);
    Ok(Answer::of(202, json!({})))
}
