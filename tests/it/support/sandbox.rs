//! A folder with walls around it, and programs to run inside.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use countersign::domain::program::{Program, ProgramEnd, Walled};
use countersign::edge::sandbox::{Isolation, Sandbox};
use nix::unistd::{Uid, chown};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// `nobody`, on every machine.
const NOBODY: u32 = 65_534;

/// Who runs the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    /// The user of the test.
    Ourselves,
    /// `nobody`, when the test runs as root.
    Nobody,
}

/// An attempt's folder and a sandbox.
pub struct Attempt {
    /// Holds everything.
    pub dir: TempDir,
    /// The sandbox.
    pub sandbox: Sandbox,
}

/// Our own program.
pub fn exe() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_countersign"))
}

impl Attempt {
    /// With these walls.
    pub fn new(isolation: Isolation, user: As) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("attempt-")
            .tempdir()
            .expect("a folder");
        let workspace = dir.path().join("workspace");
        std::fs::create_dir(&workspace).expect("a workspace");
        let mut program = exe();
        if user == As::Nobody && Uid::effective().is_root() {
            std::fs::set_permissions(dir.path(), PermissionsExt::from_mode(0o755)).expect("open");
            chown(&workspace, Some(NOBODY.into()), Some(NOBODY.into())).expect("chown");
            program = as_nobody(dir.path());
        }
        let sandbox = Sandbox::new(program).at(isolation);
        Self { dir, sandbox }
    }

    /// The only folder that can be written.
    pub fn workspace(&self) -> PathBuf {
        self.dir
            .path()
            .canonicalize()
            .expect("it is there")
            .join("workspace")
    }

    /// A program with nothing but the workspace.
    pub fn program<const N: usize>(&self, argv: [&str; N]) -> Program {
        Program {
            argv: argv.iter().map(|word| (*word).to_owned()).collect(),
            cwd: self.workspace(),
            walled: Walled {
                writable: vec![self.workspace()],
                env: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
                ..Walled::default()
            },
            seconds: 30,
        }
    }

    /// Runs it.
    pub async fn run(&self, program: &Program) -> ProgramEnd {
        self.sandbox
            .run(program, CancellationToken::new())
            .await
            .expect("it starts")
    }

    /// Runs a script.
    pub async fn bash(&self, script: &str) -> ProgramEnd {
        self.run(&self.program(["/bin/bash", "-c", script])).await
    }
}

/// Our program, started by root and run by `nobody`.
fn as_nobody(dir: &Path) -> PathBuf {
    let script = format!(
        "#!/bin/sh\nexec /usr/bin/setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups '{}' \"$@\"\n",
        exe().display()
    );
    let path = dir.join("countersign");
    std::fs::write(&path, script).expect("a script");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("executable");
    path
}
