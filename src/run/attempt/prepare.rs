//! Before an agent begins: its workspace, the policy of its walls, its access to the witness, and the brief.

use std::fs;
use std::path::Path;

use crate::domain::attempt_folder::AttemptFolder;
use crate::domain::brief::Brief;
use crate::domain::guidance::Guidance;
use crate::domain::limits;
use crate::domain::name::{AttemptId, Digest};
use crate::domain::program::{Policy, Program, ProgramEnd, Walled};
use crate::domain::settings::{Mode, Settings};
use crate::domain::spec::{Kind, Spec};
use crate::domain::tape::Phase;
use crate::domain::tree::{Entry, Tree};
use crate::edge::agent::SessionSpec;
use crate::edge::nango::{Contents, Workspace, environment, read_inside};
use crate::edge::witness::{Admission, MetadataWrites, WitnessAccess};

use crate::os::files;
use crate::os::own_clock::OwnClock;
use crate::rules::brief::general;
use crate::run::blocking::blocking;
use crate::run::cancel::Cancellation;
use crate::run::fault::Fault;
use crate::run::ground::Laid;
use crate::run::machine::Machine;
use crate::run::skills::Skills;

/// An attempt that can begin.
pub struct Prepared {
    /// Which.
    pub attempt: AttemptId,
    /// Its folder; nothing of the attempt is outside.
    pub folder: AttemptFolder,
    /// Where the agent works.
    pub workspace: Workspace,
    /// What lies in it now.
    pub before: Tree,
    /// The contents of that, by digest, so that changes can be shown later.
    pub originals: Contents,
    /// What the agent is told.
    pub brief: Brief,
    /// The workspace's way to the Nango API.
    pub access: WitnessAccess,
    /// Where the agent's session sits.
    pub seat: SessionSpec,
    /// What it began on.
    pub ground: Laid,
    /// The attempt's own time, without its waiting for a core.
    pub clock: OwnClock,
}

impl Prepared {
    /// Runs one of our programs when a core is free; waiting for that is not the attempt's time.
    pub(super) async fn run(
        &self,
        machine: &Machine,
        program: &Program,
        cancellation: &Cancellation,
    ) -> Result<ProgramEnd, Fault> {
        let core = self.clock.stopped(machine.core(cancellation)).await?;
        machine.run(core, program, cancellation).await
    }
}

/// Lays everything out. What an interrupted attempt of the same number left behind is wiped first.
pub async fn prepare(
    machine: &Machine,
    attempt: AttemptId,
    spec: &Spec,
    guidance: Guidance,
    skills: &Skills,
    settings: &Settings,
    ground: Laid,
) -> Result<Prepared, Fault> {
    let access = machine
        .witness
        .admit(Admission {
            attempt: attempt.clone(),
            connection: spec.connection.clone(),
            integration_id: spec.integration_id.clone(),
            mode: settings.mode,
            metadata: match spec.kind {
                Kind::OnEvent => MetadataWrites::TakenDown,
                Kind::Action | Kind::Sync => MetadataWrites::Refused,
            },
        })
        .map_err(|e| Fault::passing("open a way to the Nango API", e))?;
    let folder = AttemptFolder::of(&machine.runs, &attempt);
    let template = machine.template.clone();
    let (at, spec_there, skills_there) = (folder.clone(), spec.clone(), skills.clone());
    let ground_there = ground.clone();
    let workspace = blocking(move || {
        empty(&at)?;
        let begins = ground_there.begins_from();
        let workspace = Workspace::lay(&template, &at.workspace(), &spec_there, &begins)
            .map_err(std::io::Error::other)?;
        workspace
            .show(&ground_there.shown(), &allowed(&spec_there, &ground_there))
            .map_err(std::io::Error::other)?;
        lay_skills(workspace.dir(), &skills_there)?;
        Ok::<_, std::io::Error>(workspace)
    })
    .await?
    .map_err(|e| Fault::passing("lay out a workspace", e))?;
    let folder = folder
        .canonical()
        .map_err(|e| Fault::passing("find a workspace", e))?;

    let docs_hosts = docs_hosts(spec);
    let policy = policy(machine, &folder, &workspace, &access, docs_hosts.clone());
    write_policy(
        &folder,
        &Policy {
            mode: settings.mode,
            ..policy
        },
    )?;
    let before = workspace
        .tree()
        .map_err(|e| Fault::passing("look at a workspace", e))?;
    let mut originals = contents(workspace.dir(), before.0.iter());
    originals.extend(ground.contents());
    let brief = Brief {
        spec: spec.clone(),
        project: ".".into(),
        allowed: allowed(spec, &ground),
        skills: skills.own(),
        guidance,
        ground: ground.told(),
    };
    let seat = SessionSpec {
        directory: workspace.dir().to_owned(),
        title: format!("{} ({})", spec.key, attempt.run),
        general: general(&skills.listed()),
        model: settings.model.clone(),
        docs_hosts,
    };
    Ok(Prepared {
        attempt,
        folder,
        workspace,
        before,
        originals,
        brief,
        access,
        seat,
        ground,
        clock: machine.clock.apart(),
    })
}

/// The paths that the agent may create or change, relative to the workspace.
fn allowed(spec: &Spec, ground: &Laid) -> Vec<String> {
    let own = [spec.function_path(), spec.recording_path()];
    own.into_iter()
        .chain(ground.folders().iter().cloned())
        .collect()
}

/// What the agent's shell keeps to, beside the workspace.
fn policy(
    machine: &Machine,
    folder: &AttemptFolder,
    workspace: &Workspace,
    access: &WitnessAccess,
    docs_hosts: Vec<String>,
) -> Policy {
    let port = Some(machine.witness.port());
    Policy {
        workspace: workspace.dir().to_owned(),
        walled: Walled {
            writable: vec![workspace.dir().to_owned(), folder.home(), folder.tmp()],
            readable: machine.template.readable(),
            port,
            env: environment(
                &machine.template,
                folder.path(),
                port,
                &access.key(Phase::Agent),
            ),
        },
        docs_hosts,
        seconds: limits::SHELL_SECONDS,
        allow_unsandboxed: machine.unsandboxed,
        mode: Mode::Strict,
    }
}

fn write_policy(folder: &AttemptFolder, policy: &Policy) -> Result<(), Fault> {
    let json = serde_json::to_vec_pretty(policy).map_err(Fault::bug)?;
    fs::write(folder.policy(), json)
        .map_err(|e| Fault::passing("write the policy of a workspace", e))
}

/// The contents of regular files that are small enough to keep and still are what the listing says.
pub fn contents<'a>(
    dir: &Path,
    entries: impl Iterator<Item = (&'a String, &'a Entry)>,
) -> Contents {
    let mut contents = Contents::new();
    for (path, entry) in entries.take(limits::WORKSPACE_FILES) {
        if let Entry::File { size, digest } = entry
            && *size <= limits::EVIDENCE_FILE_BYTES
            && let Ok(Some(bytes)) = read_inside(dir, path, limits::EVIDENCE_FILE_BYTES)
            && Digest::of(&bytes) == *digest
        {
            contents.insert(digest.clone(), bytes);
        }
    }
    contents
}

fn empty(folder: &AttemptFolder) -> std::io::Result<()> {
    files::remove_all(folder.path())?;
    for inner in [folder.workspace(), folder.home(), folder.tmp()] {
        fs::create_dir_all(inner)?;
    }
    Ok(())
}

fn lay_skills(workspace: &Path, skills: &Skills) -> std::io::Result<()> {
    for (path, content) in skills.laid() {
        let path = workspace.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, content)?;
    }
    Ok(())
}

/// The hosts that the spec's documentation is on, and those it names besides.
fn docs_hosts(spec: &Spec) -> Vec<String> {
    let host = |url: &String| {
        reqwest::Url::parse(url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
    };
    let mut hosts: Vec<String> = spec
        .docs
        .iter()
        .filter_map(host)
        .chain(spec.docs_hosts.iter().cloned())
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}
