//! What the stories of GitHub share: an App with a key of its own, and the answers that every story needs.

use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use axum::response::Response;
use base64::Engine;
use countersign::domain::place::RepoRef;
use countersign::edge::github::{GitHub, GitHubConfig, Identity};
use secrecy::SecretString;
use serde_json::json;

use crate::support::listener::{Asked, Listener, json as answer};

pub const APP_ID: u64 = 4242;

/// A key pair of this test run: the private key as PEM, the public one as PKCS#1.
pub static KEY: LazyLock<(String, Vec<u8>)> = LazyLock::new(|| {
    let pair = KeyPair::generate(KeySize::Rsa2048).expect("an RSA key");
    let der: Pkcs8V1Der = pair.as_der().expect("the key's DER");
    let base64 = base64::engine::general_purpose::STANDARD.encode(der.as_ref());
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("base64 is ASCII"))
        .collect();
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    );
    (pem, pair.public_key().as_ref().to_vec())
});

pub fn config(api_url: &str) -> GitHubConfig {
    GitHubConfig {
        api_url: api_url.to_owned(),
        server_url: "http://127.0.0.1:1/".to_owned(),
        identity: Identity::App {
            id: APP_ID,
            private_key: SecretString::from(KEY.0.clone()),
        },
        write_spacing_ms: 0,
    }
}

pub fn github(api_url: &str) -> GitHub {
    GitHub::new(config(api_url)).expect("a client")
}

pub fn shop() -> RepoRef {
    RepoRef {
        installation: 7,
        repo: "acme/shop".parse().expect("a repository's name"),
    }
}

/// A server that makes tokens and knows the App, and answers everything else as the story says.
pub async fn server(story: impl Fn(&Asked) -> Response + Send + Sync + 'static) -> Listener {
    Listener::start(move |asked| {
        let path = asked.path.strip_prefix("/api/v3").unwrap_or(&asked.path);
        match path {
            "/app" => answer(200, json!({ "id": APP_ID, "slug": "countersign" })),
            "/users/countersign%5Bbot%5D" => {
                answer(200, json!({ "id": 99, "login": "countersign[bot]" }))
            }
            _ if path.ends_with("/access_tokens") => {
                token("ghs_of-this-story.0123456789_abcdef", 60)
            }
            _ => story(asked),
        }
    })
    .await
}

pub fn token(token: &str, minutes: i64) -> Response {
    let ends = jiff::Timestamp::now().as_second() + minutes * 60;
    let ends = jiff::Timestamp::from_second(ends).expect("a time");
    answer(
        201,
        json!({ "token": token, "expires_at": ends.to_string() }),
    )
}
