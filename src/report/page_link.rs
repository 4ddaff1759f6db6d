//! The address of a run's page: only somebody who was given it can know it.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::name::RunId;

/// What a page's address ends with: only somebody who was given it can know it.
pub fn page_key(secret: &SecretString, run: &RunId) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    let text = format!("page {run}");
    hex::encode(hmac::sign(&key, text.as_bytes()))
}

/// Whether an address ends as [`page_key`] says. Takes the same time for any wrong key of the right length.
pub fn is_page_key(secret: &SecretString, run: &RunId, key: &str) -> bool {
    verify_slices_are_equal(page_key(secret, run).as_bytes(), key.as_bytes()).is_ok()
}

/// The address of a run's page under `public_url`.
pub fn page_url(public_url: &str, secret: &SecretString, run: &RunId) -> String {
    format!(
        "{}/runs/{run}/{}",
        public_url.trim_end_matches('/'),
        page_key(secret, run)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Links in reports that were posted before must still lead somewhere.
    #[test]
    fn a_key_stays_what_it_is() {
        let run: RunId = "0123456789ab".parse().expect("a run's id");
        let secret = SecretString::from("It's a Secret to Everybody".to_owned());
        let key = page_key(&secret, &run);
        assert_eq!(
            key,
            "8d819668986f85ca138332fc6a45ac719ece0d6bf6bb2bdcbbd51d7d16c5b992"
        );
        assert!(is_page_key(&secret, &run, &key));
        for wrong in ["", &key[1..], &key.to_uppercase()] {
            assert!(!is_page_key(&secret, &run, wrong), "{wrong}");
        }
    }
}
