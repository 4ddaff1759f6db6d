//! One test binary for everything that needs real parts; pure functions are tested next to themselves.

mod git;
mod github;
mod housekeeping;
mod judge;
mod layers;
mod nango;
mod opencode;
mod sandbox;
mod specs;
mod standin_github;
mod store;
mod story;
mod support;
mod witness;
