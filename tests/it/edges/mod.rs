//! One edge at a time, against its real counterpart or one that answers as it is documented to; and the stand-in for
//! GitHub, held against the same documentation.

mod compile_key;
mod engine;
mod git;
mod github;
mod ground;
mod nango;
mod neighbour;
mod opencode;
mod packages;
mod probes;
mod proof;
mod quick;
mod sandbox;
mod standin_github;
mod store;
mod survey;
mod webhooks;
mod witness;
