//! The event stream of one session: read without end, taken up anew when it breaks.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use eventsource_stream::Eventsource;
use futures_util::{Stream, StreamExt};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::client::Client;
use super::progress::Signs;
use crate::domain::limits;
use crate::edge::agent::{AgentError, Sign};
use crate::os::retry::{Pauses, Spread};

/// Signs that wait for a reader; a reader that is further behind holds up the stream.
const WAITING: usize = 256;
/// How often the stream may fail in a row to come up while the server's process lives.
const RECONNECT: Pauses = Pauses {
    first: Duration::from_millis(100),
    times: 8,
    spread: Spread::None,
};

/// Reads one session's events on a task of its own, so that waiting for a sign can be given up at any time.
pub(super) struct Listener {
    signs: mpsc::Receiver<Sign>,
    busy: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<()>,
}

impl Listener {
    /// Listens to a session. Returns when the server has confirmed it, so that nothing is missed.
    pub async fn start(
        client: Client,
        ended: watch::Receiver<bool>,
        directory: PathBuf,
        id: String,
    ) -> Result<Self, AgentError> {
        let events = client.events(&directory).await?;
        let (sender, signs) = mpsc::channel(WAITING);
        let busy = Arc::new(AtomicBool::new(false));
        let reader = Reader {
            signs: Signs::of(&id),
            client,
            directory,
            id,
            sender,
            busy: Arc::clone(&busy),
            told: None,
        };
        let task = tokio::spawn(reader.run(events, ended));
        Ok(Self { signs, busy, task })
    }

    /// The next sign; none when the stream is closed.
    pub async fn next(&mut self) -> Option<Sign> {
        self.signs.recv().await
    }

    /// Drops what was told and not heard.
    pub fn forget(&mut self) {
        while self.signs.try_recv().is_ok() {}
    }

    /// Says that something was asked of the session.
    pub fn expect_work(&self) {
        self.busy.store(true, Ordering::SeqCst);
    }

    /// Whether the session is at work.
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::SeqCst)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Reader {
    client: Client,
    directory: PathBuf,
    id: String,
    signs: Signs,
    sender: mpsc::Sender<Sign>,
    busy: Arc<AtomicBool>,
    told: Option<(Sign, Instant)>,
}

impl Reader {
    async fn run(mut self, first: reqwest::Response, mut ended: watch::Receiver<bool>) {
        let work = async {
            let mut response = Some(first);
            let mut pauses = RECONNECT.begin();
            loop {
                if let Some(response) = response.take() {
                    self.read(response.bytes_stream().eventsource()).await;
                    pauses = RECONNECT.begin();
                }
                let Some(pause) = pauses.next() else {
                    break;
                };
                tokio::time::sleep(pause).await;
                match self.client.events(&self.directory).await {
                    Ok(events) => response = Some(events),
                    Err(error) => {
                        tracing::debug!(session = self.id, %error, "the event stream is not back yet")
                    }
                }
                if response.is_some() {
                    self.catch_up().await;
                }
            }
        };
        tokio::select! {
            () = work => {}
            _ = ended.wait_for(|ended| *ended) => {}
        }
        let _ = self.sender.send(Sign::Lost).await;
    }

    /// Reads until the stream ends, breaks or falls silent.
    async fn read<E>(&mut self, events: impl Stream<Item = Result<eventsource_stream::Event, E>>) {
        tokio::pin!(events);
        loop {
            let wait = if self.signs.ending() {
                limits::AGENT_ERROR_SETTLES_SECONDS
            } else {
                limits::AGENT_SILENCE_SECONDS
            };
            match tokio::time::timeout(Duration::from_secs(wait), events.next()).await {
                Ok(Some(Ok(event))) => {
                    let event = serde_json::from_str::<Value>(&event.data).unwrap_or(Value::Null);
                    if let Some(sign) = self.signs.read(&event) {
                        self.tell(sign).await;
                    }
                }
                Ok(Some(Err(_)) | None) => return,
                Err(_) if self.signs.ending() => {
                    let sign = self.signs.rest();
                    self.tell(sign).await;
                }
                Err(_) => return,
            }
        }
    }

    /// After a gap: an end that was missed is told now.
    async fn catch_up(&mut self) {
        let was_busy = self.signs.busy() || self.busy.load(Ordering::SeqCst);
        if was_busy
            && matches!(
                self.client.is_busy(&self.directory, &self.id).await,
                Ok(false)
            )
        {
            let sign = self.signs.rest();
            self.tell(sign).await;
        }
    }

    async fn tell(&mut self, sign: Sign) {
        let now = Instant::now();
        if let (Sign::Doing { .. }, Some((told, at))) = (&sign, &self.told)
            && *told == sign
            && now.duration_since(*at) < Duration::from_millis(limits::AGENT_SIGN_MS)
        {
            return;
        }
        self.told = Some((sign.clone(), now));
        let rests = matches!(sign, Sign::Idle | Sign::Failed { .. });
        let _ = self.sender.send(sign).await;
        if rests {
            self.busy.store(false, Ordering::SeqCst);
        }
    }
}
