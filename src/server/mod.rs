//! The process that stays: who hears ([`http`]), what a delivery leads to ([`webhook`]), who works ([`worker`]), who tells
//! ([`reporter`]).

pub mod http;
pub mod reporter;
pub mod webhook;
pub mod worker;
