//! Decisions: pure functions of nouns. No async, no files, no network, no clock.

pub mod adopt;
pub mod assemble;
pub mod authorize;
pub mod brief;
pub mod cause;
pub mod comment;
pub mod dry_run;
pub mod ground;
pub mod guidance;
pub mod intake;
pub mod judge;
pub mod mend;
pub mod order;
pub mod outdated;
pub mod own_words;
pub mod packages;
pub mod plan;
pub mod probes;
pub mod rebuild;
pub mod remarks;
pub mod replay;
pub mod retry;
pub mod specs;
pub mod telling;
pub mod undo;
pub mod whole;
