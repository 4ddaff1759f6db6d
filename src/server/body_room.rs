//! Room in memory for the bodies of webhooks: large ones are read a few at a time.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::limits;

/// What is left of [`limits::WEBHOOK_BYTES_AT_ONCE`]. Cheap to clone.
#[derive(Debug, Clone)]
pub struct BodyRoom(Arc<Semaphore>);

/// A body, and the room that it takes.
#[derive(Debug)]
pub struct ReadBody {
    /// All of it.
    pub bytes: Vec<u8>,
    _room: Option<OwnedSemaphorePermit>,
}

impl Default for BodyRoom {
    /// All of it.
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(limits::WEBHOOK_BYTES_AT_ONCE)))
    }
}

impl BodyRoom {
    /// Reads a body. A large one waits until there is room, and so does one that does not say how long it is.
    ///
    /// # Errors
    /// The status to answer with: it is larger than any of GitHub's, or broke off.
    pub async fn read(&self, headers: &HeaderMap, mut body: Body) -> Result<ReadBody, StatusCode> {
        let length = headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        let length: usize = length.unwrap_or(limits::WEBHOOK_BYTES);
        if length > limits::WEBHOOK_BYTES {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let room = match u32::try_from(length) {
            Ok(wanted) if length >= limits::LARGE_WEBHOOK_BYTES => {
                let room = Arc::clone(&self.0).acquire_many_owned(wanted).await;
                Some(room.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?)
            }
            _ => None,
        };
        // Once, as large as it will be: memory that grows is copied, and that takes twice as much.
        let mut bytes = Vec::with_capacity(length);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| StatusCode::BAD_REQUEST)?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if bytes.len() + data.len() > length {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            bytes.extend_from_slice(&data);
        }
        Ok(ReadBody { bytes, _room: room })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(length: usize) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, length.into());
        headers
    }

    #[tokio::test]
    async fn large_bodies_wait_for_room_and_small_ones_do_not() {
        let room = BodyRoom::default();
        let large = || vec![b' '; limits::WEBHOOK_BYTES];
        let read = async |bytes: Vec<u8>| room.read(&declared(bytes.len()), bytes.into()).await;
        let (first, second) = (read(large()).await, read(large()).await);
        assert!(first.is_ok() && second.is_ok());
        let third = tokio::time::timeout(std::time::Duration::from_millis(50), read(large()));
        assert!(third.await.is_err(), "there is no room");
        let small = read(b"{}".to_vec()).await.expect("a small one");
        assert_eq!(small.bytes, b"{}");
        drop(first);
        assert!(read(large()).await.is_ok());
    }

    #[tokio::test]
    async fn what_is_too_large_is_not_read() {
        let room = BodyRoom::default();
        let refused = async |headers: HeaderMap, bytes: Vec<u8>| {
            room.read(&headers, bytes.into())
                .await
                .expect_err("a refusal")
        };
        let large = limits::WEBHOOK_BYTES + 1;
        assert_eq!(refused(declared(large), Vec::new()).await, 413);
        assert_eq!(refused(HeaderMap::new(), vec![b' '; large]).await, 413);
        assert_eq!(refused(declared(1), vec![b' '; 2]).await, 413);
    }
}
