//! A repository's settings file.

use super::problem::Problem;
use super::raw::RawSettings;
use super::read::{Readable, read};
use super::schema::Which;
use super::source::SourceFile;
use crate::domain::finding::Severity;
use crate::domain::settings::Settings;
use crate::domain::spec::BuildLimits;
use crate::rules::judge;

/// Where the settings lie, from the repository's root. Read from the base branch only.
pub const SETTINGS_PATH: &str = ".github/countersign.yml";

/// Reads the settings file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_settings(source: &SourceFile) -> Result<Settings, Vec<Problem>> {
    let path = source.path.as_str();
    let file: Readable<'_, RawSettings> = read(source, Which::Settings)?;
    let raw = &file.raw;
    let default = Settings::default();
    let settings = Settings {
        project: match raw.project.as_deref() {
            None => default.project,
            Some(".") => String::new(),
            Some(folder) => folder.to_owned(),
        },
        interactions: raw.interactions.clone().unwrap_or(default.interactions),
        drafts: raw.drafts.unwrap_or(default.drafts),
        model: raw.model.clone(),
        parallel: raw.parallel.unwrap_or(default.parallel),
        build: BuildLimits {
            minutes: raw.limits.build.minutes.unwrap_or(default.build.minutes),
            usd: raw.limits.build.usd.unwrap_or(default.build.usd),
            tokens: raw.limits.build.tokens.unwrap_or(default.build.tokens),
        },
        run_minutes: raw.limits.run.minutes.unwrap_or(default.run_minutes),
        run_usd: raw.limits.run.usd.unwrap_or(default.run_usd),
        runs_per_hour: raw.limits.hour.runs.unwrap_or(default.runs_per_hour),
        commit: raw.commit.unwrap_or(default.commit),
        mode: raw.mode.unwrap_or(default.mode),
        writes: raw.writes.unwrap_or(default.writes),
        skills: raw.skills.clone(),
        helpers: raw.helpers.clone(),
        severities: raw.severities.clone(),
        reasons: raw.reasons.clone(),
    };
    let problems = contradictions(path, &file, &settings);
    if problems.is_empty() {
        Ok(settings)
    } else {
        Err(problems)
    }
}

/// What each key alone allows, but not all together.
fn contradictions(
    path: &str,
    file: &Readable<'_, RawSettings>,
    settings: &Settings,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut complain = |key: &[&str], message: String, help: &str| {
        let at = file.tree.nearest(key).at;
        problems.push(Problem::at(path, file.text, at, message).help(help));
    };
    let has_reason = |name: &String| {
        let reason = settings.reasons.get(name);
        reason.is_some_and(|reason| !reason.trim().is_empty())
    };
    for (name, severity) in &settings.severities {
        if *severity < Severity::Block && judge::may_block(name) && !has_reason(name) {
            let message = format!("`{name}` may block, so a milder severity needs a reason");
            let help = format!("add `reasons: {{ {name}: \"why\" }}`; reports print it");
            complain(&["severities", name], message, &help);
        }
    }
    for name in settings.reasons.keys() {
        if !settings.severities.contains_key(name) {
            let message =
                format!("`reasons` says why for `{name}`, but `severities` leaves it as it is");
            complain(&["reasons", name], message, "remove one or add the other");
        }
    }
    let folders = [
        ("project", Some(&settings.project)),
        ("interactions", Some(&settings.interactions)),
        ("skills", settings.skills.as_ref()),
    ];
    for (key, folder) in folders {
        if folder.is_some_and(|folder| {
            folder
                .split('/')
                .any(|step| step.eq_ignore_ascii_case(".git"))
        }) {
            let message = format!("`{key}` points into git's own folder");
            complain(&[key], message, "choose another folder");
        }
    }
    let within =
        |inner: &str, outer: &str| inner == outer || inner.starts_with(&format!("{outer}/"));
    // At the root, the project has all else beside its integrations.
    if within(&settings.interactions, &settings.project)
        || within(&settings.project, &settings.interactions)
    {
        let message = format!(
            "specs (`{}`) and the Nango project (`{}`) lie in one another",
            settings.interactions, settings.project
        );
        let key = if file.tree.entry("interactions").is_some() {
            "interactions"
        } else {
            "project"
        };
        complain(&[key], message, "give each a folder of its own");
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::{Commit, Drafts, Mode};
    use crate::rules::specs::source::SourceContent;

    fn regular(path: impl Into<String>, content: impl Into<Vec<u8>>) -> SourceFile {
        SourceFile {
            path: path.into(),
            content: SourceContent::Regular(content.into()),
        }
    }

    #[test]
    fn every_setting_is_read_and_the_rest_is_default() {
        let text = "project: nango\ninteractions: .specs/all\ndrafts: build\nmodel: openrouter/z-ai/glm:free\n\
            parallel: 3\nmode: permissive\ncommit: needs-a-look\nskills: .github/skills\nhelpers: [shared, lib/http]\n\
            limits:\n  build: { minutes: 5, usd: 0.25, tokens: 9000 }\n  run: { minutes: 7, usd: 2 }\n  hour: { runs: 3 }\n\
            severities:\n  fixture-not-recorded: warn\nreasons:\n  fixture-not-recorded: our own fixtures\n";
        let settings = read_settings(&regular("s", text)).expect("read");
        assert_eq!(
            (settings.project.as_str(), settings.interactions.as_str()),
            ("nango", ".specs/all")
        );
        assert_eq!(
            (settings.drafts, settings.mode, settings.commit),
            (Drafts::Build, Mode::Permissive, Commit::NeedsALook)
        );
        assert_eq!(settings.model.as_deref(), Some("openrouter/z-ai/glm:free"));
        assert_eq!((settings.parallel, settings.runs_per_hour), (3, 3));
        assert_eq!((settings.run_minutes, settings.run_usd), (7, 2.0));
        let build = BuildLimits {
            minutes: 5,
            usd: 0.25,
            tokens: 9000,
        };
        assert_eq!(settings.build, build);
        assert_eq!(settings.severities["fixture-not-recorded"], Severity::Warn);
        assert_eq!(settings.skills.as_deref(), Some(".github/skills"));
        assert_eq!(settings.helpers, ["shared", "lib/http"]);
        let root = read_settings(&regular("s", "project: .\n")).expect("read");
        assert_eq!(root.project, "", "the root is the empty path");

        let settings = read_settings(&regular("s", "mode: strict")).expect("read");
        assert_eq!(settings, Settings::default());
    }
}
