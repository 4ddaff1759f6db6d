//! Routes about accounts and repositories.

use serde_json::json;

use super::answer::{Answer, Outcome, Refusal};
use super::objects;
use super::routes::Call;
use super::world::{Role, World};

pub(super) fn user(world: &mut World, call: &Call) -> Outcome {
    let login = call.piece("username");
    if !world.users.contains_key(login) {
        return Err(Refusal::not_found());
    }
    let mut user = objects::user(world, login);
    for key in [
        "name", "company", "blog", "location", "email", "hireable", "bio",
    ] {
        user[key] = json!(null);
    }
    for key in ["public_repos", "public_gists", "followers", "following"] {
        user[key] = json!(0);
    }
    for key in ["created_at", "updated_at"] {
        user[key] = json!("2026-01-01T00:00:00Z");
    }
    Ok(Answer::ok(user))
}

pub(super) fn repo(world: &mut World, call: &Call) -> Outcome {
    Ok(Answer::ok(objects::repo(world, &call.repo()?)?))
}

/// `permission` knows four words, `role_name` the exact role: `maintain` reads as `write`, `triage` as `read`.
pub(super) fn permission(world: &mut World, call: &Call) -> Outcome {
    let login = call.piece("username");
    if !world.users.contains_key(login) {
        return Err(Refusal::new(404, &format!("{login} is not a user")));
    }
    let role = world.repo(&call.repo()?)?.role(login);
    let permission = match role {
        Role::Maintain => Role::Write,
        Role::Triage => Role::Read,
        Role::Admin | Role::Write | Role::Read | Role::None => role,
    };
    let mut user = objects::user(world, login);
    user["permissions"] = json!({
        "admin": role == Role::Admin,
        "maintain": matches!(role, Role::Admin | Role::Maintain),
        "push": permission == Role::Write || role == Role::Admin,
        "triage": !matches!(role, Role::Read | Role::None),
        "pull": role != Role::None,
    });
    user["role_name"] = json!(role);
    Ok(Answer::ok(json!({
        "permission": permission,
        "role_name": role,
        "user": user,
    })))
}
