//! What there is to say of neighbours, in words.

use crate::domain::limits;
use crate::domain::neighbour::{FailedPart, HeadRecording, NotTried};
use crate::rules::judge::reading::quote;
use crate::text::number::count;

/// What fails, for a person.
pub(super) fn name(part: &FailedPart<'_>) -> String {
    match part {
        FailedPart::Compile => "does not compile".to_owned(),
        FailedPart::Tests => "does not pass its test".to_owned(),
        FailedPart::Probes(failed) => format!("fails {}", count(failed.len(), "probe")),
    }
}

/// Why one was not tried.
pub(super) fn not_tried(why: &NotTried) -> String {
    match why {
        NotTried::TooMany => format!("not tried: there are more than {}", limits::NEIGHBOURS),
        NotTried::NoTime => format!(
            "not tried: {} seconds were over",
            limits::NEIGHBOURS_SECONDS
        ),
        NotTried::OtherKind => {
            "not tried: by its place and name it is none of the kinds of functions that specs ask for".to_owned()
        }
        NotTried::Incomplete { import } => {
            format!(
                "not tried: it imports {}, which is not read",
                quote::line(import)
            )
        }
    }
}

/// Why one was not probed.
pub(super) fn no_recording(recording: HeadRecording) -> &'static str {
    match recording {
        HeadRecording::Unreadable => "its recording cannot be read",
        HeadRecording::Missing | HeadRecording::There => "it has no recording",
    }
}

/// Some of them by name.
pub(super) fn listed(paths: &[String]) -> String {
    let shown = paths.iter().take(limits::PATHS_NAMED);
    let shown = shown.cloned().collect::<Vec<_>>().join(", ");
    match paths.len().saturating_sub(limits::PATHS_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
