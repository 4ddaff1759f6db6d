//! What fails in a project as a whole, and which of its tests are not ours to run.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::project::ProjectFolder;

/// Where in the verification of a project something fails, in the order in which it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The type check of all functions.
    Types,
    /// Bundling one function.
    Build,
    /// Reading what a function says of itself, and the functions of one integration together.
    Definitions,
    /// A test, or a file of tests.
    Tests,
    /// `nango compile` or vitest as a program.
    Program,
}

/// One thing that fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Where it was seen.
    pub stage: Stage,
    /// The file that it is about, from the project's root; absent when it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What it is called: `TS2345`, the name of a test; empty for a file as a whole.
    #[serde(default)]
    pub what: String,
    /// The program's own words, cut at [`super::limits::FAILURE_CHARS`].
    pub said: String,
    /// From 1. For a person only: lines move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// What looking at a project showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// What fails.
    pub failures: Vec<Failure>,
    /// What was seen to be good; failures alone do not say what was tried.
    pub good: Good,
}

impl Survey {
    /// Nothing fails.
    pub fn green() -> Self {
        Self {
            failures: Vec::new(),
            good: Good::All,
        }
    }

    /// Whether nothing fails.
    pub fn is_green(&self) -> bool {
        self.failures.is_empty()
    }

    /// The files in which something fails.
    pub fn failing(&self) -> BTreeSet<String> {
        let files = self.failures.iter().filter_map(|one| one.file.clone());
        files.collect()
    }

    /// The same, with what these files show when each is looked at by itself. What was no file's failure is told anew with them.
    pub fn corrected(mut self, files: &[String], alone: Survey) -> Self {
        let is_others = |one: &Failure| one.file.as_ref().is_some_and(|file| !files.contains(file));
        self.failures.retain(is_others);
        self.failures.extend(alone.failures);
        if let (Good::Only(good), Good::Only(more)) = (&mut self.good, alone.good) {
            good.extend(more);
        }
        self
    }
}

/// The files that were seen to be good, from the project's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Good {
    /// Everything that there is.
    All,
    /// These.
    Only(BTreeSet<String>),
}

impl Default for Good {
    fn default() -> Self {
        Good::Only(BTreeSet::new())
    }
}

impl Good {
    /// Whether this file is among them.
    pub fn holds(&self, path: &str) -> bool {
        match self {
            Good::All => true,
            Good::Only(paths) => paths.contains(path),
        }
    }
}

/// A file of tests as it lies in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestFile {
    /// From the project's root.
    pub path: String,
    /// Its text, invalid UTF-8 replaced; empty where it is no regular file or larger than
    /// [`super::limits::TEST_FILE_BYTES`].
    pub text: String,
}

/// Why a test is not ours to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum NotOurs {
    /// It is written for another runner than vitest.
    Runner {
        /// The module that it imports: `bun:test`.
        module: String,
    },
    /// It asks for what only another runner or another installation has.
    Unloadable {
        /// What is missing, in vitest's words.
        said: String,
    },
    /// It lies where neither Nango nor we look for tests.
    Elsewhere,
    /// It replays a recording that was never made.
    NoRecording,
}

/// A file of tests that was not run, or whose result does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// From the project's root.
    pub path: String,
    /// Why.
    #[serde(flatten)]
    pub why: NotOurs,
}

/// What is to be said of a project besides the functions of a run: what was wrong with it before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Before {
    /// What fails with the run's functions and without them, the first [`super::limits::FAILURES_TOLD`].
    pub failing: Vec<Failure>,
    /// How many there are of these.
    pub failures: usize,
    /// Tests that are not ours to run, the first [`super::limits::FAILURES_TOLD`].
    pub aside: Vec<Aside>,
    /// How many there are of these.
    pub asides: usize,
}

impl Before {
    /// With the first of each.
    pub fn of(mut failing: Vec<Failure>, mut aside: Vec<Aside>) -> Self {
        let (failures, asides) = (failing.len(), aside.len());
        failing.truncate(super::limits::FAILURES_TOLD);
        aside.truncate(super::limits::FAILURES_TOLD);
        Self {
            failing,
            failures,
            aside,
            asides,
        }
    }

    /// Both together.
    pub fn and(mut self, other: Self) -> Self {
        self.failing.extend(other.failing);
        self.aside.extend(other.aside);
        self.failures += other.failures;
        self.asides += other.asides;
        self
    }

    /// The same with paths from the repository's root, as they are told where it has several projects.
    pub fn of_project(mut self, project: &ProjectFolder) -> Self {
        for failing in &mut self.failing {
            let path = failing.file.take();
            failing.file = path.map(|path| project.path(&path));
        }
        for aside in &mut self.aside {
            aside.path = project.path(&aside.path);
        }
        self
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.failures == 0 && self.asides == 0
    }
}
