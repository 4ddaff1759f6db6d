//! The shell of an agent. OpenCode calls its configured shell as `wrapper -c COMMAND`, in the session's folder and with
//! the server's whole environment; what the command may see comes from the policy file next to that folder instead.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use nix::sys::prctl;
use nix::unistd::Uid;

use super::isolation::Isolation;
use super::request::{SandboxReport, SandboxRequest, Task};
use super::supervisor;
use crate::domain::attempt_folder::AttemptFolder;
use crate::domain::limits;
use crate::domain::program::{Policy, Unsandboxed};

/// The hidden command behind the wrapper.
pub const SHELL: &str = "sandbox-shell";
/// The variable that names the policy file, when it is not `policy.json` next to the folder `workspace`.
const POLICY: &str = "COUNTERSIGN_POLICY";

const COULD_NOT_START: u8 = 126;
const TIME_IS_UP: u8 = 124;
const STOPPED: u8 = 143;

/// Writes the wrapper into `dir` and says where it is. The server's environment, with its provider's key, ends at the
/// wrapper: nothing behind it inherits more than the name of the policy.
pub fn write(dir: &Path, exe: &Path, isolation: Isolation) -> io::Result<PathBuf> {
    let exe = exe
        .to_str()
        .ok_or_else(|| io::Error::other("our own program's path is not UTF-8"))?
        .replace('\'', r"'\''");
    let script = format!(
        "#!/bin/sh\nexec /usr/bin/env -i {POLICY}=\"${{{POLICY}-}}\" '{exe}' {SHELL} {} -- \"$@\"\n",
        isolation.word()
    );
    let path = dir.join("shell");
    fs::write(&path, script)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

/// The hidden command `sandbox-shell RUNG -- ARGS`: runs `bash ARGS` as the policy says.
pub fn command(args: &[OsString]) -> ExitCode {
    match run(args) {
        Ok(code) => ExitCode::from(code),
        Err(refusal) => {
            eprintln!("countersign: the command was not run: {refusal}");
            ExitCode::from(COULD_NOT_START)
        }
    }
}

fn run(args: &[OsString]) -> Result<u8, String> {
    let [isolation, dashes, args @ ..] = args else {
        return Err("usage: sandbox-shell RUNG -- ARGS".into());
    };
    let isolation = (isolation.to_str().and_then(Isolation::of_word))
        .filter(|_| dashes == "--")
        .ok_or("usage: sandbox-shell RUNG -- ARGS")?;
    let cwd = std::env::current_dir().map_err(|error| format!("no working folder: {error}"))?;
    let named = std::env::var_os(POLICY).filter(|path| !path.is_empty());
    let path = match named {
        Some(path) => PathBuf::from(path),
        None => beside_workspace(&cwd)
            .ok_or_else(|| format!("no policy covers the folder {}", cwd.display()))?,
    };
    let policy = read(&path)?;
    covers(&policy, &path, &cwd)?;
    let isolation = if policy.is_wild() {
        Isolation::None
    } else {
        isolation
    };
    if isolation == Isolation::None && policy.allow_unsandboxed == Unsandboxed::Refused {
        return Err("there are no walls here, and the policy wants walls".into());
    }
    let shell = if Path::new("/bin/bash").exists() {
        "/bin/bash"
    } else {
        "/bin/sh"
    };
    let mut argv = vec![shell.to_owned()];
    for word in args {
        let word = word.to_str().ok_or("the command is not UTF-8")?;
        argv.push(word.to_owned());
    }
    let seconds = policy.seconds;
    let request = SandboxRequest {
        task: Task::Program(argv),
        cwd,
        walled: policy.walled,
        seconds,
        isolation,
    };
    let _ = prctl::set_name(c"countersign");
    Ok(match supervisor::keep(request, None) {
        SandboxReport::Exited(code) => u8::try_from(code).unwrap_or(u8::MAX),
        SandboxReport::TimedOut => {
            eprintln!("countersign: the command was ended after {seconds} seconds of its own time");
            TIME_IS_UP
        }
        SandboxReport::LetGo => STOPPED,
        SandboxReport::Refused(refusal) => return Err(refusal.to_string()),
    })
}

/// The policy next to the outermost folder `workspace` above `cwd`. The outermost, because an agent can make such
/// folders in its own, with policies that suit it.
fn beside_workspace(cwd: &Path) -> Option<PathBuf> {
    let mut folders: Vec<&Path> = cwd.ancestors().collect();
    folders.reverse();
    folders
        .into_iter()
        .filter_map(AttemptFolder::around)
        .map(|folder| folder.policy())
        .find(|policy| policy.exists())
}

fn read(path: &Path) -> Result<Policy, String> {
    let fault = |error: &dyn std::fmt::Display| format!("policy {}: {error}", path.display());
    let file = fs::OpenOptions::new()
        .read(true)
        .custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK)
        .open(path)
        .map_err(|error| fault(&error))?;
    let found = file.metadata().map_err(|error| fault(&error))?;
    let owner = found.uid();
    if !found.is_file() || found.len() > limits::ORDER_BYTES {
        return Err(fault(&"not a plain file of at most 1 MiB"));
    }
    if (owner != Uid::effective().as_raw() && owner != 0) || found.mode() & 0o022 != 0 {
        return Err(fault(&"others can write it"));
    }
    let json = io::read_to_string(file).map_err(|error| fault(&error))?;
    serde_json::from_str(&json).map_err(|error| fault(&error))
}

/// Whether a policy may be used for a command in `cwd`.
fn covers(policy: &Policy, path: &Path, cwd: &Path) -> Result<(), String> {
    let path = path
        .canonicalize()
        .map_err(|error| format!("policy {}: {error}", path.display()))?;
    if (policy.walled.writable.iter().chain([&policy.workspace]))
        .any(|folder| path.starts_with(folder))
    {
        return Err(format!(
            "policy {} lies where the agent can write",
            path.display()
        ));
    }
    if !cwd.starts_with(&policy.workspace) {
        return Err(format!(
            "policy {} covers {}, and this is {}",
            path.display(),
            policy.workspace.display(),
            cwd.display()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outermost_policy_counts() -> io::Result<()> {
        let attempt = tempfile::tempdir()?;
        let inner = attempt.path().join("workspace/deep/workspace");
        fs::create_dir_all(&inner)?;
        fs::write(attempt.path().join("workspace/deep/policy.json"), "{}")?;
        assert_eq!(
            beside_workspace(&inner),
            Some(attempt.path().join("workspace/deep/policy.json"))
        );
        fs::write(attempt.path().join("policy.json"), "{}")?;
        assert_eq!(
            beside_workspace(&inner),
            Some(attempt.path().join("policy.json"))
        );
        Ok(())
    }

    #[test]
    fn a_policy_covers_its_workspace_and_lies_outside_of_it() -> io::Result<()> {
        let attempt = tempfile::tempdir()?;
        let root = attempt.path().canonicalize()?;
        let (inside, outside) = (root.join("workspace/policy.json"), root.join("policy.json"));
        fs::create_dir(root.join("workspace"))?;
        fs::write(&inside, "{}")?;
        fs::write(&outside, "{}")?;
        let policy = Policy {
            workspace: root.join("workspace"),
            walled: Default::default(),
            docs_hosts: vec![],
            seconds: 1,
            allow_unsandboxed: Unsandboxed::Refused,
            mode: crate::domain::settings::Mode::Strict,
        };
        assert_eq!(covers(&policy, &outside, &root.join("workspace/a")), Ok(()));
        assert!(covers(&policy, &outside, &root).is_err());
        assert!(covers(&policy, &outside, &root.join("workspace-2")).is_err());
        assert!(covers(&policy, &inside, &root.join("workspace/a")).is_err());
        Ok(())
    }
}
