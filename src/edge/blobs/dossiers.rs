//! Dossiers: `dossiers/<digest>.json` is the seal, `blobs/` beside that folder has all that it names. The id of a dossier
//! is the digest of its seal, so nothing in it can be changed without changing its name.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::archive::Archive;
use super::error::BlobError;
use super::objects::{self, Objects};
use super::store::{self, Blobs};
use crate::domain::dossier::{Dossier, Seal, VERSION};
use crate::domain::limits;
use crate::domain::name::Digest;
use crate::domain::tape::Tape;
use crate::domain::transcript::Transcript;
use crate::domain::tree::Entry;

/// Why a dossier cannot be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum DossierError {
    /// The file is not there.
    #[error("there is no dossier at {path}")]
    Missing {
        /// Where it was looked for.
        path: String,
    },
    /// The seal is not what its name says.
    #[error(
        "the dossier {path} was changed after it was sealed: its content has the digest {found}"
    )]
    Changed {
        /// Where it lies.
        path: String,
        /// What its content hashes to.
        found: Digest,
    },
    /// A format that is not known yet.
    #[error(
        "the dossier {path} has format {found}, and this version reads up to {VERSION}; use the Countersign that wrote it, or a newer one"
    )]
    Newer {
        /// Where it lies.
        path: String,
        /// Its format.
        found: u32,
    },
    /// A part is not of the form that it must have.
    #[error("{what} of the dossier cannot be read: {source}")]
    Form {
        /// `the seal`, `the transcript`, `the tape`.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// The seal names a content that it did not come with.
    #[error("the seal names the content {digest} ({what}), which was not handed in with it")]
    Incomplete {
        /// Of the content.
        digest: Digest,
        /// What it is.
        what: String,
    },
    /// A content cannot be kept or read.
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl DossierError {
    /// Whether it is somebody else who does not answer or refuses, so that the same may go well later.
    pub fn is_away(&self) -> bool {
        matches!(self, DossierError::Blob(error) if error.is_away())
    }
}

/// The digests of what a seal needs before it can be made.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// For [`Seal::transcript`].
    pub transcript: Digest,
    /// For [`Seal::tape`].
    pub tape: Digest,
}

/// All dossiers. Calls block; they belong on a blocking thread.
#[derive(Debug, Clone)]
pub struct Dossiers {
    blobs: Blobs,
    objects: Objects,
}

/// Where the seals are.
pub(super) const FOLDER: &str = "dossiers";
const ENDING: &str = ".json";

impl Dossiers {
    /// Opens `<state>/dossiers` and `<state>/blobs`, and makes them when they are not there.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn open(state: &Path) -> Result<Self, BlobError> {
        Self::open_in(&Archive::Folder(state.to_owned()))
    }

    /// The same wherever evidence is kept. A bucket is not asked for anything yet: see [`Dossiers::check`].
    ///
    /// # Errors
    /// When folders cannot be made, or what the environment says of a bucket cannot be used.
    pub fn open_in(archive: &Archive) -> Result<Self, BlobError> {
        if let Archive::Folder(state) = archive {
            for folder in [FOLDER, store::FOLDER] {
                objects::make(&state.join(folder))?;
            }
        }
        let objects = Objects::open(archive)?;
        Ok(Self {
            blobs: Blobs::of(objects.clone()),
            objects,
        })
    }

    /// Whether evidence can be read there, asked of whoever keeps it.
    ///
    /// # Errors
    /// When a bucket cannot be reached, is not there, or refuses.
    pub fn check(&self) -> Result<(), BlobError> {
        self.objects.check()
    }

    /// The blobs, for whatever else is kept by its hash.
    pub fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    pub(super) fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Keeps the evidence of one attempt and opens it again, so that judging sees the same now and in a year.
    ///
    /// `make` builds the seal around the digests of transcript and tape. `contents` holds, by digest, every content
    /// that the seal names: the files that differ between its two trees, the function, the recordings, the test. Files
    /// larger than [`limits::EVIDENCE_FILE_BYTES`] may be missing, and what the seal does not name is not kept.
    ///
    /// # Errors
    /// When a content is missing, something is too large, or the disk refuses.
    pub fn seal(
        &self,
        transcript: &Transcript,
        tape: &Tape,
        contents: &BTreeMap<Digest, Vec<u8>>,
        make: impl FnOnce(Evidence) -> Seal,
    ) -> Result<Dossier, DossierError> {
        let seal = make(Evidence {
            transcript: self.blobs.put(&json(transcript, "the transcript")?)?,
            tape: self.blobs.put(&json(tape, "the tape")?)?,
        });
        for (digest, content) in named(&seal) {
            match contents.get(&digest) {
                Some(bytes) => {
                    let kept = self.blobs.put(bytes)?;
                    if kept != digest {
                        return Err(DossierError::Incomplete {
                            digest,
                            what: content.what,
                        });
                    }
                }
                None if content.presence == Presence::Optional => {}
                None => {
                    return Err(DossierError::Incomplete {
                        digest,
                        what: content.what,
                    });
                }
            }
        }
        let text = json(&seal, "the seal")?;
        let bytes = text.len() as u64;
        if bytes > limits::SEAL_BYTES {
            return Err(BlobError::TooLarge { bytes }.into());
        }
        let id = Digest::of(&text);
        // The seal comes last: when it is there, all that it names is there.
        self.objects.put(&path(&id), text)?;
        self.get(&id)
    }

    /// The dossier with this id, checked to the last byte.
    ///
    /// # Errors
    /// When it is not there, incomplete, changed, or of a newer format.
    pub fn get(&self, id: &Digest) -> Result<Dossier, DossierError> {
        let path = path(id);
        let place = self.objects.place(&path);
        match self.objects.get(&path, limits::SEAL_BYTES)? {
            Some(found) => read(found.content, place, &self.blobs, Some(id)),
            None => Err(DossierError::Missing { path: place }),
        }
    }

    /// The same where evidence that is gone or was touched is none: to compare with what was, and never to judge.
    ///
    /// # Errors
    /// When whoever keeps it cannot be reached: then nobody knows.
    pub fn find(&self, id: &Digest) -> Result<Option<Dossier>, DossierError> {
        match self.get(id) {
            Ok(dossier) => Ok(Some(dossier)),
            Err(error) if error.is_away() => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// The dossier whose seal lies at `path`, with the blobs in `blobs/` beside it or beside its folder.
    ///
    /// # Errors
    /// As [`Dossiers::get`]. A file whose name is no digest cannot tell whether it was changed; its parts still can.
    pub fn open_path(path: &Path) -> Result<Dossier, DossierError> {
        let text = objects::read_file(path, limits::SEAL_BYTES)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let around = match folder.join(store::FOLDER).is_dir() {
            // The empty path is the folder that we are in, but not for everybody.
            true => Path::new(".").join(folder),
            false => Path::new(".").join(folder).join(".."),
        };
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let id = name.and_then(|stem| stem.parse::<Digest>().ok());
        let place = path.display().to_string();
        let text = text.ok_or_else(|| DossierError::Missing {
            path: place.clone(),
        })?;
        let blobs = Blobs::of(Objects::open(&Archive::Folder(around))?);
        read(text, place, &blobs, id.as_ref())
    }
}

/// Whether a dossier is whole without a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Presence {
    Required,
    Optional,
}

struct NamedContent {
    what: String,
    presence: Presence,
}

/// The contents that a seal names: every file that differs between the two trees (required up to
/// [`limits::EVIDENCE_FILE_BYTES`]), the function, the recordings, the test.
fn named(seal: &Seal) -> BTreeMap<Digest, NamedContent> {
    let mut named: BTreeMap<Digest, NamedContent> = BTreeMap::new();
    let mut add = |digest: &Digest, what: String, presence: Presence| {
        let content = named
            .entry(digest.clone())
            .or_insert(NamedContent { what, presence });
        content.presence = content.presence.min(presence);
    };
    for change in seal.before.changes_to(&seal.after) {
        for entry in [&change.before, &change.after].into_iter().flatten() {
            if let Entry::File { size, digest } = entry {
                let presence = if *size <= limits::EVIDENCE_FILE_BYTES {
                    Presence::Required
                } else {
                    Presence::Optional
                };
                add(digest, change.path.clone(), presence);
            }
        }
    }
    let single = [
        ("the function", seal.room.function.source()),
        ("our recording", seal.room.recording.as_ref()),
        (
            "our recording as the CLI wrote it",
            seal.room.saved.as_ref(),
        ),
        ("the generated test", seal.room.test.as_ref()),
        ("the agent's recording", seal.offered_recording.as_ref()),
        ("the function that it began from", seal.beginning.former()),
    ];
    for module in &seal.modules {
        let of_module = [Some(&module.content), module.former()];
        for digest in of_module.into_iter().flatten() {
            add(digest, module.path.clone(), Presence::Required);
        }
    }
    let rounds = seal.rounds.iter();
    let rounds = rounds.map(|round| ("the function of an earlier round", round.function.as_ref()));
    for (what, digest) in single.into_iter().chain(rounds) {
        if let Some(digest) = digest {
            add(digest, what.to_owned(), Presence::Required);
        }
    }
    named
}

fn path(id: &Digest) -> String {
    format!("{FOLDER}/{id}{ENDING}")
}

/// The dossier whose seal lies at this path.
pub(super) fn id_of(path: &str) -> Option<Digest> {
    let name = path.strip_prefix(FOLDER)?.strip_prefix('/')?;
    name.strip_suffix(ENDING)?.parse().ok()
}

/// The dossier with this seal, which lies at `path`.
fn read(
    text: Vec<u8>,
    path: String,
    blobs: &Blobs,
    expected: Option<&Digest>,
) -> Result<Dossier, DossierError> {
    let id = Digest::of(&text);
    if expected.is_some_and(|expected| *expected != id) {
        return Err(DossierError::Changed { path, found: id });
    }
    // The version comes first: a newer seal may have any other form.
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    let Version { version } = parse(&text, "the seal")?;
    if version > VERSION {
        return Err(DossierError::Newer {
            path,
            found: version,
        });
    }
    let seal: Seal = parse(&text, "the seal")?;
    let mut transcript: Transcript = parse(&blobs.get(&seal.transcript)?, "the transcript")?;
    if seal.version < 2 {
        transcript = transcript.with_deeds_of_opencode();
    }
    let tape = parse(&blobs.get(&seal.tape)?, "the tape")?;
    let mut contents = BTreeMap::new();
    let named = named(&seal);
    let digests: Vec<&Digest> = named.keys().collect();
    for ((digest, content), found) in named.iter().zip(blobs.get_all(&digests)?) {
        match found {
            Ok(bytes) => {
                contents.insert(digest.clone(), bytes);
            }
            Err(BlobError::Missing { .. }) if content.presence == Presence::Optional => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Dossier::new(id, seal, transcript, tape, contents))
}

fn json<T: serde::Serialize>(value: &T, what: &'static str) -> Result<Vec<u8>, DossierError> {
    serde_json::to_vec(value).map_err(|source| DossierError::Form { what, source })
}

fn parse<T: DeserializeOwned>(text: &[u8], what: &'static str) -> Result<T, DossierError> {
    serde_json::from_slice(text).map_err(|source| DossierError::Form { what, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::beginning::Beginning;
    use crate::domain::claim::ClaimReading;
    use crate::domain::clean_room::{Room, Taken};
    use crate::domain::dossier::{Ended, Guard, Tools, Walls};
    use crate::domain::guidance::Guidance;
    use crate::domain::name::{AttemptId, RunId};
    use crate::domain::spec::Spec;
    use crate::domain::transcript::Usage;
    use crate::domain::tree::Tree;
    use crate::rules::specs;

    fn file(content: &[u8]) -> Entry {
        Entry::File {
            size: content.len() as u64,
            digest: Digest::of(content),
        }
    }

    fn seal(evidence: Evidence) -> Seal {
        let key: crate::domain::name::InteractionKey = "slack/post".parse().expect("a key");
        let tree = |entries: &[(&str, Entry)]| {
            let entries = entries.iter().cloned();
            Tree(
                entries
                    .map(|(path, entry)| (path.to_owned(), entry))
                    .collect(),
            )
        };
        let huge = Entry::File {
            size: limits::EVIDENCE_FILE_BYTES + 1,
            digest: Digest::of(b"huge"),
        };
        Seal {
            version: VERSION,
            attempt: AttemptId {
                run: RunId::from_cause(&["test"]),
                interaction: key.clone(),
                number: 1,
            },
            workspace: None,
            spec: Spec {
                input: Some(serde_json::json!({"amount": 0.1})),
                ..specs::sample::spec(&key.to_string())
            },
            allowed: vec![],
            severities: BTreeMap::new(),
            reasons: BTreeMap::new(),
            beginning: Beginning::Nothing,
            helpers: Vec::new(),
            modules: Vec::new(),
            neighbours: Vec::new(),
            rounds: Vec::new(),
            guidance: Guidance::default(),
            tools: Tools {
                agent: "opencode 1".into(),
                model: "scripted/one".into(),
                nango: "0.71.10".into(),
                lock: Digest::of(b"lock"),
                skills: Digest::of(b"skills"),
                had: Vec::new(),
            },
            walls: Walls {
                shell: "none".into(),
                file_tools: Guard::Down,
            },
            started_ms: 1,
            ended_ms: 2,
            ended: Ended::Finished,
            usage: Usage::default(),
            before: tree(&[("same", file(b"same")), ("post.ts", file(b"scaffold"))]),
            after: tree(&[
                ("same", file(b"same")),
                ("post.ts", file(b"code")),
                ("huge", huge),
            ]),
            offered_recording: None,
            transcript: evidence.transcript,
            tape: evidence.tape,
            claim: ClaimReading::Missing,
            room: Room::untried(Taken::Source {
                digest: Digest::of(b"code"),
                bytes: 4,
            }),
        }
    }

    fn contents(texts: &[&[u8]]) -> BTreeMap<Digest, Vec<u8>> {
        texts
            .iter()
            .map(|text| (Digest::of(text), text.to_vec()))
            .collect()
    }

    fn sealed(state: &Path, texts: &[&[u8]]) -> Result<Dossier, DossierError> {
        let dossiers = Dossiers::open(state).expect("opened");
        let transcript = Transcript::default();
        dossiers.seal(&transcript, &Tape::default(), &contents(texts), seal)
    }

    #[test]
    fn a_dossier_is_opened_as_it_was_sealed() {
        let state = tempfile::tempdir().expect("a folder");
        let dossier = sealed(state.path(), &[b"scaffold", b"code", b"unnamed"]).expect("sealed");
        assert_eq!(dossier.text(&Digest::of(b"code")), Some("code"));
        assert_eq!(dossier.content(&Digest::of(b"unnamed")), None);
        assert_eq!(dossier.content(&Digest::of(b"huge")), None);
        let dossiers = Dossiers::open(state.path()).expect("opened");
        let again = dossiers.get(&dossier.id).expect("opened");
        assert_eq!((again.id, again.seal), (dossier.id.clone(), dossier.seal));
        let by_path = Dossiers::open_path(&state.path().join(path(&dossier.id))).expect("opened");
        assert_eq!(by_path.text(&Digest::of(b"scaffold")), Some("scaffold"));
    }

    #[test]
    fn a_seal_without_its_contents_is_refused() {
        let state = tempfile::tempdir().expect("a folder");
        let error = sealed(state.path(), &[b"code"]).expect_err("refused");
        assert!(matches!(&error, DossierError::Incomplete { what, .. } if what == "post.ts"));
        let left = std::fs::read_dir(state.path().join("dossiers")).expect("a folder");
        assert_eq!(left.count(), 0);
    }

    #[test]
    fn whatever_is_changed_afterwards_is_noticed() {
        let state = tempfile::tempdir().expect("a folder");
        let dossier = sealed(state.path(), &[b"scaffold", b"code"]).expect("sealed");
        let dossiers = Dossiers::open(state.path()).expect("opened");
        let blob = |digest: &Digest| {
            let (head, tail) = digest.as_str().split_at(2);
            state.path().join("blobs").join(head).join(tail)
        };
        for digest in [
            &Digest::of(b"code"),
            &dossier.seal.transcript,
            &dossier.seal.tape,
        ] {
            let sound = std::fs::read(blob(digest)).expect("read");
            std::fs::write(blob(digest), b"tampered").expect("written");
            let error = dossiers.get(&dossier.id).expect_err("refused");
            assert!(matches!(
                error,
                DossierError::Blob(BlobError::Broken { .. })
            ));
            std::fs::remove_file(blob(digest)).expect("removed");
            let error = dossiers.get(&dossier.id).expect_err("refused");
            assert!(matches!(
                error,
                DossierError::Blob(BlobError::Missing { .. })
            ));
            std::fs::write(blob(digest), sound).expect("written");
        }
        let path = state.path().join(path(&dossier.id));
        let text = std::fs::read_to_string(&path).expect("read");
        std::fs::write(&path, text.replace("\"started_ms\":1", "\"started_ms\":0"))
            .expect("written");
        let error = dossiers.get(&dossier.id).expect_err("refused");
        assert!(matches!(error, DossierError::Changed { .. }), "{error}");
        let error = Dossiers::open_path(&path).expect_err("refused");
        assert!(matches!(error, DossierError::Changed { .. }), "{error}");

        let newer = state.path().join("dossiers/newer.json");
        std::fs::write(&newer, r#"{"version":3,"other":"form"}"#).expect("written");
        let error = Dossiers::open_path(&newer).expect_err("refused");
        assert!(
            matches!(error, DossierError::Newer { found: 3, .. }),
            "{error}"
        );
        let error = Dossiers::open_path(&state.path().join("none.json")).expect_err("refused");
        assert!(matches!(error, DossierError::Missing { .. }), "{error}");
    }
}
