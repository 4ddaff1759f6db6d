//! Slash commands, one file each: what people tell Countersign in a comment. [`answer()`] turns the lines of one comment
//! into one [`CommentAnswer`]; carrying it out is the caller's.
//!
//! A comment gets one reaction: eyes when it is accepted, a confused face when something in it is not understood, and
//! then a comment that says what. Whoever may not command ([`crate::rules::authorize`]) gets neither, and no word: a
//! stranger should not be able to make us write, and a refusal in public helps nobody. Words of other bots are passed
//! over without a trace, so the caller asks for [`answer()`] first and for permission only when there is one.
//!
//! A new command is one file and one line in [`COMMANDS`]. The doc comment at the top of its file is its help.

mod answer;
mod cancel;
mod command;
mod explain;
mod help;
mod names;
mod overrule;
mod retry;
mod skip;
mod status;

pub use crate::rules::comment::{CommandLine, lines as parse};
pub use answer::{CommentAnswer, Wanted, answer};
pub use command::{Reply, Seen, Shown, SlashCommand};

/// All commands, in the order in which help tells them.
pub const COMMANDS: &[SlashCommand] = &[
    retry::COMMAND,
    cancel::COMMAND,
    skip::COMMAND,
    overrule::COMMAND,
    status::COMMAND,
    explain::COMMAND,
    help::COMMAND,
];
