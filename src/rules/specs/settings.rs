//! A repository's settings file.

use super::problem::Problem;
use super::raw::RawSettings;
use super::read::{Readable, read};
use super::schema::Which;
use super::source::SourceFile;
use crate::domain::finding::Severity;
use crate::domain::project::{ProjectFolder, Projects};
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
        projects: projects(raw).unwrap_or(default.projects),
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
        commit_by: raw.commit_by.unwrap_or(default.commit_by),
        mode: raw.mode.unwrap_or(default.mode),
        writes: raw.writes.unwrap_or(default.writes),
        skills: raw.skills.clone(),
        helpers: raw.helpers.clone(),
        severities: raw.severities.clone(),
        overrulers: raw.overrulers.clone(),
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
    for (key, folder) in [
        ("interactions", Some(&settings.interactions)),
        ("skills", settings.skills.as_ref()),
    ] {
        if folder.is_some_and(|folder| is_gits(folder)) {
            let message = format!("`{key}` points into git's own folder");
            complain(&[key], message, "choose another folder");
        }
    }
    project_folders(&file.raw, settings, &mut complain);
    problems
}

fn is_gits(folder: &str) -> bool {
    let mut steps = folder.split('/');
    steps.any(|step| step.eq_ignore_ascii_case(".git"))
}

/// What is wrong with where the projects lie, told by key, message and way out.
fn project_folders(
    raw: &RawSettings,
    settings: &Settings,
    complain: &mut dyn FnMut(&[&str], String, &str),
) {
    if raw.project.is_some() && raw.projects.is_some() {
        let message = "`project` and `projects` both say where Nango projects are".to_owned();
        return complain(&["project"], message, "move it into the list `projects`");
    }
    let specs = ProjectFolder::named(&settings.interactions);
    let apart = "give each a folder of its own";
    let each: Vec<&ProjectFolder> = settings.projects.iter().collect();
    for (index, project) in each.iter().enumerate() {
        let entry = index.to_string();
        let key: &[&str] = match &raw.projects {
            Some(_) => &["projects", &entry],
            None => &["project"],
        };
        if is_gits(project.as_str()) {
            let message = format!("`{project}` points into git's own folder");
            complain(key, message, "choose another folder");
        }
        // At the root, the project has all else beside its integrations.
        let is_root = project.as_str().is_empty();
        if !is_root && (project.holds(&specs) || specs.holds(project)) {
            let message =
                format!("specs (`{specs}`) and the Nango project (`{project}`) lie in one another");
            let is_theirs = raw.projects.is_none() && raw.interactions.is_some();
            let key = if is_theirs { &["interactions"] } else { key };
            complain(key, message, apart);
        }
        let mut earlier = each[..index].iter();
        match earlier.find(|other| other.holds(project) || project.holds(other)) {
            Some(other) if other == project => {
                let message = format!("the Nango project `{project}` stands here a second time");
                complain(key, message, "remove one of the two");
            }
            Some(other) => {
                let message =
                    format!("the Nango projects `{other}` and `{project}` lie in one another");
                complain(key, message, apart);
            }
            None => {}
        }
    }
}

/// The projects that the file names, if it names any.
fn projects(raw: &RawSettings) -> Option<Projects> {
    let named = raw.projects.iter().flatten().chain(&raw.project);
    let mut named = named.map(|folder| ProjectFolder::named(folder));
    Some(Projects::of_list(named.next()?, named.collect()))
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
            (
                settings.projects.listed().as_str(),
                settings.interactions.as_str()
            ),
            ("`nango`", ".specs/all")
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
        let only = root.projects.only().map(ProjectFolder::as_str);
        assert_eq!(only, Some(""), "the root is the empty path");
        let two = read_settings(&regular("s", "projects: [apps/a, apps/b]\n")).expect("read");
        assert_eq!(two.projects.listed(), "`apps/a`, `apps/b`");

        let settings = read_settings(&regular("s", "mode: strict")).expect("read");
        assert_eq!(settings, Settings::default());
    }
}
