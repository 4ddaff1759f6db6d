//! The fence: who may write of a run.

use crate::domain::name::RunId;

/// A run in the hands of whoever took it up last. Everybody who took it up before writes nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// The run.
    pub run: RunId,
    /// Grows with each time that it is taken up.
    pub(super) fence: i64,
}
