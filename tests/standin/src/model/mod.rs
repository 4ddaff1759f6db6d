//! A scripted model behind an OpenAI-compatible API. Look at [`ModelStandIn`] first; what it plays is a [`Scenario`].

mod counting;
mod reply;
mod request;
mod scenario;
pub mod script;
mod server;

pub use scenario::{Fault, Scenario, Script, Step, Tokens};
pub use server::{ModelStandIn, Seen};
