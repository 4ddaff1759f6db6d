//! The stand-in for Nango's API is as strict as the real one.

use countersign_standin::nango::{CANARY_TOKEN, NangoStandIn};
use serde_json::{Value, json};

use super::SECRET;

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_in_refuses_what_the_real_ones_refuse() {
    let nango = NangoStandIn::start(SECRET).await.expect("a stand-in");
    let http = reqwest::Client::new();
    let ask = async |method: &str, path: &str, connection: &str, key: &str, body: Value| {
        let method = method.parse().expect("a method");
        let integration = connection.trim_end_matches("-test");
        let answer = http
            .request(method, format!("{}{path}", nango.url()))
            .bearer_auth(key)
            .header("Connection-Id", connection)
            .header("Provider-Config-Key", integration)
            .json(&body)
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or_default())
    };
    let get = async |path: &str, connection: &str| {
        ask("GET", path, connection, SECRET, Value::Null).await
    };

    assert_eq!(
        ask("GET", "/integrations", "", "another", Value::Null)
            .await
            .0,
        401
    );
    assert_eq!(
        get("/connection/nobody?provider_config_key=slack", "")
            .await
            .0,
        404
    );
    assert_eq!(
        get("/connection/slack-test?provider_config_key=nope", "")
            .await
            .0,
        400
    );
    let (_, connection) = get("/connection/slack-test?provider_config_key=slack", "").await;
    assert_eq!(connection["credentials"]["access_token"], CANARY_TOKEN);
    assert_eq!(get("/proxy/users.list", "nobody").await.0, 400);

    // Google: pages, then a sync token that shows only what changed since.
    let calendar = "google-calendar-test";
    let events = "/proxy/calendar/v3/calendars/primary/events";
    let (_, first) = get(&format!("{events}?maxResults=4"), calendar).await;
    assert_eq!(
        (
            first["items"].as_array().map(Vec::len),
            &first["nextSyncToken"]
        ),
        (Some(4), &Value::Null)
    );
    let token = first["nextPageToken"].as_str().expect("a page token");
    let (_, last) = get(
        &format!("{events}?maxResults=4&pageToken={token}"),
        calendar,
    )
    .await;
    let sync = last["nextSyncToken"].as_str().expect("a sync token");
    let gone = last["items"][0]["id"].as_str().expect("an event");
    assert_eq!(
        ask(
            "DELETE",
            &format!("{events}/{gone}"),
            calendar,
            SECRET,
            Value::Null
        )
        .await
        .0,
        204
    );
    assert_eq!(
        ask(
            "DELETE",
            &format!("{events}/{gone}"),
            calendar,
            SECRET,
            Value::Null
        )
        .await
        .0,
        410
    );
    let (_, changed) = get(&format!("{events}?syncToken={sync}"), calendar).await;
    assert_eq!(
        (
            &changed["items"][0]["status"],
            changed["items"].as_array().map(Vec::len)
        ),
        (&json!("cancelled"), Some(1))
    );
    assert_eq!(
        get(&format!("{events}?syncToken=old"), calendar).await.0,
        410
    );
    let missing = json!({ "start": { "dateTime": "2026-02-01T09:00:00Z" } });
    assert_eq!(ask("POST", events, calendar, SECRET, missing).await.0, 400);
    let (status, refused) = ask(
        "POST",
        "/proxy/calendar/v3/calendars/primary/acl",
        calendar,
        SECRET,
        json!({}),
    )
    .await;
    assert_eq!(
        (status, &refused["error"]["errors"][0]["reason"]),
        (403, &json!("insufficientPermissions"))
    );

    // Slack refuses with 200.
    let (status, answer) = ask(
        "POST",
        "/proxy/chat.postMessage",
        "slack-test",
        SECRET,
        json!({ "channel": "C404", "text": "x" }),
    )
    .await;
    assert_eq!(
        (status, answer),
        (200, json!({ "ok": false, "error": "channel_not_found" }))
    );

    // HubSpot: a bound on pages, no twins, scopes.
    let contacts = "/proxy/crm/v3/objects/contacts";
    assert_eq!(
        get(&format!("{contacts}?limit=101"), "hubspot-test")
            .await
            .0,
        400
    );
    let ada = json!({ "properties": { "email": "ada@example.com" } });
    assert_eq!(
        ask("POST", contacts, "hubspot-test", SECRET, ada).await.0,
        409
    );
    let (status, answer) = get("/proxy/crm/v3/objects/deals", "hubspot-test").await;
    assert_eq!(
        (status, &answer["category"]),
        (403, &json!("MISSING_SCOPES"))
    );

    // Drive has three pages of three.
    let (_, files) = get(
        "/proxy/drive/v3/files?pageSize=3&pageToken=page-6",
        "google-drive-test",
    )
    .await;
    assert_eq!(
        (
            files["files"].as_array().map(Vec::len),
            &files["nextPageToken"]
        ),
        (Some(1), &Value::Null)
    );
}
