//! What the head has to try a function with that imports what an agent changed.

use crate::domain::failure::TestFile;
use crate::domain::limits;
use crate::domain::neighbour::HeadRecording;
use crate::domain::project::ProjectFolder;
use crate::domain::spec::FunctionPaths;
use crate::edge::git::GitError;
use crate::edge::nango::is_recording;
use crate::rules::ground::neighbours::ToTry;
use crate::rules::whole::is_ours_to_run;
use crate::run::fetch::Checkout;

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

/// Reads recording and test out of the head. Blocks.
///
/// # Errors
/// When the commit cannot be read.
pub(super) fn at_head(
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
