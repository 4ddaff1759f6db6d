//! One test binary for everything that needs real parts; pure functions are tested next to themselves.

mod git;
mod github;
mod judge;
mod layers;
mod nango;
mod opencode;
mod sandbox;
mod specs;
mod standin_github;
mod store;
mod story;
mod story_kill;
mod story_moved;
mod support;
mod witness;
