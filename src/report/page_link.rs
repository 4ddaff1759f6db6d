//! The address of a run's page: only somebody who was given it can know it.

use hmac::{Hmac, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

use crate::domain::name::RunId;

/// What a page's address ends with: only somebody who was given it can know it.
pub fn page_key(secret: &SecretString, run: &RunId) -> String {
    // HMAC takes keys of every length, so there is nothing that can fail.
    Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
        .map(|mac| {
            hex::encode(
                mac.chain_update(b"page ")
                    .chain_update(run.as_str())
                    .finalize()
                    .into_bytes(),
            )
        })
        .unwrap_or_default()
}

/// The address of a run's page under `public_url`.
pub fn page_url(public_url: &str, secret: &SecretString, run: &RunId) -> String {
    format!(
        "{}/runs/{run}/{}",
        public_url.trim_end_matches('/'),
        page_key(secret, run)
    )
}
