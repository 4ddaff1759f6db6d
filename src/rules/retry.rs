//! After a failed attempt: try again, or give up?

use crate::domain::limits;

/// Why an attempt ended without a dossier. None of these is the author's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Something of ours or of the machine: a full disk, a dead process, a wall that fell.
    Ours,
    /// The agent's server died or fell silent.
    AgentServer,
    /// The model's provider failed in a way that may pass: overloaded, unreachable, cut off.
    ProviderBusy,
    /// The model's provider refuses for good: a wrong key, no credit, an unknown model.
    ProviderRefuses,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// One more attempt.
    Try,
    /// No more; the build ends without a verdict.
    GiveUp,
}

/// Whether there is an attempt after attempt number `attempt` (the first is 1) ended by `fault`.
/// At most [`limits::ATTEMPTS`] in all.
pub fn again(attempt: u32, fault: Fault) -> Again {
    let may_pass = match fault {
        Fault::Ours | Fault::AgentServer | Fault::ProviderBusy => true,
        Fault::ProviderRefuses => false,
    };
    if may_pass && attempt < limits::ATTEMPTS {
        Again::Try
    } else {
        Again::GiveUp
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_but_not_for_ever() {
        for fault in [Fault::Ours, Fault::AgentServer, Fault::ProviderBusy] {
            assert_eq!(again(1, fault), Again::Try);
            assert_eq!(again(limits::ATTEMPTS - 1, fault), Again::Try);
            assert_eq!(again(limits::ATTEMPTS, fault), Again::GiveUp);
            assert_eq!(again(u32::MAX, fault), Again::GiveUp);
        }
    }

    #[test]
    fn what_is_refused_for_good_is_not_asked_for_twice() {
        assert_eq!(again(1, Fault::ProviderRefuses), Again::GiveUp);
    }
}
