//! What a program prints.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::domain::limits;

/// What comes out of a pipe, up to the limit; the rest is read and dropped, so that nobody waits.
pub struct Collected {
    kept: Arc<Mutex<Vec<u8>>>,
    reader: tokio::task::JoinHandle<()>,
}

/// Starts reading.
pub fn collect(pipe: Option<impl AsyncRead + Unpin + Send + 'static>) -> Collected {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&kept);
    let reader = tokio::spawn(async move {
        let Some(mut pipe) = pipe else { return };
        let mut buffer = vec![0u8; 16 * 1024];
        while let Ok(read @ 1..) = pipe.read(&mut buffer).await {
            let mut kept = into.lock().await;
            let room = limits::PROGRAM_OUTPUT_BYTES.saturating_sub(kept.len());
            kept.extend_from_slice(&buffer[..read.min(room)]);
        }
    });
    Collected { kept, reader }
}

impl Collected {
    /// All writers are dead by now; should one have survived, it is not waited for.
    pub async fn text(mut self) -> String {
        if timeout(Duration::from_secs(2), &mut self.reader)
            .await
            .is_err()
        {
            self.reader.abort();
        }
        String::from_utf8_lossy(&self.kept.lock().await).into_owned()
    }
}
