//! A real OpenCode with a scripted model, in folders of its own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign::domain::program::{Policy, Unsandboxed, Walled};
use countersign::domain::transcript::{ToolCall, Transcript};
use countersign::edge::agent::opencode::{OpenCode, OpenCodeConfig};
use countersign::edge::agent::{Agent, Session, SessionSpec, Sign};
use countersign::edge::sandbox::Sandbox;
use countersign::os::own_clock::OwnClock;
use countersign_standin::model::{ModelStandIn, Scenario};

use super::processes::{Process, agent_server_of};
use super::sandbox::exe;
use super::tools::tools;

/// Longest wait for anything; the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A secret that lies in the server's environment and must never be seen by an agent.
pub const CANARY: &str = "canary-8b1f6c";

/// A real agent and the model that it asks.
pub struct ScriptedAgent {
    pub agent: OpenCode,
    pub model: ModelStandIn,
    pub root: PathBuf,
    _folder: tempfile::TempDir,
}

impl ScriptedAgent {
    /// One whose model plays these scenarios. Its shell is the real one, behind the strongest walls that stand here.
    pub async fn set_up(scenarios: Vec<Scenario>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("its real path");
        let shell = Sandbox::new(exe())
            .write_shell(&root)
            .await
            .expect("walls stand here");
        let toolchain = tokio::task::spawn_blocking(tools)
            .await
            .expect("the tool chain is there");
        let model = ModelStandIn::start(scenarios).await.expect("a model");
        let operators = root.join("opencode.json");
        std::fs::write(&operators, model.opencode_config().to_string()).expect("a configuration");
        let (name, key) = model.key();
        let agent = OpenCode::new(OpenCodeConfig {
            clock: OwnClock::plain(),
            toolchain,
            home: root.join("agent"),
            shell,
            unsandboxed: Unsandboxed::Refused,
            operator_config: Some(operators),
            model: None,
            extra_env: BTreeMap::from([(name, key.into()), ("CANARY".into(), CANARY.into())]),
        });
        Self {
            agent,
            model,
            root,
            _folder: folder,
        }
    }

    /// The agent's server, while one runs.
    pub fn server(&self) -> Option<Process> {
        agent_server_of(&self.root.join("agent"))
    }

    /// An empty workspace with its policy.
    pub fn workspace(&self, name: &str, docs_hosts: &[&str]) -> SessionSpec {
        let workspace = self.root.join(name).join("workspace");
        std::fs::create_dir_all(&workspace).expect("a workspace");
        let docs_hosts: Vec<String> = docs_hosts.iter().map(|host| (*host).to_owned()).collect();
        let policy = Policy {
            workspace: workspace.clone(),
            walled: Walled {
                writable: vec![workspace.clone()],
                env: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
                ..Walled::default()
            },
            docs_hosts: docs_hosts.clone(),
            seconds: 60,
            allow_unsandboxed: Unsandboxed::Refused,
            mode: countersign::domain::settings::Mode::Strict,
        };
        let text = serde_json::to_string(&policy).expect("JSON");
        std::fs::write(self.root.join(name).join("policy.json"), text).expect("a policy");
        SessionSpec {
            directory: workspace,
            title: name.to_owned(),
            general: "# How work is done here\n\nAs it is said.\n".into(),
            model: None,
            docs_hosts,
        }
    }

    /// Opens a session and tells it which scenario is meant.
    pub async fn begin(&self, seat: SessionSpec, key: &str) -> Box<dyn Session> {
        let mut session = self.agent.open(seat).await.expect("a session");
        let brief = format!("interaction: {key}\nDo what is to be done.");
        session.say(&brief).await.expect("heard");
        session
    }

    /// Plays one scenario to its end.
    pub async fn play(&self, seat: SessionSpec, key: &str) -> Transcript {
        let mut session = self.begin(seat, key).await;
        assert_eq!(until_end(session.as_mut()).await, Sign::Idle);
        let transcript = session.transcript().await.expect("a transcript");
        session.close().await;
        transcript
    }
}

/// Waits for the first sign that is not one of work.
pub async fn until_end(session: &mut dyn Session) -> Sign {
    until(session, |sign| {
        matches!(sign, Sign::Idle | Sign::Failed { .. } | Sign::Lost)
    })
    .await
}

/// Waits for a sign.
pub async fn until(session: &mut dyn Session, wanted: impl Fn(&Sign) -> bool) -> Sign {
    let wait = async {
        loop {
            let sign = session.next().await.expect("a sign");
            if wanted(&sign) {
                return sign;
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait)
        .await
        .expect("the sign in time")
}

/// The tool calls of a transcript.
pub fn calls(transcript: &Transcript) -> Vec<ToolCall> {
    transcript
        .tool_calls()
        .map(|(_, call)| call.clone())
        .collect()
}

/// The text of a file.
pub fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a file")
}
