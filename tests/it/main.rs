//! One test binary for everything that needs real parts; pure functions are tested next to themselves.

mod cli;
mod git;
mod github;
mod housekeeping;
mod judge;
mod layers;
mod liars;
mod nango;
mod old_state;
mod opencode;
mod page;
mod sandbox;
mod specs;
mod standin_github;
mod store;
mod story;
mod story_commands;
mod story_draft;
mod story_fork;
mod story_kill;
mod story_many;
mod story_moved;
mod story_specs;
mod story_twice;
mod support;
mod witness;
