//! The database, SQLite or PostgreSQL: one [`Store`] with an inbox, a log of runs, and what was signed and posted. Every step
//! that belongs together is one transaction, so that a kill leaves a whole step or none.

mod call_off;
mod cancel;
mod error;
mod evidence;
mod history;
mod hold;
mod inbox;
mod left;
mod lock;
mod log;
mod looks;
mod open;
mod posted;
mod runs;
mod signed;

pub use call_off::CallOff;
pub use cancel::Wanted;
pub use error::StoreError;
pub use hold::Hold;
pub use inbox::{DeliveryState, Receipt, TakenDelivery};
pub use left::{Taken, Untold};
pub use lock::{Company, DatabaseLock};
pub use log::{AppendError, asked_to_stop};
pub use looks::Look;
pub use open::Store;
pub use posted::Posted;
pub use runs::{Begun, RunRow};
