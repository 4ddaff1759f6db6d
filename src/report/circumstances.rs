//! What a run was made under: which walls stood, with which packages it worked.

use crate::domain::packages::Packages;
use crate::domain::view::View;

use super::words;

/// A sentence for each of them.
pub fn circumstances(view: &View) -> Vec<String> {
    let walls = view.walls.as_ref().map(words::walls);
    walls
        .into_iter()
        .chain(view.packages.as_ref().and_then(packages))
        .collect()
}

/// With which packages, when it is not ours as a matter of course.
pub fn packages(packages: &Packages) -> Option<String> {
    match packages {
        Packages::Ours => None,
        Packages::Project { pinned, by } => {
            Some(format!("Made and checked with {pinned}, as {by} says."))
        }
        Packages::Instead { why } => Some(format!(
            "Made and checked with Countersign's own versions and not the project's: {why}."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::packages::{Package, Pinned, WhyOurs};

    #[test]
    fn the_projects_packages_are_named_and_why_not() {
        let package = |version: &str| Package {
            version: version.into(),
            integrity: None,
        };
        let pinned = Pinned {
            nango: package("0.70.9"),
            zod: None,
            vitest: Some(package("3.2.7")),
        };
        let mut view = View::default();
        let mut said = |packages: Packages| {
            view.packages = Some(packages);
            circumstances(&view)
        };
        assert_eq!(said(Packages::Ours), Vec::<String>::new());
        insta::assert_snapshot!(said(Packages::Project { pinned, by: "yarn.lock".into() })[0], @"Made and checked with nango 0.70.9, vitest 3.2.7, as yarn.lock says.");
        let why = WhyOurs::Unlocked {
            file: "nango/package.json".into(),
            package: "nango".into(),
            asks: "^0.70.0".into(),
        };
        insta::assert_snapshot!(said(Packages::Instead { why })[0], @"Made and checked with Countersign's own versions and not the project's: nango/package.json asks for nango ^0.70.0, and no lock file says which version that is.");
    }
}
