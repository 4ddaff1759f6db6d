//! Stand-ins on loopback for what only the internet holds: GitHub, the model, Nango's API. For the demo and the tests
//! of Countersign, which they know nothing of but its command line and its environment.

pub mod github;
mod limits;
pub mod model;
pub mod names;
pub mod nango;
pub mod reserved_port;
pub mod testbed;
pub mod worker_process;
