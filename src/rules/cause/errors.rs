//! Errors on the tape that nothing resolved later.

use serde_json::Value;

use crate::domain::cause::CauseClass;
use crate::domain::dossier::Dossier;
use crate::domain::tape::{Exchange, Phase};
use crate::rules::judge::reading::places::kind_of_place;

use super::classify;

/// An error that the agent was told.
pub(super) struct WireError<'a> {
    pub exchange: &'a Exchange,
    pub class: CauseClass,
    /// What was asked, without ids.
    pub target: String,
}

impl WireError<'_> {
    /// Whether somebody outside has to do something about it.
    pub fn is_from_outside(&self) -> bool {
        matches!(
            self.class,
            CauseClass::MissingScope
                | CauseClass::ExpiredAccess
                | CauseClass::RateLimit
                | CauseClass::ApiFault
                | CauseClass::WitnessRefused
        )
    }

    /// What the API says is missing.
    pub fn wanted(&self) -> Option<String> {
        let text = self.exchange.response.text.as_deref()?;
        let answer: Value = serde_json::from_str(text).ok()?;
        let named = [
            &answer["needed"],
            &answer["error"]["needed"],
            &answer["required_scope"],
        ];
        let named = named.into_iter().find_map(Value::as_str).map(str::to_owned);
        named.or_else(|| scope_in(text))
    }
}

/// The one scope among the words of an error: an address of Google's, or `chat:write`, `crm.objects.contacts.write`. Where
/// there are several, one may be what was granted, so none is named.
fn scope_in(text: &str) -> Option<String> {
    let ends = |c: char| c.is_whitespace() || "\"'`,;()[]{}\\".contains(c);
    let words = text
        .split(ends)
        .map(|word| word.trim_end_matches(['.', ':']));
    let mut scopes: Vec<&str> = words.filter(|word| is_scope(word)).collect();
    scopes.sort_unstable();
    scopes.dedup();
    match scopes.as_slice() {
        [one] => Some((*one).to_owned()),
        _ => None,
    }
}

fn is_scope(word: &str) -> bool {
    let verbs = ["read", "write", "readonly", "manage", "history"];
    let parts: Vec<&str> = word.split([':', '.']).collect();
    let has_verb = parts.len() >= 2 && parts[1..].iter().any(|part| verbs.contains(part));
    word.starts_with("https://www.googleapis.com/auth/") || (has_verb && !word.contains('/'))
}

/// Whether our own run met the same error at the same kind of place.
pub(super) fn is_met_again(dossier: &Dossier, error: &WireError<'_>) -> bool {
    let mut ours = dossier.tape.of(Phase::CleanRoom);
    ours.any(|one| is_like(one, error))
}

/// Whether an exchange is the same error at the same kind of place.
pub(super) fn is_like(exchange: &Exchange, error: &WireError<'_>) -> bool {
    kind_of_place(exchange) == error.target && classify::exchange(exchange) == Some(error.class)
}

/// Whether our own run was refused because of a header, as the agent's was: it is the function that sends it.
pub(super) fn is_own_header(dossier: &Dossier, error: &WireError<'_>) -> bool {
    let refused = error.exchange.refused.as_deref();
    refused.is_some_and(|why| why.starts_with("the header ")) && is_met_again(dossier, error)
}

/// Those of the agent's work, each kind once, in the order in which they came first.
pub(super) fn open(dossier: &Dossier) -> Vec<WireError<'_>> {
    let mut found: Vec<WireError<'_>> = Vec::new();
    for exchange in dossier.tape.of(Phase::Agent) {
        let Some(class) = classify::exchange(exchange) else {
            continue;
        };
        let target = kind_of_place(exchange);
        let is_known = found
            .iter()
            .any(|one| one.class == class && one.target == target);
        if is_known || is_resolved(dossier, exchange, &target) {
            continue;
        }
        found.push(WireError {
            exchange,
            class,
            target,
        });
    }
    found
}

fn is_resolved(dossier: &Dossier, error: &Exchange, target: &str) -> bool {
    let later = dossier
        .tape
        .exchanges
        .iter()
        .filter(|one| one.seq > error.seq);
    let mut same = later.filter(|one| kind_of_place(one) == target);
    same.any(|one| one.is_granted() && classify::exchange(one).is_none())
}
