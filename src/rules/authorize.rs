//! Who may tell Countersign what to do: whoever may push to the repository. Money is spent and commits are made at
//! their word, so nobody gets more than they could do by hand.

use crate::domain::permission::Permission;
use crate::domain::webhook_event::{Actor, ActorKind};

/// Whether somebody may give commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// They may.
    May,
    /// They may not, and get no answer: a stranger should not be able to make us write.
    MayNot,
}

/// Decides by the role that GitHub names at the moment of the command, and what the command needs. A comment's `author_association` is not asked:
/// it calls members of an organisation strangers when their membership is private.
pub fn permit(has: Permission, needs: Permission) -> Permit {
    // Nothing is for those of whom GitHub knows nothing.
    match has >= needs.max(Permission::Read) {
        true => Permit::May,
        false => Permit::MayNot,
    }
}

/// Which bot it is, in words; nothing for a person. The login alone is enough to know a bot by: no person's login can
/// hold brackets.
pub fn bot(actor: &Actor, our_login: &str) -> Option<String> {
    let is_bot = actor.kind == ActorKind::Bot || actor.login.ends_with("[bot]");
    if is_ours(actor, our_login) {
        Some("our own bot".into())
    } else {
        is_bot.then(|| format!("another bot ({})", actor.login))
    }
}

/// Whether it is our own bot.
pub fn is_ours(actor: &Actor, our_login: &str) -> bool {
    actor.login.eq_ignore_ascii_case(our_login)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_may_push_may_command() {
        use Permission::{Admin, Maintain, None, Read, Triage, Write};
        for may in [Write, Maintain, Admin] {
            assert_eq!(permit(may, Write), Permit::May, "{may:?}");
        }
        for may_not in [None, Read, Triage] {
            assert_eq!(permit(may_not, Write), Permit::MayNot, "{may_not:?}");
        }
        assert_eq!(permit(Read, Read), Permit::May);
        for needs in [None, Read] {
            assert_eq!(permit(None, needs), Permit::MayNot);
        }
    }
}
