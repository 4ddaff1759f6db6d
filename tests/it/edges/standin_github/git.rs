//! Real git against it.

use super::*;

#[tokio::test]
async fn a_push_moves_the_head_and_a_signed_synchronize_arrives() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let (url, inbox) = receiver(StatusCode::ACCEPTED).await?;
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);
    github.set_webhook_url(Some(&url));
    let before = github.pull(&repo, number)?.head;
    let client = Client::installed(
        &github,
        &repo,
        json!({ "permissions": { "contents": "write" } }),
    )
    .await?;
    let folder = tempfile::tempdir()?;
    let address = format!("{}/{repo}.git", client.server);
    client
        .git_ok(
            folder.path(),
            &["clone", "--quiet", "--branch", "topic", &address, "work"],
        )
        .await?;
    let work = folder.path().join("work");
    std::fs::write(work.join("made.ts"), "export {}\n")?;
    client.git_ok(&work, &["add", "."]).await?;
    client
        .git_ok(&work, &["commit", "--quiet", "-m", "made"])
        .await?;
    client
        .git_ok(&work, &["push", "--quiet", "origin", "topic"])
        .await?;
    let head: Sha = client
        .git_ok(&work, &["rev-parse", "HEAD"])
        .await?
        .parse()?;

    assert_eq!(github.pull(&repo, number)?.head, head);
    let refs = client
        .git_ok(&work, &["ls-remote", "origin", "refs/pull/1/head"])
        .await?;
    assert!(refs.starts_with(head.as_str()), "{refs}");
    assert_eq!(
        github.file(&repo, &head, "made.ts")?.as_deref(),
        Some("export {}\n")
    );

    assert_eq!(github.message(&repo, &head)?.trim(), "made");
    assert_eq!(
        github.files(&repo, &head)?,
        ["README.md", SPEC, "made.ts", "new.txt"]
    );
    assert!(github.deliveries_settled(Duration::from_secs(10)).await);
    let inbox = inbox.lock().expect("no poison");
    let (headers, body) = inbox
        .iter()
        .find(|(headers, _)| headers["x-github-event"] == "pull_request")
        .context("a pull_request event")?;
    let payload: Value = serde_json::from_slice(body)?;
    assert_eq!(payload["action"], "synchronize");
    assert_eq!(
        (&payload["before"], &payload["after"]),
        (&json!(before), &json!(head))
    );
    assert_eq!(payload["sender"]["login"], json!(github.bot().0));
    assert_eq!(payload["pull_request"]["head"]["sha"], json!(head));
    assert_eq!(
        openapi::check_payload("pull_request", Some("synchronize"), &payload),
        [""; 0]
    );
    assert!(
        headers["user-agent"]
            .to_str()?
            .starts_with("GitHub-Hookshot/")
    );
    let signature = headers["x-hub-signature-256"].to_str()?;
    let key = aws_lc_rs::hmac::Key::new(
        aws_lc_rs::hmac::HMAC_SHA256,
        github.webhook_secret().expose_secret().as_bytes(),
    );
    let tag = hex::decode(signature.strip_prefix("sha256=").context("a prefix")?)?;
    assert!(
        aws_lc_rs::hmac::verify(&key, body, &tag).is_ok(),
        "{signature}"
    );
    Ok(())
}

#[tokio::test]
async fn pushes_are_refused_that_github_refuses() -> Result<()> {
    let (github, repo, _) = with_pull().await?;
    github.protect_branch(
        &repo,
        "main",
        "Changes must be made through a pull request.",
    )?;
    let writer = Client::installed(
        &github,
        &repo,
        json!({ "permissions": { "contents": "write" } }),
    )
    .await?;
    let reader = Client::installed(
        &github,
        &repo,
        json!({ "permissions": { "contents": "read" } }),
    )
    .await?;
    let nobody = Client::new(&github, "ghs_nobody".to_owned())?;
    let folder = tempfile::tempdir()?;
    let address = format!("{}/{repo}.git", writer.server);
    reader
        .git_ok(
            folder.path(),
            &["clone", "--quiet", "--branch", "topic", &address, "work"],
        )
        .await?;
    let work = folder.path().join("work");
    std::fs::create_dir_all(work.join(".github/workflows"))?;
    std::fs::write(work.join(".github/workflows/ci.yml"), "on: push\n")?;
    writer.git_ok(&work, &["add", "."]).await?;
    writer
        .git_ok(&work, &["commit", "--quiet", "-m", "workflow"])
        .await?;
    let head = github.branch(&repo, "topic")?;
    for (client, to, words) in [
        (&nobody, "topic", "could not read Username"),
        (&reader, "topic", "403"),
        (&writer, "topic", "without `workflows` permission"),
        (&writer, "refs/pull/1/head", "deny updating a hidden ref"),
    ] {
        let pushed = client
            .git(&work, &["push", "origin", &format!("HEAD:{to}")])
            .await?;
        let said = String::from_utf8_lossy(&pushed.stderr).into_owned();
        assert!(
            !pushed.status.success() && said.contains(words),
            "{to}: {said}"
        );
    }
    writer
        .git_ok(&work, &["reset", "--quiet", "--hard", "HEAD~1"])
        .await?;
    let pushed = writer.git(&work, &["push", "origin", "HEAD:main"]).await?;
    let said = String::from_utf8_lossy(&pushed.stderr).into_owned();
    assert!(
        said.contains("GH006") && said.contains("through a pull request"),
        "{said}"
    );
    assert_eq!(github.branch(&repo, "topic")?, head);

    // A lease that is out of date is refused by git itself.
    github.commit(&repo, "topic", None, &[("y", Some("y"))], "ada")?;
    writer
        .git_ok(&work, &["commit", "--quiet", "--allow-empty", "-m", "late"])
        .await?;
    let lease = format!("--force-with-lease=topic:{}", head.context("a head")?);
    let pushed = writer
        .git(&work, &["push", &lease, "origin", "HEAD:topic"])
        .await?;
    assert!(String::from_utf8_lossy(&pushed.stderr).contains("stale info"));
    Ok(())
}

#[tokio::test]
async fn the_head_of_a_fork_is_in_the_base_repository() -> Result<()> {
    let (github, repo, _) = with_pull().await?;
    let fork = github.fork(&repo, "eve")?;
    let first = github.commit(&fork, "evil", None, &[("evil.txt", Some("1"))], "eve")?;
    let number = github.open_pull((&repo, "main"), (&fork, "evil"), "eve", Standing::Draft)?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let pull = format!("/repos/{repo}/pulls/{number}");
    let reply = client.get(&pull).await?;
    assert_eq!(
        (&reply.body["head"]["sha"], &reply.body["draft"]),
        (&json!(first), &json!(true))
    );
    assert_eq!(reply.body["head"]["repo"]["full_name"], "eve/widgets");
    let second = github.commit(&fork, "evil", None, &[("evil.txt", Some("2"))], "eve")?;
    let folder = tempfile::tempdir()?;
    let address = format!("{}/{repo}.git", client.server);
    let refs = client
        .git_ok(
            folder.path(),
            &["ls-remote", &address, &format!("refs/pull/{number}/head")],
        )
        .await?;
    assert!(refs.starts_with(second.as_str()), "{refs}");

    let run = client
        .post(
            &format!("/repos/{repo}/check-runs"),
            json!({ "name": "c", "head_sha": second }),
        )
        .await?;
    assert_eq!(
        (run.status, &run.body["pull_requests"]),
        (201, &json!([])),
        "checks do not know forks"
    );
    let fork_git = format!("{}/{fork}.git", client.server);
    let cloned = client
        .git(folder.path(), &["clone", &fork_git, "fork"])
        .await?;
    assert!(
        !cloned.status.success(),
        "the token does not reach the fork"
    );
    github.delete_repo(&fork)?;
    assert_eq!(client.get(&pull).await?.body["head"]["repo"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn a_push_can_be_done_and_its_answer_lost() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let folder = tempfile::tempdir()?;
    let address = format!("{}/{repo}.git", client.server);
    client
        .git_ok(
            folder.path(),
            &["clone", "--quiet", "--branch", "topic", &address, "work"],
        )
        .await?;
    let work = folder.path().join("work");
    client
        .git_ok(&work, &["commit", "--quiet", "--allow-empty", "-m", "made"])
        .await?;
    let head: Sha = client
        .git_ok(&work, &["rev-parse", "HEAD"])
        .await?
        .parse()?;
    github.fail_next("POST", "/*/git-receive-pack", FaultKind::AfterApply);
    let pushed = client.git(&work, &["push", "origin", "topic"]).await?;
    assert!(!pushed.status.success());
    assert_eq!(
        github.pull(&repo, number)?.head,
        head,
        "it was done all the same"
    );
    Ok(())
}

#[tokio::test]
async fn a_push_is_ended_though_its_client_is_killed() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let folder = tempfile::tempdir()?;
    let address = format!("{}/{repo}.git", client.server);
    client
        .git_ok(
            folder.path(),
            &["clone", "--quiet", "--branch", "topic", &address, "work"],
        )
        .await?;
    let work = folder.path().join("work");
    client
        .git_ok(&work, &["commit", "--quiet", "--allow-empty", "-m", "made"])
        .await?;
    let head: Sha = client
        .git_ok(&work, &["rev-parse", "HEAD"])
        .await?
        .parse()?;
    let group = Arc::new(Mutex::new(None));
    let killed = group.clone();
    github.on_request(move |_, moment| {
        if moment == Moment::Before {
            let group = killed.lock().expect("no poison").expect("git has begun");
            nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL)
                .expect("it was there");
        }
    });
    let mut push = client.git_command(&work, &["push", "origin", "topic"]);
    let mut push = {
        let mut group = group.lock().expect("no poison");
        let push = push.process_group(0).spawn()?;
        let pid = push.id().and_then(|pid| i32::try_from(pid).ok());
        *group = pid.map(nix::unistd::Pid::from_raw);
        push
    };
    let status = tokio::time::timeout(Duration::from_secs(30), push.wait()).await??;
    assert!(!status.success(), "it was killed");
    let begun = std::time::Instant::now();
    while github.pull(&repo, number)?.head != head {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "the head never moved"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}
