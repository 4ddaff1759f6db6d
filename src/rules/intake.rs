//! What a webhook event asks for: [`Intake`].

use crate::domain::button::Button;
use crate::domain::comment::CommentAt;
use crate::domain::ending::CancelReason;
use crate::domain::place::PullRef;
use crate::domain::pull::Trigger;
use crate::domain::webhook_event::{Actor, Gone, PressedCheck, PullChange, WebhookEvent};
use crate::rules::authorize::{bot, is_ours};
use crate::rules::comment::{self, CommandLine};

/// What to do about an event. A hint like the event itself: whoever acts reads the pull request again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intake {
    /// Look at the pull request's head, and run if it was not looked at yet.
    Look {
        /// The pull request.
        pull: PullRef,
        /// Why.
        trigger: Trigger,
    },
    /// Look up what this person may do, then carry out what they wrote.
    Command {
        /// The pull request.
        pull: PullRef,
        /// The comment.
        comment: CommentAt,
        /// Who wrote it.
        by: Actor,
        /// What they wrote; at least one line. May be commands of other bots.
        lines: Vec<CommandLine>,
    },
    /// Look up what this person may do, then do what the button says.
    Press {
        /// The button.
        button: Button,
        /// The check.
        check: PressedCheck,
        /// Who pressed it.
        by: Actor,
    },
    /// End what runs on the pull request.
    Stop {
        /// The pull request.
        pull: PullRef,
        /// Why.
        reason: CancelReason,
    },
    /// End what runs for an installation or some of its repositories, and forget them.
    Purge {
        /// The installation.
        installation: u64,
        /// What is gone.
        gone: Gone,
    },
    /// Nothing.
    Nothing {
        /// Why not, for the log.
        why: String,
    },
}

/// What an event asks for. `our_login` is the login of our own bot account.
///
/// What our own bot does never starts anything. What another bot writes or presses does not either, or two of them would
/// keep each other busy for ever; but its pull requests are looked at like anybody's: a required check is asked of every
/// head. Closing a pull request stops its run whoever does it.
pub fn intake(event: WebhookEvent, our_login: &str) -> Intake {
    match event {
        WebhookEvent::Pull {
            change,
            pull,
            sender,
        } => match change {
            PullChange::Closed => Intake::Stop {
                pull,
                reason: CancelReason::PullRequestClosed,
            },
            PullChange::Look(_) if is_ours(&sender, our_login) => nothing("our own bot did it"),
            PullChange::Look(trigger) => Intake::Look { pull, trigger },
        },
        WebhookEvent::Comment {
            pull,
            comment,
            body,
            author,
            sender,
        } => {
            if let Some(bot) = bot(&sender, our_login).or_else(|| bot(&author, our_login)) {
                return nothing(format!("{bot} wrote it"));
            }
            if author.id != sender.id {
                return nothing("somebody else sent the comment than wrote it");
            }
            match comment::lines(&body) {
                lines if lines.is_empty() => nothing("the comment has no command"),
                lines => Intake::Command {
                    pull,
                    comment,
                    by: sender,
                    lines,
                },
            }
        }
        WebhookEvent::Pressed {
            button,
            check,
            sender,
        } => match bot(&sender, our_login) {
            Some(bot) => nothing(format!("{bot} asked for it")),
            None => Intake::Press {
                button,
                check,
                by: sender,
            },
        },
        WebhookEvent::Installation {
            what,
            gone: Gone::Nothing,
            ..
        } => nothing(format!("{what} takes nothing away")),
        WebhookEvent::Installation {
            installation, gone, ..
        } => Intake::Purge { installation, gone },
        WebhookEvent::Ping => nothing("GitHub tries the address"),
        WebhookEvent::Ignored { why } => nothing(why),
    }
}

fn nothing(why: impl Into<String>) -> Intake {
    Intake::Nothing { why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::place::RepoRef;
    use crate::domain::webhook_event::ActorKind;

    const US: &str = "countersign[bot]";

    fn actor(login: &str, kind: ActorKind) -> Actor {
        let id = login.len() as u64;
        let login = login.to_owned();
        Actor { login, id, kind }
    }

    fn person() -> Actor {
        actor("ada", ActorKind::Person)
    }

    fn bots() -> [Actor; 4] {
        [
            actor(US, ActorKind::Bot),
            actor(US, ActorKind::Person),
            actor("renovate[bot]", ActorKind::Bot),
            actor("odd", ActorKind::Bot),
        ]
    }

    fn shop() -> RepoRef {
        RepoRef {
            installation: 1,
            repo: "acme/shop".parse().expect("a repository's name"),
        }
    }

    fn pull(change: PullChange, sender: Actor) -> WebhookEvent {
        WebhookEvent::Pull {
            change,
            pull: shop().pull(7),
            sender,
        }
    }

    fn comment(body: &str, author: Actor, sender: Actor) -> WebhookEvent {
        WebhookEvent::Comment {
            pull: shop().pull(7),
            comment: CommentAt::Conversation { id: 9 },
            body: body.into(),
            author,
            sender,
        }
    }

    fn starts_nothing(event: WebhookEvent) -> bool {
        matches!(intake(event, US), Intake::Nothing { .. })
    }

    #[test]
    fn a_new_head_is_looked_at_and_a_changed_base_looked_at_again() {
        for trigger in [
            Trigger::Opened,
            Trigger::Pushed,
            Trigger::Reopened,
            Trigger::Ready,
            Trigger::BaseChanged,
        ] {
            let pull = pull(PullChange::Look(trigger), person());
            let expected = Intake::Look {
                pull: shop().pull(7),
                trigger,
            };
            assert_eq!(intake(pull, US), expected);
        }
    }

    #[test]
    fn no_bot_commands_anything() {
        for bot in bots() {
            let rerequested = WebhookEvent::Pressed {
                button: Button::Retry,
                check: PressedCheck {
                    at: shop(),
                    head: "a".repeat(40).parse().expect("an object id"),
                    run: None,
                    pulls: vec![7],
                },
                sender: bot.clone(),
            };
            for event in [
                comment("/retry", bot.clone(), bot.clone()),
                comment("/retry", bot.clone(), person()),
                comment("/retry", person(), bot.clone()),
                rerequested,
            ] {
                assert!(starts_nothing(event), "{bot:?}");
            }
        }
    }

    #[test]
    fn pull_requests_of_other_bots_are_looked_at_and_our_own_pushes_are_not() {
        for bot in bots() {
            for trigger in [Trigger::Opened, Trigger::Pushed, Trigger::BaseChanged] {
                assert_eq!(
                    starts_nothing(pull(PullChange::Look(trigger), bot.clone())),
                    bot.login == US,
                    "{bot:?} {trigger:?}"
                );
            }
        }
    }

    #[test]
    fn closing_stops_whoever_does_it() {
        for who in bots().into_iter().chain([person()]) {
            assert!(matches!(
                intake(pull(PullChange::Closed, who), US),
                Intake::Stop { pull, .. } if pull.number == 7
            ));
        }
    }

    #[test]
    fn a_comment_commands_only_in_its_own_authors_name() {
        assert!(matches!(
            intake(comment("/retry slack/users", person(), person()), US),
            Intake::Command { comment: CommentAt::Conversation { id: 9 }, by, lines, .. } if by == person() && lines.len() == 1
        ));
        let other = actor("mallory", ActorKind::Person);
        assert!(starts_nothing(comment("/retry", other, person())));
        assert!(starts_nothing(comment("looks good", person(), person())));
    }

    #[test]
    fn what_is_gone_is_purged_and_nothing_else() {
        let installation = |gone| WebhookEvent::Installation {
            what: "installation.some".into(),
            installation: 1,
            gone,
        };
        assert!(starts_nothing(installation(Gone::Nothing)));
        assert!(matches!(
            intake(installation(Gone::All), US),
            Intake::Purge {
                installation: 1,
                gone: Gone::All
            }
        ));
        assert!(starts_nothing(WebhookEvent::Ping));
    }
}
