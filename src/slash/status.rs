//! Tells how far the newest run is, interaction by interaction.

use crate::domain::permission::Permission;
use crate::rules::comment::CommandLine;

use super::command::{Reply, Seen, Shown, SlashCommand};

pub(super) const COMMAND: SlashCommand = SlashCommand {
    name: "status",
    usage: "/status",
    needs: Permission::Read,
    source: include_str!("status.rs"),
    reply,
};

/// Whatever words follow.
fn reply(_: &CommandLine, _: &Seen<'_>) -> Reply {
    Reply::Show(Shown::Status)
}
