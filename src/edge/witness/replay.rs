//! What the clean room is answered from the tape, so that nothing is written to the test account twice.

use super::refusal::Refusal;
use crate::domain::settings::Writes;
use crate::domain::tape::Exchange;

/// What the clean room may be given again, and what may be done when that is not enough.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    /// In the order in which they were received; each is given once.
    pub answers: Vec<Exchange>,
    /// Whether what cannot be given again may be written again.
    pub writes: Writes,
}

/// What becomes of a request of the clean room.
#[derive(Debug)]
pub(super) enum Course {
    /// It goes to the API.
    Ask,
    /// It is answered as before.
    Again(Box<Exchange>),
    /// It would be written a second time, and may not be.
    HeldBack(Refusal),
}

impl Replay {
    /// Decides about one request. `tape` is everything so far.
    pub(super) fn course(&mut self, request: &Exchange, tape: &[Exchange]) -> Course {
        let found = self.answers.iter().position(|one| one.asks_like(request));
        if let Some(at) = found {
            return Course::Again(Box::new(self.answers.remove(at)));
        }
        let same_place = |one: &&Exchange| {
            one.writes()
                && one.is_granted()
                && (&one.method, &one.path) == (&request.method, &request.path)
        };
        match self.writes {
            Writes::Once if request.writes() && tape.iter().any(|one| same_place(&one)) => {
                Course::HeldBack(Refusal::forbidden(
                    "this was written before, and nothing may be written to this test account twice",
                    "The repository's setting `writes: once` forbids it, or the event that the function runs at.",
                ))
            }
            Writes::Once | Writes::Repeat => Course::Ask,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tape::{Body, Phase};

    fn request(seq: u32, method: &str, path: &str) -> Exchange {
        Exchange {
            seq,
            phase: Phase::Agent,
            at_ms: 0,
            took_ms: 0,
            method: method.into(),
            path: path.into(),
            query: String::new(),
            connection: None,
            request: Body::default(),
            status: 200,
            response: Body::default(),
            response_headers: std::collections::BTreeMap::new(),
            repeat: None,
            refused: None,
        }
    }

    #[test]
    fn each_answer_is_given_once_and_in_order() {
        let mut replay = Replay {
            answers: vec![
                request(4, "POST", "/proxy/a"),
                request(5, "POST", "/proxy/a"),
            ],
            writes: Writes::Repeat,
        };
        let asked = request(9, "POST", "/proxy/a");
        for expected in [4, 5] {
            let course = replay.course(&asked, &[]);
            assert!(matches!(course, Course::Again(one) if one.seq == expected));
        }
        assert!(matches!(replay.course(&asked, &[]), Course::Ask));
        let other = request(9, "POST", "/proxy/b");
        assert!(matches!(replay.course(&other, &[]), Course::Ask));
    }

    #[test]
    fn where_nothing_may_be_written_twice_a_second_write_is_refused() {
        let mut replay = Replay {
            answers: Vec::new(),
            writes: Writes::Once,
        };
        let tape = [
            request(1, "POST", "/proxy/a"),
            request(2, "GET", "/proxy/b"),
        ];
        let mut course = |method: &str, path: &str| replay.course(&request(9, method, path), &tape);
        assert!(matches!(course("POST", "/proxy/a"), Course::HeldBack(_)));
        // Another place, a read, and a write after something that was only read.
        for (method, path) in [
            ("POST", "/proxy/c"),
            ("GET", "/proxy/a"),
            ("POST", "/proxy/b"),
        ] {
            assert!(
                matches!(course(method, path), Course::Ask),
                "{method} {path}"
            );
        }
    }
}
