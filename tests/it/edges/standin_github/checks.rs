//! Check runs.

use super::*;

#[tokio::test]
async fn annotations_append_and_checks_have_their_rules() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(
        &github,
        &repo,
        json!({ "permissions": { "checks": "write" } }),
    )
    .await?;
    let head = github.pull(&repo, number)?.head;
    let runs = format!("/repos/{repo}/check-runs");
    let note = |line: u32| json!({ "path": SPEC, "start_line": line, "end_line": line, "annotation_level": "notice", "message": "m" });
    let output = |annotations: Vec<Value>| json!({ "title": "t", "summary": "s", "annotations": annotations });
    let with = |key: &str, value: Value| {
        let mut body = json!({ "name": "countersign", "head_sha": head });
        body[key] = value;
        body
    };
    let mut columns = note(1);
    columns["start_column"] = json!(1);
    columns["end_line"] = json!(2);
    let button = |label: &str| json!({ "label": label, "description": "d", "identifier": "i" });
    for (why, bad) in [
        (
            "51 annotations",
            with("output", output((1..=51).map(note).collect())),
        ),
        ("columns over lines", with("output", output(vec![columns]))),
        ("line zero", with("output", output(vec![note(0)]))),
        (
            "long summary",
            with(
                "output",
                json!({ "title": "t", "summary": "x".repeat(65_536) }),
            ),
        ),
        ("no summary", with("output", json!({ "title": "t" }))),
        ("no conclusion", with("status", json!("completed"))),
        ("stale", with("conclusion", json!("stale"))),
        ("waiting", with("status", json!("waiting"))),
        (
            "four buttons",
            with(
                "actions",
                json!([button("a"), button("b"), button("c"), button("d")]),
            ),
        ),
        (
            "a wide button",
            with("actions", json!([button(&"x".repeat(21))])),
        ),
        (
            "no address",
            with("details_url", json!("javascript:alert(1)")),
        ),
        ("no time", with("started_at", json!("yesterday"))),
        ("no commit", with("head_sha", json!("0".repeat(40)))),
        ("no name", json!({ "head_sha": head })),
    ] {
        let reply = client.post(&runs, bad).await?;
        assert_eq!(reply.status, 422, "{why}: {}", reply.body);
    }
    let mut body = with("output", output((1..=50).map(note).collect()));
    body["status"] = json!("in_progress");
    body["external_id"] = json!("run-1");
    let made = client.post(&runs, body).await?;
    assert_eq!(
        (made.status, &made.body["pull_requests"][0]["number"]),
        (201, &json!(number)),
        "{}",
        made.body
    );
    let one = format!("{runs}/{}", made.body["id"]);
    let more = json!({ "conclusion": "failure", "output": output(vec![note(7)]) });
    let done = client.patch(&one, more).await?;
    assert_eq!(
        (
            &done.body["status"],
            &done.body["output"]["annotations_count"]
        ),
        (&json!("completed"), &json!(51))
    );
    assert_eq!(
        done.body["external_id"], "run-1",
        "an update keeps what it does not name"
    );
    let listed = client
        .get(&format!("{one}/annotations?per_page=100"))
        .await?;
    assert_eq!(listed.body.as_array().map(Vec::len), Some(51));

    client
        .post(&runs, with("external_id", json!("run-2")))
        .await?;
    let of_ref = format!("/repos/{repo}/commits/{head}/check-runs?check_name=countersign");
    let latest = client.get(&of_ref).await?;
    assert_eq!(
        (
            &latest.body["total_count"],
            &latest.body["check_runs"][0]["external_id"]
        ),
        (&json!(1), &json!("run-2"))
    );
    assert_eq!(
        client.get(&format!("{of_ref}&filter=all")).await?.body["total_count"],
        2
    );
    let suites = client
        .get(&format!("/repos/{repo}/commits/topic/check-suites"))
        .await?;
    assert_eq!(suites.body["check_suites"][0]["status"], "in_progress");
    assert_eq!(github.check_runs(&repo)?[0].annotations.len(), 51);
    assert_described(&github);
    Ok(())
}
