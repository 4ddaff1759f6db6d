//! `countersign new`: a spec from a sentence.

use std::process::ExitCode;

use crate::cli::args::NewArgs;
use crate::domain::limits;
use crate::rules::specs::Draft;

use super::drafts::{Drafts, Written};
use super::error::CommandError;
use super::exit_code;

/// Writes the spec, and says what it lacks.
pub fn new(args: &NewArgs) -> Result<ExitCode, CommandError> {
    let sentence = args.sentence.join(" ");
    let key = &args.interaction;
    if sentence.trim().is_empty() || sentence.chars().count() > limits::DESCRIPTION_CHARS {
        return Err(CommandError::Usage(format!(
            "say what the function does, in a sentence: countersign new {key} \"Post a message into a channel.\" (at most {} characters)",
            limits::DESCRIPTION_CHARS
        )));
    }
    let drafts = Drafts::of(&args.repository)?;
    let sounds = Draft::of_sentence(&sentence);
    let draft = Draft {
        kind: args.kind.map_or(sounds.kind, Into::into),
        docs: args.docs.clone(),
        ..sounds
    };
    let there = drafts.has_shared(key);
    let draft = Draft {
        connection: args.connection.clone().filter(|_| there),
        ..draft
    };
    let draft = match args.on_event {
        None => draft,
        Some(event) => {
            let connection = args.connection.clone().or(draft.connection.clone());
            Draft {
                connection,
                ..draft
            }
            .at_event(event.into(), key)
        }
    };
    let project = drafts.project(key, args.project.as_deref())?;
    let guess = format!("{}-test", key.integration);
    let connection = args.connection.as_ref().unwrap_or(&guess);
    let written = drafts.write(key, &draft, connection, project.as_ref())?;
    if written.spec == Written::There {
        return Err(CommandError::Usage(format!(
            "{} is there already; edit it, or remove it first",
            written.path
        )));
    }
    drafts.schemas()?;
    let guessed = match (args.kind, args.on_event) {
        (Some(_), _) | (_, Some(_)) => "",
        (None, None) => ", by the sound of the sentence (`--kind` says otherwise)",
    };
    say!("{}: {}{guessed}", written.path, draft.kind.word());
    if written.shared == Written::New && args.connection.is_none() {
        say!(
            "{}: the connection `{guess}` is a guess; put the id of your test account's connection there",
            written.beside
        );
    }
    for missing in draft.missing() {
        say!("  missing: {}", missing.words());
    }
    Ok(ExitCode::from(exit_code::COUNTERSIGNED))
}
