//! The closed table: which class an error has. Statuses and facts come first, words last.

use serde_json::Value;

use crate::domain::cause::CauseClass;
use crate::domain::clean_room::Trial;
use crate::domain::dossier::Dossier;
use crate::domain::tape::{Exchange, Phase, Repeat};
use crate::rules::judge::reading::moved_world::refused_again;
use crate::rules::judge::reading::nango_cli::Check;

/// The class of an answer; nothing when it is no error.
pub(super) fn exchange(exchange: &Exchange) -> Option<CauseClass> {
    if exchange.repeat == Some(Repeat::HeldBack) {
        return Some(CauseClass::HeldBack);
    }
    if exchange.refused.is_some() {
        let is_asking = exchange.path.starts_with("/proxy/");
        return is_asking.then_some(CauseClass::WitnessRefused);
    }
    if !exchange.path.starts_with("/proxy/") {
        return None;
    }
    match exchange.status {
        200..=399 => slack(exchange),
        401 => Some(CauseClass::ExpiredAccess),
        // Google and GitHub say *later* with a 403, too.
        403 if says_later(exchange) => Some(CauseClass::RateLimit),
        402 | 403 | 451 => Some(CauseClass::MissingScope),
        404 | 410 => Some(CauseClass::NotFound),
        429 => Some(CauseClass::RateLimit),
        500.. => Some(CauseClass::ApiFault),
        _ => Some(CauseClass::RefusedRequest),
    }
}

fn says_later(exchange: &Exchange) -> bool {
    let text = exchange
        .response
        .text
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    ["ratelimit", "rate limit", "quotaexceeded", "quota exceeded"]
        .iter()
        .any(|words| text.contains(words))
}

/// Slack says no with a status of 200.
fn slack(exchange: &Exchange) -> Option<CauseClass> {
    let text = exchange.response.text.as_deref()?;
    if !text.contains("\"ok\"") {
        return None;
    }
    let answer: Value = serde_json::from_str(text).ok()?;
    if answer["ok"] != Value::Bool(false) {
        return None;
    }
    Some(match answer["error"].as_str().unwrap_or_default() {
        "missing_scope" | "not_allowed_token_type" | "no_permission" | "restricted_action" => {
            CauseClass::MissingScope
        }
        "invalid_auth" | "not_authed" | "token_expired" | "token_revoked" | "account_inactive" => {
            CauseClass::ExpiredAccess
        }
        "ratelimited" | "rate_limited" => CauseClass::RateLimit,
        "internal_error" | "fatal_error" | "service_unavailable" => CauseClass::ApiFault,
        error if error.ends_with("_not_found") => CauseClass::NotFound,
        _ => CauseClass::RefusedRequest,
    })
}

/// The class of a step that failed in the clean room.
pub(super) fn step(dossier: &Dossier, trial: Trial, said: &str) -> CauseClass {
    let said = said.to_lowercase();
    match trial {
        Trial::Validate | Trial::Save => dry_run(dossier, &said),
        Trial::Compile => compile(&said),
        Trial::Tests => tests(&said),
    }
}

/// The class of a check that failed for the agent; nothing when its words tell none, as those of a refused request.
pub(super) fn check(check: Check, said: &str) -> Option<CauseClass> {
    let said = said.to_lowercase();
    let class = match check {
        Check::Compile => compile(&said),
        Check::Tests => tests(&said),
        Check::DryRun if is_output_invalid(&said) => CauseClass::InvalidOutput,
        Check::DryRun if said.contains("invalid_action_input") => CauseClass::InvalidInput,
        Check::DryRun if said.contains("failed to compile") => compile(&said),
        Check::DryRun => CauseClass::Unknown,
    };
    (class != CauseClass::Unknown).then_some(class)
}

fn compile(said: &str) -> CauseClass {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&[
        "not allowed",
        "not permitted",
        "cannot find module",
        "cannot be imported",
    ]) {
        CauseClass::ForbiddenImport
    } else if has(&["no entry point", "default export", "not registered"]) {
        CauseClass::EntryMissing
    } else if has(&["err - ", "error"]) {
        CauseClass::TypeError
    } else {
        CauseClass::Unknown
    }
}

fn tests(said: &str) -> CauseClass {
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if has(&["no mock", "mock found", "not recorded"]) {
        CauseClass::UnrecordedRequest
    // The generated test's own name says *expected*.
    } else if has(&["assertionerror", "to deeply equal", "to equal", "differs"]) {
        CauseClass::UnstableOutput
    // It threw by itself.
    } else if has(&["at object.exec ", "at exec "]) {
        CauseClass::OwnCode
    } else {
        CauseClass::Unknown
    }
}

fn is_output_invalid(said: &str) -> bool {
    [
        "invalid_action_output",
        "invalid_sync_record",
        "invalid action output",
        "invalid sync record",
    ]
    .iter()
    .any(|words| said.contains(words))
}

fn dry_run(dossier: &Dossier, said: &str) -> CauseClass {
    if is_output_invalid(said) {
        return CauseClass::InvalidOutput;
    }
    if said.contains("invalid_action_input") {
        let given = dossier.seal.room.arguments.input.is_some();
        return if given {
            CauseClass::InvalidInput
        } else {
            CauseClass::MissingInput
        };
    }
    if refused_again(dossier).is_some() {
        return CauseClass::MovedWorld;
    }
    let last = dossier.tape.of(Phase::CleanRoom).last();
    let of_the_function = ["script_internal_error", "action_script_runtime_error"];
    match last.and_then(exchange) {
        Some(class) => class,
        // It was answered, or asked nobody, and threw by itself.
        None if of_the_function.iter().any(|words| said.contains(words)) => CauseClass::OwnCode,
        None => CauseClass::Unknown,
    }
}

/// Why something could not be checked.
pub(super) fn unchecked(dossier: &Dossier) -> CauseClass {
    let failed = dossier.seal.room.validate.said.as_str();
    match dry_run(dossier, failed) {
        found @ (CauseClass::MissingInput | CauseClass::MovedWorld | CauseClass::HeldBack) => found,
        _ => CauseClass::Unknown,
    }
}
