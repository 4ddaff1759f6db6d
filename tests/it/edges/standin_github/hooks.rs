//! Webhooks.

use super::*;

#[tokio::test]
async fn a_failed_delivery_can_be_found_and_sent_again_under_its_guid() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let (broken, _) = receiver(StatusCode::BAD_GATEWAY).await?;
    github.set_webhook_url(Some(&broken));
    github.comment(&repo, number, "ada", "/retry")?;
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);
    let app = Client::app(&github)?;
    let page = app.get("/app/hook/deliveries?per_page=1").await?;
    let failed = page.body[0].clone();
    assert_eq!(
        (&failed["status_code"], &failed["event"]),
        (&json!(502), &json!("issue_comment"))
    );
    let next = page.headers["link"].to_str()?;
    let cursor = next
        .split("cursor=")
        .nth(1)
        .and_then(|rest| rest.split('>').next())
        .context("a cursor")?;
    let older = app
        .get(&format!(
            "/app/hook/deliveries?per_page=100&cursor={cursor}"
        ))
        .await?;
    let older = older.body.as_array().context("a list")?;
    assert!(
        older
            .iter()
            .all(|one| one["id"].as_u64() < failed["id"].as_u64())
            && !older.is_empty()
    );

    let (working, inbox) = receiver(StatusCode::OK).await?;
    github.set_webhook_url(Some(&working));
    let again = app
        .send(
            Method::POST,
            &format!("/app/hook/deliveries/{}/attempts", failed["id"]),
            None,
        )
        .await?;
    assert_eq!(again.status, 202);
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);
    {
        let inbox = inbox.lock().expect("no poison").clone();
        assert_eq!(inbox.len(), 1);
        assert_eq!(
            inbox[0].0["x-github-delivery"],
            failed["guid"].as_str().context("a guid")?
        );
        let payload: Value = serde_json::from_slice(&inbox[0].1)?;
        assert_eq!(payload["comment"]["body"], "/retry");
        let whole = app
            .get(&format!("/app/hook/deliveries/{}", failed["id"]))
            .await?;
        assert_eq!(whole.body["request"]["payload"], payload);
    }
    let newest = app.get("/app/hook/deliveries?per_page=1").await?.body[0].clone();
    assert_eq!(
        (&newest["guid"], &newest["redelivery"]),
        (&failed["guid"], &json!(true))
    );
    assert_ne!(newest["id"], failed["id"]);
    let sent: Vec<_> = github
        .deliveries()
        .into_iter()
        .rev()
        .take(2)
        .map(|one| one.sent)
        .collect();
    assert!(matches!(
        sent[..],
        [
            Sent::Answered { status: 200, .. },
            Sent::Answered { status: 502, .. }
        ]
    ));
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn late_webhooks_come_late_and_every_payload_is_as_described() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let (url, inbox) = receiver(StatusCode::OK).await?;
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);
    github.set_webhook_url(Some(&url));
    github.hold_deliveries();
    let client = Client::installed(&github, &repo, json!({})).await?;
    let head = github.pull(&repo, number)?.head;
    let body = json!({ "name": "countersign", "head_sha": head, "conclusion": "success" });
    let run = client
        .post(&format!("/repos/{repo}/check-runs"), body)
        .await?;
    let run = run.body["id"].as_u64().context("an id")?;
    github.press_rerun(&repo, run, "ada")?;
    github.press_action(&repo, run, "retry", "ada")?;
    github.press_rerun_all(&repo, &head, "ada")?;
    let note = github.comment(&repo, number, "ada", "hello")?;
    github.delete_comment(&repo, note)?;
    github.close_pull(&repo, number, "ada")?;
    github.reopen_pull(&repo, number, "ada")?;
    github.force_push(&repo, "topic", &head, "ada")?;
    github.ping();
    github.uninstall("acme");
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(inbox.lock().expect("no poison").is_empty(), "held back");
    github.release_deliveries(Order::NewestFirst);
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);

    let inbox = inbox.lock().expect("no poison").clone();
    let mut came = Vec::new();
    for (headers, body) in inbox.iter() {
        let payload: Value = serde_json::from_slice(body)?;
        let event = headers["x-github-event"].to_str()?.to_owned();
        let action = payload["action"].as_str().map(str::to_owned);
        assert_eq!(
            openapi::check_payload(&event, action.as_deref(), &payload),
            [""; 0],
            "{event} {action:?}"
        );
        came.push(format!("{event} {}", action.unwrap_or_default()));
    }
    assert_eq!(
        came,
        [
            "installation deleted",
            "ping ",
            "pull_request reopened",
            "pull_request closed",
            "issue_comment created",
            "check_suite rerequested",
            "check_run requested_action",
            "check_run rerequested",
            "check_run completed",
            "check_run created",
        ]
    );
    assert_eq!(
        client.get(&format!("/repos/{repo}")).await?.status,
        401,
        "its tokens died with it"
    );
    Ok(())
}
