//! Check runs: what shows on the commit.

use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::domain::button::Button;
use crate::domain::limits;
use crate::domain::name::Sha;
use crate::domain::post::{Annotation, CheckRun};

use super::app::GitHub;
use super::broker::Scope;
use super::error::GitHubError;
use super::redacted::Redacted;
use super::text::segment;
use crate::domain::place::RepoRef;
use crate::text::clip::shorten;

/// A check run as GitHub has it.
#[derive(Deserialize)]
struct CheckRunBody {
    id: u64,
    external_id: Option<String>,
    app: Option<CheckApp>,
    output: Option<CheckOutput>,
}

#[derive(Deserialize)]
struct CheckApp {
    id: u64,
}

#[derive(Deserialize)]
struct CheckOutput {
    annotations_count: Option<usize>,
}

impl CheckRunBody {
    fn annotations(&self) -> usize {
        let count = self.output.as_ref().and_then(|o| o.annotations_count);
        count.unwrap_or_default()
    }
}

impl GitHub {
    /// Sees to it that the commit `head` has one check run of ours with this name and `check.external_id`, and that it
    /// is as `check` says; returns its id. `known` is the id from before and spares the search.
    ///
    /// GitHub takes [`limits::ANNOTATIONS_PER_REQUEST`] annotations at once, adds them to those that are there, and
    /// takes none back. So only those are sent that are not there yet: `check.annotations` must begin with what was
    /// sent before.
    pub async fn ensure_check(
        &self,
        at: &RepoRef,
        head: &Sha,
        name: &str,
        check: &Redacted<CheckRun>,
        known: Option<u64>,
    ) -> Result<u64, GitHubError> {
        let there = match known {
            Some(id) => self.check(at, id).await?,
            None => None,
        };
        let there = match there {
            Some(there) => Some(there),
            None => self.find_check(at, head, name, &check.external_id).await?,
        };
        let wanted = &check.annotations[..check.annotations.len().min(limits::ANNOTATIONS)];
        let sent = there.as_ref().map_or(0, |(_, sent)| *sent);
        let mut batches = wanted
            .get(sent..)
            .unwrap_or_default()
            .chunks(limits::ANNOTATIONS_PER_REQUEST);
        let first = batches.next().unwrap_or_default();
        let id = match there {
            Some((id, _)) => {
                self.update_check(at, id, &request(name, check, first))
                    .await?;
                id
            }
            None => self.create_check(at, head, name, check, first).await?,
        };
        for batch in batches {
            self.update_check(at, id, &request(name, check, batch))
                .await?;
        }
        Ok(id)
    }

    /// The check run with this id and how many annotations it has; nothing when it is not there.
    async fn check(&self, at: &RepoRef, id: u64) -> Result<Option<(u64, usize)>, GitHubError> {
        let path = format!("/repos/{}/check-runs/{id}", at.repo);
        match self.get::<CheckRunBody>(at, Scope::Report, &path).await {
            Ok(wire) => Ok(Some((wire.id, wire.annotations()))),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn find_check(
        &self,
        at: &RepoRef,
        head: &Sha,
        name: &str,
        external_id: &str,
    ) -> Result<Option<(u64, usize)>, GitHubError> {
        #[derive(Deserialize)]
        struct CheckPage {
            check_runs: Vec<CheckRunBody>,
        }
        let path = format!(
            "/repos/{}/commits/{head}/check-runs?check_name={}&filter=all",
            at.repo,
            segment(name)
        );
        let pages: Vec<CheckPage> = self.pages(at, Scope::Report, &path).await?;
        let mut checks = pages.into_iter().flat_map(|page| page.check_runs);
        let ours = |check: &CheckRunBody| check.app.as_ref().is_none_or(|app| self.is_ours(app.id));
        Ok(checks
            .find(|check| check.external_id.as_deref() == Some(external_id) && ours(check))
            .map(|check| (check.id, check.annotations())))
    }

    async fn create_check(
        &self,
        at: &RepoRef,
        head: &Sha,
        name: &str,
        check: &CheckRun,
        annotations: &[Annotation],
    ) -> Result<u64, GitHubError> {
        let path = format!("/repos/{}/check-runs", at.repo);
        let mut body = request(name, check, annotations);
        body["head_sha"] = json!(head);
        let made: CheckRunBody = self.write(at, Method::POST, &path, &body).await?;
        Ok(made.id)
    }

    async fn update_check(&self, at: &RepoRef, id: u64, body: &Value) -> Result<(), GitHubError> {
        let path = format!("/repos/{}/check-runs/{id}", at.repo);
        let _: CheckRunBody = self.write(at, Method::PATCH, &path, body).await?;
        Ok(())
    }
}

/// The body of a request; what is absent is left out, since GitHub takes no null here.
fn request(name: &str, check: &CheckRun, annotations: &[Annotation]) -> Value {
    let mut output = json!({
        "title": shorten(&check.title, limits::ANNOTATION_TITLE_CHARS),
        "summary": shorten(&check.summary, limits::CHECK_CHARS),
    });
    if let Some(text) = &check.text {
        output["text"] = json!(shorten(text, limits::CHECK_CHARS));
    }
    if !annotations.is_empty() {
        output["annotations"] = annotations.iter().map(annotation).collect();
    }
    let mut body = json!({
        "name": name,
        "external_id": check.external_id,
        "status": check.status,
        "started_at": time(check.started_ms),
        "output": output,
    });
    body["actions"] = check.buttons.iter().copied().map(action).collect();
    if let Some(conclusion) = check.conclusion {
        body["conclusion"] = json!(conclusion);
    }
    if let Some(completed_ms) = check.completed_ms {
        body["completed_at"] = json!(time(completed_ms));
    }
    if let Some(url) = &check.details_url {
        body["details_url"] = json!(url);
    }
    body
}

fn annotation(annotation: &Annotation) -> Value {
    json!({
        "path": annotation.path,
        "start_line": annotation.line.max(1),
        "end_line": annotation.line.max(1),
        "annotation_level": annotation.level,
        "title": shorten(&annotation.title, limits::ANNOTATION_TITLE_CHARS),
        "message": shorten(&annotation.message, limits::ANNOTATION_MESSAGE_CHARS),
    })
}

fn action(button: Button) -> Value {
    json!({
        "label": button.label(),
        "description": button.description(),
        "identifier": button.identifier(),
    })
}

/// To the second, as GitHub writes it.
fn time(ms: i64) -> String {
    jiff::Timestamp::from_second(ms.div_euclid(1_000))
        .unwrap_or_default()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::post::{AnnotationLevel, CheckStatus, Conclusion};

    #[test]
    fn a_request_has_nothing_empty_and_nothing_too_long() {
        let mut check = CheckRun {
            external_id: "0123456789ab".into(),
            status: CheckStatus::InProgress,
            conclusion: None,
            title: "working".into(),
            summary: "ä".repeat(70_000),
            text: None,
            annotations: vec![],
            buttons: Button::ALL.to_vec(),
            details_url: None,
            started_ms: 1_700_000_000_123,
            completed_ms: None,
        };
        let body = request("countersign", &check, &[]);
        assert_eq!(body["status"], "in_progress");
        assert_eq!(body["started_at"], "2023-11-14T22:13:20Z");
        for absent in ["conclusion", "completed_at", "details_url"] {
            assert!(body.get(absent).is_none(), "{absent}");
        }
        assert!(body["output"].get("annotations").is_none());
        let summary = body["output"]["summary"].as_str().unwrap_or_default();
        assert_eq!(summary.chars().count(), limits::CHECK_CHARS);

        check.status = CheckStatus::Completed;
        check.conclusion = Some(Conclusion::TimedOut);
        let remark = Annotation {
            path: "interactions/slack/users.yaml".into(),
            line: 0,
            level: AnnotationLevel::Failure,
            title: "a".repeat(300),
            message: "why".into(),
        };
        let body = request("countersign", &check, &[remark]);
        assert_eq!(body["conclusion"], "timed_out");
        let sent = &body["output"]["annotations"][0];
        assert_eq!(
            (&sent["start_line"], &sent["end_line"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(sent["annotation_level"], "failure");
        assert_eq!(sent["title"].as_str().map(|t| t.chars().count()), Some(255));
    }
}
