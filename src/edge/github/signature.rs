//! The signature of a webhook delivery: HMAC-SHA256 over the body as it came, before anything reads it.
//! Source: GitHub's docs, "Validating webhook deliveries".

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret, SecretString};

/// Why a body is not believed to be GitHub's. Told to nobody outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no secret to check with; an empty one is none.
    #[error("no webhook secret is configured; set COUNTERSIGN_WEBHOOK_SECRET")]
    NoSecret,
    /// Not `sha256=` and 64 hexadecimal digits. The older `sha1=` is refused as well.
    #[error("the signature is not of the form sha256=<64 hexadecimal digits>")]
    Malformed,
    /// None of the secrets made it.
    #[error("the signature was made with none of the configured webhook secrets")]
    Wrong,
}

/// Checks `header` (`X-Hub-Signature-256`) against the body. Several secrets are good at once, so that one can be
/// changed without losing deliveries. Takes the same time for any wrong signature.
pub fn verify(secrets: &[SecretString], header: &str, body: &[u8]) -> Result<(), SignatureError> {
    let digits = header
        .strip_prefix("sha256=")
        .ok_or(SignatureError::Malformed)?;
    let signature: [u8; 32] = hex::decode(digits)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(SignatureError::Malformed)?;
    let mut keys = secrets.iter().filter_map(key).peekable();
    if keys.peek().is_none() {
        return Err(SignatureError::NoSecret);
    }
    let good = keys.fold(false, |good, key| {
        hmac::verify(&key, body, &signature).is_ok() | good
    });
    if good {
        Ok(())
    } else {
        Err(SignatureError::Wrong)
    }
}

fn key(secret: &SecretString) -> Option<hmac::Key> {
    let secret = secret.expose_secret();
    let is_there = !secret.is_empty();
    is_there.then(|| hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The header value that [`verify`] wants, or nothing for an empty secret.
    pub fn sign(secret: &SecretString, body: &[u8]) -> Option<String> {
        key(secret).map(|key| format!("sha256={}", hex::encode(hmac::sign(&key, body))))
    }

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[test]
    fn githubs_own_example_verifies() {
        // From GitHub's docs, "Testing the webhook payload validation".
        let header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        let secrets = [secret("It's a Secret to Everybody")];
        assert_eq!(verify(&secrets, header, b"Hello, World!"), Ok(()));
        assert_eq!(
            verify(&secrets, header, b"Hello, World?"),
            Err(SignatureError::Wrong)
        );
    }

    #[test]
    fn any_of_several_secrets_is_good() -> Result<(), SignatureError> {
        let header = sign(&secret("new"), b"body").ok_or(SignatureError::NoSecret)?;
        verify(&[secret("old"), secret("new")], &header, b"body")?;
        verify(&[secret("new"), secret("old")], &header, b"body")?;
        assert_eq!(
            verify(&[secret("old")], &header, b"body"),
            Err(SignatureError::Wrong)
        );
        Ok(())
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let header = format!("sha256={}", "0".repeat(64));
        for secrets in [vec![], vec![secret("")]] {
            assert_eq!(
                verify(&secrets, &header, b""),
                Err(SignatureError::NoSecret)
            );
        }
        assert_eq!(sign(&secret(""), b"body"), None);
    }

    #[test]
    fn other_forms_are_refused() {
        let digits = "0".repeat(64);
        for header in [
            String::new(),
            digits.clone(),
            format!("sha1={}", "0".repeat(40)),
            format!("sha256={}", &digits[1..]),
            format!("sha256={digits}00"),
            format!("sha256={}", "g".repeat(64)),
            format!("SHA256={digits}"),
        ] {
            assert_eq!(
                verify(&[secret("s")], &header, b""),
                Err(SignatureError::Malformed),
                "{header}"
            );
        }
    }
}
