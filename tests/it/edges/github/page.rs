//! A pull request's page as GitHub keeps it, for stories about what is posted.

use axum::http::Method;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::fixture::APP_ID;
use crate::support::listener::{Asked, json as answer};

/// The conversation of one pull request, and the check runs and reviews of one commit, kept as GitHub keeps them.
#[derive(Default)]
pub struct Page {
    pub comments: Vec<Value>,
    pub checks: Vec<Value>,
    pub reviews: Vec<Value>,
    next_id: u64,
}

impl Page {
    pub fn answer(&mut self, asked: &Asked) -> Response {
        let path = asked
            .path
            .trim_start_matches("/repos/acme/shop/")
            .to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match (&asked.method, &parts[..]) {
            (&Method::GET, ["issues", "1", "comments"]) => two_pages(asked, &self.comments),
            (&Method::POST, ["issues", "1", "comments"]) => {
                let comment = self.ours(json!({ "body": asked.body["body"] }));
                self.comments.push(comment.clone());
                answer(201, comment)
            }
            (&Method::PATCH, ["issues", "comments", id]) => {
                change(&mut self.comments, id, &asked.body)
            }
            (&Method::GET, ["commits", _, "check-runs"]) => answer(
                200,
                json!({ "total_count": self.checks.len(), "check_runs": self.checks }),
            ),
            (&Method::GET, ["check-runs", id]) => change(&mut self.checks, id, &Value::Null),
            (&Method::POST, ["check-runs"]) => {
                let check = self
                    .ours(json!({ "app": { "id": APP_ID }, "output": { "annotations_count": 0 } }));
                self.checks.push(check.clone());
                self.check(&check["id"].to_string(), &asked.body, 201)
            }
            (&Method::PATCH, ["check-runs", id]) => self.check(id, &asked.body, 200),
            (&Method::GET, ["pulls", "1", "reviews"]) => two_pages(asked, &self.reviews),
            (&Method::POST, ["pulls", "1", "reviews"]) => self.review(&asked.body),
            _ => answer(404, json!({ "message": "Not Found" })),
        }
    }

    fn ours(&mut self, mut thing: Value) -> Value {
        self.next_id += 1;
        thing["id"] = json!(self.next_id);
        thing["user"] = json!({ "login": "countersign[bot]", "id": 99, "type": "Bot" });
        thing
    }

    fn check(&mut self, id: &str, body: &Value, status: u16) -> Response {
        let added = body["output"]["annotations"].as_array().map_or(0, Vec::len);
        if added > 50 {
            return answer(422, json!({ "message": "too many annotations" }));
        }
        let Some(check) = find(&mut self.checks, id) else {
            return answer(404, json!({ "message": "Not Found" }));
        };
        let count = check["output"]["annotations_count"].as_u64().unwrap_or(0) + added as u64;
        check["external_id"] = body["external_id"].clone();
        check["output"]["annotations_count"] = json!(count);
        answer(status, check.clone())
    }

    /// The diff has lines 1 to 10 of `a.ts` and nothing else.
    fn review(&mut self, body: &Value) -> Response {
        let outside = |comment: &Value| {
            comment["path"] != "a.ts" || !(1..=10).contains(&comment["line"].as_u64().unwrap_or(0))
        };
        if body["comments"]
            .as_array()
            .into_iter()
            .flatten()
            .any(outside)
        {
            let errors = ["Pull request review thread line must be part of the diff"];
            return answer(
                422,
                json!({ "message": "Unprocessable Entity", "errors": errors }),
            );
        }
        let review = self.ours(body.clone());
        self.reviews.push(review.clone());
        answer(200, review)
    }
}

fn find<'a>(list: &'a mut [Value], id: &str) -> Option<&'a mut Value> {
    let id: u64 = id.parse().ok()?;
    list.iter_mut().find(|thing| thing["id"] == id)
}

fn change(list: &mut [Value], id: &str, body: &Value) -> Response {
    let Some(thing) = find(list, id) else {
        return answer(404, json!({ "message": "Not Found" }));
    };
    for (field, value) in body.as_object().into_iter().flatten() {
        thing[field] = value.clone();
    }
    answer(200, thing.clone())
}

/// One entry a page, so that nothing is found by looking at the first alone.
fn two_pages(asked: &Asked, list: &[Value]) -> Response {
    let page = asked
        .query
        .split('&')
        .find_map(|part| part.strip_prefix("from=")?.parse().ok())
        .unwrap_or(0);
    let body = answer(200, json!(list.get(page).into_iter().collect::<Vec<_>>()));
    let next = format!(
        "<http://elsewhere{}?from={}>; rel=\"next\"",
        asked.path,
        page + 1
    );
    if page + 1 < list.len() {
        ([("link", next)], body).into_response()
    } else {
        body
    }
}
