//! One attempt of an agent: [`prepare`] its workspace, let it [`work`] within its [`budget`], [`gather`] the evidence; in [`rounds`].

pub mod budget;
mod clean_room;
pub mod gather;
mod neighbours;
#[cfg(test)]
mod on_a_busy_machine;
pub mod prepare;
pub mod rounds;
pub mod work;
