//! What a delivery says: [`read`] turns a body into a [`WebhookEvent`].
//!
//! Nothing of a body is demanded before it is used: GitHub adds, renames and leaves out fields as it likes, and a
//! delivery must not be lost for one that nobody asked about.

use crate::domain::button::Button;
use crate::domain::comment::CommentAt;
use crate::domain::name::{RepoName, Sha};
use crate::domain::place::{PullRef, RepoRef};
use crate::domain::pull::Trigger;
use crate::domain::webhook_event::{
    Actor, ActorKind, Gone, PressedCheck, PullChange, WebhookEvent,
};

use super::webhook_body::{CheckBody, RepositoryBody, UserBody, WebhookBody};

/// Why a body cannot be read. Nothing of the body is in the words.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// Not JSON, or a field of it has another type than GitHub's docs say.
    #[error("the body of a {event} delivery is not what GitHub documents")]
    Malformed {
        /// The event.
        event: String,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A field that is needed is missing, or its value is no such thing.
    #[error("the body of a {event} delivery has no usable {field}")]
    Missing {
        /// The event.
        event: String,
        /// The field's path.
        field: &'static str,
    },
}

/// Reads the body of a delivery of this event. Events and actions that are not ours to act on, known or not, are
/// [`WebhookEvent::Ignored`].
pub fn read(event: &str, body: &[u8]) -> Result<WebhookEvent, PayloadError> {
    match event {
        "pull_request" => parsed(event, body).and_then(pull_request),
        "issue_comment" => parsed(event, body).and_then(issue_comment),
        "pull_request_review_comment" => parsed(event, body).and_then(line_comment),
        "pull_request_review" => parsed(event, body).and_then(review),
        "check_run" => parsed(event, body).and_then(|root: Root| {
            let check = root.body.check_run.clone().unwrap_or_default();
            pressed(root, check, "check_run.head_sha")
        }),
        "check_suite" => parsed(event, body).and_then(|root: Root| {
            let suite = root.body.check_suite.clone().unwrap_or_default();
            pressed(root, suite, "check_suite.head_sha")
        }),
        "installation" => parsed(event, body).and_then(installation),
        "installation_repositories" => parsed(event, body).and_then(repositories),
        "ping" => Ok(WebhookEvent::Ping),
        _ => Ok(ignored(event, "the event is not ours to act on")),
    }
}

/// The body with its event, which errors name.
struct Root<'a> {
    event: &'a str,
    body: WebhookBody,
}

fn parsed<'a>(event: &'a str, body: &[u8]) -> Result<Root<'a>, PayloadError> {
    match serde_json::from_slice(body) {
        Ok(body) => Ok(Root { event, body }),
        Err(source) => Err(PayloadError::Malformed {
            event: event.to_owned(),
            source,
        }),
    }
}

fn pull_request(root: Root) -> Result<WebhookEvent, PayloadError> {
    let change = match root.action() {
        "opened" => PullChange::Look(Trigger::Opened),
        "synchronize" => PullChange::Look(Trigger::Pushed),
        "reopened" => PullChange::Look(Trigger::Reopened),
        "ready_for_review" => PullChange::Look(Trigger::Ready),
        "closed" => PullChange::Closed,
        "edited" if root.body.changes.as_ref().is_some_and(|c| c.base.is_some()) => {
            PullChange::Look(Trigger::BaseChanged)
        }
        _ => return Ok(root.ignored("the action changes nothing for us")),
    };
    Ok(WebhookEvent::Pull {
        change,
        pull: root.pull()?,
        sender: root.sender()?,
    })
}

fn issue_comment(root: Root) -> Result<WebhookEvent, PayloadError> {
    if root.action() != "created" {
        // An edited command would run again in the name of whoever edited it; it is written anew instead.
        return Ok(root.ignored("only new comments count"));
    }
    let issue = root.body.issue.as_ref();
    if issue.is_none_or(|issue| issue.pull_request.is_none()) {
        return Ok(root.ignored("the comment is below an issue"));
    }
    let comment = root.body.comment.as_ref();
    let author = comment.and_then(|comment| comment.user.as_ref());
    Ok(WebhookEvent::Comment {
        pull: root
            .at()?
            .pull(root.need(issue.and_then(|issue| issue.number), "issue.number")?),
        comment: CommentAt::Conversation {
            id: root.need(comment.and_then(|comment| comment.id), "comment.id")?,
        },
        body: comment
            .and_then(|comment| comment.body.clone())
            .unwrap_or_default(),
        author: root.need(author.and_then(actor), "comment.user")?,
        sender: root.sender()?,
    })
}

fn line_comment(root: Root) -> Result<WebhookEvent, PayloadError> {
    if root.action() != "created" {
        return Ok(root.ignored("only new comments count"));
    }
    let comment = root.body.comment.as_ref();
    let author = comment.and_then(|comment| comment.user.as_ref());
    Ok(WebhookEvent::Comment {
        pull: root.pull()?,
        comment: CommentAt::Line {
            id: root.need(comment.and_then(|comment| comment.id), "comment.id")?,
            path: root.need(
                comment.and_then(|comment| comment.path.clone()),
                "comment.path",
            )?,
        },
        body: comment
            .and_then(|comment| comment.body.clone())
            .unwrap_or_default(),
        author: root.need(author.and_then(actor), "comment.user")?,
        sender: root.sender()?,
    })
}

fn review(root: Root) -> Result<WebhookEvent, PayloadError> {
    if root.action() != "submitted" {
        return Ok(root.ignored("only new reviews count"));
    }
    let review = root.body.review.as_ref();
    let author = review.and_then(|review| review.user.as_ref());
    Ok(WebhookEvent::Comment {
        pull: root.pull()?,
        comment: CommentAt::Review {
            id: root.need(review.and_then(|review| review.id), "review.id")?,
            node: root.need(
                review.and_then(|review| review.node_id.clone()),
                "review.node_id",
            )?,
        },
        // Null where all is said at lines.
        body: review
            .and_then(|review| review.body.clone())
            .unwrap_or_default(),
        author: root.need(author.and_then(actor), "review.user")?,
        sender: root.sender()?,
    })
}

fn pressed(
    root: Root,
    check: CheckBody,
    field: &'static str,
) -> Result<WebhookEvent, PayloadError> {
    let own = root.body.requested_action.as_ref();
    let own = own.and_then(|own| Button::of(own.identifier.as_deref()?));
    let button = match (root.action(), own) {
        ("rerequested", _) => Button::Retry,
        ("requested_action", Some(button)) => button,
        _ => return Ok(root.ignored("the action changes nothing for us")),
    };
    let numbered = check.pull_requests.unwrap_or_default();
    Ok(WebhookEvent::Pressed {
        button,
        check: PressedCheck {
            at: root.at()?,
            head: root.sha(check.head_sha.as_deref(), field)?,
            run: check.external_id.filter(|id| !id.is_empty()),
            pulls: numbered
                .into_iter()
                .filter_map(|pull| pull.number)
                .collect(),
        },
        sender: root.sender()?,
    })
}

fn installation(root: Root) -> Result<WebhookEvent, PayloadError> {
    let gone = match root.action() {
        "deleted" | "suspend" => Gone::All,
        "created" | "unsuspend" | "new_permissions_accepted" => Gone::Nothing,
        _ => return Ok(root.ignored("the action changes nothing for us")),
    };
    root.installation_event(gone)
}

fn repositories(root: Root) -> Result<WebhookEvent, PayloadError> {
    let gone = match root.action() {
        "added" => Gone::Nothing,
        "removed" => {
            let removed = root.body.repositories_removed.iter().flatten();
            let names = removed.map(|repository| root.repo_name(Some(repository)));
            Gone::Repos(names.collect::<Result<_, _>>()?)
        }
        _ => return Ok(root.ignored("the action changes nothing for us")),
    };
    root.installation_event(gone)
}

impl Root<'_> {
    fn action(&self) -> &str {
        self.body.action.as_deref().unwrap_or_default()
    }

    fn need<T>(&self, value: Option<T>, field: &'static str) -> Result<T, PayloadError> {
        value.ok_or_else(|| PayloadError::Missing {
            event: self.event.to_owned(),
            field,
        })
    }

    fn installation(&self) -> Result<u64, PayloadError> {
        let installation = self.body.installation.as_ref();
        self.need(installation.and_then(|i| i.id), "installation.id")
    }

    fn at(&self) -> Result<RepoRef, PayloadError> {
        Ok(RepoRef {
            installation: self.installation()?,
            repo: self.repo_name(self.body.repository.as_ref())?,
        })
    }

    fn pull(&self) -> Result<PullRef, PayloadError> {
        let number = self.body.pull_request.as_ref().and_then(|pull| pull.number);
        Ok(self.at()?.pull(self.need(number, "pull_request.number")?))
    }

    fn repo_name(&self, repository: Option<&RepositoryBody>) -> Result<RepoName, PayloadError> {
        let name = repository.and_then(|repository| repository.full_name.as_deref()?.parse().ok());
        self.need(name, "repository.full_name")
    }

    fn sha(&self, text: Option<&str>, field: &'static str) -> Result<Sha, PayloadError> {
        self.need(text.and_then(|text| text.parse().ok()), field)
    }

    fn sender(&self) -> Result<Actor, PayloadError> {
        self.need(self.body.sender.as_ref().and_then(actor), "sender")
    }

    fn installation_event(&self, gone: Gone) -> Result<WebhookEvent, PayloadError> {
        Ok(WebhookEvent::Installation {
            what: format!("{}.{}", self.event, self.action()),
            installation: self.installation()?,
            gone,
        })
    }

    fn ignored(&self, why: &str) -> WebhookEvent {
        // The action is GitHub's own word, or we would not be here: its signature was checked.
        ignored(&format!("{}.{}", self.event, self.action()), why)
    }
}

fn ignored(what: &str, why: &str) -> WebhookEvent {
    WebhookEvent::Ignored {
        why: format!("{what}: {why}"),
    }
}

fn actor(user: &UserBody) -> Option<Actor> {
    let login = user.login.clone()?;
    let kind = if user.r#type.as_deref() == Some("Bot") || login.ends_with("[bot]") {
        ActorKind::Bot
    } else {
        ActorKind::Person
    };
    let id = user.id?;
    Some(Actor { login, id, kind })
}
