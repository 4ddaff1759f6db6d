//! The end of a run: accepted functions become one commit on the branch, or a reason why not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::domain::event::Settlement;
use crate::domain::finding::{Exhibit, Finding, Place, Severity};
use crate::domain::name::{InteractionKey, RunId, Sha};
use crate::domain::plan::{Plan, Step};
use crate::domain::pull::{Origin, Request};
use crate::domain::room;
use crate::domain::settings::Mode;
use crate::domain::spec::Kind;
use crate::domain::tree::Edits;
use crate::domain::verdict::{Accepted, Parts};
use crate::domain::view::{Row, State, View};
use crate::edge::git::{Author, NewCommit, PushOutcome};
use crate::edge::github::{GitHub, Scope, Where};
use crate::edge::nango::WholeFolder;
use crate::rules::assemble::{INDEX, Present, assemble};
use crate::rules::judge::judge;

use super::blocking;
use super::callback::CallBack;
use super::checkout::Checkout;
use super::fault::Fault;
use super::run_log::Planned;
use super::workshop::Workshop;

/// The line of a commit message that says which run made it.
pub fn run_trailer(run: &RunId) -> String {
    format!("Countersign-Run: {run}")
}

/// Everything that settling needs to know.
pub struct Table<'a> {
    /// Tools, walls, dossiers.
    pub workshop: &'a Workshop,
    /// GitHub, for runs of pull requests.
    pub github: Option<&'a GitHub>,
    /// The repository.
    pub checkout: &'a Checkout,
    /// Who asked for what.
    pub request: &'a Request,
    /// What was to be done.
    pub planned: &'a Planned,
    /// What became of it.
    pub view: &'a View,
    /// The run's way of being called back.
    pub callback: &'a CallBack,
}

impl Table<'_> {
    /// Assembles, verifies the whole, commits and pushes. Doing it again after an interruption makes the same commit.
    pub async fn settle(&self) -> Result<Settlement, Fault> {
        let parts = self.parts().await?;
        let edits = match self.assemble(&parts).await? {
            Ok(edits) if edits.is_empty() => return Ok(Settlement::Nothing),
            Ok(edits) => edits,
            Err(finding) => {
                return Ok(Settlement::WholeFailed {
                    findings: vec![finding],
                });
            }
        };
        let findings = self.verify(&edits).await?;
        if !findings.is_empty() {
            return Ok(Settlement::WholeFailed { findings });
        }
        let paths: Vec<String> = edits.keys().cloned().collect();
        let new = NewCommit {
            parent: self.checkout.head.clone(),
            edits,
            message: message(
                self.request,
                self.view,
                &parts,
                self.coauthor().await?.as_deref(),
            ),
            author: self.author().await?,
            at_ms: self.planned.at_ms,
        };
        let mirror = self.checkout.mirror.clone();
        let commit = blocking(move || mirror.commit(&new))
            .await?
            .map_err(|e| Fault::passing("make the commit", e))?;
        match commit {
            None => Ok(Settlement::Nothing),
            Some(commit) => self.publish(commit, paths, parts.len()).await,
        }
    }

    /// The files of everything that may be put in: judged now, or carried from an earlier run.
    async fn parts(&self) -> Result<Vec<Parts>, Fault> {
        let mut accepted = Vec::new();
        for row in &self.view.rows {
            let Some(spec) = &row.spec else { continue };
            let leave = match &row.state {
                State::Judged { judgement } => judgement.accept(spec, self.checkout.settings.mode),
                // Judged again rather than remembered, by the rules of today.
                State::Carried { dossier } => {
                    let (dossiers, id) = (self.workshop.dossiers.clone(), dossier.clone());
                    let dossier = blocking(move || dossiers.get(&id)).await?;
                    let dossier = dossier
                        .map_err(|e| Fault::passing("open the evidence of an earlier run", e))?;
                    judge(&dossier).accept(spec, Mode::Permissive)
                }
                State::Waiting | State::Working { .. } | State::Removed | State::GivenUp { .. } => {
                    None
                }
            };
            accepted.extend(leave);
        }
        let dossiers = self.workshop.dossiers.clone();
        blocking(move || {
            accepted
                .into_iter()
                .map(|one| part(&dossiers, one))
                .collect()
        })
        .await?
    }

    /// The changes of the tree, or why the parts do not go together.
    async fn assemble(&self, parts: &[Parts]) -> Result<Result<Edits, Finding>, Fault> {
        let project = self.checkout.settings.project.clone();
        let (mirror, head) = (self.checkout.mirror.clone(), self.checkout.head.clone());
        let template = self.workshop.template.files().clone();
        let present = blocking(move || {
            let prefix = if project.is_empty() {
                String::new()
            } else {
                format!("{project}/")
            };
            let paths = mirror
                .list(&head, &project)?
                .into_iter()
                .filter_map(|file| file.path.strip_prefix(&prefix).map(str::to_owned))
                .collect();
            let index = mirror.read(
                &head,
                &format!("{prefix}{INDEX}"),
                crate::domain::limits::EVIDENCE_FILE_BYTES,
            )?;
            Ok::<_, crate::edge::git::GitError>(Present {
                project,
                paths,
                index,
                template,
            })
        })
        .await?
        .map_err(|e| Fault::passing("read the project at the head", e))?;
        let removed = removed(&self.planned.plan, parts, &present);
        Ok(
            assemble(&present, parts, &removed).map_err(|problem| Finding {
                rule: "assemble".into(),
                severity: Severity::Block,
                place: Place::Build,
                sentence: problem.to_string(),
                evidence: Vec::new(),
            }),
        )
    }

    /// The project as it would be, compiled and tested as a whole. Findings say what fails.
    async fn verify(&self, edits: &Edits) -> Result<Vec<Finding>, Fault> {
        let project = self.checkout.settings.project.clone();
        let folder = self
            .workshop
            .runs
            .join(self.request.run.as_str())
            .join("whole");
        let (mirror, head, edits) = (
            self.checkout.mirror.clone(),
            self.checkout.head.clone(),
            edits.clone(),
        );
        let template = self.workshop.template.clone();
        let laid = blocking(move || {
            let tree = folder.join("tree");
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            mirror
                .export(&head, &project, &tree.join(&project))
                .map_err(std::io::Error::other)?;
            apply(&edits, &tree)?;
            WholeFolder::open(&template, &tree.join(&project), &folder.join("private"))
                .map_err(std::io::Error::other)
        })
        .await?;
        let whole = match laid {
            Ok(whole) => whole,
            Err(error) => return Ok(vec![fails("lay out", error.to_string())]),
        };
        let end = self
            .workshop
            .run(&whole.compile_it(), self.callback)
            .await?;
        let compiled = whole.read_compile(&end);
        if !compiled.passed() {
            return verdict_of("compile", &compiled);
        }
        let end = self.workshop.run(&whole.test_it(), self.callback).await?;
        let tested = whole.read_tests(&end);
        if tested.tests.passed() {
            Ok(Vec::new())
        } else {
            verdict_of("tests", &tested.tests)
        }
    }

    async fn publish(
        &self,
        commit: Sha,
        paths: Vec<String>,
        functions: usize,
    ) -> Result<Settlement, Fault> {
        let mirror = self.checkout.mirror.clone();
        let Origin::PullRequest { installation, pull } = &self.request.origin else {
            let branch = format!("countersign/{}", self.request.run);
            let (name, at) = (branch.clone(), commit.clone());
            blocking(move || mirror.set_branch(&name, &at))
                .await?
                .map_err(|e| Fault::Lasting(e.to_string()))?;
            return Ok(Settlement::Committed {
                commit,
                branch,
                paths,
            });
        };
        if pull.is_from_fork() {
            let (from, to) = (self.checkout.head.clone(), commit);
            let patch = blocking(move || mirror.patch(&from, &to)).await?;
            let patch = patch.map_err(|e| Fault::passing("make the patch", e))?;
            let blobs = self.workshop.dossiers.blobs().clone();
            let patch = blocking(move || blobs.put(patch.as_bytes())).await?;
            let patch = patch.map_err(|e| Fault::passing("keep the patch", e))?;
            return Ok(Settlement::Fork {
                functions: functions as u32,
                patch,
            });
        }
        let github = self.github()?;
        let place = Where {
            installation: *installation,
            repo: pull.repo.clone(),
        };
        let token = github
            .broker()
            .token(&place, Scope::Push)
            .await
            .map_err(|e| Fault::github("get a token to push", e))?;
        let (branch, expected, at) = (
            pull.head_branch.clone(),
            self.checkout.head.clone(),
            commit.clone(),
        );
        let pushed = blocking(move || mirror.push(Some(&token), &at, &branch, &expected)).await?;
        Ok(
            match pushed.map_err(|e| Fault::passing("push the commit", e))? {
                PushOutcome::Pushed => Settlement::Committed {
                    commit,
                    branch: pull.head_branch.clone(),
                    paths,
                },
                PushOutcome::Moved { to } => Settlement::Moved { to },
                PushOutcome::Refused { reason } => Settlement::PushRefused { reason },
            },
        )
    }

    async fn author(&self) -> Result<Author, Fault> {
        let Origin::PullRequest { installation, pull } = &self.request.origin else {
            return Ok(Author {
                name: "countersign".into(),
                email: "countersign@localhost".into(),
            });
        };
        let github = self.github()?;
        let place = Where {
            installation: *installation,
            repo: pull.repo.clone(),
        };
        let bot = github
            .bot_identity(&place)
            .await
            .map_err(|e| Fault::github("look up our own account", e))?;
        Ok(Author {
            email: bot.email(&github.server_host()),
            name: bot.login,
        })
    }

    /// Who asked for it, as GitHub wants co-authors.
    async fn coauthor(&self) -> Result<Option<String>, Fault> {
        let Origin::PullRequest { installation, pull } = &self.request.origin else {
            return Ok(None);
        };
        let github = self.github()?;
        let place = Where {
            installation: *installation,
            repo: pull.repo.clone(),
        };
        let login = self.request.cause.asked_by().unwrap_or(&pull.author);
        match github.user_id(&place, login).await {
            Ok(id) => Ok(Some(format!(
                "{login} <{id}+{login}@users.noreply.{}>",
                github.server_host()
            ))),
            // A deleted account is no reason to lose a commit.
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(Fault::github("look up who asked for it", error)),
        }
    }

    fn github(&self) -> Result<&GitHub, Fault> {
        self.github
            .ok_or_else(|| Fault::Lasting("this process was started without a GitHub App".into()))
    }
}

/// What goes: functions whose spec is gone, and the function of the other kind when a spec's kind was changed.
fn removed(plan: &Plan, parts: &[Parts], present: &Present) -> Vec<(InteractionKey, Kind)> {
    let gone = plan.steps.iter().filter_map(|step| match step {
        Step::Remove { key, kind } => Some((key.clone(), *kind)),
        Step::Build { .. } | Step::Carry { .. } => None,
    });
    let turned = parts.iter().filter_map(|part| {
        let mut other = part.accepted.spec().clone();
        other.kind = match other.kind {
            Kind::Action => Kind::Sync,
            Kind::Sync => Kind::Action,
        };
        present
            .paths
            .contains(&other.function_path())
            .then_some((other.key, other.kind))
    });
    gone.chain(turned).collect()
}

fn part(dossiers: &crate::edge::blobs::Dossiers, accepted: Accepted) -> Result<Parts, Fault> {
    let dossier = dossiers
        .get(accepted.dossier())
        .map_err(|e| Fault::passing("open the evidence of a function", e))?;
    let room = &dossier.seal.room;
    let content = |digest: Option<&crate::domain::name::Digest>| {
        digest
            .and_then(|digest| dossier.content(digest))
            .map(<[u8]>::to_vec)
            .ok_or_else(|| {
                Fault::bug(format!(
                    "dossier {} was accepted without its parts",
                    dossier.id
                ))
            })
    };
    Ok(Parts {
        source: content(room.function.source())?,
        recording: content(room.recording.as_ref())?,
        test: content(room.test.as_ref())?,
        accepted,
    })
}

/// Writes edits over an exported tree. Their paths are ours: made of checked names and the project's folder.
fn apply(edits: &BTreeMap<String, Option<Vec<u8>>>, tree: &Path) -> std::io::Result<()> {
    for (path, content) in edits {
        let path = tree.join(path);
        match content {
            Some(content) => {
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(path, content)?;
            }
            None if path.exists() => fs::remove_file(path)?,
            None => {}
        }
    }
    Ok(())
}

fn verdict_of(step: &str, result: &room::Step) -> Result<Vec<Finding>, Fault> {
    match result.outcome {
        room::Outcome::Broken => Err(Fault::passing(
            "verify the project as a whole",
            result.said.clone(),
        )),
        _ => Ok(vec![fails(step, result.said.clone())]),
    }
}

fn fails(step: &str, said: String) -> Finding {
    Finding {
        rule: "whole-project".into(),
        severity: Severity::Block,
        place: Place::Build,
        sentence: format!("The project with all accepted functions in it fails at: {step}."),
        evidence: vec![Exhibit::Output {
            step: step.to_owned(),
            text: said,
        }],
    }
}

/// The commit's message: what is in it, who asked, and how to find the evidence.
fn message(request: &Request, view: &View, functions: &[Parts], coauthor: Option<&str>) -> String {
    let line = |row: &Row| match &row.state {
        State::Judged { judgement } => Some(format!(
            "{}: {} (dossier {})",
            row.key,
            judgement.verdict.words(),
            judgement.dossier.short()
        )),
        State::Carried { dossier } => Some(format!(
            "{}: carried (dossier {})",
            row.key,
            dossier.short()
        )),
        State::Removed => Some(format!("{}: removed", row.key)),
        State::Waiting | State::Working { .. } | State::GivenUp { .. } => None,
    };
    let lines: Vec<String> = view.rows.iter().filter_map(line).collect();
    let title = match functions {
        [] => "feat: remove functions whose specs are gone".to_owned(),
        [one] => format!("feat: countersign {}", one.accepted.spec().key),
        many => format!("feat: countersign {} functions", many.len()),
    };
    let mut trailers = vec![
        run_trailer(&request.run),
        format!("Countersign-Verdict: {}", verdicts(view)),
    ];
    trailers.extend(coauthor.map(|person| format!("Co-authored-by: {person}")));
    format!(
        "{title}\n\n{}\n\n{}\n",
        lines.join("\n"),
        trailers.join("\n")
    )
}

fn verdicts(view: &View) -> String {
    use crate::domain::verdict::Verdict::{Blocked, Countersigned, NeedsALook, Refused};
    let counts: Vec<String> = [Countersigned, NeedsALook, Blocked, Refused]
        .into_iter()
        .map(|verdict| (view.count(verdict), verdict.words()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    if counts.is_empty() {
        "nothing judged".into()
    } else {
        counts.join(", ")
    }
}
