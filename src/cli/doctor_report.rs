//! What `doctor` prints: a line for everything that is needed, and whether anything is missing or wrong.

use std::process::ExitCode;

use crate::cli::exit_code;
use crate::config::ConfigError;

/// What was printed so far.
#[derive(Default)]
pub(super) struct DoctorReport {
    missing: usize,
    wrong: usize,
}

impl DoctorReport {
    pub(super) fn good(&self, what: &str, found: &str) {
        say!("  ok       {what}: {found}");
    }
    pub(super) fn note(&self, what: &str, words: &str) {
        say!("  -        {what}: {words}");
    }
    pub(super) fn missing(&mut self, what: &str, way_out: &str) {
        self.missing += 1;
        say!("  MISSING  {what}: {way_out}");
    }
    pub(super) fn wrong(&mut self, variable: &str, error: &ConfigError) {
        self.wrong += 1;
        match error {
            ConfigError::Wrong { why, .. } => say!("  WRONG    {variable}: {why}"),
            other => say!("  WRONG    {variable}: {other}"),
        }
    }
    /// A setting that may be shown; nothing is said of one that nobody set.
    pub(super) fn set(
        &mut self,
        variable: &str,
        value: Option<&String>,
        checked: Result<(), ConfigError>,
    ) {
        match (checked, value) {
            (Err(error), _) => self.wrong(variable, &error),
            (Ok(()), Some(value)) => self.good(variable, value),
            (Ok(()), None) => {}
        }
    }
    /// A secret, of which nothing is shown.
    pub(super) fn secret(
        &mut self,
        variable: &str,
        checked: Result<(), ConfigError>,
        needed: &str,
    ) {
        match checked {
            Ok(()) => self.good(variable, "set"),
            Err(ConfigError::Missing { .. }) => {
                self.note(variable, &format!("not set; {needed}"));
            }
            Err(ConfigError::Unreadable { path, source, .. }) => self.missing(
                &format!("{variable}_FILE"),
                &format!("{} cannot be read: {source}", path.display()),
            ),
            Err(error) => self.wrong(variable, &error),
        }
    }
    pub(super) fn end(self) -> ExitCode {
        let end = match (self.missing, self.wrong) {
            (0, 0) => {
                say!("Everything that every command needs is there.");
                return ExitCode::from(exit_code::COUNTERSIGNED);
            }
            (missing, 0) => format!("{missing} missing."),
            (0, wrong) => format!("{wrong} wrong."),
            (missing, wrong) => format!("{missing} missing, {wrong} wrong."),
        };
        say!("{end}");
        ExitCode::from(exit_code::USAGE)
    }
}
