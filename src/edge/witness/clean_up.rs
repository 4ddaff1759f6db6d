//! Requests of ours that remove what our run created. They go through the witness like any other, so they stand on the
//! tape.

use std::time::Duration;

use super::access::WitnessAccess;
use crate::domain::limits;
use crate::domain::tape::Phase;
use crate::domain::undo::Undo;

impl WitnessAccess {
    /// Removes it. Whether that worked is on the tape; what did not is left, and told by who reads the tape.
    pub async fn clean_up(&self, undo: &Undo) {
        let address = format!("http://127.0.0.1:{}{}", self.port, undo.path);
        let Ok(method) = undo.method.parse::<reqwest::Method>() else {
            return;
        };
        let admission = &self.attempt.admission;
        let client = reqwest::Client::builder().no_proxy().build();
        let Ok(client) = client else { return };
        let mut request = client
            .request(method, address)
            .timeout(Duration::from_secs(limits::CLEAN_UP_SECONDS))
            .bearer_auth(self.key(Phase::CleanUp))
            .header("connection-id", &admission.connection)
            .header("provider-config-key", &admission.integration_id);
        if let Some(body) = &undo.body {
            request = request.json(body);
        }
        if let Err(error) = request.send().await {
            tracing::warn!(%error, "what our run created could not be removed");
        }
    }
}
