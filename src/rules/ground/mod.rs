//! The project as it stands, as agents are shown it: what of it they see ([`shown`]), what a function may import
//! ([`usable`]), what a source imports ([`imports`]), and where an agent may write modules of its own ([`helpers`]).

pub mod helpers;
pub mod imports;
pub mod neighbours;
pub mod shown;
pub mod usable;
