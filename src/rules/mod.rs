//! Decisions: pure functions of nouns. No async, no files, no network, no clock.

pub mod again;
pub mod assemble;
pub mod brief;
pub mod intake;
pub mod judge;
pub mod permit;
pub mod plan;
pub mod specs;
