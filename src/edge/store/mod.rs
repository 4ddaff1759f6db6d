//! The database, SQLite or PostgreSQL: one [`Store`] with an inbox, a queue, a log of runs, and what was signed and
//! posted. Every step that belongs together is one transaction, so that a kill leaves a whole step or none.

mod cancel;
mod dead;
mod error;
mod evidence;
mod history;
mod inbox;
mod lease;
mod log;
mod open;
mod posted;
mod queue;
mod runs;
mod signed;

pub use dead::DeadJob;
pub use error::StoreError;
pub use inbox::{DeliveryState, Receipt};
pub use lease::{Beat, Failed, Hold, Lease};
pub use log::AppendError;
pub use open::Store;
pub use posted::Posted;
pub use queue::{Enqueued, Job, JobError, NewJob, Wake, job};
pub use runs::{Begun, RunRow};
