//! Why a command could not do its work, and with which code it ends then.

use crate::app::OpenError;
use crate::config::ConfigError;

use super::exit_code;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The caller can mend it.
    #[error("{0}")]
    Usage(String),
    /// The caller can mend it, in the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Something failed that is not the caller's fault.
    #[error("{0}")]
    Fault(String),
}

impl CommandError {
    /// A fault, with its causes.
    pub fn fault(error: impl std::error::Error) -> Self {
        Self::Fault(with_causes(&error))
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            CommandError::Usage(_) | CommandError::Config(_) => exit_code::USAGE,
            CommandError::Fault(_) => exit_code::FAULT,
        }
    }
}

impl From<OpenError> for CommandError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Config(error) => Self::Config(error),
            OpenError::Mendable(words) => Self::Usage(words),
            OpenError::Failed(error) => Self::Fault(with_causes(error.as_ref())),
        }
    }
}

/// An error with what caused it, a line each.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(&format!("\n  because {cause_text}"));
        }
        source = cause.source();
    }
    text
}
