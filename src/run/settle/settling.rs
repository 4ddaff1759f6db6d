//! What every step of settling looks at.

use crate::domain::pull::Request;
use crate::domain::view::View;
use crate::edge::github::GitHub;
use crate::run::cancel::Cancellation;
use crate::run::fetch::Checkout;
use crate::run::log::Planned;
use crate::run::machine::Machine;

/// Everything that settling needs to know.
pub(super) struct Settling<'a> {
    /// Tools, walls, dossiers.
    pub machine: &'a Machine,
    /// GitHub, for runs of pull requests.
    pub github: Option<&'a GitHub>,
    /// The repository.
    pub checkout: &'a Checkout,
    /// Who asked for what.
    pub request: &'a Request,
    /// What was to be done.
    pub planned: &'a Planned,
    /// What became of it.
    pub view: &'a View,
    /// How the run is cancelled.
    pub cancellation: &'a Cancellation,
}
