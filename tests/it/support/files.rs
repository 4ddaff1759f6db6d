//! Files that were kept.

use std::fs::{File, FileTimes};
use std::path::Path;
use std::time::{Duration, SystemTime};

use countersign::domain::limits;

/// Files below a folder, by their path in it.
pub fn below(folder: &Path) -> Vec<String> {
    let all = walkdir::WalkDir::new(folder).sort_by_file_name();
    let all = all.into_iter().filter_map(Result::ok);
    let files = all.filter(|entry| entry.file_type().is_file());
    let name = |path: &Path| path.strip_prefix(folder).expect("below").to_owned();
    files
        .map(|entry| name(entry.path()).display().to_string())
        .collect()
}

/// Makes them as old as no blob becomes that nobody names.
pub fn age(folder: &Path) {
    let old = Duration::from_millis(2 * limits::UNNAMED_BLOB_MS.unsigned_abs());
    for file in below(folder) {
        let times = FileTimes::new().set_modified(SystemTime::now() - old);
        let file = File::options().write(true).open(folder.join(file));
        file.and_then(|file| file.set_times(times))
            .expect("turned back");
    }
}
