//! `countersign judge`: a sealed dossier judged again, by the rules of today.

use std::process::ExitCode;

use crate::cli::args::JudgeArgs;
use crate::cli::exit_code;
use crate::domain::verdict::Verdict;
use crate::rules::judge::judge as decide;

use super::error::CommandError;
use super::sealed;

/// Prints the judgement as JSON.
pub fn judge(args: &JudgeArgs) -> Result<ExitCode, CommandError> {
    let dossier = sealed::dossier(&args.dossier, &args.state)?;
    let judgement = decide(&dossier);
    let json = serde_json::to_string_pretty(&judgement).map_err(CommandError::fault)?;
    say!("{json}");
    Ok(ExitCode::from(match judgement.verdict {
        Verdict::Countersigned => exit_code::COUNTERSIGNED,
        Verdict::NeedsALook | Verdict::Blocked | Verdict::Refused => exit_code::NOT_COUNTERSIGNED,
    }))
}
