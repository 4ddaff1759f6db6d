//! How long our server takes to answer webhooks.

use std::time::Duration;

use countersign_standin::github::Sent;

use super::story::Story;

/// Times of answers, the shortest first.
pub struct Answered(Vec<Duration>);

impl Answered {
    /// Those of comments with these words, all of which were taken.
    pub fn of(story: &Story, words: &str) -> Self {
        let deliveries = story.github.deliveries().into_iter();
        let comments =
            deliveries.filter(|one| one.event == "issue_comment" && one.body.contains(words));
        let mut took: Vec<Duration> = comments
            .map(|one| {
                let taken = matches!(one.sent, Sent::Answered { status: 202, .. });
                assert!(taken, "{:?}", one.sent);
                one.took()
            })
            .collect();
        took.sort();
        Self(took)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// So many percent were answered within this time.
    pub fn at(&self, percent: usize) -> Duration {
        self.0[(self.0.len() - 1) * percent / 100]
    }

    /// A line for whoever measures.
    pub fn print(&self) {
        println!(
            "webhooks answered: half in {:?}, 95 % in {:?}, 99 % in {:?}, all in {:?}",
            self.at(50),
            self.at(95),
            self.at(99),
            self.at(100)
        );
    }
}
