//! The clean room of one attempt: fresh project, the agent's source, our everything else.

use std::path::Path;

use crate::domain::clean_room::Room;
use crate::domain::dossier::Dossier;
use crate::domain::dry_run::DryRunArguments;
use crate::domain::tape::Phase;
use crate::edge::nango::{Contents, RoomFolder, Source};
use crate::os::random;
use crate::rules::probes;
use crate::rules::rebuild::rebuild;
use crate::run::blocking::blocking;
use crate::run::cancel::Cancellation;
use crate::run::fault::Fault;
use crate::run::machine::Machine;

use super::prepare::Prepared;

/// What is tried.
pub(super) struct RoomFunction {
    /// The function.
    pub source: Vec<u8>,
    /// The modules that it imports.
    pub modules: Vec<Source>,
    /// What it is run with.
    pub arguments: DryRunArguments,
}

/// Compiles it, runs it, tests it, and tries it in experiments.
pub(super) async fn try_function(
    machine: &Machine,
    prepared: &Prepared,
    function: RoomFunction,
    before: Option<&Dossier>,
    cancellation: &Cancellation,
) -> Result<(Room, Contents), Fault> {
    let folder = prepared.folder.room();
    remove(&folder).map_err(|e| Fault::passing("clear the clean room", e))?;
    // Unguessable, so that code in the clean room cannot write our own report beforehand.
    let nonce = random::hex::<24>().map_err(Fault::bug)?;
    let RoomFunction {
        source,
        modules,
        arguments,
    } = function;
    let lay = {
        let (template, spec) = (machine.template.clone(), prepared.brief.spec.clone());
        blocking(move || RoomFolder::lay(&template, &folder, &spec, &source, &modules, &nonce))
    };
    let room = lay
        .await?
        .map_err(|e| Fault::passing("lay out the clean room", e))?;
    let program = room
        .try_it(
            machine.witness.port(),
            &prepared.access.key(Phase::CleanRoom),
            &arguments,
        )
        .map_err(|e| Fault::passing("lay out the clean room", e))?;
    let end = prepared.run(machine, &program, cancellation).await?;
    let tape = match before {
        Some(before) => prepared.access.tape().after_round(&before.tape),
        None => prepared.access.tape(),
    };
    let tried = room
        .read_tried(&end)
        .map_err(|e| Fault::passing("read what the clean room found", e))?
        .put_right(|recording| rebuild(recording, &tape));
    let modules = probes::modules();
    let tests = room
        .test_it(&tried, &modules)
        .map_err(|e| Fault::passing("lay out the tests", e))?;
    let tests = match tests {
        Some(program) => Some(prepared.run(machine, &program, cancellation).await?),
        None => None,
    };
    let recording = tried.recording.clone();
    let (mut found, contents) = room.conclude(arguments, tried, tests.as_ref());
    // What does not pass its own tests is not worth an experiment.
    if let Some(recording) = recording.filter(|_| found.passed()) {
        let behind = tests
            .as_ref()
            .and_then(|end| room.read_probed(&modules, end));
        found.probes = match behind {
            Some(found) => found,
            None => {
                let program = room
                    .probe_it(&recording, &modules)
                    .map_err(|e| Fault::passing("lay out the probes", e))?;
                let end = prepared.run(machine, &program, cancellation).await?;
                room.read_probes(&modules, &end)
            }
        };
    }
    Ok((found, contents))
}

/// A folder of an earlier round goes.
fn remove(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
