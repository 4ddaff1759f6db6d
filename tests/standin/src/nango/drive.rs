//! Google Drive (v3), the list of files.

use serde_json::{Value, json};

use super::google::{error, size};
use super::{Answer, Ask, page};

/// Answers as Drive does.
pub(super) fn answer(ask: &Ask) -> Answer {
    if ask.method != "GET" || ask.path != "/drive/v3/files" {
        return error(404, "notFound", "Not Found");
    }
    let size = match size(ask, "pageSize", 100, 1000) {
        Ok(size) => size,
        Err(refused) => return refused,
    };
    let files: Vec<Value> = (1..=7)
        .map(|number| {
            json!({
                "kind": "drive#file",
                "id": format!("1file{number:028}"),
                "name": format!("Report {number}.pdf"),
                "mimeType": "application/pdf",
            })
        })
        .collect();
    let Some((files, next)) = page(&files, ask.param("pageToken"), size) else {
        return error(400, "invalid", "Invalid Value");
    };
    let mut body = json!({ "kind": "drive#fileList", "incompleteSearch": false });
    if let Some(next) = next {
        body["nextPageToken"] = next.into();
    }
    body["files"] = files.into();
    Answer::new(200, body)
}
