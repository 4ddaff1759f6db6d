//! Where a path of a transcript leads: [`spot`]. By its text alone; what links do is the sandbox's to refuse.

use crate::domain::dossier::Dossier;

/// Where a path leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// Into the workspace: the path from its root; empty for the root itself.
    Inside(String),
    /// To the system's own places, the shared tool chain, or nowhere (`/dev/null`).
    System,
    /// Out of the workspace.
    Outside(String),
    /// It cannot be told: it depends on a variable, or the workspace's place is not known.
    Unknown,
}

/// Places that every program reads and that hold nobody's work.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/opt",
    "/nix",
    "/dev",
    "/tmp",
    "/var/tmp",
    "/run/current-system",
    "/etc/ssl",
    "/etc/pki",
    "/etc/ca-certificates",
    "/etc/os-release",
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/etc/localtime",
    "/etc/alternatives",
    "/proc/self/fd",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/version",
];

/// Where `path`, named by a tool or program that starts in `cwd`, leads.
pub fn spot(dossier: &Dossier, cwd: &str, path: &str) -> Spot {
    let path = path.strip_prefix("file://").unwrap_or(path);
    if path.contains('$') || cwd.contains('$') {
        return Spot::Unknown;
    }
    let joined = join(cwd, path);
    if joined == "~" || joined.starts_with("~/") {
        return Spot::Outside(joined);
    }
    if !joined.starts_with('/') {
        return if joined == ".." || joined.starts_with("../") {
            Spot::Outside(joined)
        } else {
            Spot::Inside(joined)
        };
    }
    let root = dossier.seal.workspace.as_deref();
    if let Some(inside) = root.and_then(|root| below(&joined, root.trim_end_matches('/'))) {
        return Spot::Inside(inside.to_owned());
    }
    // The workspace may itself lie in a system place such as a temporary folder: then its neighbours do as well.
    let neighbour = root
        .and_then(|root| root.trim_end_matches('/').rsplit_once('/'))
        .is_some_and(|(parent, _)| {
            !parent.is_empty()
                && SYSTEM.iter().all(|system| *system != parent)
                && below(&joined, parent).is_some()
        });
    let shared = joined.contains("/node_modules/") || joined.ends_with("/node_modules");
    if shared || (!neighbour && SYSTEM.iter().any(|system| below(&joined, system).is_some())) {
        return Spot::System;
    }
    if root.is_none() {
        return Spot::Unknown;
    }
    Spot::Outside(joined)
}

/// `path` below `folder`, if it is.
fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() {
        Some("")
    } else {
        rest.strip_prefix('/')
    }
}

/// Joins by text and takes `.` and `..` out. A relative result may begin with `..`.
pub fn join(folder: &str, path: &str) -> String {
    let whole = if path.starts_with('/') || path.starts_with('~') || folder.is_empty() {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    };
    let absolute = whole.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." if parts
                .last()
                .is_some_and(|last| *last != ".." && *last != "~") =>
            {
                parts.pop();
            }
            ".." if absolute => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute {
        format!("/{joined}")
    } else {
        joined
    }
}

/// The Nango project's folder within the workspace with a trailing slash; empty when the workspace is the project.
/// Told by the function's path among the allowed ones.
pub fn project(dossier: &Dossier) -> &str {
    let function = dossier.seal.spec.function_path();
    dossier
        .seal
        .allowed
        .iter()
        .find_map(|path| path.strip_suffix(function.as_str()))
        .filter(|prefix| prefix.is_empty() || prefix.ends_with('/'))
        .unwrap_or("")
}

/// Whether this is a path from which generated tests take recorded answers.
pub fn is_recording(path: &str) -> bool {
    path.ends_with(".test.json") || path.split('/').any(|part| part == "mocks")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::judge::sample;

    #[test]
    fn paths_are_joined_by_text() {
        assert_eq!(join("a/b", "../c"), "a/c");
        assert_eq!(join("", "../c"), "../c");
        assert_eq!(join("a", "../../c"), "../c");
        assert_eq!(join("/w", "../../../x"), "/x");
        assert_eq!(join("a", "/x/./y//z"), "/x/y/z");
        assert_eq!(join("a", "~/x"), "~/x");
    }

    #[test]
    fn inside_outside_and_the_systems_own() {
        let mut sample = sample::action();
        sample.seal.workspace = Some("/state/runs/r/a/1/ws".into());
        let dossier = sample.build();
        let spot = |path: &str| spot(&dossier, "google-calendar", path);
        assert_eq!(spot("../index.ts"), Spot::Inside("index.ts".into()));
        assert_eq!(spot("/state/runs/r/a/1/ws/x"), Spot::Inside("x".into()));
        assert_eq!(
            spot("/state/runs/r/a/1/ws2/x"),
            Spot::Outside("/state/runs/r/a/1/ws2/x".into())
        );
        assert_eq!(spot("../../b"), Spot::Outside("../b".into()));
        assert_eq!(spot("~/.npmrc"), Spot::Outside("~/.npmrc".into()));
        for system in [
            "/usr/bin/node",
            "/dev/null",
            "/tmp/x",
            "/tools/1/node_modules/nango/package.json",
        ] {
            assert_eq!(spot(system), Spot::System, "{system}");
        }
        assert_eq!(spot("$WHERE/x"), Spot::Unknown);
        assert_eq!(spot("/etc/passwd"), Spot::Outside("/etc/passwd".into()));
    }
}
