//! What builds need on this machine: tools, walls, the witness, an agent, and a place to work in.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{OnceCell, OwnedSemaphorePermit, Semaphore};

use crate::domain::dossier::{Guard, Tools, Walls};
use crate::domain::program::{Program, ProgramEnd, Unsandboxed};
use crate::domain::settings::Mode;
use crate::edge::agent::Agent;
use crate::edge::blobs::Dossiers;
use crate::edge::nango::Template;
use crate::edge::sandbox::{Sandbox, SandboxError};
use crate::edge::witness::{CompileKey, Witness};
use crate::os::own_clock::OwnClock;

use super::cancel::Cancellation;
use super::fault::Fault;
use super::skills::Skills;

/// A core for one program of ours.
#[derive(Debug)]
pub struct Core(OwnedSemaphorePermit);

/// What one machine offers. Cheap to clone; all clones share everything.
#[derive(Clone)]
pub struct Machine {
    /// The scaffolded Nango project that every workspace and clean room begins as.
    pub template: Template,
    /// Where templates are, ours and those with the packages of a project's own.
    pub templates: PathBuf,
    /// Walls around programs.
    pub sandbox: Sandbox,
    /// The way to the Nango API.
    pub witness: Arc<Witness>,
    /// Who writes functions.
    pub agent: Arc<dyn Agent>,
    /// Where evidence is kept.
    pub dossiers: Dossiers,
    /// Where workspaces are; a folder per run.
    pub runs: PathBuf,
    /// `provider/model`, when a repository names none.
    pub model: Option<String>,
    /// What the operator said about working without walls.
    pub unsandboxed: Unsandboxed,
    /// Programs of ours at once: they compute, agents mostly wait.
    pub cores: Arc<Semaphore>,
    /// The time that agents and programs have for themselves.
    pub clock: OwnClock,
    /// The walls, once tried.
    pub walls: Arc<OnceCell<Walls>>,
}

impl Machine {
    /// The walls around the agents of a run: none where they are only watched and the operator allows work without.
    ///
    /// # Errors
    /// As [`Machine::walls`].
    pub async fn walls_of(&self, mode: Mode) -> Result<Walls, Fault> {
        let walls = self.walls().await?.clone();
        Ok(match (mode, self.unsandboxed) {
            (Mode::Permissive, Unsandboxed::Allowed) => Walls {
                shell: "none, as `mode: permissive` asks".into(),
                file_tools: Guard::Down,
            },
            (Mode::Permissive, Unsandboxed::Refused) | (Mode::Strict, _) => walls,
        })
    }

    /// Tries the walls, once per process, with calls that must be refused.
    ///
    /// # Errors
    /// When they do not stand and the operator did not say that agents may work without.
    pub async fn walls(&self) -> Result<&Walls, Fault> {
        self.walls
            .get_or_try_init(|| async {
                let shell = match (self.sandbox.isolation().await, self.unsandboxed) {
                    (Ok(found), _) => found.isolation.to_string(),
                    (Err(SandboxError::NoWalls { .. }), Unsandboxed::Allowed) => "none".to_owned(),
                    (Err(error), _) => return Err(Fault::Lasting(error.to_string())),
                };
                let file_tools = match (self.agent.ready().await, self.unsandboxed) {
                    (Ok(Guard::Up), _) => Guard::Up,
                    (Ok(Guard::Down), Unsandboxed::Allowed) => Guard::Down,
                    (Ok(Guard::Down), Unsandboxed::Refused) => {
                        return Err(Fault::Lasting(
                            "the agent's file tools are not kept to its workspace".into(),
                        ));
                    }
                    (Err(error), _) if error.is_passing() => {
                        return Err(Fault::passing("start the agent's server", error));
                    }
                    (Err(error), _) => return Err(Fault::Lasting(error.to_string())),
                };
                Ok(Walls { shell, file_tools })
            })
            .await
    }

    /// Waits for a core.
    ///
    /// # Errors
    /// When the run is called back.
    pub async fn core(&self, cancellation: &Cancellation) -> Result<Core, Fault> {
        tokio::select! {
            biased;
            cancelled = cancellation.cancelled() => Err(cancelled),
            core = Arc::clone(&self.cores).acquire_owned() => core.map(Core).map_err(Fault::bug),
        }
    }

    /// Runs one of our programs behind the walls, on a core that is free for it.
    ///
    /// # Errors
    /// When the run is called back, or the program cannot be started.
    pub async fn run(
        &self,
        core: Core,
        program: &Program,
        cancellation: &Cancellation,
    ) -> Result<ProgramEnd, Fault> {
        let Core(_until_it_has_ended) = core;
        let end = self.sandbox.run(program, cancellation.token()).await;
        cancellation.check()?;
        end.map_err(|e| Fault::passing("run a program in the clean room", e))
    }

    /// A key with which a program of ours may ask the warm checker.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn compile_key(&self) -> Result<CompileKey, Fault> {
        self.witness.compile_key().map_err(Fault::bug)
    }

    /// What an attempt is made with.
    pub fn tools(&self, model: Option<&str>, skills: &Skills) -> Tools {
        let chain = self.template.tools();
        Tools {
            agent: self.agent.name(),
            model: model
                .or(self.model.as_deref())
                .unwrap_or("the agent's own")
                .to_owned(),
            nango: chain.nango_version.clone(),
            lock: chain.lock.clone(),
            skills: skills.digest(),
            had: skills.had(),
        }
    }
}
