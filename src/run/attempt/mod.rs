//! One attempt of an agent: [`prepare`] its workspace, let it [`work`] within its [`budget`], [`gather`] the evidence.

pub mod budget;
pub mod gather;
pub mod prepare;
pub mod work;
