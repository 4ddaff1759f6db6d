//! The first signal asks for an end, the second ends at once.

use tokio_util::sync::CancellationToken;

/// What is said to the first signal where another process, or the next start, goes on with the work.
pub const KEPT: &str = "stopping; what is under way is kept";

/// Is cancelled by the first SIGINT or SIGTERM, to which it says `words`. A second one ends the process at once.
pub fn stop_on_signal(words: &'static str) -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        eprintln!("countersign: {words}. Once more to stop at once.");
        token.cancel();
        wait_for_signal().await;
        std::process::exit(130);
    });
    stop
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without handlers the signals end the process by themselves.
        _ => std::future::pending().await,
    }
}
