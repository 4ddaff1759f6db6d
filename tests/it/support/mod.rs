//! What stories share.

pub mod openapi;
