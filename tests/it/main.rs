//! One test binary for everything that needs real parts; pure functions are tested next to themselves.

mod cli;
mod docs;
mod edges;
mod layers;
mod rules;
mod stories;
mod support;
