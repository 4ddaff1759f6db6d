//! Google Sheets (v4), the values of one spreadsheet.

use serde_json::{Value, json};

use super::google::error;
use super::{Answer, Ask};

/// The only spreadsheet that the test account sees.
const SPREADSHEET: &str = "1CountersignTestSpreadsheet";
/// Its only sheet.
const SHEET: &str = "Sheet1";

#[derive(Debug)]
pub(super) struct Sheets {
    rows: Vec<Vec<Value>>,
}

impl Default for Sheets {
    fn default() -> Self {
        let row = |name: &str, amount: &str| vec![name.into(), amount.into()];
        Self {
            rows: vec![
                row("Name", "Amount"),
                row("Ada", "12"),
                row("Grace", "30"),
                row("Edsger", "7"),
            ],
        }
    }
}

impl Sheets {
    pub(super) fn answer(&mut self, ask: &Ask) -> Answer {
        let parts = ask.parts();
        let ["v4", "spreadsheets", id, "values", range] = parts.as_slice() else {
            return error(404, "notFound", "Requested entity was not found.");
        };
        if *id != SPREADSHEET {
            return error(404, "notFound", "Requested entity was not found.");
        }
        let (range, verb) = match range.rsplit_once(':') {
            Some((range, "append")) => (range, "append"),
            _ => (*range, ""),
        };
        let range = range.replace("%21", "!").replace("%3A", ":");
        if range.split('!').next() != Some(SHEET) {
            return error(
                400,
                "badRequest",
                &format!("Unable to parse range: {range}"),
            );
        }
        match (ask.method.as_str(), verb) {
            ("GET", "") => Answer::new(
                200,
                json!({
                    "range": format!("{SHEET}!A1:Z{}", self.rows.len().max(1000)),
                    "majorDimension": "ROWS",
                    "values": self.rows,
                }),
            ),
            ("POST", "append") => self.append(ask),
            _ => error(404, "notFound", "Requested entity was not found."),
        }
    }

    fn append(&mut self, ask: &Ask) -> Answer {
        let required = "'valueInputOption' is required but not specified";
        match ask.param("valueInputOption") {
            Some("RAW" | "USER_ENTERED") => {}
            Some(_) | None => return error(400, "badRequest", required),
        }
        let body = ask.json();
        let rows = body["values"].as_array().into_iter().flatten();
        let rows: Vec<Vec<Value>> = rows.filter_map(|row| row.as_array().cloned()).collect();
        let (before, width) = (self.rows.len(), rows.iter().map(Vec::len).max());
        let width = width.unwrap_or_default();
        let cells: usize = rows.iter().map(Vec::len).sum();
        let added = rows.len();
        self.rows.extend(rows);
        let last = char::from(b'A' + u8::try_from(width.clamp(1, 26) - 1).unwrap_or_default());
        Answer::new(
            200,
            json!({
                "spreadsheetId": SPREADSHEET,
                "tableRange": format!("{SHEET}!A1:B{before}"),
                "updates": {
                    "spreadsheetId": SPREADSHEET,
                    "updatedRange": format!("{SHEET}!A{}:{last}{}", before + 1, before + added),
                    "updatedRows": added,
                    "updatedColumns": width,
                    "updatedCells": cells,
                },
            }),
        )
    }
}
