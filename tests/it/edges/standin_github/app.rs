//! The App, its tokens, and who may what.

use super::*;

#[tokio::test]
async fn the_apps_jwt_is_really_checked() -> Result<()> {
    let (github, ..) = with_pull().await?;
    let now = jiff::Timestamp::now().as_second();
    let id = github.app_id();
    let good = json!({ "iss": id, "iat": now - 60, "exp": now + 540 });
    let other = GitHubStandIn::start(Options::default()).await?;
    for (what, token, status) in [
        ("good", jwt(&github, &good)?, 200),
        ("of another key", jwt(&other, &good)?, 401),
        (
            "over",
            jwt(
                &github,
                &json!({ "iss": id, "iat": now - 700, "exp": now - 1 }),
            )?,
            401,
        ),
        (
            "too far ahead",
            jwt(&github, &json!({ "iss": id, "iat": now, "exp": now + 700 }))?,
            401,
        ),
        (
            "from the future",
            jwt(
                &github,
                &json!({ "iss": id, "iat": now + 60, "exp": now + 300 }),
            )?,
            401,
        ),
        (
            "of another App",
            jwt(
                &github,
                &json!({ "iss": id + 1, "iat": now, "exp": now + 300 }),
            )?,
            404,
        ),
        ("no JWT", "eyJ.eyJ.x".to_owned(), 401),
    ] {
        let reply = Client::new(&github, token)?.get("/app").await?;
        assert_eq!(reply.status, status, "{what}: {}", reply.body);
    }
    let nameless = reqwest::Client::builder().no_proxy().build()?;
    let reply = nameless
        .get(format!("{}/app", github.api_url()))
        .send()
        .await?;
    assert_eq!(reply.status(), 403, "GitHub wants a User-Agent");
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn a_token_reaches_what_it_was_narrowed_to_and_no_more() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let second: RepoName = "acme/other".parse()?;
    github.create_repo(&second, &[("a", Some("a"))])?;
    let app = Client::app(&github)?;
    let id = app.get(&format!("/repos/{repo}/installation")).await?.body["id"].clone();
    let tokens = format!("/app/installations/{id}/access_tokens");
    for (too_much, why) in [
        (
            json!({ "permissions": { "administration": "read" } }),
            "never granted",
        ),
        (
            json!({ "permissions": { "contents": "admin" } }),
            "more than granted",
        ),
        (json!({ "repositories": ["nothing"] }), "no such repository"),
    ] {
        assert_eq!(app.post(&tokens, too_much).await?.status, 422, "{why}");
    }
    let narrow = json!({ "repositories": ["widgets"], "permissions": { "pull_requests": "read" } });
    let minted = app.post(&tokens, narrow).await?;
    assert_eq!(
        minted.body["permissions"],
        json!({ "pull_requests": "read", "metadata": "read" })
    );
    assert_eq!(
        minted.body["repositories"].as_array().map(Vec::len),
        Some(1)
    );
    let token = minted.body["token"].as_str().context("a token")?.to_owned();
    assert!(
        token.starts_with("ghs_") && (480..600).contains(&token.len()),
        "{}",
        token.len()
    );

    let narrow = Client::new(&github, token)?;
    let pull = format!("/repos/{repo}/pulls/{number}");
    assert_eq!(narrow.get(&pull).await?.status, 200);
    assert_eq!(
        narrow.get(&format!("/repos/{second}")).await?.status,
        404,
        "not covered"
    );
    let said = narrow
        .post(
            &format!("/repos/{repo}/issues/{number}/comments"),
            json!({ "body": "hi" }),
        )
        .await?;
    assert_eq!(said.status, 403, "{}", said.body);
    assert_eq!(
        said.body["message"],
        "Resource not accessible by integration"
    );
    assert_eq!(
        narrow.get("/app").await?.status,
        401,
        "a token is not the App"
    );
    assert_eq!(
        app.get(&pull).await?.status,
        403,
        "the App is not an installation"
    );
    assert_eq!(
        narrow.get("/repos/acme/widgets/nonsense").await?.status,
        404
    );
    assert_eq!(github.unexpected().len(), 1);

    github.advance_clock(Duration::from_secs(3599));
    assert_eq!(
        narrow.get(&pull).await?.status,
        200,
        "still within the hour"
    );
    github.advance_clock(Duration::from_secs(2));
    let late = narrow.get(&pull).await?;
    assert_eq!(
        (late.status, late.body["message"].as_str()),
        (401, Some("Bad credentials"))
    );
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn permissions_are_told_in_four_words_and_roles_exactly() -> Result<()> {
    let (github, repo, _) = with_pull().await?;
    github.set_permission(&repo, "mia", Role::Maintain)?;
    github.set_permission(&repo, "tom", Role::Triage)?;
    github.set_permission(&repo, "out", Role::None)?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    for (login, permission, role) in [
        ("acme", "admin", "admin"),
        ("mia", "write", "maintain"),
        ("ada", "write", "write"),
        ("tom", "read", "triage"),
        ("out", "none", "none"),
    ] {
        let reply = client
            .get(&format!("/repos/{repo}/collaborators/{login}/permission"))
            .await?;
        assert_eq!(
            (&reply.body["permission"], &reply.body["role_name"]),
            (&json!(permission), &json!(role))
        );
    }
    assert_eq!(
        client
            .get(&format!("/repos/{repo}/collaborators/nemo/permission"))
            .await?
            .status,
        404
    );
    assert_described(&github);
    Ok(())
}
