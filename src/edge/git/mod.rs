//! git: bare mirrors, trees as data, commits in memory, pushes with a lease. The type to look at is [`Mirror`].
//!
//! Everything here blocks; async callers use `spawn_blocking`. No program is started, no work tree or index is touched,
//! and no git configuration outside of the repository itself is read.

mod call;
mod commit;
mod diff;
mod error;
mod export;
mod mirror;
mod names;
mod objects;
mod path;
mod remote;
mod setup;
mod transport;

pub use commit::{Author, NewCommit};
pub use diff::{ChangeStatus, Changed};
pub use error::GitError;
pub use export::Exported;
pub use mirror::Mirror;
pub use objects::{FileMode, Listed};
pub use remote::{PushOutcome, Refspec};
