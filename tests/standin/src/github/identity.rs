//! The App as GitHub knows it: id, slug, key pair, and the check of its JWTs.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::SecretString;
use serde_json::Value;

use super::answer::Refusal;
use super::auth::Permissions;
use super::error::StandInError;

/// How far ahead GitHub lets an App's JWT expire, in seconds.
const JWT_SECONDS: i64 = 600;
/// How far the caller's clock may run ahead of ours, in seconds.
const SKEW_SECONDS: i64 = 5;

/// Who the App is.
pub(super) struct Identity {
    pub id: u64,
    pub slug: String,
    pub permissions: Permissions,
    pub events: Vec<String>,
    private_pem: SecretString,
    public_der: Vec<u8>,
}

impl Identity {
    pub fn new(
        id: u64,
        slug: &str,
        permissions: Permissions,
        events: Vec<String>,
    ) -> Result<Self, StandInError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| StandInError::Key)?;
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| StandInError::Key)?;
        Ok(Self {
            id,
            slug: slug.to_owned(),
            permissions,
            events,
            private_pem: pem("PRIVATE KEY", pkcs8.as_ref()).into(),
            public_der: pair.public_key().as_ref().to_vec(),
        })
    }

    pub fn bot_login(&self) -> String {
        format!("{}[bot]", self.slug)
    }
    pub fn private_key_pem(&self) -> SecretString {
        self.private_pem.clone()
    }

    /// Checks a JWT as GitHub's docs tell it ("Generating a JSON Web Token for a GitHub App"): RS256 with the App's
    /// key, `iss` the App, `exp` at most ten minutes ahead, `iat` not ahead. It passes when it is right by one of `now`
    /// (seconds), because a test that moves the stand-in's clock does not move the clock of whoever signs.
    pub fn check_jwt(&self, text: &str, now: &[i64]) -> Result<(), Refusal> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        let key = DecodingKey::from_rsa_der(&self.public_der);
        let claims = jsonwebtoken::decode::<Value>(text, &key, &validation)
            .map_err(|_| Refusal::new(401, "A JSON web token could not be decoded"))?
            .claims;
        let issuer = match &claims["iss"] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => {
                return Err(Refusal::new(
                    401,
                    "'Issuer' claim ('iss') must be an Integer",
                ));
            }
        };
        if issuer != self.id.to_string() {
            return Err(Refusal::new(404, "Integration not found"));
        }
        let mut verdict = Ok(());
        for now in now {
            verdict = check_times(&claims, *now);
            if verdict.is_ok() {
                break;
            }
        }
        verdict
    }
}

fn check_times(claims: &Value, now: i64) -> Result<(), Refusal> {
    let unauthorised = |message| Err(Refusal::new(401, message));
    let Some(expires) = claims["exp"].as_i64().filter(|expires| *expires > now) else {
        return unauthorised(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
        );
    };
    if expires > now + JWT_SECONDS {
        return unauthorised("'Expiration time' claim ('exp') is too far in the future");
    }
    if claims["iat"]
        .as_i64()
        .is_none_or(|issued| issued > now + SKEW_SECONDS)
    {
        return unauthorised(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        );
    }
    Ok(())
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}
