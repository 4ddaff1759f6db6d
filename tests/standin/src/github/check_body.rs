//! What an App says of a check run, and what GitHub refuses of it.

use serde::{Deserialize, Serialize};

use super::answer::Refusal;
use super::checks::CheckRun;
use super::world::time;
use crate::limits;

const CONCLUSIONS: &[&str] = &[
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "timed_out",
];
/// `waiting`, `requested` and `pending` are for GitHub's own Actions.
const STATUSES: &[&str] = &["queued", "in_progress", "completed"];
const LEVELS: &[&str] = &["notice", "warning", "failure"];
/// Actions of one check run.
const ACTIONS: usize = 3;
/// Characters of an annotation's title; believed of names and external ids too.
const TITLE_CHARS: usize = 255;
/// Bytes of an annotation's message and of its details.
const MESSAGE_BYTES: usize = 64 * 1024;

/// A remark at lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// From the repository's root.
    pub path: String,
    /// From 1.
    pub start_line: u32,
    /// Not before the first.
    pub end_line: u32,
    /// Only within one line.
    pub start_column: Option<u32>,
    /// Only within one line.
    pub end_column: Option<u32>,
    /// `notice`, `warning` or `failure`.
    pub annotation_level: String,
    /// Plain text.
    pub message: String,
    /// A line.
    pub title: Option<String>,
    /// More.
    pub raw_details: Option<String>,
}

/// A button on a completed check run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckAction {
    /// On the button, at most 20 characters.
    pub label: String,
    /// Below it, at most 40.
    pub description: String,
    /// What comes back when it is pressed, at most 20.
    pub identifier: String,
}

#[derive(Debug, Deserialize)]
struct Output {
    title: Option<String>,
    summary: Option<String>,
    text: Option<String>,
    #[serde(default)]
    annotations: Vec<Annotation>,
}

/// The body of a creation or an update.
#[derive(Debug, Deserialize)]
pub(super) struct CheckBody {
    pub name: Option<String>,
    pub head_sha: Option<String>,
    details_url: Option<String>,
    external_id: Option<String>,
    status: Option<String>,
    conclusion: Option<String>,
    started_at: Option<String>,
    completed_at: Option<String>,
    output: Option<Output>,
    actions: Option<Vec<CheckAction>>,
}

fn one_of(key: &str, value: Option<&str>, allowed: &[&str]) -> Result<(), Refusal> {
    match value {
        Some(value) if !allowed.contains(&value) => Err(Refusal::invalid(&format!(
            "For 'properties/{key}', {value} is not a member of {allowed:?}."
        ))),
        _ => Ok(()),
    }
}

fn at_most(key: &str, text: &str, chars: usize) -> Result<(), Refusal> {
    let count = text.chars().count();
    if count > chars {
        return Err(Refusal::invalid(&format!(
            "For '{key}', only {chars} characters are allowed; {count} were supplied."
        )));
    }
    Ok(())
}

impl CheckBody {
    /// Refuses what GitHub refuses.
    pub fn check(&self) -> Result<(), Refusal> {
        one_of("status", self.status.as_deref(), STATUSES)?;
        one_of("conclusion", self.conclusion.as_deref(), CONCLUSIONS)?;
        let ends = self.status.as_deref() == Some("completed") || self.completed_at.is_some();
        if ends && self.conclusion.is_none() {
            return Err(Refusal::invalid(
                "No subschema in \"anyOf\" matched.\n\"conclusion\" wasn't supplied.",
            ));
        }
        if self.conclusion.is_some()
            && self
                .status
                .as_deref()
                .is_some_and(|status| status != "completed")
        {
            return Err(Refusal::invalid(
                "No subschema in \"anyOf\" matched.\nA conclusion goes with the status \"completed\" only.",
            ));
        }
        for (key, text) in [("name", &self.name), ("external_id", &self.external_id)] {
            at_most(key, text.as_deref().unwrap_or_default(), TITLE_CHARS)?;
        }
        if self.name.as_deref().is_some_and(str::is_empty) {
            return Err(Refusal::invalid("\"name\" can't be blank."));
        }
        for (key, text) in [
            ("started_at", &self.started_at),
            ("completed_at", &self.completed_at),
        ] {
            if text
                .as_deref()
                .is_some_and(|text| text.parse::<jiff::Timestamp>().is_err())
            {
                return Err(Refusal::invalid(&format!(
                    "For 'properties/{key}', the value is not a valid date-time."
                )));
            }
        }
        let web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        if self.details_url.as_deref().is_some_and(|url| !web(url)) {
            return Err(Refusal::new(
                422,
                "details_url must use http or https scheme",
            ));
        }
        self.output.as_ref().map_or(Ok(()), Output::check)?;
        check_actions(self.actions.as_deref().unwrap_or_default())
    }

    /// Changes `run` as the body says. Annotations are added to those that are there.
    pub fn apply(self, run: &mut CheckRun, now_ms: i64) {
        if let Some(name) = self.name {
            run.name = name;
        }
        if let Some(status) = self.status {
            run.status = status;
        }
        run.external_id = self.external_id.or(run.external_id.take());
        run.details_url = self.details_url.or(run.details_url.take());
        run.started_at = self.started_at.or(run.started_at.take());
        if let Some(conclusion) = self.conclusion {
            run.status = "completed".to_owned();
            run.conclusion = Some(conclusion);
            run.completed_at = self.completed_at.or_else(|| Some(time(now_ms)));
        } else if run.status != "completed" {
            run.conclusion = None;
            run.completed_at = None;
        }
        if let Some(output) = self.output {
            run.title = output.title;
            run.summary = output.summary;
            run.text = output.text.or(run.text.take());
            run.annotations.extend(output.annotations);
        }
        if let Some(actions) = self.actions {
            run.actions = actions;
        }
    }
}

impl Output {
    fn check(&self) -> Result<(), Refusal> {
        for (key, text) in [("title", &self.title), ("summary", &self.summary)] {
            if text.as_deref().is_none_or(|text| text.trim().is_empty()) {
                return Err(Refusal::invalid(&format!(
                    "For 'properties/output', \"{key}\" wasn't supplied."
                )));
            }
        }
        at_most(
            "title",
            self.title.as_deref().unwrap_or_default(),
            TITLE_CHARS,
        )?;
        at_most(
            "summary",
            self.summary.as_deref().unwrap_or_default(),
            limits::CHECK_CHARS,
        )?;
        at_most(
            "text",
            self.text.as_deref().unwrap_or_default(),
            limits::CHECK_CHARS,
        )?;
        if self.annotations.len() > limits::ANNOTATIONS {
            return Err(Refusal::invalid(&format!(
                "For 'properties/annotations', no more than {} items are allowed; {} were supplied.",
                limits::ANNOTATIONS,
                self.annotations.len()
            )));
        }
        self.annotations.iter().try_for_each(Annotation::check)
    }
}

impl Annotation {
    fn check(&self) -> Result<(), Refusal> {
        let refused = |why: &str| Err(Refusal::invalid(&format!("For 'annotations', {why}")));
        one_of("annotation_level", Some(&self.annotation_level), LEVELS)?;
        if self.path.is_empty() || self.path.starts_with('/') || self.path.starts_with("./") {
            return refused("path must be relative to the root of the repository.");
        }
        if self.start_line == 0 || self.end_line < self.start_line {
            return refused("start_line must be at least 1 and not after end_line.");
        }
        let columns = self.start_column.is_some() || self.end_column.is_some();
        if columns && self.start_line != self.end_line {
            return refused("columns are only allowed when start_line and end_line are the same.");
        }
        if self.message.trim().is_empty() {
            return refused("message can't be blank.");
        }
        for text in [Some(&self.message), self.raw_details.as_ref()]
            .into_iter()
            .flatten()
        {
            if text.len() > MESSAGE_BYTES {
                return refused("message and raw_details are at most 64 KB.");
            }
        }
        at_most(
            "title",
            self.title.as_deref().unwrap_or_default(),
            TITLE_CHARS,
        )
    }
}

fn check_actions(actions: &[CheckAction]) -> Result<(), Refusal> {
    if actions.len() > ACTIONS {
        return Err(Refusal::invalid(&format!(
            "For 'properties/actions', no more than {ACTIONS} items are allowed; {} were supplied.",
            actions.len()
        )));
    }
    for action in actions {
        at_most("label", &action.label, 20)?;
        at_most("description", &action.description, 40)?;
        at_most("identifier", &action.identifier, 20)?;
    }
    Ok(())
}
