//! Rules on whole documents: recorded dossiers, spec files and their schemas.

mod catalogue;
mod dossiers;
mod judge;
mod specs;
