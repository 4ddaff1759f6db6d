//! demo
use super::CommandError;
use crate::cli::DemoArgs;
use std::process::ExitCode;
/// x
pub async fn demo(_: DemoArgs) -> Result<ExitCode, CommandError> {
    Err(CommandError::Usage("not yet".into()))
}
