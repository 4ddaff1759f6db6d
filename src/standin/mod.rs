//! Stand-ins on loopback for what only the internet holds: GitHub, the model, Nango's API. For the demo and the tests.

pub mod github;
pub mod model;
pub mod nango;
pub mod town;
