//! The end of a run: accepted functions become one commit on the branch, or a reason why not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::domain::clean_room;
use crate::domain::event::{Event, Settlement};
use crate::domain::finding::{Exhibit, Finding, Place, Severity};
use crate::domain::limits;
use crate::domain::name::{InteractionKey, Sha, run_trailer};
use crate::domain::plan::{Plan, Step};
use crate::domain::pull::{Origin, Request};
use crate::domain::spec::Kind;
use crate::domain::tree::Edits;
use crate::domain::verdict::{Accepted, Parts};
use crate::domain::view::{Row, State, View};
use crate::edge::git::{Author, GitError, NewCommit, PushOutcome};
use crate::edge::github::{GitHub, Scope};
use crate::edge::nango::{NangoError, WholeFolder};
use crate::rules::assemble::{AssembleProblem, INDEX, Present, assemble};
use crate::rules::judge::judge;

use super::blocking::blocking;
use super::cancel::Cancellation;
use super::deps::Deps;
use super::fault::Fault;
use super::fetch::Checkout;
use super::log::{Planned, RunLog};
use super::machine::Machine;
use super::signatures;

/// Everything that settling needs to know.
pub struct Table<'a> {
    /// Tools, walls, dossiers.
    pub machine: &'a Machine,
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
    pub cancellation: &'a Cancellation,
}

/// Settles the run, unless its log says that this was done; what was signed is written down before.
pub async fn once(
    deps: &Deps,
    log: &RunLog,
    cancellation: &Cancellation,
    checkout: &Checkout,
    planned: &Planned,
) -> Result<Settlement, Fault> {
    let so_far = log.so_far().await?;
    let settlement = match &so_far.view.settlement {
        Some(settlement) => settlement.clone(),
        None => {
            signatures::sign(&deps.store, &so_far).await?;
            let table = Table {
                machine: &deps.machine,
                github: deps.github.as_ref(),
                checkout,
                request: so_far.request()?,
                planned,
                view: &so_far.view,
                cancellation,
            };
            let settlement = table.settle().await?;
            log.append(Event::Settled {
                settlement: settlement.clone(),
            })
            .await?;
            settlement
        }
    };
    if let Settlement::Committed { commit, .. } = &settlement {
        deps.store
            .set_pushed(log.run(), commit)
            .await
            .map_err(|e| Fault::passing("write down the commit", e))?;
    }
    Ok(settlement)
}

impl Table<'_> {
    /// Assembles, verifies the whole, commits and pushes. Doing it again after an interruption makes the same commit.
    pub async fn settle(&self) -> Result<Settlement, Fault> {
        let present = self.present().await?;
        let parts = self.parts().await?;
        let removed = removed(&self.planned.plan, &parts, &present);
        let edits = match assemble(&present, &parts, &removed).map_err(unfit) {
            Ok(edits) => self.news(edits).await?,
            Err(finding) => {
                return Ok(Settlement::WholeFailed {
                    findings: vec![finding],
                });
            }
        };
        if edits.is_empty() {
            return Ok(Settlement::Nothing);
        }
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
                // Judged again rather than remembered: what the rules of today refuse has a row that says so.
                State::Carried { dossier } => {
                    let (dossiers, id) = (self.machine.dossiers.clone(), dossier.clone());
                    let dossier = blocking(move || dossiers.get(&id)).await?;
                    let dossier = dossier
                        .map_err(|e| Fault::passing("open the evidence of an earlier run", e))?;
                    judge(&dossier).accept(spec, self.checkout.settings.mode)
                }
                State::Waiting
                | State::Working { .. }
                | State::Edited { .. }
                | State::Removed
                | State::GivenUp { .. } => None,
            };
            accepted.extend(leave);
        }
        let dossiers = self.machine.dossiers.clone();
        blocking(move || {
            accepted
                .into_iter()
                .map(|one| part(&dossiers, one))
                .collect()
        })
        .await?
    }

    /// The edits that change anything: what is carried is mostly there already.
    async fn news(&self, edits: Edits) -> Result<Edits, Fault> {
        let (mirror, head) = (self.checkout.mirror.clone(), self.checkout.head.clone());
        blocking(move || {
            let mut news = Edits::new();
            for (path, content) in edits {
                let there = mirror.read(&head, &path, limits::RECORDING_BYTES);
                // What cannot be read is no regular file of this size, so it is something else than ours.
                if there.ok().flatten() != content {
                    news.insert(path, content);
                }
            }
            news
        })
        .await
    }

    /// The project at the head.
    async fn present(&self) -> Result<Present, Fault> {
        let project = self.checkout.settings.project.clone();
        let (mirror, head) = (self.checkout.mirror.clone(), self.checkout.head.clone());
        let template = self.machine.template.files().clone();
        blocking(move || {
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
                limits::EVIDENCE_FILE_BYTES,
            )?;
            Ok::<_, crate::edge::git::GitError>(Present {
                project,
                paths,
                index,
                template,
            })
        })
        .await?
        .map_err(|e| Fault::passing("read the project at the head", e))
    }

    /// The project as it would be, compiled and tested as a whole. Findings say what fails.
    async fn verify(&self, edits: &Edits) -> Result<Vec<Finding>, Fault> {
        let project = self.checkout.settings.project.clone();
        let folder = self
            .machine
            .runs
            .join(self.request.run.as_str())
            .join("whole");
        let (mirror, head, edits) = (
            self.checkout.mirror.clone(),
            self.checkout.head.clone(),
            edits.clone(),
        );
        let template = self.machine.template.clone();
        let under = project.clone();
        let laid = blocking(move || {
            let tree = folder.join("tree");
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            let project = tree.join(project);
            mirror
                .export(&head, &under, &project)
                .map_err(std::io::Error::other)?;
            apply(&edits, &tree)?;
            Ok::<_, std::io::Error>(WholeFolder::open(
                &template,
                &project,
                &folder.join("private"),
            ))
        })
        .await?;
        let whole = match laid.map_err(|e| Fault::passing("lay out the project as a whole", e))? {
            Ok(whole) => whole,
            Err(error @ NangoError::OwnPackages { .. }) => {
                return Ok(vec![fails("lay out", error.to_string())]);
            }
            Err(error) => return Err(Fault::passing("lay out the project as a whole", error)),
        };
        let end = self
            .machine
            .run(&whole.compile_it(), self.cancellation)
            .await?;
        let compiled = whole.read_compile(&end);
        if !compiled.passed() {
            return verdict_of("compile", &compiled);
        }
        if !whole.has_tests() {
            return Ok(Vec::new());
        }
        let end = self
            .machine
            .run(&whole.test_it(), self.cancellation)
            .await?;
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
            let blobs = self.machine.dossiers.blobs().clone();
            let patch = blocking(move || blobs.put(patch.as_bytes())).await?;
            let patch = patch.map_err(|e| Fault::passing("keep the patch", e))?;
            return Ok(Settlement::Fork {
                functions: functions as u32,
                patch,
            });
        }
        let github = self.github()?;
        let place = pull.reference(*installation).at;
        // Pushed by this very run before it was interrupted, and the branch is back where it was: a person did that.
        let known = github
            .has_commit(&place, &commit)
            .await
            .map_err(|e| Fault::github("look whether the commit was pushed before", e))?;
        if known && self.checkout.at == commit {
            return Ok(Settlement::Committed {
                commit,
                branch: pull.head_branch.clone(),
                paths,
            });
        }
        if known {
            return Ok(Settlement::PushRefused {
                reason: format!(
                    "The commit {} was on the branch already and somebody took it off again. Comment `/retry` to build anew.",
                    commit.short()
                ),
            });
        }
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
        let key = token.clone();
        let pushed = blocking(move || mirror.push(Some(&key), &at, &branch, &expected)).await?;
        if let Err(GitError::Denied { status: 401, .. }) = &pushed {
            github.broker().discard(&place, Scope::Push, &token).await;
        }
        Ok(
            match pushed.map_err(|e| Fault::git("push the commit", e))? {
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
        let place = pull.reference(*installation).at;
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
        let place = pull.reference(*installation).at;
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
        Step::Build { .. } | Step::Carry { .. } | Step::Edited { .. } => None,
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

fn unfit(problem: AssembleProblem) -> Finding {
    Finding {
        rule: "assemble".into(),
        severity: Severity::Block,
        place: Place::Build,
        sentence: problem.to_string(),
        evidence: Vec::new(),
    }
}

fn verdict_of(step: &str, result: &clean_room::Step) -> Result<Vec<Finding>, Fault> {
    match result.outcome {
        clean_room::Outcome::Broken => Err(Fault::passing(
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
        State::Waiting | State::Working { .. } | State::Edited { .. } | State::GivenUp { .. } => {
            None
        }
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
