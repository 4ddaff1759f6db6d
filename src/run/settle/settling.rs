//! What every step of settling looks at.

use std::collections::BTreeMap;

use crate::domain::name::Digest;
use crate::domain::pull::Request;
use crate::domain::view::View;
use crate::edge::github::GitHub;
use crate::run::cancel::Cancellation;
use crate::run::fetch::Checkout;
use crate::run::log::{Planned, RunLog};
use crate::run::machine::Machine;

/// Everything that settling needs to know.
pub(super) struct Settling<'a> {
    /// What is written down on the way.
    pub log: &'a RunLog,
    /// What is known of this head without the run's functions; see [`View::bases`].
    pub bases: BTreeMap<Digest, Digest>,
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
