//! A project with a run's functions in it, set against the same project without them: only what is new counts against the
//! run. Begin with [`compare`].

mod aside;
mod finding;
mod footprints;

use std::collections::BTreeSet;

use crate::domain::failure::{Failure, Stage};

pub use aside::{is_ours_to_run, known_aside, later_aside};
pub use finding::{fails_newly, unproven};
pub use footprints::{Footprints, Rest};

/// The failures of a project with a run's functions in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// What did not fail before.
    pub new: Vec<Failure>,
    /// What did.
    pub before: Vec<Failure>,
}

/// Tells apart what fails only `with` the run's functions and what fails in the `base` too.
///
/// Files that the commit writes or removes are `touched`, by their path from the project's root: what fails in them is
/// never excused, but for a type error that files of before have in the same words, or in the words of another form of
/// import. Ours had none in the clean room, so it is the project's setup that makes it (a package that is no module), for all
/// functions alike. Lines move and are no part of a failure. In a file that nobody touched, the same error at the same line
/// is the same although its words differ, because TypeScript's words for one type depend on what else it has read.
pub fn compare(with: Vec<Failure>, base: &[Failure], touched: &BTreeSet<String>) -> Compared {
    let mut left: Vec<&Failure> = base.iter().collect();
    let mut compared = Compared::default();
    let is_touched =
        |failure: &Failure| (failure.file.as_ref()).is_some_and(|file| touched.contains(file));
    let (ours, others): (Vec<Failure>, Vec<Failure>) = with.into_iter().partition(is_touched);
    let is_setup = |failure: &Failure| {
        failure.stage == Stage::Types
            && (base.iter()).any(|there| {
                let is_alike = are_said_alike(there, failure)
                    || (says_no_module(there) && says_no_module(failure));
                !is_touched(there) && is_alike
            })
    };
    let (setup, ours) = ours.into_iter().partition(is_setup);
    compared.before = setup;
    compared.new = ours;
    let mut unlike = Vec::new();
    for failure in others {
        match left.iter().position(|there| are_alike(&failure, there)) {
            Some(at) => {
                left.swap_remove(at);
                compared.before.push(failure);
            }
            None => unlike.push(failure),
        }
    }
    for failure in unlike {
        if base.iter().any(|there| covers(there, &failure)) {
            compared.before.push(failure);
            continue;
        }
        match left
            .iter()
            .position(|there| are_in_one_place(&failure, there))
        {
            Some(at) => {
                left.swap_remove(at);
                compared.before.push(failure);
            }
            None => compared.new.push(failure),
        }
    }
    compared
}

fn are_alike(a: &Failure, b: &Failure) -> bool {
    let words = match a.stage {
        // A test that fails is the same test, and a function that is not built the same function, whatever it says.
        Stage::Tests | Stage::Build | Stage::Definitions => true,
        Stage::Types => a.said == b.said,
        // How it ended, which is the first line.
        Stage::Program => a.said.lines().next() == b.said.lines().next(),
    };
    let what = match a.stage {
        Stage::Build | Stage::Definitions => true,
        Stage::Types | Stage::Tests | Stage::Program => a.what == b.what,
    };
    a.stage == b.stage && a.file == b.file && what && words
}

fn are_said_alike(a: &Failure, b: &Failure) -> bool {
    (a.stage, &a.what, &a.said) == (b.stage, &b.what, &b.said)
}

/// What TypeScript says of imports and exports in a package that is no module, by their form: of values, of types, with an
/// attribute, of a default. A setup that makes one of them makes the others wherever that form is used.
/// Source: TypeScript's own list of messages.
const NO_MODULE: [&str; 6] = ["TS1286", "TS1287", "TS1295", "TS1479", "TS1541", "TS1542"];

fn says_no_module(failure: &Failure) -> bool {
    failure.stage == Stage::Types && NO_MODULE.contains(&failure.what.as_str())
}

fn are_in_one_place(a: &Failure, b: &Failure) -> bool {
    let place = |one: &Failure| (one.stage, one.file.clone(), one.what.clone(), one.line);
    a.file.is_some() && a.line.is_some() && place(a) == place(b)
}

/// Whether what failed `there` kept `failure` from being seen: nothing of a file is tested that cannot be loaded, and
/// nothing is read of a function that is not built.
fn covers(there: &Failure, failure: &Failure) -> bool {
    let stages = (there.stage, failure.stage);
    let hid = (stages == (Stage::Tests, Stage::Tests) && there.what.is_empty())
        || stages == (Stage::Build, Stage::Definitions);
    hid && there.file.is_some() && there.file == failure.file
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(stage: Stage, file: &str, what: &str, said: &str, line: u32) -> Failure {
        Failure {
            stage,
            file: Some(file.into()),
            what: what.into(),
            said: said.into(),
            line: Some(line),
        }
    }

    fn types(file: &str, what: &str, said: &str, line: u32) -> Failure {
        failure(Stage::Types, file, what, said, line)
    }

    fn touched(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    fn new(with: &[Failure], base: &[Failure]) -> Vec<Failure> {
        compare(with.to_vec(), base, &touched(&["slack/actions/ours.ts"])).new
    }

    #[test]
    fn a_package_that_is_no_module_is_so_in_every_form_of_an_import() {
        let ours = types("slack/actions/ours.ts", "TS1541", "type-only import", 2);
        let other = types("slack/actions/old.ts", "TS1479", "require", 1);
        assert_eq!(new(std::slice::from_ref(&ours), &[other]), []);
        let unlike = types("slack/actions/old.ts", "TS2339", "no `x`", 1);
        assert_eq!(new(std::slice::from_ref(&ours), &[unlike]), [ours]);
    }

    #[test]
    fn what_failed_before_does_not_count_though_its_line_moved() {
        let base = [types("slack/actions/old.ts", "TS2339", "no `x`", 4)];
        assert_eq!(
            new(
                &[types("slack/actions/old.ts", "TS2339", "no `x`", 9)],
                &base
            ),
            []
        );
        let other = types("slack/actions/old.ts", "TS2339", "no `y`", 9);
        assert_eq!(new(std::slice::from_ref(&other), &base), [other]);
        // TypeScript's other words for the same thing.
        assert_eq!(
            new(
                &[types("slack/actions/old.ts", "TS2339", "no 'x'", 4)],
                &base
            ),
            []
        );
    }

    #[test]
    fn one_more_of_the_same_is_new() {
        let one = types("slack/actions/old.ts", "TS2339", "no `x`", 4);
        let more = types("slack/actions/old.ts", "TS2339", "no `x`", 7);
        let found = new(&[one.clone(), more], std::slice::from_ref(&one));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn our_own_files_are_never_excused() {
        let ours = types("slack/actions/ours.ts", "TS2339", "no `x`", 4);
        assert_eq!(
            new(std::slice::from_ref(&ours), std::slice::from_ref(&ours)),
            [ours]
        );
    }

    #[test]
    fn what_the_projects_setup_does_to_every_function_is_not_ours() {
        let setup = |file| types(file, "TS2688", "there are no types for `node`", 1);
        let ours = setup("slack/actions/ours.ts");
        let old = setup("slack/actions/old.ts");
        assert_eq!(new(std::slice::from_ref(&ours), &[old]), []);
        let other = types("slack/actions/old.ts", "TS2688", "other words", 1);
        assert_eq!(new(std::slice::from_ref(&ours), &[other]), [ours]);
    }

    #[test]
    fn a_test_is_known_by_its_name_and_a_file_that_never_loaded_covers_all_of_its_tests() {
        let file = "slack/tests/old.test.ts";
        let test = |what: &str, said: &str| failure(Stage::Tests, file, what, said, 0);
        assert_eq!(new(&[test("a", "red")], &[test("a", "blue")]), []);
        assert_eq!(
            new(&[test("a", "red")], &[test("b", "red")]),
            [test("a", "red")]
        );
        assert_eq!(
            new(&[test("a", "red")], &[test("", "cannot be loaded")]),
            []
        );
        // The other way it is new: tests that ran before do not run any more.
        let unloaded = test("", "cannot be loaded");
        assert_eq!(
            new(std::slice::from_ref(&unloaded), &[test("a", "red")]),
            [unloaded]
        );
    }

    #[test]
    fn a_function_that_was_not_built_was_not_read() {
        let file = "slack/syncs/old.ts";
        let built = failure(Stage::Build, file, "disallowed_import", "axios", 1);
        let read = failure(Stage::Definitions, file, "createSync", "a model twice", 0);
        assert_eq!(new(std::slice::from_ref(&read), &[built]), []);
        let elsewhere = failure(Stage::Build, "slack/syncs/x.ts", "", "", 1);
        assert_eq!(new(std::slice::from_ref(&read), &[elsewhere]), [read]);
    }
}
