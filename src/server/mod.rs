//! The process that stays: who hears ([`http`]), who works ([`worker`]), what a delivery ([`webhook`]) and the commands of
//! a comment ([`comment`]) lead to, who tells ([`reporter`]).

pub mod comment;
pub mod housekeeping;
pub mod http;
pub mod lookup;
pub mod purge;
pub mod remarks;
pub mod reporter;
pub mod shown;
pub mod webhook;
pub mod worker;
