//! Tokens: narrow, made once, replaced when they end, and never told.

use std::sync::atomic::{AtomicU32, Ordering};

use countersign::domain::place::RepoRef;
use countersign::domain::post::Reaction;
use countersign::edge::github::{GitHubError, Scope};
use octocrab::jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::fixture::{self, APP_ID, KEY, github, server, shop, token};
use crate::support::listener::{Listener, json as answer};

#[tokio::test]
async fn a_token_is_asked_for_in_the_apps_name_and_as_narrow_as_can_be() -> Result<(), GitHubError>
{
    let server = server(|_| answer(404, json!({}))).await;
    github(&server.url)
        .broker()
        .token(&shop(), Scope::Push)
        .await?;

    let asked = &server.asked()[0];
    assert_eq!(asked.line(), "POST /app/installations/7/access_tokens");
    assert_eq!(
        asked.body,
        json!({
            "repositories": ["shop"],
            "permissions": { "contents": "write", "metadata": "read" },
        })
    );
    let jwt = asked.header("authorization");
    let jwt = jwt.strip_prefix("Bearer ").expect("a bearer token");
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_required_spec_claims(&["exp"]);
    let key = DecodingKey::from_rsa_der(&KEY.1);
    let claims = decode::<Value>(jwt, &key, &rules)
        .expect("our key made it")
        .claims;
    assert_eq!(claims["iss"], APP_ID);
    let (begin, end) = (claims["iat"].as_i64(), claims["exp"].as_i64());
    let life = end.zip(begin).map(|(end, begin)| end - begin);
    assert!(life.is_some_and(|seconds| seconds <= 600), "{claims}");
    Ok(())
}

#[tokio::test]
async fn many_who_ask_at_once_share_one_token() {
    let server = server(|_| answer(404, json!({}))).await;
    let github = github(&server.url);
    let asking = (0..20).map(|_| {
        let github = github.clone();
        tokio::spawn(async move {
            let token = github.broker().token(&shop(), Scope::Read).await;
            token.map(|token| token.expose_secret().to_owned())
        })
    });
    for asked in asking.collect::<Vec<_>>() {
        let token = asked.await.expect("no panic").expect("a token");
        assert_eq!(token, "ghs_of-this-story.0123456789_abcdef");
    }
    assert_eq!(server.asked().len(), 1);

    let elsewhere = RepoRef {
        repo: "acme/other".parse().expect("a repository's name"),
        ..shop()
    };
    for (at, scope) in [(shop(), Scope::Push), (elsewhere, Scope::Read)] {
        let token = github.broker().token(&at, scope).await;
        assert!(token.is_ok(), "{at:?} {scope:?}");
    }
    assert_eq!(
        server.asked().len(),
        3,
        "another scope or repository, another token"
    );
}

#[tokio::test]
async fn a_token_near_its_end_is_replaced() -> Result<(), GitHubError> {
    let made = AtomicU32::new(0);
    let server = Listener::start(move |_| match made.fetch_add(1, Ordering::SeqCst) {
        0 => token("short", 9),
        _ => token("long", 11),
    })
    .await;
    let github = github(&server.url);
    let mut seen = Vec::new();
    for _ in 0..3 {
        let token = github.broker().token(&shop(), Scope::Read).await?;
        seen.push(token.expose_secret().to_owned());
    }
    assert_eq!(seen, ["short", "long", "long"]);
    Ok(())
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once_and_the_request_repeated()
-> Result<(), GitHubError> {
    let made = AtomicU32::new(0);
    let server = Listener::start(move |asked| {
        if asked.path.ends_with("/access_tokens") {
            return token(
                &format!("token-{}", made.fetch_add(1, Ordering::SeqCst)),
                60,
            );
        }
        match asked.header("authorization") {
            "Bearer token-1" => answer(201, json!({ "id": 5 })),
            _ => answer(401, json!({ "message": "Bad credentials" })),
        }
    })
    .await;
    let github = github(&server.url);
    github.react(&shop(), 1, Reaction::Eyes).await?;
    assert_eq!(server.lines("POST /repos").len(), 2);

    let revoked = SecretString::from("token-0");
    github
        .broker()
        .discard(&shop(), Scope::Report, &revoked)
        .await;
    let token = github.broker().token(&shop(), Scope::Report).await?;
    assert_eq!(token.expose_secret(), "token-1", "a newer token is kept");
    Ok(())
}

#[tokio::test]
async fn a_token_refused_for_good_is_an_error_and_no_loop() {
    let server = server(|_| answer(401, json!({ "message": "Bad credentials" }))).await;
    let github = github(&server.url);
    let result = github.react(&shop(), 1, Reaction::Eyes).await;
    assert_eq!(result.expect_err("an error").status(), Some(401));
    assert_eq!(server.lines("POST /repos").len(), 2);
    assert_eq!(server.lines("POST /app").len(), 2);
}

#[tokio::test]
async fn no_token_gets_into_words() -> Result<(), GitHubError> {
    let server = Listener::start(|asked| match asked.path.as_str() {
        path if path.ends_with("/access_tokens") => token("opaque-token", 60),
        _ => answer(
            403,
            json!({ "message": "Resource not accessible by integration" }),
        ),
    })
    .await;
    let github = github(&server.url);
    let error = github.react(&shop(), 1, Reaction::Eyes).await;
    let error = error.expect_err("a refusal");
    assert!(!format!("{error} {error:?}").contains("opaque-token"));
    assert!(
        error
            .to_string()
            .contains("POST /repos/acme/shop/issues/comments/1/reactions")
    );
    assert!(error.to_string().contains("Resource not accessible"));

    let basic = "eC1hY2Nlc3MtdG9rZW46b3BhcXVlLXRva2Vu"; // x-access-token:opaque-token
    let told = format!("a opaque-token b {basic} c ghs_0123456789abcdefghij.klm d");
    assert_eq!(
        github.broker().redact(&told),
        "a [redacted] b [redacted] c [redacted] d"
    );
    Ok(())
}

#[tokio::test]
async fn a_key_that_is_none_is_told_at_the_start() {
    let config = countersign::edge::github::GitHubConfig {
        identity: countersign::edge::github::Identity::App {
            id: 7,
            private_key: SecretString::from("not a key"),
        },
        ..fixture::config("http://127.0.0.1:1")
    };
    let error = countersign::edge::github::GitHub::new(config).err();
    assert!(matches!(error, Some(GitHubError::Key(_))));
}
