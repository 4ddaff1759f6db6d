//! What a happening asks for: [`Intake`].

use crate::domain::ending::CancelReason;
use crate::domain::name::{RepoName, Sha};
use crate::domain::webhook_event::{Actor, ActorKind, Gone, PullAction, WebhookEvent};
use crate::rules::comment::{self, Line};

/// What to do about a happening. A hint like the happening itself: whoever acts reads the pull request again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intake {
    /// Look at the pull request's head, and run if it was not looked at yet.
    Run {
        /// The installation.
        installation: u64,
        /// The repository.
        repo: RepoName,
        /// The pull request.
        number: u64,
        /// Why.
        seed: Seed,
    },
    /// Look up what this person may do, then carry out what they wrote.
    Command {
        /// The installation.
        installation: u64,
        /// The repository.
        repo: RepoName,
        /// The pull request.
        number: u64,
        /// The comment.
        comment: u64,
        /// Who wrote it.
        by: Actor,
        /// What they wrote; at least one line. May be commands of other bots.
        lines: Vec<Line>,
    },
    /// Look up what this person may do, then run again what they pressed *Re-run* on.
    Rerun {
        /// The installation.
        installation: u64,
        /// The repository.
        repo: RepoName,
        /// The commit whose check it is.
        head: Sha,
        /// Our run, when it was one check; absent when it was all of them.
        run: Option<String>,
        /// The pull requests that GitHub names; empty for forks, which then have to be found by `run` or `head`.
        pulls: Vec<u64>,
        /// Who pressed it.
        by: Actor,
    },
    /// End what runs on the pull request.
    Stop {
        /// The installation.
        installation: u64,
        /// The repository.
        repo: RepoName,
        /// The pull request.
        number: u64,
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

/// What makes a run different from the others of its pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seed {
    /// The head: each is looked at once.
    Head,
    /// The base branch was changed: the same head has to be looked at again.
    Base,
    /// It is no draft any more: the head is looked at again if its run waited for that.
    Ready,
    /// It was opened again: the head is looked at again if its run was stopped when it was closed.
    Reopened,
}

/// What a happening asks for. `our_login` is the login of our own bot account.
///
/// What our own bot does never starts anything. What another bot writes or presses does not either, or two of them would
/// keep each other busy for ever; but its pull requests are looked at like anybody's: a required check is asked of every
/// head. Closing a pull request stops its run whoever does it.
pub fn intake(happening: WebhookEvent, our_login: &str) -> Intake {
    match happening {
        WebhookEvent::Pull {
            action,
            installation,
            repo,
            number,
            sender,
            ..
        } => match Wish::of(action) {
            Wish::Stop => Intake::Stop {
                installation,
                repo,
                number,
                reason: CancelReason::PullRequestClosed,
            },
            Wish::Run(_) if is_ours(&sender, our_login) => nothing("our own bot did it"),
            Wish::Run(seed) => Intake::Run {
                installation,
                repo,
                number,
                seed,
            },
        },
        WebhookEvent::Comment {
            installation,
            repo,
            number,
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
                    installation,
                    repo,
                    number,
                    comment,
                    by: sender,
                    lines,
                },
            }
        }
        WebhookEvent::Rerequested {
            installation,
            repo,
            head,
            external_id,
            pulls,
            sender,
        } => match bot(&sender, our_login) {
            Some(bot) => nothing(format!("{bot} asked for it")),
            None => Intake::Rerun {
                installation,
                repo,
                head,
                run: external_id,
                pulls,
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

enum Wish {
    Run(Seed),
    Stop,
}

impl Wish {
    fn of(action: PullAction) -> Self {
        match action {
            PullAction::Opened | PullAction::Synchronize => Wish::Run(Seed::Head),
            PullAction::Reopened => Wish::Run(Seed::Reopened),
            PullAction::ReadyForReview => Wish::Run(Seed::Ready),
            PullAction::BaseChanged => Wish::Run(Seed::Base),
            PullAction::Closed => Wish::Stop,
        }
    }
}

/// Which bot it is, in words; nothing for a person. The login alone is enough to know a bot by: no person's login can
/// hold brackets.
fn bot(actor: &Actor, our_login: &str) -> Option<String> {
    let is_bot = actor.kind == ActorKind::Bot || actor.login.ends_with("[bot]");
    if is_ours(actor, our_login) {
        Some("our own bot".into())
    } else {
        is_bot.then(|| format!("another bot ({})", actor.login))
    }
}

fn is_ours(actor: &Actor, our_login: &str) -> bool {
    actor.login.eq_ignore_ascii_case(our_login)
}

fn nothing(why: impl Into<String>) -> Intake {
    Intake::Nothing { why: why.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn repo() -> RepoName {
        "acme/shop".parse().expect("a repository's name")
    }

    fn head() -> Sha {
        "a".repeat(40).parse().expect("an object id")
    }

    fn pull(action: PullAction, sender: Actor) -> WebhookEvent {
        WebhookEvent::Pull {
            action,
            installation: 1,
            repo: repo(),
            number: 7,
            head: head(),
            sender,
        }
    }

    fn comment(body: &str, author: Actor, sender: Actor) -> WebhookEvent {
        WebhookEvent::Comment {
            installation: 1,
            repo: repo(),
            number: 7,
            comment: 9,
            body: body.into(),
            author,
            sender,
        }
    }

    fn starts_nothing(happening: WebhookEvent) -> bool {
        matches!(intake(happening, US), Intake::Nothing { .. })
    }

    #[test]
    fn a_new_head_is_looked_at_and_a_changed_base_looked_at_again() {
        for (action, wanted) in [
            (PullAction::Opened, Seed::Head),
            (PullAction::Synchronize, Seed::Head),
            (PullAction::Reopened, Seed::Reopened),
            (PullAction::ReadyForReview, Seed::Ready),
            (PullAction::BaseChanged, Seed::Base),
        ] {
            assert!(
                matches!(
                    intake(pull(action, person()), US),
                    Intake::Run { number: 7, seed, .. } if seed == wanted
                ),
                "{action:?}"
            );
        }
    }

    #[test]
    fn no_bot_commands_anything() {
        for bot in bots() {
            let rerequested = WebhookEvent::Rerequested {
                installation: 1,
                repo: repo(),
                head: head(),
                external_id: None,
                pulls: vec![7],
                sender: bot.clone(),
            };
            for happening in [
                comment("/retry", bot.clone(), bot.clone()),
                comment("/retry", bot.clone(), person()),
                comment("/retry", person(), bot.clone()),
                rerequested,
            ] {
                assert!(starts_nothing(happening), "{bot:?}");
            }
        }
    }

    #[test]
    fn pull_requests_of_other_bots_are_looked_at_and_our_own_pushes_are_not() {
        for bot in bots() {
            for action in [
                PullAction::Opened,
                PullAction::Synchronize,
                PullAction::BaseChanged,
            ] {
                assert_eq!(
                    starts_nothing(pull(action, bot.clone())),
                    bot.login == US,
                    "{bot:?} {action:?}"
                );
            }
        }
    }

    #[test]
    fn closing_stops_whoever_does_it() {
        for who in bots().into_iter().chain([person()]) {
            assert!(matches!(
                intake(pull(PullAction::Closed, who), US),
                Intake::Stop { number: 7, .. }
            ));
        }
    }

    #[test]
    fn a_comment_commands_only_in_its_own_authors_name() {
        assert!(matches!(
            intake(comment("/retry slack/users", person(), person()), US),
            Intake::Command { comment: 9, by, lines, .. } if by == person() && lines.len() == 1
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
