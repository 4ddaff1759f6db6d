//! One lane per installation: its writes go one by one with a pause between them, and nothing goes while GitHub wants
//! quiet. Who goes on asking a limited GitHub is locked out for longer, or for good.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex as PlainMutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

use crate::domain::limits;
use crate::os::clock::{Clock as _, SystemClock};
use crate::os::meter;

use super::error::GitHubError;
use super::exchange::ApiAnswer;

/// All lanes, by installation.
pub(super) struct Lanes {
    spacing: Duration,
    lanes: PlainMutex<HashMap<u64, Arc<Lane>>>,
}

pub(super) struct Lane {
    installation: u64,
    spacing: Duration,
    quiet_until_ms: AtomicI64,
    last_write: Arc<Mutex<Option<Instant>>>,
}

/// Leave to write. The next one writes when it is dropped.
pub(super) struct WritePermit(OwnedMutexGuard<Option<Instant>>);

impl Drop for WritePermit {
    fn drop(&mut self) {
        // At its end, not at its beginning: GitHub counts from answer to request.
        *self.0 = Some(Instant::now());
    }
}

impl Lanes {
    pub(super) fn new(spacing_ms: u64) -> Self {
        Self {
            spacing: Duration::from_millis(spacing_ms),
            lanes: PlainMutex::default(),
        }
    }

    pub(super) fn of(&self, installation: u64) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Lane {
            installation,
            spacing: self.spacing,
            quiet_until_ms: AtomicI64::new(0),
            last_write: Arc::default(),
        };
        lanes
            .entry(installation)
            .or_insert_with(|| Arc::new(new()))
            .clone()
    }
}

impl Lane {
    /// Fails while GitHub wants quiet.
    pub(super) fn is_open(&self) -> Result<(), GitHubError> {
        let retry_at_ms = self.quiet_until_ms.load(Ordering::Relaxed);
        if now_ms() < retry_at_ms {
            return Err(GitHubError::RateLimited { retry_at_ms });
        }
        Ok(())
    }

    /// Waits for the writes before this one, and for the pause.
    pub(super) async fn turn(&self, what: &str) -> Result<WritePermit, GitHubError> {
        let waited = Duration::from_secs(limits::WRITE_WAIT_SECONDS);
        let lock = tokio::time::timeout(waited, self.last_write.clone().lock_owned());
        let turn = lock.await.map_err(|_| GitHubError::Crowded {
            what: what.to_owned(),
        })?;
        if let Some(last) = *turn {
            tokio::time::sleep_until(last + self.spacing).await;
        }
        // It may have become quiet while we waited.
        self.is_open()?;
        Ok(WritePermit(turn))
    }

    /// Takes from every answer whether GitHub wants quiet, and fails when the answer is nothing but that.
    pub(super) fn heed(&self, answer: ApiAnswer) -> Result<ApiAnswer, GitHubError> {
        let left = answer.header("x-ratelimit-remaining");
        if let Some(left) = left.and_then(|left| left.parse().ok()) {
            meter::github_budget_left(self.installation, left);
        }
        let Some(retry_at_ms) = quiet_until_ms(&answer, now_ms()) else {
            return Ok(answer);
        };
        self.quiet_until_ms
            .fetch_max(retry_at_ms, Ordering::Relaxed);
        match answer.status {
            403 | 429 => Err(GitHubError::RateLimited { retry_at_ms }),
            _ => Ok(answer),
        }
    }
}

/// Until when GitHub wants quiet: `retry-after`, else the end of the window when nothing remains in it, else a minute.
/// Source: GitHub's docs, "Rate limits for the REST API".
fn quiet_until_ms(answer: &ApiAnswer, now_ms: i64) -> Option<i64> {
    let number = |name| answer.header(name)?.parse::<i64>().ok();
    let refused = matches!(answer.status, 403 | 429);
    if refused && let Some(seconds) = number("retry-after") {
        return Some(after(now_ms, seconds));
    }
    if number("x-ratelimit-remaining") == Some(0) {
        let reset_ms = number("x-ratelimit-reset").map(|seconds| seconds.saturating_mul(1_000));
        return match reset_ms {
            // A second for clocks that differ. Windows last an hour: a reset far beyond is not believed.
            Some(reset) => Some(
                reset
                    .saturating_add(1_000)
                    .clamp(now_ms, after(now_ms, 2 * 3_600)),
            ),
            None => refused.then(|| after(now_ms, limits::RATE_LIMIT_SECONDS)),
        };
    }
    let secondary = refused && answer.message().to_lowercase().contains("rate limit");
    (answer.status == 429 || secondary).then(|| after(now_ms, limits::RATE_LIMIT_SECONDS))
}

fn after(now_ms: i64, seconds: i64) -> i64 {
    now_ms.saturating_add(seconds.clamp(0, 24 * 3_600) * 1_000)
}

fn now_ms() -> i64 {
    SystemClock.now_ms()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    fn answer(
        status: u16,
        headers: &[(&'static str, &'static str)],
        body: &'static str,
    ) -> ApiAnswer {
        let headers = headers.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        ApiAnswer {
            what: "GET /".into(),
            status,
            headers: HeaderMap::from_iter(headers),
            body: body.into(),
        }
    }

    #[test]
    fn quiet_is_what_githubs_headers_say() {
        const NOW: i64 = 1_000_000_000;
        for (answer, until) in [
            (answer(200, &[], "{}"), None),
            (answer(200, &[("x-ratelimit-remaining", "1")], "{}"), None),
            (
                answer(403, &[], r#"{"message":"Resource not accessible"}"#),
                None,
            ),
            (
                answer(429, &[("retry-after", "30")], ""),
                Some(NOW + 30_000),
            ),
            (answer(403, &[("retry-after", "7")], ""), Some(NOW + 7_000)),
            (answer(429, &[], "not JSON"), Some(NOW + 60_000)),
            (
                answer(
                    403,
                    &[],
                    r#"{"message":"You have exceeded a secondary rate limit"}"#,
                ),
                Some(NOW + 60_000),
            ),
            (
                answer(
                    200,
                    &[
                        ("x-ratelimit-remaining", "0"),
                        ("x-ratelimit-reset", "1000010"),
                    ],
                    "",
                ),
                Some(NOW + 11_000),
            ),
            (
                answer(
                    403,
                    &[
                        ("x-ratelimit-remaining", "0"),
                        ("x-ratelimit-reset", "9999999999"),
                    ],
                    "",
                ),
                Some(NOW + 2 * 3_600_000),
            ),
        ] {
            assert_eq!(quiet_until_ms(&answer, NOW), until, "{:?}", answer.headers);
        }
    }

    #[tokio::test]
    async fn writes_go_one_by_one_with_a_pause() -> Result<(), GitHubError> {
        let pause = Duration::from_millis(60);
        let lanes = Lanes::new(60);
        let first = lanes.of(1).turn("a").await?;
        let next = lanes.of(1);
        let next = tokio::spawn(async move { next.turn("b").await.map(|_| Instant::now()) });
        let other = tokio::time::timeout(pause, lanes.of(2).turn("c")).await;
        assert!(other.is_ok(), "another installation has its own turn");
        tokio::time::sleep(pause).await;
        assert!(!next.is_finished(), "one at a time");
        let end = Instant::now();
        drop(first);
        let began = next.await.expect("no panic")?;
        assert!(began - end >= pause, "{:?}", began - end);
        Ok(())
    }

    #[test]
    fn nothing_goes_while_it_is_quiet() {
        let lane = Lanes::new(0).of(1);
        assert!(lane.is_open().is_ok());
        assert!(
            lane.heed(answer(429, &[("retry-after", "30")], ""))
                .is_err()
        );
        assert!(matches!(
            lane.is_open(),
            Err(GitHubError::RateLimited { .. })
        ));
    }
}
