//! Packages that a project pins, in place of ours: installed once from the registry, without scripts, read-only, beside our
//! tool chain.
//!
//! What the project names is installed in that version, with the hash of its lock file where it has one; what those need is
//! npm's to choose, and has to have a hash as well. Node and the agent stay ours.

use std::collections::BTreeMap;
use std::fs::{self, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::json;

use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::packages::Pinned;
use crate::domain::toolchain::ToolChain;

use super::install::{lock, npm, read_only, say_their_versions, wipe};
use super::{ToolError, look, pins};

/// Names of the folders begin so.
const PREFIX: &str = "packages-";
/// What our programs use of the CLI. Another CLI may have it elsewhere.
const NEEDED: [&str; 6] = [
    "nango/dist/zeroYaml/compile.js",
    "nango/dist/services/dryrun.service.js",
    "nango/dist/templates/action-test-template.ejs",
    "nango/dist/templates/sync-test-template.ejs",
    "typescript/bin/tsc",
    "vitest/vitest.mjs",
];

/// The tool chain `tools` with these packages in it, installed if they are not there yet.
///
/// Blocks for up to [`limits::TOOLS_SECONDS`]; any number of processes may call it at once, and one of them installs. A set
/// that was not asked for in [`limits::PACKAGE_SET_IDLE_SECONDS`] may go to make room.
///
/// # Errors
/// A [`ToolError`] when they cannot be had.
pub fn with_packages(
    tools: &ToolChain,
    pinned: &Pinned,
    progress: &dyn Fn(&str),
) -> Result<ToolChain, ToolError> {
    if is_ours(pinned) {
        return Ok(tools.clone());
    }
    let dir = tools.root.parent().unwrap_or(&tools.root);
    let name = name(pinned);
    let home = dir.join(&name);
    if let Some(there) = installed(tools, pinned, &home)? {
        return Ok(there);
    }
    let _lock = lock(&dir.join(format!("{name}.lock")), progress)?;
    if let Some(there) = installed(tools, pinned, &home)? {
        return Ok(there);
    }
    make_room(dir)?;
    let draft = dir.join(format!("{name}.new"));
    wipe(&draft)?;
    wipe(&home)?;
    progress(&format!("installing {pinned}, once: about 250 MB"));
    npm(&draft, &[("package.json", &manifest(pinned))])?;
    let locked = check(&draft, pinned)?;
    let drafted = tool_chain(tools, pinned, &draft, &locked);
    say_their_versions(
        &drafted,
        &[
            (&drafted.node, Some(&drafted.nango), &drafted.nango_version),
            (&drafted.node, Some(&drafted.vitest), vitest(pinned)),
        ],
    )?;
    read_only(&draft)?;
    let marker = draft.join(look::COMPLETE);
    fs::write(&marker, locked.as_str()).map_err(ToolError::files("writing", &marker))?;
    fs::rename(&draft, &home).map_err(ToolError::files("moving packages to", &home))?;
    Ok(tool_chain(tools, pinned, &home, &locked))
}

fn is_ours(pinned: &Pinned) -> bool {
    pinned.each().all(|(name, package)| {
        let ours = match name {
            "nango" => pins::NANGO,
            "zod" => pins::ZOD,
            _ => pins::VITEST,
        };
        package.version == ours
    })
}

fn vitest(pinned: &Pinned) -> &str {
    let named = pinned.vitest.as_ref();
    named.map_or(pins::VITEST, |package| &package.version)
}

fn name(pinned: &Pinned) -> String {
    let each = pinned.each().map(|(name, package)| {
        let hash = package.integrity.as_deref().unwrap_or_default();
        format!("{name} {} {hash}\n", package.version)
    });
    let text: String = each.collect();
    format!("{PREFIX}{}", Digest::of(text.as_bytes()).short())
}

fn manifest(pinned: &Pinned) -> String {
    let mut wanted: BTreeMap<&str, &str> = pinned
        .each()
        .map(|(name, package)| (name, package.version.as_str()))
        .collect();
    wanted.insert("vitest", vitest(pinned));
    json!({ "name": "countersign-packages", "private": true, "dependencies": wanted }).to_string()
}

fn tool_chain(tools: &ToolChain, pinned: &Pinned, home: &Path, locked: &Digest) -> ToolChain {
    let modules = home.join("node_modules");
    ToolChain {
        root: home.to_path_buf(),
        nango: modules.join("nango/dist/index.js"),
        vitest: modules.join("vitest/vitest.mjs"),
        node_modules: modules,
        lock: Digest::of(format!("{} {locked}", tools.lock).as_bytes()),
        nango_version: pinned.nango.version.clone(),
        ..tools.clone()
    }
}

/// The set in `home`, when it is whole. It is marked as asked for.
fn installed(
    tools: &ToolChain,
    pinned: &Pinned,
    home: &Path,
) -> Result<Option<ToolChain>, ToolError> {
    let marker = home.join(look::COMPLETE);
    let Some(locked) = fs::read_to_string(&marker)
        .ok()
        .and_then(|text| text.parse::<Digest>().ok())
    else {
        return Ok(None);
    };
    let touch = || {
        let times = FileTimes::new().set_modified(SystemTime::now());
        fs::File::options()
            .write(true)
            .open(&marker)?
            .set_times(times)
    };
    touch().map_err(ToolError::files("marking", &marker))?;
    Ok(Some(tool_chain(tools, pinned, home, &locked)))
}

/// Every package has a hash, those that the project pins have that of its lock file, and what we need of them is there.
/// Gives the digest of what npm installed.
fn check(draft: &Path, pinned: &Pinned) -> Result<Digest, ToolError> {
    #[derive(Deserialize)]
    struct Lock {
        packages: BTreeMap<String, Installed>,
    }
    #[derive(Deserialize)]
    struct Installed {
        version: Option<String>,
        integrity: Option<String>,
    }
    let wrong = |what: String| ToolError::NotAsLocked {
        folder: draft.to_path_buf(),
        what,
    };
    let path = draft.join("node_modules/.package-lock.json");
    let text = fs::read_to_string(&path).map_err(ToolError::files("reading", &path))?;
    let lock: Lock = serde_json::from_str(&text)
        .map_err(|error| wrong(format!("npm's own lock file cannot be read ({error})")))?;
    for (name, package) in &lock.packages {
        if package.integrity.is_none() {
            return Err(wrong(format!("{name} has no hash")));
        }
    }
    for (name, package) in pinned.each() {
        let installed = lock.packages.get(&format!("node_modules/{name}"));
        let hash = installed.and_then(|installed| installed.integrity.as_ref());
        let known = package.integrity.as_ref();
        if hash.is_none() || known.is_some_and(|known| hash != Some(known)) {
            return Err(wrong(format!(
                "{name} {} has another hash than the project's lock file says",
                package.version
            )));
        }
    }
    // The CLI's types know only the zod that it was made with, to the patch; with another, npm gives it one of its own.
    let zod = |path: &str| lock.packages.get(path)?.version.as_deref();
    let both = zod("node_modules/zod").zip(zod("node_modules/nango/node_modules/zod"));
    if let Some((theirs, wanted)) = both {
        return Err(wrong(format!(
            "no function compiles with zod {theirs} beside nango {}, which is made for zod {wanted}",
            pinned.nango.version
        )));
    }
    let modules = draft.join("node_modules");
    if let Some(missing) = NEEDED.iter().find(|file| !modules.join(file).is_file()) {
        return Err(wrong(format!("{missing} is not where it was")));
    }
    Ok(Digest::of(text.as_bytes()))
}

/// Removes the sets that nobody asked for in a long time, while there are too many.
fn make_room(dir: &Path) -> Result<(), ToolError> {
    let mut sets: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(dir).map_err(ToolError::files("looking into", dir))? {
        let path = entry.map_err(ToolError::files("looking into", dir))?.path();
        let is_set = path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with(PREFIX));
        if let Some(asked) = modified(&path.join(look::COMPLETE)).filter(|_| is_set) {
            sets.push((asked, path));
        }
    }
    sets.sort();
    let too_many = (sets.len() + 1).saturating_sub(limits::PACKAGE_SETS);
    let idle = Duration::from_secs(limits::PACKAGE_SET_IDLE_SECONDS);
    for (asked, path) in sets.into_iter().take(too_many) {
        if asked.elapsed().unwrap_or_default() < idle {
            return Err(ToolError::TooManySets {
                folder: dir.to_path_buf(),
                sets: limits::PACKAGE_SETS,
            });
        }
        // The marker goes first: half a set is none.
        let marker = path.join(look::COMPLETE);
        fs::remove_file(&marker).map_err(ToolError::files("removing", &marker))?;
        wipe(&path)?;
    }
    Ok(())
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
