//! Who may tell Countersign what to do: whoever may push to the repository. Money is spent and commits are made at
//! their word, so nobody gets more than they could do by hand.

use crate::domain::permission::Permission;

/// Whether somebody may give commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// They may.
    May,
    /// They may not, and get no answer: a stranger should not be able to make us write.
    MayNot,
}

/// Decides by the role that GitHub names at the moment of the command. A comment's `author_association` is not asked:
/// it calls members of an organisation strangers when their membership is private.
pub fn permit(permission: Permission) -> Permit {
    match permission {
        Permission::Write | Permission::Maintain | Permission::Admin => Permit::May,
        Permission::None | Permission::Read | Permission::Triage => Permit::MayNot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_may_push_may_command() {
        use Permission::{Admin, Maintain, None, Read, Triage, Write};
        for may in [Write, Maintain, Admin] {
            assert_eq!(permit(may), Permit::May, "{may:?}");
        }
        for may_not in [None, Read, Triage] {
            assert_eq!(permit(may_not), Permit::MayNot, "{may_not:?}");
        }
    }
}
