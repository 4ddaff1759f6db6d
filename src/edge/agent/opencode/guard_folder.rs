//! What the trial of the walls is made of: a workspace with a neighbour, and the calls that are made in it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::domain::attempt_folder::AttemptFolder;
use crate::domain::program::{Policy, Unsandboxed, Walled};
use crate::domain::settings::Mode;
use crate::edge::agent::AgentError;

/// Seconds that one command of the trial may take.
const COMMAND_SECONDS: u64 = 20;

/// One call and what must become of it.
pub(super) struct GuardCheck {
    pub tool: &'static str,
    pub arguments: Value,
    pub what: &'static str,
    pub must: Must,
}

pub(super) enum Must {
    /// The file tools' check refuses it.
    BeRefused,
    /// It happens.
    Succeed,
    /// Whatever it says, the secret is not in it.
    NotTell,
    /// The secret is in it.
    Tell,
}

/// A workspace with a neighbour.
pub(super) struct GuardFolder {
    pub root: PathBuf,
    pub workspace: PathBuf,
}

impl GuardFolder {
    pub fn make(folder: &Path, secret: &str, unsandboxed: Unsandboxed) -> std::io::Result<Self> {
        let root = folder.join("walls");
        let workspace = root.join(AttemptFolder::WORKSPACE);
        std::fs::create_dir_all(&workspace)?;
        std::fs::write(root.join("neighbour.txt"), secret)?;
        std::fs::write(workspace.join("own.txt"), secret)?;
        std::os::unix::fs::symlink("../neighbour.txt", workspace.join("link.txt"))?;
        std::os::unix::fs::symlink("..", workspace.join("link"))?;
        let plugins = workspace.join(".opencode/plugin");
        std::fs::create_dir_all(&plugins)?;
        let planted = serde_json::to_string(&root.join("planted.txt"))?;
        let plugin = format!("import fs from 'node:fs'\nfs.writeFileSync({planted}, 'planted')\n");
        std::fs::write(plugins.join("canary.js"), plugin)?;
        let policy = Policy {
            workspace: workspace.clone(),
            walled: Walled {
                writable: vec![workspace.clone()],
                env: [("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned())].into(),
                ..Walled::default()
            },
            docs_hosts: Vec::new(),
            seconds: COMMAND_SECONDS,
            allow_unsandboxed: unsandboxed,
            mode: Mode::Strict,
        };
        std::fs::write(
            root.join(AttemptFolder::POLICY),
            serde_json::to_vec(&policy)?,
        )?;
        Ok(Self { root, workspace })
    }

    pub fn tries(&self, unsandboxed: Unsandboxed) -> Vec<GuardCheck> {
        let neighbour = self.root.join("neighbour.txt");
        let file = |tool, path: &str, what, must| GuardCheck {
            tool,
            arguments: json!({ "filePath": path, "content": "planted" }),
            what,
            must,
        };
        let shell = |command: String, what, must| GuardCheck {
            tool: "bash",
            arguments: json!({ "command": command, "description": "Tries the walls" }),
            what,
            must,
        };
        let mut tries = vec![
            file(
                "read",
                "/etc/passwd",
                "reading a file of the system",
                Must::BeRefused,
            ),
            file(
                "read",
                "../neighbour.txt",
                "reading a neighbour's file",
                Must::BeRefused,
            ),
            file(
                "read",
                "link.txt",
                "reading through a link",
                Must::BeRefused,
            ),
            file(
                "write",
                "../planted.txt",
                "writing beside the workspace",
                Must::BeRefused,
            ),
            file(
                "write",
                "link/planted.txt",
                "writing through a link",
                Must::BeRefused,
            ),
            file(
                "write",
                "inside.txt",
                "writing in the workspace",
                Must::Succeed,
            ),
            file("read", "own.txt", "reading in the workspace", Must::Tell),
            shell(
                "cat own.txt".into(),
                "a shell command in the workspace",
                Must::Tell,
            ),
        ];
        if unsandboxed == Unsandboxed::Refused {
            let command = format!("f='{}'; head -c 100 \"$f\"; true", neighbour.display());
            tries.push(shell(
                command,
                "a shell command that reads a neighbour's file",
                Must::NotTell,
            ));
        }
        tries
    }

    pub fn is_untouched(&self, secret: &str) -> Result<(), AgentError> {
        let kept = std::fs::read_to_string(self.root.join("neighbour.txt"))
            .is_ok_and(|text| text == secret);
        if self.root.join("planted.txt").exists() || !kept {
            return Err(AgentError::NoWalls(
                "a file outside the workspace was written, by a tool or by a plugin that lay in the workspace".into(),
            ));
        }
        if !self.workspace.join("inside.txt").exists() {
            return Err(AgentError::NoWalls(
                "no file can be written in the workspace".into(),
            ));
        }
        Ok(())
    }
}
