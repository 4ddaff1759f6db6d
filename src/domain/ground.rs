//! What an agent finds in its workspace besides what every workspace has.

use serde::{Deserialize, Serialize};

use super::beginning::{Beginning, SpecChange};

/// The ground that an attempt begins on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ground {
    /// What its function is at first.
    pub beginning: Beginning,
    /// How the spec changed since that was built.
    pub change: SpecChange,
}
