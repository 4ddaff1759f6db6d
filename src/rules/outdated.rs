//! What of a new review stands on the pull request already, and which earlier remarks are not made any more.

use crate::domain::post::{LineComment, OwnThread};

/// A new review's remarks beside those that stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sorted {
    /// To be made.
    pub new: Vec<LineComment>,
    /// How many stand at their lines already. A thread that somebody resolved stands as well: he has seen it.
    pub standing: usize,
    /// Threads to resolve: their remark is not made any more, or their lines are gone. What people answered is theirs.
    pub gone: Vec<OwnThread>,
}

/// Sorts them. A remark is the same when file and words are, on whichever line: lines move.
pub fn sort(threads: Vec<OwnThread>, remarks: Vec<LineComment>) -> Sorted {
    let mut sorted = Sorted::default();
    let mut left = threads;
    for remark in remarks {
        let stands = |thread: &OwnThread| {
            !thread.is_outdated && thread.path == remark.path && same(&thread.body, &remark.body)
        };
        match left.iter().position(stands) {
            Some(at) => {
                left.remove(at);
                sorted.standing += 1;
            }
            None => sorted.new.push(remark),
        }
    }
    left.retain(|thread| !thread.is_resolved && !thread.is_answered);
    sorted.gone = left;
    sorted
}

/// GitHub gives line ends back as it likes.
fn same(one: &str, other: &str) -> bool {
    one.trim().lines().eq(other.trim().lines())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remark(path: &str, body: &str) -> LineComment {
        LineComment {
            path: path.into(),
            line: 3,
            body: body.into(),
        }
    }

    fn thread(id: &str, path: &str, body: &str) -> OwnThread {
        OwnThread {
            id: id.into(),
            path: path.into(),
            body: body.into(),
            is_resolved: false,
            is_outdated: false,
            is_answered: false,
        }
    }

    fn gone(sorted: &Sorted) -> Vec<&str> {
        sorted.gone.iter().map(|one| one.id.as_str()).collect()
    }

    #[test]
    fn what_stands_is_not_said_again_and_what_is_gone_is_resolved() {
        let threads = vec![
            thread("stands", "a.yaml", "Why?\r\nSo."),
            thread("mended", "b.yaml", "Broken."),
            thread("elsewhere", "c.yaml", "Why?\nSo."),
        ];
        let remarks = vec![remark("a.yaml", "Why?\nSo.\n"), remark("d.yaml", "Broken.")];
        let sorted = sort(threads, remarks);
        assert_eq!(sorted.standing, 1);
        assert_eq!(sorted.new, [remark("d.yaml", "Broken.")]);
        assert_eq!(gone(&sorted), ["mended", "elsewhere"]);
    }

    #[test]
    fn what_people_did_with_a_thread_stays() {
        let mut answered = thread("answered", "a.yaml", "Old.");
        answered.is_answered = true;
        let mut resolved = thread("resolved", "b.yaml", "Again.");
        resolved.is_resolved = true;
        let sorted = sort(vec![answered, resolved], vec![remark("b.yaml", "Again.")]);
        assert_eq!(
            sorted,
            Sorted {
                standing: 1,
                ..Sorted::default()
            }
        );
    }

    #[test]
    fn a_remark_whose_lines_are_gone_is_made_anew() {
        let mut outdated = thread("outdated", "a.yaml", "Why?");
        outdated.is_outdated = true;
        let sorted = sort(vec![outdated], vec![remark("a.yaml", "Why?")]);
        assert_eq!(sorted.new.len(), 1);
        assert_eq!(gone(&sorted), ["outdated"]);
    }

    #[test]
    fn the_same_remark_twice_needs_two_threads() {
        let sorted = sort(
            vec![thread("one", "a.yaml", "Why?")],
            vec![remark("a.yaml", "Why?"), remark("a.yaml", "Why?")],
        );
        assert_eq!((sorted.standing, sorted.new.len()), (1, 1));
    }
}
