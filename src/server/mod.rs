//! The process that stays: who hears ([`http`]), who works ([`worker`]), what a delivery ([`webhook`]) and the commands of
//! a comment ([`comment`]) lead to, who tells ([`telling`], [`reporter`]).

pub mod body_room;
pub mod build;
pub mod comment;
pub mod decide;
pub mod delivery;
pub mod hands;
pub mod housekeeping;
pub mod http;
pub mod lookup;
pub mod missed;
pub mod place;
pub mod purge;
pub mod remarks;
pub mod reporter;
pub mod shown;
pub mod telling;
pub mod watch;
pub mod webhook;
pub mod worker;

/// What is waited before a database that did not answer is asked again.
const DATABASE_PAUSE: std::time::Duration = std::time::Duration::from_secs(2);
