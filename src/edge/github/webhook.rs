//! A webhook delivery at the door: [`open`] tells GitHub's from anybody else's, and takes of it what is ever read. It stores
//! nothing.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use secrecy::SecretString;

use crate::domain::delivery::Delivery;
use crate::domain::limits;

use super::signature::{SignatureError, verify};
use super::webhook_body::kept;

/// Why a delivery is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryRefusal {
    /// Larger than GitHub sends.
    #[error("the body is larger than {} bytes", limits::WEBHOOK_BYTES)]
    TooLarge,
    /// There is no signature.
    #[error("the delivery is not signed: the header X-Hub-Signature-256 is missing")]
    NotSigned,
    /// It is not GitHub's.
    #[error(transparent)]
    NotGitHubs(#[from] SignatureError),
    /// It is GitHub's, but its form is another.
    #[error("the body is not JSON; set the webhook's content type to application/json")]
    NotJson,
    /// It is GitHub's, but it does not say which it is.
    #[error("the header {0} is missing or malformed")]
    NoHeader(&'static str),
}

impl DeliveryRefusal {
    /// The HTTP status to answer with. The words are for our own log: who cannot sign gets none.
    pub fn status(self) -> u16 {
        match self {
            DeliveryRefusal::TooLarge => 413,
            DeliveryRefusal::NotSigned | DeliveryRefusal::NotGitHubs(_) => 401,
            DeliveryRefusal::NotJson => 415,
            DeliveryRefusal::NoHeader(_) => 400,
        }
    }
}

/// Checks a delivery: first that it is GitHub's, and only then anything else about it.
pub fn open(
    headers: &HeaderMap,
    body: &[u8],
    secrets: &[SecretString],
) -> Result<Delivery, DeliveryRefusal> {
    if body.len() > limits::WEBHOOK_BYTES {
        return Err(DeliveryRefusal::TooLarge);
    }
    let signature = text(headers, "x-hub-signature-256").ok_or(DeliveryRefusal::NotSigned)?;
    verify(secrets, signature, body)?;
    let media_type = text(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(DeliveryRefusal::NotJson);
    }
    let id = word(headers, "X-GitHub-Delivery", |c| {
        c.is_ascii_alphanumeric() || c == '-'
    })?;
    let event = word(headers, "X-GitHub-Event", |c| {
        c.is_ascii_lowercase() || c == '_'
    })?;
    let body = kept(body);
    Ok(Delivery { id, event, body })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn word(
    headers: &HeaderMap,
    name: &'static str,
    allowed: fn(char) -> bool,
) -> Result<String, DeliveryRefusal> {
    text(headers, name)
        .filter(|word| (1..=64).contains(&word.len()) && word.chars().all(allowed))
        .map(str::to_owned)
        .ok_or(DeliveryRefusal::NoHeader(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::github::signature::tests::sign;
    use axum::http::{HeaderName, HeaderValue};

    fn delivery(change: &[(&'static str, Option<&str>)]) -> Result<Delivery, DeliveryRefusal> {
        let secret = SecretString::from("secret");
        let body = br#"{"zen": "Design for failure.", "action": "created"}"#;
        let mut headers = HeaderMap::new();
        let signature = sign(&secret, body).expect("a secret that is not empty");
        let good = [
            ("x-hub-signature-256", Some(signature.as_str())),
            ("content-type", Some("application/json")),
            (
                "x-github-delivery",
                Some("72d3162e-cc78-11e3-81ab-4c9367dc0958"),
            ),
            ("x-github-event", Some("ping")),
        ];
        for (name, value) in good.iter().chain(change) {
            let name = HeaderName::from_static(name);
            match value {
                Some(value) => {
                    let value = HeaderValue::from_str(value).expect("a header value");
                    headers.insert(name, value);
                }
                None => {
                    headers.remove(name);
                }
            }
        }
        open(&headers, body, &[secret])
    }

    #[test]
    fn a_signed_delivery_is_opened() -> Result<(), DeliveryRefusal> {
        let opened = delivery(&[("content-type", Some("Application/JSON; charset=utf-8"))])?;
        assert_eq!(opened.id, "72d3162e-cc78-11e3-81ab-4c9367dc0958");
        assert_eq!(opened.event, "ping");
        let kept: serde_json::Value = serde_json::from_str(&opened.body).expect("JSON");
        assert_eq!(kept["action"], "created");
        assert!(kept.get("zen").is_none(), "what is never read is not kept");
        Ok(())
    }

    #[test]
    fn each_refusal_has_its_status() {
        let long = "a".repeat(65);
        let wrong = format!("sha256={}", "0".repeat(64));
        for (header, value, status) in [
            ("x-hub-signature-256", None, 401),
            ("x-hub-signature-256", Some(wrong.as_str()), 401),
            ("x-hub-signature-256", Some("sha1=00"), 401),
            (
                "content-type",
                Some("application/x-www-form-urlencoded"),
                415,
            ),
            ("content-type", None, 415),
            ("x-github-delivery", None, 400),
            ("x-github-delivery", Some("../up"), 400),
            ("x-github-delivery", Some(long.as_str()), 400),
            ("x-github-event", None, 400),
            ("x-github-event", Some(""), 400),
        ] {
            let refusal = delivery(&[(header, value)]).expect_err("a refusal");
            assert_eq!(refusal.status(), status, "{header}: {value:?}");
        }
    }

    #[test]
    fn who_cannot_sign_learns_nothing_else() {
        let refusal = delivery(&[
            ("x-hub-signature-256", Some("sha256=")),
            ("content-type", None),
            ("x-github-event", None),
        ]);
        assert_eq!(refusal.expect_err("a refusal").status(), 401);
    }

    #[test]
    fn a_body_over_the_limit_is_refused_unread() {
        let body = vec![b' '; limits::WEBHOOK_BYTES + 1];
        assert_eq!(
            open(&HeaderMap::new(), &body, &[]),
            Err(DeliveryRefusal::TooLarge)
        );
    }
}
