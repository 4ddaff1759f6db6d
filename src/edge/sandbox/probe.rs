//! Which walls stand on this machine. Found out by running ourselves inside and trying what must be refused; a kernel
//! that promises walls and does not keep them is found here.

use std::fmt;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::request::{Order, Task};
use super::runner::{Sandbox, SandboxError};
use super::self_test::{Tried, Tries};
use crate::domain::program::{Unsandboxed, Walled};

/// How strong the walls are. The strongest comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// Own namespaces for users, mounts, processes, network, IPC and names; Landlock and seccomp on top.
    Namespaces,
    /// Landlock and seccomp on the machine as it is. An agent sees no other files and no other ports. But the
    /// allowed port is open on every host, it cannot run servers of its own, and it can list the machine's processes.
    Landlock,
    /// Nothing but a clean environment, limits and a clock.
    None,
}

impl Isolation {
    /// The word for it on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Isolation::Namespaces => "namespaces",
            Isolation::Landlock => "landlock",
            Isolation::None => "none",
        }
    }

    /// The isolation that a word of [`Self::word`] names.
    pub fn of_word(word: &str) -> Option<Self> {
        [Isolation::Namespaces, Isolation::Landlock, Isolation::None]
            .into_iter()
            .find(|isolation| isolation.word() == word)
    }
}

/// As in `domain::dossier::Walls`.
impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Isolation::Namespaces => "namespaces + Landlock + seccomp",
            Isolation::Landlock => "Landlock + seccomp",
            Isolation::None => "none",
        })
    }
}

/// One thing that was tried from inside and must not succeed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// What: `read a secret of ours`.
    pub what: String,
    /// Whether it was refused.
    pub refused: bool,
}

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The walls that are used.
    pub isolation: Isolation,
    /// What was tried inside of them.
    pub tried: Vec<Try>,
    /// Why stronger walls are not used; one sentence for each.
    pub stronger: Vec<String>,
}

impl Sandbox {
    /// Finds the strongest walls that stand, by trying them. Done once.
    ///
    /// # Errors
    /// [`SandboxError::NoWalls`] when none stand and the operator did not allow to work without.
    pub async fn probe(&self) -> Result<Probe, SandboxError> {
        let find = async {
            let mut stronger = Vec::new();
            for isolation in [Isolation::Namespaces, Isolation::Landlock] {
                match self.try_isolation(isolation).await {
                    Ok(probe) => return Ok(Probe { stronger, ..probe }),
                    Err(why) => stronger.push(why),
                }
            }
            match self.unsandboxed {
                Unsandboxed::Allowed => Ok(Probe {
                    isolation: Isolation::None,
                    tried: vec![],
                    stronger,
                }),
                Unsandboxed::Refused => Err(SandboxError::NoWalls { tried: stronger }),
            }
        };
        self.probed.get_or_try_init(|| find).await.cloned()
    }

    /// Tries one kind of walls; says in one sentence why they do not stand.
    async fn try_isolation(&self, isolation: Isolation) -> Result<Probe, String> {
        let fault = |error: &dyn std::fmt::Display| format!("{isolation}: {error}");
        let folder = |name: &str| {
            tempfile::Builder::new()
                .prefix(name)
                .tempdir()
                .map_err(|error| fault(&error))
        };
        let (own, other) = (folder("walls-own-")?, folder("walls-other-")?);
        let real = |path: &Path| path.canonicalize().map_err(|error| fault(&error));
        let (own_path, other_path) = (real(own.path())?, real(other.path())?);
        let secret = other_path.join("secret");
        std::fs::write(&secret, "secret").map_err(|error| fault(&error))?;
        let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| fault(&error));
        let (open, closed) = (listen()?, listen()?);
        let port = |listener: &TcpListener| {
            (listener.local_addr().map(|address| address.port())).map_err(|error| fault(&error))
        };
        let tries = Tries {
            secret,
            outside: other_path.join("written"),
            closed_port: port(&closed)?,
            open_port: port(&open)?,
            pid: i32::try_from(std::process::id()).map_err(|error| fault(&error))?,
        };
        let order = Order {
            cwd: own_path.clone(),
            walled: Walled {
                writable: vec![own_path],
                port: Some(tries.open_port),
                ..Walled::default()
            },
            seconds: 20,
            isolation,
            task: Task::Tries(tries.clone()),
        };
        let end = (self.carry_out(&order, CancellationToken::new()).await)
            .map_err(|error| fault(&error))?;
        let mut tried: Tried = serde_json::from_str(&end.stdout).map_err(|_| {
            fault(&format!(
                "the tries ended with {:?}: {}",
                end.code, end.stderr
            ))
        })?;
        tried.tries.push(Try {
            what: "write a file of ours".into(),
            refused: !tries.outside.exists(),
        });
        let reached = (tried.tries.iter().filter(|one| !one.refused))
            .map(|one| format!("it was possible to {}", one.what));
        let faults: Vec<String> = reached.chain(tried.broken).collect();
        if faults.is_empty() {
            Ok(Probe {
                isolation,
                tried: tried.tries,
                stronger: vec![],
            })
        } else {
            Err(fault(&faults.join(", ")))
        }
    }
}
