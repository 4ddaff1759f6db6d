//! What a route says: an answer, or a refusal in GitHub's own shapes.

use serde_json::{Value, json};

use super::routes::Call;

/// What GitHub documents as the default and the largest page.
const PER_PAGE: usize = 30;
const PER_PAGE_MAX: usize = 100;

/// A status, headers, and JSON.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Option<Value>,
}

impl Answer {
    pub fn ok(body: Value) -> Self {
        Self::of(200, body)
    }
    pub fn created(body: Value) -> Self {
        Self::of(201, body)
    }
    pub fn of(status: u16, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Some(body),
        }
    }
    pub fn nothing() -> Self {
        Self {
            status: 204,
            headers: Vec::new(),
            body: None,
        }
    }

    /// One page of `items`, with a `Link` header that leads to the others.
    pub fn page(call: &Call, items: Vec<Value>) -> Self {
        let (items, links) = cut(call, items);
        let mut answer = Self::ok(Value::Array(items));
        answer.headers.extend(links);
        answer
    }

    /// One page of `items` as `{total_count, <name>: […]}`, as lists of checks come.
    pub fn counted_page(call: &Call, name: &str, items: Vec<Value>) -> Self {
        let total = items.len();
        let (items, links) = cut(call, items);
        let mut answer = Self::ok(json!({ "total_count": total, name: items }));
        answer.headers.extend(links);
        answer
    }
}

/// How many items a page has for this call.
pub(super) fn per_page(call: &Call) -> usize {
    call.query_number("per_page")
        .unwrap_or(PER_PAGE)
        .clamp(1, PER_PAGE_MAX)
}

fn cut(call: &Call, items: Vec<Value>) -> (Vec<Value>, Option<(String, String)>) {
    let per_page = per_page(call);
    let page = call.query_number("page").unwrap_or(1).max(1);
    let last = items.len().div_ceil(per_page).max(1);
    let mut links = Vec::new();
    if page > 1 {
        links.push(call.link("page", &(page - 1).min(last).to_string(), "prev"));
    }
    if page < last {
        links.push(call.link("page", &(page + 1).to_string(), "next"));
        links.push(call.link("page", &last.to_string(), "last"));
    }
    if page > 1 {
        links.push(call.link("page", "1", "first"));
    }
    let header = (!links.is_empty()).then(|| ("link".to_owned(), links.join(", ")));
    let items = items
        .into_iter()
        .skip((page - 1).saturating_mul(per_page))
        .take(per_page)
        .collect();
    (items, header)
}

/// An answer of 400 and above.
#[derive(Debug, Clone)]
pub(super) struct Refusal(Box<Answer>);

impl Refusal {
    pub fn new(status: u16, message: &str) -> Self {
        let mut body = json!({ "message": message });
        if status < 500 {
            body["documentation_url"] = json!("https://docs.github.com/rest");
            body["status"] = json!(status.to_string());
        }
        Self(Box::new(Answer::of(status, body)))
    }
    pub fn not_found() -> Self {
        Self::new(404, "Not Found")
    }
    /// 422 with one field at fault.
    pub fn field(resource: &str, field: &str, code: &str, message: Option<&str>) -> Self {
        let mut error = json!({ "resource": resource, "code": code, "field": field });
        if let Some(message) = message {
            error["message"] = json!(message);
        }
        Self::new(422, "Validation Failed").with("errors", json!([error]))
    }
    /// 422 as requests are refused that do not fit the described shape.
    pub fn invalid(reason: &str) -> Self {
        Self::new(422, &format!("Invalid request.\n\n{reason}"))
    }
    /// 422 as reviews are refused: plain sentences.
    pub fn unprocessable(reason: &str) -> Self {
        Self::new(422, "Unprocessable Entity").with("errors", json!([reason]))
    }
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.0.headers.push((name.to_owned(), value.to_owned()));
        self
    }
    fn with(mut self, key: &str, value: Value) -> Self {
        if let Some(body) = &mut self.0.body {
            body[key] = value;
        }
        self
    }
    pub fn into_answer(self) -> Answer {
        *self.0
    }
}

impl From<git2::Error> for Refusal {
    fn from(error: git2::Error) -> Self {
        Self::new(500, &format!("the stand-in's repository failed: {error}"))
    }
}
impl From<super::error::StandInError> for Refusal {
    fn from(error: super::error::StandInError) -> Self {
        Self::new(500, &error.to_string())
    }
}

/// What a handler returns.
pub(super) type Outcome = Result<Answer, Refusal>;
