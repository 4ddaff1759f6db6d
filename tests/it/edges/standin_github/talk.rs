//! Comments and reviews.

use super::*;

#[tokio::test]
async fn comments_come_in_pages_and_have_their_limits() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let comments = format!("/repos/{repo}/issues/{number}/comments");
    for count in 0..33 {
        github.comment(&repo, number, "ada", &format!("comment {count}"))?;
    }
    let first = client.get(&comments).await?;
    assert_eq!(first.body.as_array().map(Vec::len), Some(30));
    let link = first.headers["link"].to_str()?;
    assert!(
        link.contains("?page=2>; rel=\"next\"") && link.contains(&github.api_url()),
        "{link}"
    );
    let second = client
        .get(&format!("{comments}?per_page=20&page=2"))
        .await?;
    assert_eq!(second.body.as_array().map(Vec::len), Some(13));
    assert!(!second.headers["link"].to_str()?.contains("next"));

    let full = "é".repeat(65_536);
    let made = client.post(&comments, json!({ "body": full })).await?;
    assert_eq!(made.status, 201);
    let (bot, bot_id) = github.bot();
    assert_eq!(
        (&made.body["user"]["login"], &made.body["user"]["id"]),
        (&json!(bot), &json!(bot_id))
    );
    assert_eq!(
        client.get(&format!("/users/{bot}")).await?.body["id"],
        json!(bot_id)
    );
    for bad in [
        json!({ "body": format!("{full}x") }),
        json!({ "body": " " }),
        json!({}),
        json!({ "body": 7 }),
    ] {
        assert_eq!(client.post(&comments, bad).await?.status, 422);
    }
    let id = made.body["id"].as_u64().context("an id")?;
    assert!(id > u64::from(u32::MAX), "ids do not fit into 32 bits");
    let one = format!("/repos/{repo}/issues/comments/{id}");
    assert_eq!(
        client.patch(&one, json!({ "body": "short" })).await?.body["body"],
        "short"
    );
    let eyes = json!({ "content": "eyes" });
    assert_eq!(
        client
            .post(&format!("{one}/reactions"), eyes.clone())
            .await?
            .status,
        201
    );
    assert_eq!(
        client.post(&format!("{one}/reactions"), eyes).await?.status,
        200,
        "given already"
    );
    assert_eq!(
        client
            .post(&format!("{one}/reactions"), json!({ "content": "shrug" }))
            .await?
            .status,
        422
    );
    assert_eq!(client.get(&one).await?.body["reactions"]["eyes"], 1);
    assert_eq!(client.send(Method::DELETE, &one, None).await?.status, 204);
    assert_eq!(client.get(&one).await?.status, 404);
    assert_eq!(github.comments(&repo, number)?.len(), 33);
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn a_review_comment_stands_in_the_diff_or_the_review_fails() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let reviews = format!("/repos/{repo}/pulls/{number}/reviews");
    let head = github.pull(&repo, number)?.head;
    let review = |comment: Value| {
        json!({ "commit_id": head, "event": "COMMENT", "body": "see", "comments": [
            { "path": "new.txt", "line": 1, "side": "RIGHT", "body": "good" }, comment,
        ] })
    };
    // Lines 9 to 12 are in the hunk: line 12 changed, three lines of context before it.
    for (why, bad) in [
        (
            "before the hunk",
            json!({ "path": SPEC, "line": 8, "side": "RIGHT", "body": "x" }),
        ),
        (
            "after the file",
            json!({ "path": SPEC, "line": 13, "side": "RIGHT", "body": "x" }),
        ),
        (
            "not in the diff",
            json!({ "path": "README.md", "line": 1, "side": "RIGHT", "body": "x" }),
        ),
        (
            "no old side",
            json!({ "path": "new.txt", "line": 1, "side": "LEFT", "body": "x" }),
        ),
        (
            "no side of that name",
            json!({ "path": SPEC, "line": 9, "side": "right", "body": "x" }),
        ),
        ("no line", json!({ "path": SPEC, "body": "x" })),
        ("no words", json!({ "path": SPEC, "line": 9, "body": "" })),
        (
            "starts where it ends",
            json!({ "path": SPEC, "line": 9, "start_line": 9, "body": "x" }),
        ),
        (
            "starts outside",
            json!({ "path": SPEC, "line": 9, "start_line": 3, "body": "x" }),
        ),
        (
            "position",
            json!({ "path": SPEC, "position": 1, "body": "x" }),
        ),
        (
            "about the file",
            json!({ "path": SPEC, "subject_type": "file", "body": "x" }),
        ),
    ] {
        let reply = client.post(&reviews, review(bad)).await?;
        assert_eq!(reply.status, 422, "{why}: {}", reply.body);
    }
    assert!(
        github.reviews(&repo, number)?.is_empty(),
        "one bad comment fails all of it"
    );
    assert!(github.review_comments(&repo, number)?.is_empty());

    let spans = json!({ "path": SPEC, "start_line": 10, "start_side": "RIGHT", "line": 12, "side": "RIGHT", "body": "x" });
    let made = client.post(&reviews, review(spans)).await?;
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(made.body["state"], "COMMENTED");
    let old = client
        .post(
            &reviews,
            review(json!({ "path": SPEC, "line": 12, "side": "LEFT", "body": "x" })),
        )
        .await?;
    assert_eq!(old.status, 200, "{}", old.body);
    let inline = github.review_comments(&repo, number)?;
    let places: Vec<_> = inline
        .iter()
        .map(|one| (one.path.as_str(), one.start, one.line))
        .collect();
    assert_eq!(
        places,
        [
            ("new.txt", None, Some((Side::Right, 1))),
            (SPEC, Some((Side::Right, 10)), Some((Side::Right, 12))),
            ("new.txt", None, Some((Side::Right, 1))),
            (SPEC, None, Some((Side::Left, 12))),
        ]
    );
    let of_it = client
        .get(&format!("{reviews}/{}/comments", made.body["id"]))
        .await?;
    assert_eq!(of_it.body.as_array().map(Vec::len), Some(2));
    assert_eq!(of_it.body[1]["position"], 5);
    assert_eq!(
        of_it.body[1]["diff_hunk"],
        "@@ -9,4 +9,4 @@ eight\n nine\n ten\n eleven\n-twelve\n+twelve!"
    );
    let file = json!({ "commit_id": head, "path": SPEC, "subject_type": "file", "body": "about the file" });
    let file = client
        .post(&format!("/repos/{repo}/pulls/{number}/comments"), file)
        .await?;
    assert_eq!(
        (file.status, file.body["subject_type"].as_str()),
        (201, Some("file")),
        "{}",
        file.body
    );
    assert_eq!(
        client
            .get(&format!("/repos/{repo}/pulls/{number}/comments"))
            .await?
            .body
            .as_array()
            .map(Vec::len),
        Some(5)
    );
    let files = client
        .get(&format!("/repos/{repo}/pulls/{number}/files"))
        .await?;
    assert_eq!(files.body[1]["patch"], "@@ -0,0 +1,2 @@\n+a\n+b");
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn reviews_are_refused_that_github_refuses() -> Result<()> {
    let (github, repo, _) = with_pull().await?;
    let (bot, _) = github.bot();
    github.commit(&repo, "bots", None, &[("x", Some("x"))], &bot)?;
    let number = github.open_pull((&repo, "main"), (&repo, "bots"), &bot, Standing::Ready)?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let reviews = format!("/repos/{repo}/pulls/{number}/reviews");
    let base = github.branch(&repo, "main")?.context("main")?;
    for (why, bad) in [
        (
            "approves its own",
            json!({ "event": "APPROVE", "body": "x" }),
        ),
        (
            "refuses its own",
            json!({ "event": "REQUEST_CHANGES", "body": "x" }),
        ),
        ("says nothing", json!({ "event": "COMMENT" })),
        (
            "too long",
            json!({ "event": "COMMENT", "body": "x".repeat(65_537) }),
        ),
        ("no such event", json!({ "event": "SHRUG", "body": "x" })),
        (
            "a commit of the base",
            json!({ "event": "COMMENT", "body": "x", "commit_id": base }),
        ),
        (
            "no commit",
            json!({ "event": "COMMENT", "body": "x", "commit_id": "abc" }),
        ),
    ] {
        assert_eq!(client.post(&reviews, bad).await?.status, 422, "{why}");
    }
    assert_eq!(
        client
            .post(&reviews, json!({ "body": "draft" }))
            .await?
            .body["state"],
        "PENDING"
    );
    assert_eq!(
        client
            .post(&reviews, json!({ "body": "draft" }))
            .await?
            .status,
        422,
        "one draft each"
    );
    assert_eq!(
        client
            .post("/repos/acme/widgets/pulls/99/reviews", json!({}))
            .await?
            .status,
        404
    );
    assert_described(&github);
    Ok(())
}

#[tokio::test]
async fn what_people_say_at_lines_moves_with_them_and_is_outdated_when_they_change() -> Result<()> {
    let (github, repo, number) = with_pull().await?;
    let client = Client::installed(&github, &repo, json!({})).await?;
    let head = github.pull(&repo, number)?.head;
    let text = github.file(&repo, &head, "new.txt")?.context("the file")?;
    assert!(
        github
            .remark(&repo, number, "ada", ("new.txt", 9), "x")
            .is_err(),
        "no such line"
    );
    let first = github.remark(&repo, number, "ada", ("new.txt", 1), "Why?")?;
    let answer = github.answer_remark(&repo, first, "bob", "Because.")?;
    github.edit_remark(&repo, first, "ada", "Why not?")?;
    let gone = github.remark(&repo, number, "ada", ("new.txt", 1), "gone")?;
    github.delete_remark(&repo, gone, "ada")?;
    // A draft is seen by nobody but its author.
    let drafted = json!({ "body": "draft", "comments": [
        { "path": "new.txt", "line": 1, "side": "RIGHT", "body": "draft" },
    ] });
    let reviews = format!("/repos/{repo}/pulls/{number}/reviews");
    assert_eq!(client.post(&reviews, drafted).await?.status, 200);

    let comments = format!("/repos/{repo}/pulls/{number}/comments");
    let listed = async |query: &str| -> Result<Vec<Value>> {
        let reply = client.get(&format!("{comments}{query}")).await?;
        Ok(reply.body.as_array().context("a list")?.clone())
    };
    let ids = |list: &[Value]| {
        list.iter()
            .map(|one| one["id"].as_u64())
            .collect::<Vec<_>>()
    };
    let there = listed("").await?;
    assert_eq!(ids(&there), [Some(first), Some(answer)]);
    assert_eq!(there[0]["body"], "Why not?");
    assert_eq!(
        (&there[0]["user"]["login"], &there[0]["line"]),
        (&json!("ada"), &json!(1))
    );
    assert_eq!(
        (&there[1]["in_reply_to_id"], &there[1]["path"]),
        (&json!(first), &json!("new.txt"))
    );
    assert_described(&github);
    let newest = listed("?sort=created&direction=desc").await?;
    assert_eq!(ids(&newest), [Some(answer), Some(first)]);
    assert_eq!(
        ids(&listed("?direction=desc").await?),
        ids(&there),
        "without `sort` it counts nothing"
    );

    // A line above it is new, so it moves.
    let moved = format!("above\n{text}");
    let branch = github.pull(&repo, number)?.head_branch;
    let pushed = github.commit(&repo, &branch, None, &[("new.txt", Some(&moved))], "ada")?;
    let there = listed("").await?;
    assert_eq!(
        (&there[0]["line"], &there[0]["original_line"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        (&there[0]["commit_id"], &there[0]["original_commit_id"]),
        (&json!(pushed), &json!(head))
    );
    assert_described(&github);

    // It changed, so what was said of it is outdated.
    github.commit(
        &repo,
        &branch,
        None,
        &[("new.txt", Some("other\nb\n"))],
        "ada",
    )?;
    let there = listed("").await?;
    assert_eq!(
        (&there[0]["line"], &there[0]["position"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&there[0]["original_line"], &there[0]["subject_type"]),
        (&json!(1), &json!("line"))
    );
    Ok(())
}
