//! Says how far an installation has come while npm, which says nothing, is at work.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use walkdir::WalkDir;

/// What the whole tool chain takes on disk.
const WHOLE_MB: u64 = 800;
/// How much has to be added before the next line.
const STEP_MB: u64 = 100;
/// How often the folder is measured. It takes some hundredths of a second.
const EVERY: Duration = Duration::from_secs(2);
/// After so long without a line there is one that says that work goes on: npm downloads much before it unpacks.
const SILENCE: Duration = Duration::from_secs(15);
/// How soon the end of the work is seen.
const NAP: Duration = Duration::from_millis(100);

/// Does `work`, which fills `folder`, and tells `progress` of every 100 MB on the way, or that it goes on.
pub(super) fn told<T: Send>(
    folder: &Path,
    progress: &dyn Fn(&str),
    work: impl FnOnce() -> T + Send,
) -> T {
    thread::scope(|scope| {
        let worker = scope.spawn(work);
        let began = Instant::now();
        let (mut told, mut last) = (0, began);
        while !worker.is_finished() {
            for _ in 0..EVERY.as_millis() / NAP.as_millis() {
                if worker.is_finished() {
                    break;
                }
                thread::sleep(NAP);
            }
            let steps = megabytes(folder) / STEP_MB;
            let news = steps > told;
            if !news && last.elapsed() < SILENCE {
                continue;
            }
            (told, last) = (told.max(steps), Instant::now());
            let goes_on = if news { "" } else { "; npm is at work" };
            progress(&format!(
                "  {} of about {WHOLE_MB} MB after {} s{goes_on}",
                told * STEP_MB,
                began.elapsed().as_secs()
            ));
        }
        worker
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// What lies in `folder`. Files come and go meanwhile; those that are gone count for nothing.
fn megabytes(folder: &Path) -> u64 {
    let files = WalkDir::new(folder).into_iter().flatten();
    let bytes: u64 = files
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| entry.metadata().ok())
        .map(|metadata| metadata.len())
        .sum();
    bytes / 1_000_000
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn each_step_is_told_once_and_the_result_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let said = Mutex::new(Vec::new());
        let note = |line: &str| said.lock().expect("no panic").push(line.to_owned());
        let result = told(folder.path(), &note, || {
            // Sparse: it takes no room on the disk.
            let file = std::fs::File::create(folder.path().join("large")).expect("a file");
            file.set_len(250_000_000).expect("a length");
            thread::sleep(EVERY + NAP);
            7
        });
        assert_eq!(result, 7);
        let said = said.lock().expect("no panic");
        assert_eq!(said.len(), 1, "one line for two steps: {said:?}");
        assert!(said[0].contains("200 of about 800 MB"), "{said:?}");
    }
}
