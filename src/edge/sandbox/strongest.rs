//! Which walls stand on this machine. Found out by running ourselves inside and trying what must be refused; a kernel
//! that promises walls and does not keep them is found here.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use tokio_util::sync::CancellationToken;

use super::isolation::{Isolation, IsolationReport, SelfCheck};
use super::request::{SandboxRequest, Task};
use super::runner::{Sandbox, SandboxError};
use super::self_test::{SelfTest, SelfTestReport};
use crate::domain::program::{Unsandboxed, Walled};

impl Sandbox {
    /// Finds the strongest walls that stand, by trying them. Done once.
    ///
    /// # Errors
    /// [`SandboxError::NoWalls`] when none stand and the operator did not allow to work without.
    pub async fn isolation(&self) -> Result<IsolationReport, SandboxError> {
        let find = async {
            let mut stronger = Vec::new();
            for isolation in [Isolation::Namespaces, Isolation::Landlock] {
                match self.try_isolation(isolation).await {
                    Ok(found) => return Ok(IsolationReport { stronger, ..found }),
                    Err(why) => stronger.push(why),
                }
            }
            match self.unsandboxed {
                Unsandboxed::Allowed => Ok(IsolationReport {
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
    async fn try_isolation(&self, isolation: Isolation) -> Result<IsolationReport, String> {
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
        let checks = SelfTest {
            secret,
            outside: other_path.join("written"),
            closed_port: port(&closed)?,
            open_port: port(&open)?,
            pid: i32::try_from(std::process::id()).map_err(|error| fault(&error))?,
        };
        let request = SandboxRequest {
            cwd: own_path.clone(),
            walled: Walled {
                writable: vec![own_path],
                port: Some(checks.open_port),
                ..Walled::default()
            },
            seconds: 20,
            isolation,
            task: Task::SelfTest(checks.clone()),
        };
        let end = (self.carry_out(&request, CancellationToken::new()).await)
            .map_err(|error| fault(&error))?;
        let mut tried: SelfTestReport = serde_json::from_str(&end.stdout).map_err(|_| {
            fault(&format!(
                "the checks ended with {:?}: {}",
                end.code, end.stderr
            ))
        })?;
        tried.checks.push(SelfCheck {
            what: "write a file of ours".into(),
            refused: !checks.outside.exists(),
        });
        let reached = (tried.checks.iter().filter(|one| !one.refused))
            .map(|one| format!("it was possible to {}", one.what));
        let faults: Vec<String> = reached.chain(tried.broken).collect();
        if faults.is_empty() {
            Ok(IsolationReport {
                isolation,
                tried: tried.checks,
                stronger: vec![],
            })
        } else {
            Err(fault(&faults.join(", ")))
        }
    }
}
