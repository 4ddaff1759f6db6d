//! `countersign check`: read specs and settings of the work tree and list every error.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use walkdir::WalkDir;

use crate::cli::args::{CheckArgs, SchemaArg};
use crate::cli::exit_code;
use crate::domain::limits;
use crate::domain::settings::Settings;
use crate::edge::git::Mirror;
use crate::rules::specs::{self, Problem, SETTINGS_PATH, SourceFile, Which};

use super::error::CommandError;

/// Prints the errors, or that there are none; or a schema.
pub fn check(args: &CheckArgs) -> Result<ExitCode, CommandError> {
    if let Some(which) = args.schema {
        let schema = specs::schema(match which {
            SchemaArg::Spec => Which::Spec,
            SchemaArg::Integration => Which::Integration,
            SchemaArg::Settings => Which::Settings,
        });
        say!("{schema:#}");
        return Ok(ExitCode::from(exit_code::COUNTERSIGNED));
    }
    let root = root(&args.repository)?;
    let mut problems = Vec::new();
    let settings = settings(&root, &mut problems)?;
    let files = files(&root, &settings)?;
    let sources: Vec<SourceFile<'_>> = files
        .iter()
        .map(|(path, content)| SourceFile { path, content })
        .collect();
    let checked = specs::check(&sources, &settings);
    problems.extend(checked.problems);
    let asked = asked(&root, &args.specs)?;
    for path in &asked {
        if !files.iter().any(|(there, _)| there == path) {
            let below = &settings.interactions;
            return Err(CommandError::Usage(format!(
                "{path} is not a file below {below}/, where specs are"
            )));
        }
    }
    let meant = |path: &str| {
        asked.is_empty() || asked.iter().any(|asked| asked == path) || path == SETTINGS_PATH
    };
    let shown: Vec<&Problem> = problems
        .iter()
        .filter(|problem| meant(&problem.path))
        .collect();
    for problem in &shown {
        eprintln!("{problem}\n");
    }
    let good = checked
        .specs
        .iter()
        .filter(|spec| meant(&spec.path))
        .count();
    if shown.is_empty() {
        let none = if good == 0 {
            format!(
                "; specs are {}/<integration>/<name>.yaml",
                settings.interactions
            )
        } else {
            String::new()
        };
        say!("{}, no errors{none}", counted(good, "spec"));
        return Ok(ExitCode::from(exit_code::COUNTERSIGNED));
    }
    say!(
        "{}; {} without",
        counted(shown.len(), "error"),
        counted(good, "spec")
    );
    Ok(ExitCode::from(exit_code::NOT_COUNTERSIGNED))
}

/// `1 spec`, `2 specs`.
fn counted(number: usize, noun: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{s}")
}

/// The top of the repository that `folder` is in; the folder itself when there is no git, which reading does not need.
fn root(folder: &Path) -> Result<PathBuf, CommandError> {
    let there = |path: &Path| {
        std::fs::canonicalize(path)
            .map_err(|e| CommandError::Usage(format!("{}: {e}", path.display())))
    };
    let folder = there(folder)?;
    match Mirror::local(&folder).and_then(|repository| repository.work_tree()) {
        Ok(top) => there(&top),
        Err(_) => Ok(folder),
    }
}

fn settings(root: &Path, problems: &mut Vec<Problem>) -> Result<Settings, CommandError> {
    match std::fs::read(root.join(SETTINGS_PATH)) {
        Ok(content) => Ok(
            specs::read_settings(SETTINGS_PATH, &content).unwrap_or_else(|found| {
                problems.extend(found);
                Settings::default()
            }),
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Settings::default()),
        Err(error) => Err(CommandError::Usage(format!("{SETTINGS_PATH}: {error}"))),
    }
}

/// The regular files below the folder of the specs, as the repository would have them.
pub fn files(root: &Path, settings: &Settings) -> Result<Vec<(String, Vec<u8>)>, CommandError> {
    let folder = root.join(&settings.interactions);
    let mut files = Vec::new();
    if !folder.is_dir() {
        return Ok(files);
    }
    for entry in WalkDir::new(&folder)
        .sort_by_file_name()
        .into_iter()
        .take(limits::SPEC_FILES)
    {
        let entry = entry.map_err(|e| CommandError::Usage(e.to_string()))?;
        if entry.file_type().is_dir() {
            continue;
        }
        let path = relative(root, entry.path())?;
        let size = entry.metadata().map_or(0, |meta| meta.len());
        let content = if !entry.file_type().is_file() {
            Vec::new()
        } else if size > limits::SPEC_BYTES as u64 {
            vec![b' '; limits::SPEC_BYTES + 1]
        } else {
            std::fs::read(entry.path()).map_err(|e| CommandError::Usage(format!("{path}: {e}")))?
        };
        files.push((path, content));
    }
    Ok(files)
}

fn asked(root: &Path, specs: &[PathBuf]) -> Result<Vec<String>, CommandError> {
    let real = |path: &PathBuf| {
        std::fs::canonicalize(path)
            .or_else(|_| std::fs::canonicalize(root.join(path)))
            .map_err(|e| CommandError::Usage(format!("{}: {e}", path.display())))
            .and_then(|path| relative(root, &path))
    };
    specs.iter().map(real).collect()
}

fn relative(root: &Path, path: &Path) -> Result<String, CommandError> {
    let inside = path.strip_prefix(root).map_err(|_| {
        CommandError::Usage(format!(
            "{} is outside of the repository {}",
            path.display(),
            root.display()
        ))
    })?;
    let parts: Vec<String> = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    Ok(parts.join("/"))
}
