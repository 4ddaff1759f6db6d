//! `countersign import`: specs for the functions that a Nango project has already.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use walkdir::WalkDir;

use crate::cli::args::ImportArgs;
use crate::domain::limits;
use crate::domain::name::{FunctionName, IntegrationName, InteractionKey};
use crate::domain::project::ProjectFolder;
use crate::domain::spec::{FunctionPaths, Kind};
use crate::rules::adopt;
use crate::rules::assemble::{AssembleProblem, INDEX, YAML};
use crate::rules::specs::{Missing, SETTINGS_PATH};
use crate::text::number::count;

use super::drafts::{Drafts, Written};
use super::error::CommandError;
use super::{exit_code, work_tree};

/// Writes a spec for every function that has none; says what each lacks, and which files are none.
pub fn import(args: &ImportArgs) -> Result<ExitCode, CommandError> {
    let folder = fs::canonicalize(&args.project)
        .map_err(|e| CommandError::Usage(format!("{}: {e}", args.project.display())))?;
    let old = args.project.join(YAML);
    if old.exists() {
        let problem = AssembleProblem::Yaml(old.display().to_string());
        return Err(CommandError::Usage(problem.to_string()));
    }
    let drafts = Drafts::of(&folder)?;
    let project = ProjectFolder::named(&work_tree::relative(drafts.root(), &folder)?);
    let place = Place {
        to_name: place(&drafts, &project)?,
        drafts: &drafts,
        folder: &folder,
    };
    let functions = functions(&folder)?;
    let (mut new, mut there) = (0, 0);
    for (path, named) in &functions {
        let spec = named.clone().and_then(|(key, kind)| {
            alone(&functions, &key, kind)?;
            place.one(path, &key, kind, args)
        });
        match spec {
            Ok(Written::New) => new += 1,
            Ok(Written::There) => there += 1,
            Err(why) => say!("{path}: no spec, {why}"),
        }
    }
    if functions.is_empty() {
        return Err(CommandError::Usage(format!(
            "{}: there are no functions here; they are <integration>/<folder>/<name>.ts, in the folders actions, syncs and on-events",
            args.project.display()
        )));
    }
    drafts.schemas()?;
    say!(
        "{}, {there} had one, of {}",
        count(new, "new spec"),
        count(functions.len(), "file")
    );
    if new > 0 {
        say!(
            "What is there stays as it is until its spec changes or somebody says `/retry` of it on a pull request."
        );
    }
    if let Some(only) = drafts
        .settings
        .projects
        .only()
        .filter(|only| **only != project)
    {
        say!(
            "{SETTINGS_PATH}: Countersign looks for the project in `{only}`; write `project: {project}` there"
        );
    }
    Ok(ExitCode::from(exit_code::COUNTERSIGNED))
}

/// What a file is by its path, or why it can have no spec.
type Named = Result<(InteractionKey, Kind), String>;

/// The files where Nango has functions, by path.
fn functions(project: &Path) -> Result<Vec<(String, Named)>, CommandError> {
    let mut found = Vec::new();
    let files = WalkDir::new(project)
        .min_depth(3)
        .max_depth(3)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "node_modules");
    for entry in files {
        let entry = entry.map_err(|e| CommandError::Usage(e.to_string()))?;
        let path = work_tree::relative(project, entry.path())?;
        if let Some(named) = named(&path).filter(|_| entry.file_type().is_file()) {
            found.push((path, named));
        }
    }
    Ok(found)
}

fn named(path: &str) -> Option<Named> {
    let (folder, file) = path.rsplit_once('/')?;
    let (integration, kind) = folder.split_once('/')?;
    let kind = match kind {
        "actions" => Kind::Action,
        "syncs" => Kind::Sync,
        "on-events" => Kind::OnEvent,
        _ => return None,
    };
    let name = file
        .strip_suffix(".ts")
        .filter(|name| !name.ends_with(".d"))?;
    let integration = integration
        .parse::<IntegrationName>()
        .map_err(|e| format!("`{integration}` {e}"));
    let name = name
        .parse::<FunctionName>()
        .map_err(|e| format!("`{name}` {e}"));
    Some(integration.and_then(|integration| {
        let name = name?;
        Ok((InteractionKey { integration, name }, kind))
    }))
}

/// A spec has one name, and with it one function: of two of the same name only one can have it, and nobody knows which.
fn alone(functions: &[(String, Named)], key: &InteractionKey, kind: Kind) -> Result<(), String> {
    let twin = functions.iter().find(|(_, named)| {
        let other = named.as_ref().ok();
        other.is_some_and(|(other, of)| other == key && *of != kind)
    });
    twin.map_or(Ok(()), |(path, _)| {
        Err(format!("{path} has the same name; rename one of them"))
    })
}

/// The project that specs of this folder have to name, where there are several.
///
/// # Errors
/// When the settings have other projects, which are there, too.
fn place(drafts: &Drafts, project: &ProjectFolder) -> Result<Option<ProjectFolder>, CommandError> {
    let projects = &drafts.settings.projects;
    match projects.only() {
        None => drafts.knows(project)?,
        Some(only) if only != project && drafts.root().join(only.path(INDEX)).exists() => {
            return Err(CommandError::Usage(format!(
                "Countersign looks for the project in `{only}`, which is there, too; write `projects: [{only}, {project}]` into \
                 {SETTINGS_PATH} first"
            )));
        }
        Some(_) => {}
    }
    Ok(projects.to_name(project))
}

/// Where functions are, and their specs go.
struct Place<'a> {
    drafts: &'a Drafts,
    folder: &'a Path,
    to_name: Option<ProjectFolder>,
}

impl Place<'_> {
    /// Writes the spec of one function.
    fn one(
        &self,
        path: &str,
        key: &InteractionKey,
        kind: Kind,
        args: &ImportArgs,
    ) -> Result<Written, String> {
        let source = text(&self.folder.join(path), limits::FUNCTION_BYTES)?;
        let paths = FunctionPaths::of(key, kind);
        let recorded = text(&self.folder.join(&paths.recording), limits::RECORDING_BYTES).ok();
        let (draft, missing) =
            adopt::draft(key, kind, &source, recorded.as_deref()).map_err(|e| e.to_string())?;
        let connection = args
            .connection
            .clone()
            .unwrap_or_else(|| format!("{}-test", key.integration));
        let written = (self.drafts)
            .write(key, &draft, &connection, self.to_name.as_ref())
            .map_err(|e| e.to_string())?;
        if written.spec == Written::There {
            return self.there(key, &written.path);
        }
        if written.shared == Written::New && args.connection.is_none() {
            say!(
                "{}: the connection `{connection}` is a guess; put the id of your test account's connection there",
                written.beside
            );
        }
        let missing: Vec<&str> = missing.into_iter().map(Missing::words).collect();
        let lacks = if missing.is_empty() {
            String::new()
        } else {
            format!("; missing: {}", missing.join(", "))
        };
        say!("{}: {}{lacks}", written.path, kind.word());
        Ok(Written::New)
    }

    /// A spec that is there is this function's, unless it is of another project.
    fn there(&self, key: &InteractionKey, path: &str) -> Result<Written, String> {
        let of = self.drafts.project_of(key);
        match of.filter(|of| self.to_name.as_ref().is_some_and(|own| own != of)) {
            None => Ok(Written::There),
            Some(other) => Err(format!(
                "{path} is that of the function in {other}; give one of the two functions another name"
            )),
        }
    }
}

/// The text of a file of at most `limit` bytes.
fn text(file: &Path, limit: u64) -> Result<String, String> {
    let bytes = fs::metadata(file).map_err(|e| e.to_string())?.len();
    if bytes > limit {
        return Err(format!("it has {bytes} bytes, and the limit is {limit}"));
    }
    fs::read_to_string(file).map_err(|e| e.to_string())
}
