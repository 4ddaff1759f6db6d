//! `countersign probe`: the probes of a sealed dossier once more, alone if wanted.

use std::process::ExitCode;

use tokio_util::sync::CancellationToken;

use crate::cli::args::ProbeArgs;
use crate::cli::exit_code;
use crate::domain::dossier::Dossier;
use crate::domain::module::Module;
use crate::domain::probe::{ProbeModules, ProbeOutcome};
use crate::edge::nango::{RoomFolder, Source, Template};
use crate::edge::sandbox::Sandbox;
use crate::edge::toolchain;
use crate::os::random;
use crate::rules::probes;
use crate::run::blocking::blocking;

use super::error::CommandError;
use super::sealed;

/// Runs them in a clean room of their own and prints what they find as JSON.
pub async fn probe(args: ProbeArgs) -> Result<ExitCode, CommandError> {
    let probes = chosen(args.only.as_deref())?;
    let dossier = sealed::dossier(&args.dossier, &args.state)?;
    let (source, recording) = (source(&dossier)?, recording(&dossier)?);
    let tools = toolchain::ensure(&args.state.tools()?, &|line| eprintln!("{line}"));
    let tools = tools.map_err(CommandError::fault)?;
    let at = args.state.templates()?;
    let template = blocking(move || Template::ensure(&at, &tools));
    let template = template.await.map_err(CommandError::fault)?;
    let template = template.map_err(CommandError::fault)?;

    let folder = tempfile::tempdir().map_err(CommandError::fault)?;
    let nonce = random::hex::<24>().map_err(CommandError::fault)?;
    let room = RoomFolder::lay(
        &template,
        folder.path(),
        &dossier.seal.spec,
        source,
        &modules(&dossier),
        &nonce,
    );
    let room = room.map_err(CommandError::fault)?;
    let program = room.probe_it(recording, &probes);
    let program = program.map_err(CommandError::fault)?;
    let exe = std::env::current_exe().map_err(CommandError::fault)?;
    let sandbox = Sandbox::new(exe);
    let end = sandbox.run(&program, CancellationToken::new()).await;
    let found = room.read_probes(&probes, &end.map_err(CommandError::fault)?);

    let json = serde_json::to_string_pretty(&found).map_err(CommandError::fault)?;
    say!("{json}");
    let stands = |outcome: &ProbeOutcome| {
        matches!(
            outcome,
            ProbeOutcome::Passed | ProbeOutcome::NotApplicable { .. }
        )
    };
    Ok(ExitCode::from(if found.values().all(stands) {
        exit_code::COUNTERSIGNED
    } else {
        exit_code::NOT_COUNTERSIGNED
    }))
}

/// All probes, or the one of this name.
fn chosen(only: Option<&str>) -> Result<ProbeModules, CommandError> {
    let all = probes::modules();
    let Some(name) = only else {
        return Ok(all);
    };
    let names: Vec<&str> = all.probes.iter().map(|probe| probe.name).collect();
    let unknown = || {
        CommandError::Usage(format!(
            "there is no probe `{name}`; there are {}",
            names.join(", ")
        ))
    };
    let found = all.probes.iter().find(|probe| probe.name == name);
    Ok(ProbeModules {
        probes: vec![*found.ok_or_else(unknown)?],
        shared: all.shared,
    })
}

fn source(dossier: &Dossier) -> Result<&[u8], CommandError> {
    let digest = dossier.seal.room.function.source();
    let source = digest.and_then(|digest| dossier.content(digest));
    source.ok_or_else(|| CommandError::Usage("the dossier holds no function to probe".into()))
}

fn modules(dossier: &Dossier) -> Vec<Source> {
    let modules = dossier.seal.modules.iter();
    let source = |module: &Module| {
        let bytes = dossier.content(&module.content)?.to_vec();
        let path = module.path.clone();
        Some(Source { path, bytes })
    };
    modules.filter_map(source).collect()
}

fn recording(dossier: &Dossier) -> Result<&[u8], CommandError> {
    let digest = dossier.seal.room.recording.as_ref();
    let recording = digest.and_then(|digest| dossier.content(digest));
    let none = "the dossier holds no recording of ours, so there is nothing to probe with";
    recording.ok_or_else(|| CommandError::Usage(none.into()))
}
