//! After a failed attempt: try again, or give up?

use crate::domain::attempt_fault::AttemptFault;
use crate::domain::limits;

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextAttempt {
    /// One more attempt.
    Try,
    /// No more; the build ends without a verdict.
    GiveUp,
}

/// Whether there is an attempt after attempt number `attempt` (the first is 1) ended by `fault`.
/// At most [`limits::ATTEMPTS`] in all.
pub fn again(attempt: u32, fault: AttemptFault) -> NextAttempt {
    let may_pass = match fault {
        AttemptFault::Ours | AttemptFault::AgentServer | AttemptFault::ProviderBusy => true,
        AttemptFault::ProviderRefuses | AttemptFault::RunBudgetSpent => false,
    };
    if may_pass && attempt < limits::ATTEMPTS {
        NextAttempt::Try
    } else {
        NextAttempt::GiveUp
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_but_not_for_ever() {
        for fault in [
            AttemptFault::Ours,
            AttemptFault::AgentServer,
            AttemptFault::ProviderBusy,
        ] {
            assert_eq!(again(1, fault), NextAttempt::Try);
            assert_eq!(again(limits::ATTEMPTS - 1, fault), NextAttempt::Try);
            assert_eq!(again(limits::ATTEMPTS, fault), NextAttempt::GiveUp);
            assert_eq!(again(u32::MAX, fault), NextAttempt::GiveUp);
        }
    }

    #[test]
    fn what_is_refused_for_good_is_not_asked_for_twice() {
        assert_eq!(again(1, AttemptFault::ProviderRefuses), NextAttempt::GiveUp);
    }
}
