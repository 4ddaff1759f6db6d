//! Functions at the head that import what an agent changed, with what the head has to try them with.

use std::collections::BTreeMap;

use crate::domain::failure::TestFile;
use crate::domain::limits;
use crate::domain::neighbour::{HeadRecording, NotTried};
use crate::domain::project::ProjectFolder;
use crate::domain::spec::{FunctionPaths, Spec};
use crate::edge::git::GitError;
use crate::edge::nango::is_recording;
use crate::rules::ground::neighbours::{ToTry, neighbours};
use crate::rules::whole::is_ours_to_run;
use crate::run::fetch::Checkout;

use super::modules::TakenModules;
use super::project::Project;

/// One of them.
#[derive(Debug, Clone)]
pub struct HeadNeighbour {
    /// Relative to the Nango project.
    pub path: String,
    /// What it takes to try it.
    pub to_try: Result<HeadFunction, NotTried>,
}

/// A function as the head has it.
#[derive(Debug, Clone)]
pub struct HeadFunction {
    /// It and its modules.
    pub files: ToTry,
    /// What became of looking for its recording.
    pub found: HeadRecording,
    /// Its recording; there exactly when that is [`HeadRecording::There`].
    pub recording: Option<Vec<u8>>,
    /// Its test, when it has one for vitest.
    pub test: Option<Vec<u8>>,
}

/// Reads them out of the head. Blocks.
///
/// # Errors
/// When the commit cannot be read.
pub(super) fn at_head(
    checkout: &Checkout,
    project: &Project,
    spec: &Spec,
    taken: &TakenModules,
) -> Result<Vec<HeadNeighbour>, GitError> {
    let texts = taken.sources.iter().filter_map(|source| {
        let text = std::str::from_utf8(&source.bytes).ok()?;
        Some((source.path.clone(), text.to_owned()))
    });
    let texts: BTreeMap<String, String> = texts.collect();
    let folder = checkout.settings.project_of(spec);
    neighbours(&spec.key, &taken.modules, &texts, &project.files)
        .into_iter()
        .map(|(path, to_try)| {
            let to_try = match to_try {
                Ok(files) => Ok(read(checkout, folder, files)?),
                Err(why) => Err(why),
            };
            Ok(HeadNeighbour { path, to_try })
        })
        .collect()
}

fn read(
    checkout: &Checkout,
    folder: &ProjectFolder,
    files: ToTry,
) -> Result<HeadFunction, GitError> {
    let paths = FunctionPaths::of(&files.key, files.kind);
    let read = |path: &str, limit: u64| {
        let path = folder.path(path);
        checkout.mirror.read(&checkout.head, &path, limit)
    };
    let (found, recording) = match read(&paths.recording, limits::RECORDING_BYTES) {
        Ok(None) => (HeadRecording::Missing, None),
        Ok(Some(bytes)) if is_recording(&bytes) => (HeadRecording::There, Some(bytes)),
        Ok(Some(_)) | Err(GitError::NotAFile { .. } | GitError::TooMuch { .. }) => {
            (HeadRecording::Unreadable, None)
        }
        Err(error) => return Err(error),
    };
    let test = match read(&paths.test, limits::TEST_FILE_BYTES) {
        Err(GitError::NotAFile { .. } | GitError::TooMuch { .. }) => None,
        test => test?,
    };
    let is_ours = |bytes: &Vec<u8>| {
        is_ours_to_run(&TestFile {
            path: paths.test.clone(),
            text: String::from_utf8_lossy(bytes).into_owned(),
        })
    };
    Ok(HeadFunction {
        files,
        found,
        recording,
        test: test.filter(is_ours),
    })
}
