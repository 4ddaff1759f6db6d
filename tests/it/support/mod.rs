//! What stories share.

pub mod walls;
