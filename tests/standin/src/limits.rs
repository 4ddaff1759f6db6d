//! What GitHub caps, and what a stand-in takes before it gives up.

/// GitHub's cap on the characters of a comment or review.
pub const BODY_CHARS: usize = 65_536;
/// GitHub's cap on the characters of a check run's summary, and on those of its text.
pub const CHECK_CHARS: usize = 65_535;
/// GitHub's cap on the annotations of one request.
pub const ANNOTATIONS: usize = 50;
/// Seconds that GitHub waits for the receiver of a webhook.
pub const HOOK_SECONDS: u64 = 10;
/// The largest request to the API, in bytes.
pub const REQUEST_BYTES: usize = 4 * 1024 * 1024;
/// The largest pack that can be pushed, in bytes.
pub const GIT_BYTES: usize = 64 * 1024 * 1024;
/// Seconds after which a `git http-backend` is ended.
pub const GIT_SECONDS: u64 = 60;
