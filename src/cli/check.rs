//! `countersign check`: read specs and settings of the work tree and list every error.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::args::{CheckArgs, SchemaArg};
use crate::cli::exit_code;
use crate::domain::settings::Settings;
use crate::domain::spec::Spec;
use crate::rules::specs::{self, Problem, SETTINGS_PATH, Which};
use crate::text::number::count;

use super::error::CommandError;
use super::told;
use super::work_tree::{self, relative};

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
    let root = work_tree::root(&args.repository)?;
    let mut problems = Vec::new();
    let settings = settings(&root, &mut problems)?;
    let files = work_tree::specs(&root, &settings)?;
    let checked = specs::check(&files, &settings);
    problems.extend(checked.problems);
    let asked = asked(&root, &args.specs)?;
    for path in &asked {
        if !files.iter().any(|there| there.path == *path) {
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
    let good: Vec<&Spec> = checked
        .specs
        .iter()
        .filter(|spec| meant(&spec.path))
        .collect();
    let told = match args.tokens {
        true => {
            let skills = work_tree::skills(&root, &settings)?;
            format!("\n\n{}", told::lines(&good, &skills).trim_end())
        }
        false => String::new(),
    };
    let good = good.len();
    if shown.is_empty() {
        let none = if good == 0 {
            format!(
                "; specs are {}/<integration>/<name>.yaml",
                settings.interactions
            )
        } else {
            String::new()
        };
        say!("{}, no errors{none}{told}", count(good, "spec"));
        return Ok(ExitCode::from(exit_code::COUNTERSIGNED));
    }
    say!(
        "{}; {} without{told}",
        count(shown.len(), "error"),
        count(good, "spec")
    );
    Ok(ExitCode::from(exit_code::NOT_COUNTERSIGNED))
}

fn settings(root: &Path, problems: &mut Vec<Problem>) -> Result<Settings, CommandError> {
    let Some(file) = work_tree::settings(root)? else {
        return Ok(Settings::default());
    };
    Ok(specs::read_settings(&file).unwrap_or_else(|found| {
        problems.extend(found);
        Settings::default()
    }))
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
