//! What GitHub has sent to the App's address, which it remembers for three days. It never tries again by itself.
//! Source: GitHub's REST API, "GitHub App webhooks".

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::domain::delivery::Delivery;
use crate::domain::limits;

use super::app::GitHub;
use super::error::GitHubError;
use super::pages::next_link;
use super::webhook_body::kept;

/// One try to send something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentDelivery {
    /// Of this try.
    pub id: u64,
    /// Of what was sent, the same at each try: the id of a [`Delivery`].
    pub guid: String,
    /// When; milliseconds since the epoch.
    pub at_ms: i64,
    /// The status that was answered; 0 when nobody answered.
    pub status: u16,
}

impl SentDelivery {
    /// Whether somebody took it.
    pub fn has_arrived(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether it was looked at and is no delivery that anybody could take: too large, or without what makes one.
    pub fn is_hopeless(&self) -> bool {
        matches!(self.status, 400 | 413 | 422)
    }
}

#[derive(Deserialize)]
struct SentBody {
    id: u64,
    guid: String,
    delivered_at: jiff::Timestamp,
    status_code: u16,
}

#[derive(Deserialize)]
struct WholeBody {
    guid: String,
    event: String,
    request: RequestBody,
}

#[derive(Deserialize)]
struct RequestBody {
    payload: Box<RawValue>,
}

impl GitHub {
    /// All tries since then, the newest first; at most [`limits::DELIVERY_PAGES`] pages of 100.
    ///
    /// # Errors
    /// When GitHub fails, or the App has no webhook.
    pub async fn sent_since(&self, since_ms: i64) -> Result<Vec<SentDelivery>, GitHubError> {
        let mut sent = Vec::new();
        let mut next = Some("/app/hook/deliveries?per_page=100".to_owned());
        for _ in 0..limits::DELIVERY_PAGES {
            let Some(path) = next.take() else {
                break;
            };
            let answer = self.read_as_app(&path).await?;
            let page: Vec<SentBody> = answer.json()?;
            let is_last = page
                .iter()
                .any(|one| one.delivered_at.as_millisecond() < since_ms);
            sent.extend(page.into_iter().map(|one| SentDelivery {
                id: one.id,
                guid: one.guid,
                at_ms: one.delivered_at.as_millisecond(),
                status: one.status_code,
            }));
            if !is_last {
                next = next_link(&answer).and_then(|link| self.path_of(link));
            }
        }
        if next.is_some() {
            tracing::error!(
                count = sent.len(),
                "GitHub has sent more than is looked through; what is older is not found"
            );
        }
        sent.retain(|one| one.at_ms >= since_ms);
        Ok(sent)
    }

    /// What was sent with a try. It comes from GitHub itself, so it needs no signature.
    ///
    /// # Errors
    /// When GitHub fails, or has forgotten it.
    pub async fn sent(&self, id: u64) -> Result<Delivery, GitHubError> {
        let path = format!("/app/hook/deliveries/{id}");
        let whole: WholeBody = self.read_as_app(&path).await?.json()?;
        Ok(Delivery {
            id: whole.guid,
            event: whole.event,
            body: kept(whole.request.payload.get().as_bytes()),
        })
    }
}
