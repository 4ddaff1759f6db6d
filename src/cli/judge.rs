//! `countersign judge`: a sealed dossier judged again, by the rules of today.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::args::JudgeArgs;
use crate::cli::exit_code;
use crate::domain::name::Digest;
use crate::domain::verdict::Verdict;
use crate::edge::blobs::Dossiers;
use crate::rules::judge::judge as decide;

use super::error::CommandError;

/// Prints the judgement as JSON.
pub fn judge(args: &JudgeArgs) -> Result<ExitCode, CommandError> {
    let path = Path::new(&args.dossier);
    let usage = |e: &dyn std::error::Error| CommandError::Usage(e.to_string());
    let dossier = match args.dossier.parse::<Digest>() {
        Ok(id) if !path.exists() => {
            let dossiers = Dossiers::open(&args.state.dir()?).map_err(|e| usage(&e))?;
            dossiers.get(&id).map_err(|e| usage(&e))?
        }
        _ => Dossiers::open_path(path).map_err(|e| usage(&e))?,
    };
    let judgement = decide(&dossier);
    let json = serde_json::to_string_pretty(&judgement).map_err(CommandError::fault)?;
    say!("{json}");
    Ok(ExitCode::from(match judgement.verdict {
        Verdict::Countersigned => exit_code::COUNTERSIGNED,
        Verdict::NeedsALook | Verdict::Blocked | Verdict::Refused => exit_code::NOT_COUNTERSIGNED,
    }))
}
