//! A process that works: what the engine brings it, and what it does of itself.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::server::hands::OurHands;
use crate::server::housekeeping::tidy;

/// How long runs have to hear of a shutdown before their agents go; they only have to be woken.
const TOLD: Duration = Duration::from_millis(100);

/// Works until `stop`, then puts down what is under way and returns.
pub async fn work(app: Arc<App>, stop: CancellationToken) {
    let hands = OurHands::new(app.clone(), stop.clone());
    let working = app.deps.engine.work(hands, stop.clone());
    tokio::join!(
        working,
        dismiss(&app, &stop),
        tidy(app.deps.clone(), stop.clone())
    );
}

/// Ends the agents once the runs have been told that they are called back: one by one, sessions take long to stop.
async fn dismiss(app: &App, stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(TOLD).await;
    app.deps.machine.agent.stop().await;
}
