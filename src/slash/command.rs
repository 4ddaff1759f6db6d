//! What a command is, what it may look at, and what it comes to.

use crate::domain::beginning::Start;
use crate::domain::decision::{Overrule, Skip};
use crate::domain::guidance::Hint;
use crate::domain::limits;
use crate::domain::name::InteractionKey;
use crate::domain::permission::Permission;
use crate::domain::view::View;
use crate::rules::comment::CommandLine;
use crate::text::clip::shorten;
use crate::text::markdown;

/// One command.
#[derive(Debug)]
pub struct SlashCommand {
    /// The word after the slash.
    pub name: &'static str,
    /// How it is written: `/retry [interaction…]`.
    pub usage: &'static str,
    /// What whoever gives it has to be allowed in the repository.
    pub needs: Permission,
    /// The source of its file, whose doc comment is its help.
    pub(super) source: &'static str,
    /// What it comes to.
    pub(super) reply: fn(&CommandLine, &Seen<'_>) -> Reply,
}

/// What a command may look at.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The newest run of the pull request that has a plan.
    pub view: Option<&'a View>,
    /// The interactions of that run.
    pub interactions: &'a [InteractionKey],
    /// The interaction at whose line the command stands.
    pub about: Option<&'a InteractionKey>,
    /// All commands.
    pub commands: &'a [SlashCommand],
}

/// What one command comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A run is wanted.
    Run {
        /// Of these; of all when empty.
        only: Vec<InteractionKey>,
        /// What they begin from.
        start: Start,
        /// What their agents are to know.
        hint: Option<Hint>,
        /// What each of them may use up, in millionths of a dollar; as usual when absent.
        micro_usd: Option<u64>,
    },
    /// What is under way is to stop.
    Stop,
    /// Interactions are to be taken out of what is under way.
    CallOff {
        /// Which; not empty.
        keys: Vec<InteractionKey>,
    },
    /// Interactions are to be left alone.
    Skip(Skip),
    /// Findings are not to count.
    Overrule(Vec<Overrule>),
    /// Something that the log holds is to be shown.
    Show(Shown),
    /// Something is to be said.
    Say {
        /// Markdown, safe to post.
        markdown: String,
    },
    /// It was not understood.
    Misuse {
        /// Why, and how it is done. Markdown, safe to post.
        markdown: String,
    },
}

/// What people ask to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// How far the newest run is.
    Status,
    /// All that is known of these interactions.
    Interactions {
        /// Which; not empty.
        keys: Vec<InteractionKey>,
    },
    /// What a finding means, and where it was found.
    Finding {
        /// Its name.
        name: &'static str,
    },
}

impl SlashCommand {
    /// What it does: Markdown, from the doc comment of its file.
    pub fn help(&self) -> String {
        let doc = self.source.lines().map_while(|line| {
            let text = line.strip_prefix("//!")?;
            Some(text.strip_prefix(' ').unwrap_or(text))
        });
        doc.collect::<Vec<_>>().join("\n")
    }
}

/// An untrusted word within a line of Markdown, cut.
pub(super) fn code(word: &str) -> String {
    markdown::code(&shorten(word, limits::NAME_CHARS))
}
