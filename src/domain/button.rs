//! The buttons of a check run.

use serde::{Deserialize, Serialize};

/// What people may press. GitHub takes at most three for a check run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Button {
    /// Builds again what was not countersigned; the same as GitHub's own *Re-run*.
    Retry,
    /// The same, from empty functions.
    RetryClean,
    /// Stops the run.
    Cancel,
}

impl Button {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Retry, Self::RetryClean, Self::Cancel];

    /// What stands on it; at most 20 characters.
    pub fn label(self) -> &'static str {
        match self {
            Self::Retry => "Retry",
            Self::RetryClean => "Retry clean",
            Self::Cancel => "Cancel",
        }
    }

    /// What it does; at most 40 characters.
    pub fn description(self) -> &'static str {
        match self {
            Self::Retry => "Build what was not countersigned again",
            Self::RetryClean => "The same, from empty functions",
            Self::Cancel => "Stop what is under way",
        }
    }

    /// What GitHub tells us when it was pressed; at most 20 characters.
    pub fn identifier(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::RetryClean => "retry-clean",
            Self::Cancel => "cancel",
        }
    }

    /// The button of that identifier.
    pub fn of(identifier: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|button| button.identifier() == identifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_again_and_keeps_to_githubs_lengths() {
        for button in Button::ALL {
            assert_eq!(Button::of(button.identifier()), Some(button));
            let lengths = [
                (button.label(), 20),
                (button.description(), 40),
                (button.identifier(), 20),
            ];
            for (text, most) in lengths {
                assert!(text.len() <= most, "{text}");
            }
        }
        assert_eq!(Button::of("merge"), None);
    }
}
