//! `countersign judge`: a sealed dossier judged again, by the rules of today.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::JudgeArgs;
use crate::domain::name::Digest;
use crate::domain::verdict::Verdict;
use crate::edge::blobs::Dossiers;
use crate::exit;
use crate::rules::judge::judge as decide;

use super::CommandError;

/// Prints the judgement as JSON.
pub fn judge(args: &JudgeArgs) -> Result<ExitCode, CommandError> {
    let path = Path::new(&args.dossier);
    let opened = match args.dossier.parse::<Digest>() {
        Ok(id) if !path.exists() => {
            let state = args.state.dir()?;
            Dossiers::open(&state).and_then(|dossiers| dossiers.get(&id))
        }
        _ => Dossiers::open_path(path),
    };
    let dossier = opened.map_err(|e| CommandError::Usage(e.to_string()))?;
    let judgement = decide(&dossier);
    let json = serde_json::to_string_pretty(&judgement).map_err(CommandError::fault)?;
    println!("{json}");
    Ok(ExitCode::from(match judgement.verdict {
        Verdict::Countersigned => exit::COUNTERSIGNED,
        Verdict::NeedsALook | Verdict::Blocked | Verdict::Refused => exit::NOT_COUNTERSIGNED,
    }))
}
