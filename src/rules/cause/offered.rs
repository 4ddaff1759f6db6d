//! What the agent's own recording has for a request.

use percent_encoding::percent_decode_str;

use crate::domain::dossier::Dossier;
use crate::domain::tape::Exchange;
use crate::rules::judge::reading::recording::{RecordedCall, Recording};

/// The success that the agent's recording has where this was refused.
pub(super) fn stands_for(dossier: &Dossier, refused: &Exchange) -> Option<RecordedCall> {
    let digest = dossier.seal.offered_recording.as_ref()?;
    let recording = Recording::parse(dossier.text(digest)?).ok()?;
    let mut calls = recording.calls.into_iter();
    calls.find(|call| {
        call.status
            .is_none_or(|status| (200..300).contains(&status))
            && is_for(call, refused)
    })
}

/// Whether an entry is for this method and address.
pub(super) fn is_for(call: &RecordedCall, exchange: &Exchange) -> bool {
    call.method.eq_ignore_ascii_case(&exchange.method)
        && percent_decode_str(&call.wire_path()).eq(percent_decode_str(&exchange.path))
}
