//! The Nango projects of a repository, each by its folder.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::tree::below;

/// The folder of a Nango project, from the repository's root with `/`. Displays as settings name it: `.` is the root.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProjectFolder(String);

impl ProjectFolder {
    /// The folder that settings or a spec name so.
    pub fn named(name: &str) -> Self {
        let is_root = name == ".";
        Self(if is_root { "" } else { name }.to_owned())
    }

    /// The same as a path: empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A path of the project, from the repository's root.
    pub fn path(&self, inside: &str) -> String {
        below(&self.0, inside)
    }

    /// Whether `other` is this folder or lies in it, as everything lies in the root.
    pub fn holds(&self, other: &Self) -> bool {
        let inside = other.0.strip_prefix(&self.0);
        self.0.is_empty() || inside.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl fmt::Display for ProjectFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

/// All Nango projects of a repository: at least one, none twice. Logs of before there could be several hold one folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Vec<ProjectFolder>")]
pub struct Projects {
    first: ProjectFolder,
    others: Vec<ProjectFolder>,
}

impl Projects {
    /// The only project of a repository.
    pub fn one(project: ProjectFolder) -> Self {
        Self::of_list(project, Vec::new())
    }

    /// This one, and others.
    pub fn of_list(first: ProjectFolder, others: Vec<ProjectFolder>) -> Self {
        Self { first, others }
    }

    /// Each, in the order of the settings.
    pub fn iter(&self) -> impl Iterator<Item = &ProjectFolder> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// The only one there is, if there is only one.
    pub fn only(&self) -> Option<&ProjectFolder> {
        self.others.is_empty().then_some(&self.first)
    }

    /// The project that a spec says, and for one of before specs said any, the only one that there was.
    pub fn of<'a>(&'a self, said: Option<&'a ProjectFolder>) -> &'a ProjectFolder {
        said.unwrap_or(&self.first)
    }

    /// A project where it has to be named, which is where there are several.
    pub fn to_name(&self, project: &ProjectFolder) -> Option<ProjectFolder> {
        (!self.others.is_empty()).then(|| project.clone())
    }

    /// All of them for a person: `a`, `b`.
    pub fn listed(&self) -> String {
        let each: Vec<String> = self.iter().map(|one| format!("`{one}`")).collect();
        each.join(", ")
    }
}

/// How they are written down.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    One(ProjectFolder),
    List(Vec<ProjectFolder>),
}

impl From<Written> for Projects {
    fn from(written: Written) -> Self {
        match written {
            Written::One(only) => Self::one(only),
            Written::List(all) => {
                let mut all = all.into_iter();
                let first = all.next().unwrap_or_else(|| ProjectFolder::named("."));
                Self::of_list(first, all.collect())
            }
        }
    }
}

impl From<Projects> for Vec<ProjectFolder> {
    fn from(projects: Projects) -> Self {
        let Projects { first, others } = projects;
        std::iter::once(first).chain(others).collect()
    }
}

/// What is known of each project of a run, in the order in which it became known. Without a name where the repository has
/// one project only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PerProject<T>(Vec<(Option<ProjectFolder>, T)>);

impl<T> Default for PerProject<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> PerProject<T> {
    /// Takes in what is known of a project now, in place of what was known before.
    pub fn set(&mut self, project: Option<ProjectFolder>, known: T) {
        match self.0.iter_mut().find(|(there, _)| *there == project) {
            Some((_, there)) => *there = known,
            None => self.0.push((project, known)),
        }
    }

    /// What is known of this one.
    pub fn of(&self, project: Option<&ProjectFolder>) -> Option<&T> {
        let mut all = self.iter();
        all.find_map(|(there, known)| (there == project).then_some(known))
    }

    /// Each project, named where there are several, and what is known of it.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&ProjectFolder>, &T)> {
        self.0
            .iter()
            .map(|(project, known)| (project.as_ref(), known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_holds_what_lies_in_it_and_the_root_holds_all() {
        let holds = |a, b| ProjectFolder::named(a).holds(&ProjectFolder::named(b));
        for (a, b) in [
            ("apps/a", "apps/a"),
            ("apps", "apps/a"),
            (".", "apps"),
            (".", "."),
        ] {
            assert!(holds(a, b), "{a} {b}");
        }
        for (a, b) in [("apps/a", "apps"), ("apps/a", "apps/ab"), ("apps", ".")] {
            assert!(!holds(a, b), "{a} {b}");
        }
        let root = ProjectFolder::named(".");
        assert_eq!(
            (root.as_str(), root.path("index.ts")),
            ("", "index.ts".into())
        );
        assert_eq!(root.to_string(), ".");
    }

    #[test]
    fn one_folder_of_an_older_log_is_a_list_of_one() {
        let read = |text: &str| serde_json::from_str::<Projects>(text).expect("projects");
        assert_eq!(
            read("\"nango\"").only(),
            Some(&ProjectFolder::named("nango"))
        );
        assert_eq!(read("\"\"").only(), Some(&ProjectFolder::named(".")));
        let two = read("[\"a\", \"b\"]");
        assert_eq!((two.only(), two.listed()), (None, "`a`, `b`".into()));
        assert_eq!(serde_json::to_string(&two).expect("JSON"), "[\"a\",\"b\"]");
    }
}
