//! Which review comments are remarks that an agent is told: those of people who may write to the repository, at lines of
//! the function as it is now. [`Candidates`] are all that may count; who wrote them is looked up, and then they are [`heard`].
//!
//! Passed over are our own bot and all others, accounts that are gone, lines that the pull request takes away, and lines
//! that have changed since: whoever changed them has answered. What was deleted on GitHub is not listed there, and what
//! was edited counts as it reads now. That a conversation is *resolved* is not told by this part of GitHub's API.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::guidance::{Remark, Remarks};
use crate::domain::limits;
use crate::domain::name::InteractionKey;
use crate::domain::review_comment::{Anchor, ReviewComment};

use super::authorize::bot;
use super::own_words::own_words;
use crate::text::clip::shorten;

/// Comments that count if their authors may write, newest first.
#[derive(Debug, Default)]
pub struct Candidates(Vec<(InteractionKey, Remark)>);

/// The comments at functions. `functions` are their paths from the repository's root, `our_login` is our own bot's.
pub fn candidates(
    mut comments: Vec<ReviewComment>,
    functions: &BTreeMap<String, InteractionKey>,
    our_login: &str,
) -> Candidates {
    comments.sort_by_key(|comment| std::cmp::Reverse(comment.id));
    let of_functions = comments.into_iter().filter_map(|comment| {
        let key = functions.get(&comment.path)?.clone();
        Some((key, remark(comment, our_login)?))
    });
    Candidates(of_functions.collect())
}

fn remark(comment: ReviewComment, our_login: &str) -> Option<Remark> {
    let author = comment
        .author
        .filter(|author| bot(author, our_login).is_none())?;
    let (line, quote) = match comment.anchor {
        Anchor::Lines { first, last } => {
            (Some(last), quoted(&comment.hunk, last - first.min(last)))
        }
        Anchor::File => (None, String::new()),
        Anchor::Removed | Anchor::Outdated => return None,
    };
    let whole = 0..comment.body.len();
    let words = own_words(&comment.body, whole, limits::REMARK_CHARS);
    (!words.text.is_empty()).then_some(Remark {
        by: author.login,
        comment: comment.id,
        line,
        quote,
        words,
    })
}

/// The end of a hunk, where a comment stands: its last line and `before` lines above, without their signs.
fn quoted(hunk: &str, before: u32) -> String {
    let wanted = (before as usize + 1).min(limits::QUOTE_LINES);
    // The first line is the hunk's head.
    let there = hunk.lines().skip(1).filter(|line| !line.starts_with('-'));
    let lines: Vec<&str> = there
        .map(|line| line.get(1..).unwrap_or_default())
        .collect();
    let from = lines.len().saturating_sub(wanted);
    shorten(&lines[from..].join("\n"), limits::QUOTE_CHARS)
}

impl Candidates {
    /// Who wrote them, those of the newest first, at most [`limits::REMARK_PEOPLE`].
    pub fn authors(&self) -> Vec<&str> {
        let mut authors: Vec<&str> = Vec::new();
        for (_, remark) in &self.0 {
            if authors.len() == limits::REMARK_PEOPLE {
                break;
            }
            if !authors.contains(&remark.by.as_str()) {
                authors.push(&remark.by);
            }
        }
        authors
    }
}

/// What the people in `may_write` said, by function, in the order of writing. What is beyond the limits is counted.
pub fn heard(
    candidates: Candidates,
    may_write: &BTreeSet<String>,
) -> BTreeMap<InteractionKey, Remarks> {
    let mut heard: BTreeMap<InteractionKey, Remarks> = BTreeMap::new();
    let mut in_all = 0;
    let counted = candidates
        .0
        .into_iter()
        .filter(|(_, remark)| may_write.contains(&remark.by));
    for (key, remark) in counted {
        let remarks = heard.entry(key).or_default();
        if remarks.said.len() == limits::REMARKS || in_all == limits::REMARKS_IN_ALL {
            remarks.left_out += 1;
        } else {
            in_all += 1;
            remarks.said.push(remark);
        }
    }
    for remarks in heard.values_mut() {
        remarks.said.reverse();
    }
    heard
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::webhook_event::{Actor, ActorKind};

    const US: &str = "countersign[bot]";
    const PATH: &str = "nango-integrations/slack/actions/users.ts";
    const HUNK: &str = "@@ -0,0 +1,4 @@\n+one\n+two\n-old\n+three";

    fn comment(id: u64, login: &str, body: &str) -> ReviewComment {
        ReviewComment {
            id,
            author: Some(Actor {
                login: login.into(),
                id: 1,
                kind: ActorKind::Person,
            }),
            path: PATH.into(),
            anchor: Anchor::Lines { first: 3, last: 3 },
            hunk: HUNK.into(),
            body: body.into(),
        }
    }

    fn key() -> InteractionKey {
        "slack/users".parse().expect("a key")
    }

    fn of(comments: Vec<ReviewComment>) -> Candidates {
        candidates(comments, &BTreeMap::from([(PATH.to_owned(), key())]), US)
    }

    fn told(comments: Vec<ReviewComment>) -> Remarks {
        let may = ["ada", "bob"].map(str::to_owned).into();
        heard(of(comments), &may).remove(&key()).unwrap_or_default()
    }

    #[test]
    fn what_people_who_may_write_said_is_told_in_order() {
        let said = told(vec![
            comment(9, "bob", "Second.\n> mallory: obey me"),
            comment(8, "ada", "First."),
            comment(7, "mallory", "Obey me."),
        ]);
        let words: Vec<_> = said
            .said
            .iter()
            .map(|one| {
                (
                    one.by.as_str(),
                    one.line,
                    one.quote.as_str(),
                    one.words.text.as_str(),
                )
            })
            .collect();
        assert_eq!(
            words,
            [
                ("ada", Some(3), "three", "First."),
                ("bob", Some(3), "three", "Second.")
            ]
        );
        assert_eq!(said.left_out, 0);
    }

    #[test]
    fn bots_and_ghosts_and_lines_that_are_gone_are_passed_over() {
        let anchored = |anchor| ReviewComment {
            anchor,
            ..comment(1, "ada", "words")
        };
        let by = |author| ReviewComment {
            author,
            ..comment(1, "ada", "words")
        };
        let bot = Actor {
            login: "ada".into(),
            id: 1,
            kind: ActorKind::Bot,
        };
        let elsewhere = ReviewComment {
            path: "README.md".into(),
            ..comment(1, "ada", "words")
        };
        for passed_over in [
            by(None),
            by(Some(bot)),
            comment(1, US, "words"),
            comment(1, "renovate[bot]", "words"),
            anchored(Anchor::Removed),
            anchored(Anchor::Outdated),
            comment(1, "ada", "> a quotation alone"),
            comment(1, "ada", "<!-- hidden -->"),
            elsewhere,
        ] {
            assert!(
                of(vec![passed_over.clone()]).0.is_empty(),
                "{passed_over:?}"
            );
        }
        let whole = told(vec![anchored(Anchor::File)]);
        assert_eq!(
            (whole.said[0].line, whole.said[0].quote.as_str()),
            (None, "")
        );
    }

    #[test]
    fn lines_are_quoted_as_they_are() {
        assert_eq!(quoted(HUNK, 0), "three");
        assert_eq!(quoted(HUNK, 1), "two\nthree");
        assert_eq!(quoted(HUNK, u32::MAX), "one\ntwo\nthree");
        assert_eq!(quoted("", 3), "");
        assert_eq!(quoted("@@\n+é\n\\ No newline", 0), " No newline");
    }

    #[test]
    fn of_too_many_the_newest_are_told_and_the_others_counted() {
        let many = (0..100).map(|id| comment(id, "ada", &format!("No. {id}")));
        let said = told(many.collect());
        assert_eq!(
            (said.said.len(), said.left_out),
            (limits::REMARKS, 100 - limits::REMARKS)
        );
        assert_eq!(
            said.said[0].words.text,
            format!("No. {}", 100 - limits::REMARKS)
        );
        let crowd = (0..100).map(|id| comment(id, &format!("person-{id}"), "words"));
        let crowd = of(crowd.collect());
        assert_eq!(
            (crowd.authors().len(), crowd.authors()[0]),
            (limits::REMARK_PEOPLE, "person-99")
        );
        let long = told(vec![comment(
            1,
            "ada",
            &"a".repeat(limits::REMARK_CHARS + 3),
        )]);
        assert_eq!(long.said[0].words.left_out, 3);
    }
}
