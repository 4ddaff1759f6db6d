//! What a run was made under: which walls stood, with which packages it worked.

use crate::domain::packages::Packages;
use crate::domain::project::ProjectFolder;
use crate::domain::view::View;

use super::words;

/// A sentence for each of them.
pub fn circumstances(view: &View) -> Vec<String> {
    let walls = view.walls.as_ref().map(words::walls);
    walls
        .into_iter()
        .chain(
            view.packages
                .iter()
                .filter_map(|(project, one)| packages(project, one)),
        )
        .collect()
}

/// With which packages, when it is not ours as a matter of course. A project is named where there are several.
pub fn packages(project: Option<&ProjectFolder>, packages: &Packages) -> Option<String> {
    let made = match project {
        Some(project) => format!("{project}: made"),
        None => "Made".to_owned(),
    };
    match packages {
        Packages::Ours => None,
        Packages::Project { pinned, by } => {
            Some(format!("{made} and checked with {pinned}, as {by} says."))
        }
        Packages::Instead { why } => Some(format!(
            "{made} and checked with Countersign's own versions and not the project's: {why}."
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
            view.packages.set(None, packages);
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

    #[test]
    fn of_several_projects_each_is_named() {
        let mut view = View::default();
        for (project, by) in [
            ("apps/mail", "apps/mail/yarn.lock"),
            ("apps/crm", "yarn.lock"),
        ] {
            let nango = Package {
                version: "0.70.9".into(),
                integrity: None,
            };
            let pinned = Pinned {
                nango,
                zod: None,
                vitest: None,
            };
            let packages = Packages::Project {
                pinned,
                by: by.into(),
            };
            view.packages
                .set(Some(ProjectFolder::named(project)), packages);
        }
        insta::assert_snapshot!(circumstances(&view).join("\n"), @r"
        apps/mail: made and checked with nango 0.70.9, as apps/mail/yarn.lock says.
        apps/crm: made and checked with nango 0.70.9, as yarn.lock says.
        ");
    }
}
