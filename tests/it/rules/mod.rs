//! Rules on whole documents: recorded dossiers, spec files and their schemas.

mod judge;
mod specs;
