//! A dossier as a person names it.

use std::path::Path;

use crate::config::StateArgs;
use crate::domain::dossier::Dossier;
use crate::domain::name::Digest;
use crate::edge::blobs::Dossiers;
use crate::preflight;

use super::error::CommandError;

/// Opens the dossier that `name` is: its JSON file, or its digest where evidence is kept.
///
/// # Errors
/// When there is none, or it is not what was sealed.
pub fn dossier(name: &str, state: &StateArgs) -> Result<Dossier, CommandError> {
    let path = Path::new(name);
    let usage = |e: &dyn std::error::Error| CommandError::Usage(e.to_string());
    match name.parse::<Digest>() {
        Ok(id) if !path.exists() => {
            let archive = preflight::archive(state)?;
            let dossiers = Dossiers::open_in(&archive).map_err(|e| usage(&e))?;
            dossiers.get(&id).map_err(|e| usage(&e))
        }
        _ => Dossiers::open_path(path).map_err(|e| usage(&e)),
    }
}
