//! What the function of one build is at first, and how its spec changed since.

use crate::domain::beginning::{Anew, Beginning, SpecChange, Start};
use crate::domain::history::History;
use crate::domain::limits;
use crate::domain::name::{Digest, Sha};
use crate::domain::plan::Placed;
use crate::domain::spec::Spec;
use crate::edge::blobs::Dossiers;
use crate::edge::git::GitError;
use crate::rules::judge::reading::secrets;
use crate::rules::judge::reading::unified::unified;

use crate::run::fetch::Checkout;

/// What is needed to know what builds begin from.
#[derive(Debug, Clone)]
pub(super) struct Beginnings {
    /// The head.
    pub checkout: Checkout,
    /// What was made on the pull request before.
    pub history: History,
    /// What whoever asked for the run wants.
    pub start: Start,
    /// Their login.
    pub asked_by: Option<String>,
    /// Where functions were before their specs named another project.
    pub moved: Vec<Placed>,
}

/// What one build begins from.
#[derive(Debug, Clone)]
pub(super) struct Begins {
    /// As evidence.
    pub beginning: Beginning,
    /// The function as it stands at the head, when it may be shown.
    pub source: Option<Vec<u8>>,
    /// How the spec changed since that was built.
    pub change: SpecChange,
}

impl Begins {
    /// The function that the agent is given.
    pub fn given(&self) -> Option<&[u8]> {
        match self.beginning {
            Beginning::Function { .. } => self.source.as_deref(),
            Beginning::Nothing | Beginning::Anew { .. } => None,
        }
    }
}

impl Beginnings {
    /// Looks at the head. Blocks.
    pub(super) fn look(&self, spec: &Spec, dossiers: &Dossiers) -> Result<Begins, GitError> {
        let project = self.checkout.settings.project_of(spec);
        let path = project.path(&spec.function_path());
        let (mirror, head) = (&self.checkout.mirror, &self.checkout.head);
        let mut read = mirror.read(head, &path, limits::FUNCTION_BYTES);
        if let (Ok(None), Some(before)) = (&read, self.place_before(spec)) {
            read = mirror.read(head, &before, limits::FUNCTION_BYTES);
        }
        let asked = self.start.is_clean(&spec.key).then(|| Anew::Asked {
            by: self.asked_by.clone(),
        });
        let source = match read {
            Ok(source) => source.map(String::from_utf8),
            Err(GitError::NotAFile { .. } | GitError::TooMuch { .. }) => {
                return Ok(anew(asked.unwrap_or(Anew::Unfit), None));
            }
            Err(error) => return Err(error),
        };
        Ok(match source {
            None => Begins {
                beginning: Beginning::Nothing,
                source: None,
                change: SpecChange::Unknown,
            },
            Some(Err(_)) => anew(asked.unwrap_or(Anew::Unfit), None),
            Some(Ok(source)) => match (secrets::find(&source), asked) {
                // Not even the difference from it is shown.
                (Some(secret), asked) => {
                    let what = secret.what.to_owned();
                    anew(asked.unwrap_or(Anew::Secret { what }), None)
                }
                (None, Some(asked)) => anew(asked, Some(source)),
                (None, None) => {
                    let former = Digest::of(source.as_bytes());
                    Begins {
                        change: self.change(spec, &former, dossiers)?,
                        beginning: Beginning::Function { former },
                        source: Some(source.into_bytes()),
                    }
                }
            },
        })
    }

    /// Where the function was before its spec named another project. One of another kind is another function.
    fn place_before(&self, spec: &Spec) -> Option<String> {
        let mut moved = self.moved.iter();
        let placed = moved.find(|placed| placed.key == spec.key && placed.kind == spec.kind)?;
        let projects = &self.checkout.settings.projects;
        let project = projects.of(placed.project.as_ref());
        Some(project.path(&spec.function_path()))
    }

    /// How the spec differs from the one that the function was built from.
    fn change(
        &self,
        spec: &Spec,
        former: &Digest,
        dossiers: &Dossiers,
    ) -> Result<SpecChange, GitError> {
        let made = self.history.made(&spec.key);
        let is_former = |dossier: &Digest| {
            let opened = dossiers.get(dossier);
            opened.is_ok_and(|one| one.seal.room.function.source() == Some(former))
        };
        // One that a person has edited is by nobody's dossier: then it was the newest that was countersigned.
        let exact = made.iter().find(|made| is_former(&made.dossier));
        let at = match exact.or_else(|| made.iter().find(|made| made.is_signed)) {
            // A commit that was pushed over may be gone from the mirror.
            Some(made) if self.checkout.mirror.contains(&made.head)? => &made.head,
            Some(_) => return Ok(SpecChange::Unknown),
            None => &self.checkout.merge_base,
        };
        let Some(before) = self.asked(spec, at)? else {
            return Ok(SpecChange::New);
        };
        let now = self.asked(spec, &self.checkout.head)?.unwrap_or_default();
        let differences: Vec<String> = now
            .iter()
            .zip(before)
            .filter(|(now, before)| now.text != before.text)
            .map(|(now, before)| {
                let (from, to) = (format!("a/{}", now.path), format!("b/{}", now.path));
                unified(&from, &to, &before.text, &now.text)
            })
            .collect();
        Ok(if differences.is_empty() {
            SpecChange::None
        } else {
            SpecChange::Changed {
                unified: differences.concat(),
            }
        })
    }

    /// The spec and the `integration.yaml` beside it at a commit; nothing when there is no such spec.
    fn asked(&self, spec: &Spec, at: &Sha) -> Result<Option<Vec<Asked>>, GitError> {
        let folder = spec.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let read = |path: String| {
            let read = self
                .checkout
                .mirror
                .read(at, &path, limits::SPEC_BYTES as u64);
            let bytes = match read {
                Err(GitError::NotAFile { .. } | GitError::TooMuch { .. }) => None,
                read => read?,
            };
            let text = bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            Ok::<_, GitError>(text.map(|text| Asked { path, text }))
        };
        let Some(own) = read(spec.path.clone())? else {
            return Ok(None);
        };
        let path = format!("{folder}/integration.yaml");
        let shared = read(path.clone())?.unwrap_or(Asked {
            path,
            text: String::new(),
        });
        Ok(Some(vec![own, shared]))
    }
}

/// A file that says what is wanted.
struct Asked {
    path: String,
    text: String,
}

fn anew(why: Anew, former: Option<String>) -> Begins {
    Begins {
        beginning: Beginning::Anew {
            why,
            former: former.as_ref().map(|text| Digest::of(text.as_bytes())),
        },
        source: former.map(String::into_bytes),
        change: SpecChange::Unknown,
    }
}
