//! What rules read with: commands, paths, recordings, quotations.

pub mod answers;
pub mod check_runs;
pub mod compare;
pub mod cursors;
pub mod inline_script;
pub mod moved_world;
pub mod nango_cli;
pub mod orders;
pub mod paths;
pub mod places;
pub mod printed_success;
pub mod quote;
pub mod recording;
pub mod secrets;
pub mod shell;
pub mod trace;
pub mod typescript;
pub mod unified;
pub mod workspace_paths;
