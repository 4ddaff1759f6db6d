//! One life of a pull request: what people do, what GitHub does not do, and when the server dies.

use std::time::Duration;

use countersign_standin::github::{FaultKind, Moment, Seen};
use fastrand::Rng;

/// What stands in a [`Call`] for the repository of a life.
const REPOSITORY: &str = "{repository}";

/// What happens, as a seed says.
#[derive(Debug, Clone)]
pub struct Life {
    /// Of its repository.
    pub name: String,
    /// Calls that fail once.
    pub faults: Vec<(Call, FaultKind)>,
    /// At which writes the server dies, counted from 1.
    pub deaths: Vec<(usize, Moment)>,
    /// What people do after they opened it.
    pub steps: Vec<Step>,
}

/// One thing that people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A comment with a command that is answered.
    Ask(&'static str),
    /// A comment with nothing for us.
    Chat,
    /// A commit that changes no spec.
    Push,
    /// Closed, and opened again.
    Reopen,
    /// Made a draft, and ready again.
    Draft,
    /// GitHub tells again what it told before.
    Again,
}

const STEPS: [Step; 7] = [
    Step::Ask("/status"),
    Step::Ask("/help"),
    Step::Chat,
    Step::Push,
    Step::Reopen,
    Step::Draft,
    Step::Again,
];

/// A call to GitHub, whatever numbers and commits are in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// `GET`, `POST`, …
    pub method: String,
    path: String,
}

impl Call {
    /// That of a request of this repository, or of none in particular.
    pub fn of(seen: &Seen, repository: &str) -> Option<Self> {
        let is_meant = seen.path.contains(repository) || seen.path == "/graphql";
        let path = seen.path.replace(repository, REPOSITORY);
        let part = |part: &str| match part.len() {
            _ if part.is_empty() => String::new(),
            _ if part.bytes().all(|byte| byte.is_ascii_digit()) => "*".to_owned(),
            40 if part.bytes().all(|byte| byte.is_ascii_hexdigit()) => "*".to_owned(),
            _ => part.to_owned(),
        };
        let parts: Vec<String> = path.split('/').map(part).collect();
        is_meant.then(|| Self {
            method: seen.method.clone(),
            path: parts.join("/"),
        })
    }

    /// The pattern of its path in a life's repository.
    pub fn path(&self, repository: &str) -> String {
        self.path.replace(REPOSITORY, repository)
    }

    /// All ways in which it may fail, whether it was done or not.
    pub fn faults(&self) -> Vec<FaultKind> {
        let mut kinds = vec![
            FaultKind::Status(502),
            FaultKind::RetryAfter(1),
            FaultKind::DropConnection,
            FaultKind::AfterApply,
            FaultKind::CutAnswer,
            FaultKind::Delay(Duration::from_millis(1_500)),
        ];
        let reads = self.method == "GET" || self.path.ends_with("upload-pack");
        if !reads && self.path != "/graphql" {
            kinds.push(FaultKind::Status(422));
        }
        kinds
    }
}

impl Life {
    /// Nothing goes wrong, and a command is asked.
    pub fn plain(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            faults: Vec::new(),
            deaths: Vec::new(),
            steps: vec![Step::Ask("/status")],
        }
    }

    /// One of any kind: up to four faults, up to four steps, and in one of ten the server dies.
    pub fn random(name: &str, calls: &[Call], rng: &mut Rng) -> Self {
        let mut life = Self::plain(name);
        for _ in 0..rng.usize(0..=4) {
            let call = &calls[rng.usize(0..calls.len())];
            let kinds = call.faults();
            let kind = kinds[rng.usize(0..kinds.len())];
            life.faults.push((call.clone(), kind));
        }
        if rng.u8(0..10) == 0 {
            let moments = [Moment::Before, Moment::After];
            let moment = moments[rng.usize(0..moments.len())];
            life.deaths.push((rng.usize(1..=8), moment));
        }
        let steps = 0..rng.usize(1..=4);
        life.steps = steps.map(|_| STEPS[rng.usize(0..STEPS.len())]).collect();
        life
    }
}
