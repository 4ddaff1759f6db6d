//! What the agent's own recording has for a request.

use percent_encoding::percent_decode_str;

use crate::domain::dossier::Dossier;
use crate::domain::tape::Exchange;
use crate::rules::judge::reading::recording::{RecordedCall, Recording};

/// The agent's recording, when there is one that can be read.
pub(super) fn recording(dossier: &Dossier) -> Option<Recording> {
    let digest = dossier.seal.offered_recording.as_ref()?;
    Recording::parse(dossier.text(digest)?).ok()
}

/// The success that it has where this was refused.
pub(super) fn stands_for<'a>(
    offered: Option<&'a Recording>,
    refused: &Exchange,
) -> Option<&'a RecordedCall> {
    let mut calls = offered?.calls.iter();
    calls.find(|call| {
        call.status
            .is_none_or(|status| (200..300).contains(&status))
            && is_for(call, refused)
    })
}

/// Whether an entry is for this method and address.
fn is_for(call: &RecordedCall, exchange: &Exchange) -> bool {
    call.method.eq_ignore_ascii_case(&exchange.method)
        && percent_decode_str(&call.wire_path()).eq(percent_decode_str(&exchange.path))
}
