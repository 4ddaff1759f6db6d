//! Installs the tool chain: into a folder beside its place, checked, then moved there in one step.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;
use walkdir::WalkDir;

use crate::domain::limits;
use crate::domain::toolchain::ToolChain;
use crate::os::child::Unfinished;
use crate::os::files::{self, NotLocked};

use super::run::run;
use super::{ToolError, look, pins, progress::told};

/// The tool chain below `tools_dir`, installed if it is not there yet. `progress` is told what takes long.
///
/// Blocks for up to [`limits::TOOLS_SECONDS`]; any number of processes may call it at once, and one of them installs.
///
/// # Errors
/// A [`ToolError`] that says what is missing and how to get it.
pub fn ensure(tools_dir: &Path, progress: &dyn Fn(&str)) -> Result<ToolChain, ToolError> {
    fs::create_dir_all(tools_dir).map_err(ToolError::files("creating", tools_dir))?;
    let tools_dir = fs::canonicalize(tools_dir).map_err(ToolError::files("finding", tools_dir))?;
    let home = tools_dir.join(pins::lock().short());
    let tools = pins::layout(&home)?;
    if look::is_complete(&home) {
        return Ok(tools);
    }
    let _lock = lock(
        &tools_dir.join(format!("{}.lock", pins::lock().short())),
        progress,
    )?;
    if look::is_complete(&home) {
        return Ok(tools);
    }
    let draft = tools_dir.join(format!("{}.new", pins::lock().short()));
    wipe(&draft)?;
    wipe(&home)?;
    progress(
        "installing Node, the Nango CLI and OpenCode, once: about 800 MB, a minute or two on a fast line",
    );
    let files = [
        ("package.json", pins::MANIFEST),
        ("package-lock.json", pins::LOCK),
    ];
    told(&draft, progress, || npm(&draft, &files))?;
    as_locked(&draft)?;
    progress("asking the installed programs for their versions");
    versions(&pins::layout(&draft)?)?;
    read_only(&draft)?;
    let marker = draft.join(look::COMPLETE);
    fs::write(&marker, pins::lock().as_str()).map_err(ToolError::files("writing", &marker))?;
    fs::rename(&draft, &home).map_err(ToolError::files("moving the tool chain to", &home))?;
    Ok(tools)
}

pub(super) fn lock(path: &Path, progress: &dyn Fn(&str)) -> Result<File, ToolError> {
    let patience = Duration::from_secs(limits::TOOLS_SECONDS);
    let waiting = || progress("waiting for another process that installs the tool chain");
    files::lock(path, patience, waiting).map_err(|why| match why {
        NotLocked::Busy => ToolError::Busy {
            lock: path.to_path_buf(),
            seconds: limits::TOOLS_SECONDS,
        },
        NotLocked::Create(source) => ToolError::files("creating", path)(source),
        NotLocked::Lock(source) => ToolError::files("locking", path)(source),
    })
}

/// `npm install` and not `npm ci`: the latter refuses a lock file in which packages for other platforms are absent,
/// which happens with registries that mirror only a part. [`as_locked`] makes up for it.
pub(super) fn npm(draft: &Path, files: &[(&str, &str)]) -> Result<(), ToolError> {
    fs::create_dir_all(draft).map_err(ToolError::files("creating", draft))?;
    for (name, text) in files {
        let path = draft.join(name);
        fs::write(&path, text).map_err(ToolError::files("writing", &path))?;
    }
    let mut command = Command::new("npm");
    command
        .args([
            "install",
            "--no-save",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ])
        .args(["--no-progress", "--loglevel=error"])
        .current_dir(draft);
    let ran = match run(command, limits::TOOLS_SECONDS) {
        Ok(ran) => ran,
        Err(Unfinished::Start(source)) if source.kind() == std::io::ErrorKind::NotFound => {
            return Err(ToolError::NotFound {
                name: "npm",
                get: look::GET_NPM,
            });
        }
        Err(Unfinished::Start(source)) => {
            return Err(ToolError::files("starting npm in", draft)(source));
        }
        Err(Unfinished::TimedOut) => {
            return Err(ToolError::TimedOut {
                what: "installing the tool chain with npm".to_owned(),
                seconds: limits::TOOLS_SECONDS,
            });
        }
    };
    if ran.ok {
        return Ok(());
    }
    let lines: Vec<&str> = ran.said.lines().collect();
    Err(ToolError::Npm {
        folder: draft.to_path_buf(),
        said: lines[lines.len().saturating_sub(12)..].join("\n"),
    })
}

/// Every package that npm put there must be in our lock file, with the same hash.
fn as_locked(draft: &Path) -> Result<(), ToolError> {
    #[derive(Deserialize)]
    struct Lock {
        packages: BTreeMap<String, Package>,
    }
    #[derive(PartialEq, Deserialize)]
    struct Package {
        version: Option<String>,
        integrity: Option<String>,
    }
    let not_as_locked = |what: String| ToolError::NotAsLocked {
        folder: draft.to_path_buf(),
        what,
    };
    let path = draft.join("node_modules/.package-lock.json");
    let text = fs::read_to_string(&path).map_err(ToolError::files("reading", &path))?;
    let parse = |text: &str| {
        serde_json::from_str::<Lock>(text)
            .map_err(|error| not_as_locked(format!("a lock file cannot be read ({error})")))
    };
    let (wanted, installed) = (parse(pins::LOCK)?, parse(&text)?);
    for (name, package) in &installed.packages {
        if wanted.packages.get(name) != Some(package) {
            return Err(not_as_locked(format!("{name} has another version or hash")));
        }
    }
    Ok(())
}

/// Asks the real programs, because a package that is there may still not run on this machine.
fn versions(tools: &ToolChain) -> Result<(), ToolError> {
    say_their_versions(
        tools,
        &[
            (&tools.node, None, pins::NODE),
            (&tools.node, Some(&tools.nango), pins::NANGO),
            (&tools.node, Some(&tools.vitest), pins::VITEST),
            (&tools.opencode, None, pins::OPENCODE),
        ],
    )
}

/// A program, the script that it runs, and the version that has to be in what it says.
pub(super) type Asked<'a> = (&'a PathBuf, Option<&'a PathBuf>, &'a str);

/// Asks programs of a tool chain for their versions.
pub(super) fn say_their_versions(tools: &ToolChain, asked: &[Asked<'_>]) -> Result<(), ToolError> {
    let scratch = tools.root.join("scratch");
    fs::create_dir_all(&scratch).map_err(ToolError::files("creating", &scratch))?;
    for (program, script, wanted) in asked {
        let asked = script.unwrap_or(program);
        let mut command = Command::new(program);
        command
            .args(*script)
            .arg("--version")
            .current_dir(&scratch)
            // OpenCode and the CLI write to the home folder even when they are only asked for their version.
            .env("HOME", &scratch)
            .envs(
                [
                    "XDG_CONFIG_HOME",
                    "XDG_DATA_HOME",
                    "XDG_STATE_HOME",
                    "XDG_CACHE_HOME",
                ]
                .map(|name| (name, scratch.join("xdg"))),
            )
            .env("CI", "1");
        let said = match run(command, limits::VERSION_SECONDS) {
            Ok(ran) => ran.said,
            Err(Unfinished::Start(source)) => {
                return Err(ToolError::files("starting", asked)(source));
            }
            Err(Unfinished::TimedOut) => {
                return Err(ToolError::TimedOut {
                    what: format!("asking {} for its version", asked.display()),
                    seconds: limits::VERSION_SECONDS,
                });
            }
        };
        if !said.contains(*wanted) {
            return Err(ToolError::NotAsLocked {
                folder: tools.root.clone(),
                what: format!("{} should be {wanted} but says {said:?}", asked.display()),
            });
        }
    }
    wipe(&scratch)
}

/// Nobody writes there any more: workspaces link to it.
pub(super) fn read_only(draft: &Path) -> Result<(), ToolError> {
    // Depth first, and without the top folder, where the marker is still to be written.
    for entry in WalkDir::new(draft).min_depth(1).contents_first(true) {
        let entry = entry.map_err(|error| ToolError::files("walking", draft)(error.into()))?;
        if entry.file_type().is_symlink() {
            continue;
        }
        set_write(entry.path(), false)?;
    }
    Ok(())
}

/// Removes a folder that may be read-only. It may as well not be there.
pub(super) fn wipe(folder: &Path) -> Result<(), ToolError> {
    if !folder.exists() {
        return Ok(());
    }
    for entry in WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_dir() {
            set_write(entry.path(), true)?;
        }
    }
    fs::remove_dir_all(folder).map_err(ToolError::files("removing", folder))
}

fn set_write(path: &Path, write: bool) -> Result<(), ToolError> {
    let mode = fs::metadata(path)
        .map_err(ToolError::files("looking at", path))?
        .permissions()
        .mode();
    let mode = if write { mode | 0o700 } else { mode & !0o222 };
    fs::set_permissions(path, Permissions::from_mode(mode))
        .map_err(ToolError::files("changing the mode of", path))
}
