//! Stories of `git`: a mirror, a person with git's own command line, and git's own server between them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use countersign::domain::limits;
use countersign::domain::name::Sha;
use countersign::edge::git::{
    Author, ChangeStatus, Changed, FileMode, GitError, Mirror, NewCommit, PushOutcome, Refspec,
};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::support::git_server::{GitServer, Served, git};

/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(limits::GIT_SECONDS);

type Outcome = Result<(), Box<dyn std::error::Error>>;

const TOKEN: &str = "ghs_12345_very.secret-token_value";

/// A server with one repository, and our mirror of it.
struct Scene {
    server: GitServer,
    repo: Served,
    mirror: Mirror,
    token: SecretString,
    state: TempDir,
}

impl Scene {
    fn with(files: &[(&str, &str)]) -> Result<Self, Box<dyn std::error::Error>> {
        let server = GitServer::start(TOKEN);
        let repo = server.repository("acme/shop", files);
        let state = tempfile::tempdir()?;
        let mirror = Mirror::open(&state.path().join("acme/shop.git"), &repo.url, PATIENCE)?;
        let token = SecretString::from(TOKEN);
        Ok(Self {
            server,
            repo,
            mirror,
            token,
            state,
        })
    }

    fn fetch(&self, branch: &str) -> Result<Sha, Box<dyn std::error::Error>> {
        let wanted = Refspec::branch(branch)?;
        self.mirror
            .fetch(Some(&self.token), std::slice::from_ref(&wanted))?;
        Ok(self.mirror.resolve(wanted.to())?.ok_or("it was fetched")?)
    }

    fn push(&self, commit: &Sha, expected: &Sha) -> Result<PushOutcome, GitError> {
        self.mirror
            .push(Some(&self.token), commit, "main", expected)
    }
}

/// A commit of ours on `parent`.
fn edit(parent: &Sha, edits: &[(&str, Option<&str>)]) -> NewCommit {
    let edits: BTreeMap<String, Option<Vec<u8>>> = (edits.iter())
        .map(|(path, text)| ((*path).to_owned(), text.map(|text| text.into())))
        .collect();
    NewCommit {
        parent: parent.clone(),
        edits,
        message: "feat: add functions\n\nCountersign-Run: 0123456789ab\n".to_owned(),
        author: Author {
            name: "countersign[bot]".to_owned(),
            email: "1+countersign[bot]@users.noreply.github.com".to_owned(),
        },
        at_ms: 1_700_000_000_999,
    }
}

fn made(mirror: &Mirror, new: &NewCommit) -> Result<Sha, Box<dyn std::error::Error>> {
    Ok(mirror.commit(new)?.ok_or("the commit changes something")?)
}

/// All text below a folder that contains `needle`.
fn files_with(dir: &Path, needle: &str) -> Vec<String> {
    walkdir::WalkDir::new(dir)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter(|entry| {
            let bytes = std::fs::read(entry.path()).unwrap_or_default();
            bytes.windows(needle.len()).any(|w| w == needle.as_bytes())
        })
        .map(|entry| entry.path().display().to_string())
        .collect()
}

#[test]
fn a_pull_request_is_fetched_read_and_answered_with_a_commit() -> Outcome {
    let scene = Scene::with(&[("readme.md", "hello\n"), ("old/a.ts", "a\n")])?;
    let base = scene.fetch("main")?;
    scene.repo.git(&["checkout", "-q", "-b", "topic"]);
    let head: Sha = scene
        .repo
        .commit("spec", &[("interactions/slack/x.yaml", "kind: action\n")])
        .parse()?;
    scene
        .repo
        .git(&["push", "-q", "origin", "topic", "topic:refs/pull/7/head"]);

    let pull = Refspec::pull(7);
    scene.mirror.fetch(
        Some(&scene.token),
        &[Refspec::branch("main")?, pull.clone()],
    )?;
    assert_eq!(scene.mirror.resolve(pull.to())?, Some(head.clone()));
    assert_eq!(scene.mirror.resolve("refs/countersign/pull/8")?, None);
    assert!(scene.mirror.contains(&head)?);
    assert!(!scene.mirror.contains(&"1".repeat(40).parse()?)?);
    assert_eq!(
        scene.mirror.merge_base(&base, &head)?,
        Some(base.clone()),
        "the branch was made from main"
    );
    assert_eq!(
        scene.mirror.changed(&base, &head, "interactions")?,
        [Changed {
            path: "interactions/slack/x.yaml".to_owned(),
            status: ChangeStatus::Added
        }]
    );
    assert_eq!(scene.mirror.changed(&base, &head, "interact")?, []);
    assert_eq!(
        scene
            .mirror
            .read(&head, "interactions/slack/x.yaml", 100)?
            .as_deref(),
        Some(&b"kind: action\n"[..])
    );
    assert_eq!(scene.mirror.read(&head, "interactions/none", 100)?, None);
    assert!(matches!(
        scene.mirror.read(&head, "readme.md", 3),
        Err(GitError::TooMuch { limit: 3, .. })
    ));
    assert_eq!(scene.mirror.message(&head)?, "spec\n");
    let paths: Vec<String> = scene
        .mirror
        .list(&head, "")?
        .into_iter()
        .map(|listed| format!("{} {}", listed.path, listed.size))
        .collect();
    assert_eq!(
        paths,
        ["interactions/slack/x.yaml 13", "old/a.ts 2", "readme.md 6"]
    );

    let ours = made(
        &scene.mirror,
        &edit(
            &head,
            &[
                ("nango/slack/actions/x.ts", Some("x\n")),
                ("old/a.ts", None),
            ],
        ),
    )?;
    let outcome = scene
        .mirror
        .push(Some(&scene.token), &ours, "topic", &head)?;
    assert_eq!(outcome, PushOutcome::Pushed);
    assert_eq!(scene.repo.at("refs/heads/topic"), ours.as_str());
    let tree = git(
        &scene.repo.bare,
        &["ls-tree", "-r", "--name-only", ours.as_str()],
    );
    assert_eq!(
        tree.lines().collect::<Vec<_>>(),
        [
            "interactions/slack/x.yaml",
            "nango/slack/actions/x.ts",
            "readme.md"
        ],
        "the folder that lost its last file is gone"
    );
    let by = git(
        &scene.repo.bare,
        &["log", "-1", "--format=%an <%ae> %at|%cn %ct", ours.as_str()],
    );
    assert_eq!(
        by,
        "countersign[bot] <1+countersign[bot]@users.noreply.github.com> 1700000000|countersign[bot] 1700000000"
    );
    git(&scene.repo.bare, &["fsck", "--strict", "--no-dangling"]);
    Ok(())
}

#[test]
fn a_wrong_token_is_one_clear_error_and_is_never_repeated() -> Outcome {
    let scene = Scene::with(&[("a", "a\n")])?;
    let base = scene.fetch("main")?;
    let ours = made(&scene.mirror, &edit(&base, &[("b", Some("b\n"))]))?;
    let before = scene.server.seen().len();

    let wrong = SecretString::from("ghs_wrong_but_still.secret-token");
    for token in [Some(&wrong), None] {
        let fetched = scene.mirror.fetch(token, &[Refspec::branch("main")?]);
        let pushed = scene.mirror.push(token, &ours, "main", &base);
        for error in [
            fetched.expect_err("nobody is let in without the token"),
            pushed.expect_err("nobody is let in without the token"),
        ] {
            assert!(
                matches!(error, GitError::Denied { status: 401, .. }),
                "{error:?}"
            );
            let words = format!("{error} {error:?}");
            assert!(words.contains("Bad credentials"), "{words}");
            assert!(!words.contains("ghs_wrong"), "{words}");
            assert!(
                !words.contains("eC1hY2Nlc3MtdG9r"),
                "not in base64 either: {words}"
            );
        }
    }
    let seen = scene.server.seen();
    assert_eq!(seen.len() - before, 4, "each was asked once: {seen:#?}");
    Ok(())
}

#[test]
fn the_token_is_in_a_header_from_the_first_request_and_nowhere_else() -> Outcome {
    let scene = Scene::with(&[("a", "a\n")])?;
    let base = scene.fetch("main")?;
    let ours = made(&scene.mirror, &edit(&base, &[("b", Some("b\n"))]))?;
    assert_eq!(scene.push(&ours, &base)?, PushOutcome::Pushed);

    let seen = scene.server.seen();
    assert!(seen.len() >= 4, "{seen:#?}");
    for request in &seen {
        assert!(request.authorization.is_some(), "{request:?}");
        assert!(!request.uri.contains("ghs_"), "{request:?}");
    }
    let everything = scene.state.path();
    assert_eq!(files_with(everything, TOKEN), [] as [String; 0]);
    assert_eq!(files_with(everything, "127.0.0.1"), [] as [String; 0]);
    assert!(
        files_with(everything, "bare = true").len() == 1,
        "the search finds things"
    );
    Ok(())
}

#[test]
fn redirects_stay_on_the_server_and_no_wait_is_endless() -> Outcome {
    let scene = Scene::with(&[("a", "a\n")])?;
    let within = |prefix: &str, patience| {
        let url = scene
            .repo
            .url
            .replace("/acme/", &format!("/{prefix}/acme/"));
        Mirror::open(&scene.state.path().join(prefix), &url, patience)
    };
    let at = |prefix: &str| within(prefix, PATIENCE);
    let main = [Refspec::branch("main")?];

    let moved = at("moved")?;
    moved.fetch(Some(&scene.token), &main)?;
    let base = moved.resolve(main[0].to())?.ok_or("it was fetched")?;
    let ours = made(&moved, &edit(&base, &[("b", Some("b\n"))]))?;
    assert_eq!(
        moved.push(Some(&scene.token), &ours, "main", &base)?,
        PushOutcome::Pushed,
        "a renamed repository is pushed to as well"
    );

    let away = at("away")?.fetch(Some(&scene.token), &main);
    assert!(
        matches!(&away, Err(GitError::Redirected { to, .. }) if to == "elsewhere.invalid"),
        "{away:?}"
    );
    let page = at("page")?.fetch(Some(&scene.token), &main);
    assert!(matches!(&page, Err(GitError::Answer { .. })), "{page:?}");

    let begun = Instant::now();
    let slow = within("slow", Duration::from_secs(1))?;
    let slow = slow.fetch(Some(&scene.token), &main);
    assert!(
        matches!(&slow, Err(GitError::TimedOut { seconds: 1, .. })),
        "{slow:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(20));

    let nobody = Mirror::open(
        &scene.state.path().join("nobody"),
        "http://127.0.0.1:1/a.git",
        PATIENCE,
    )?;
    let nobody = nobody.fetch(Some(&scene.token), &main);
    assert!(
        matches!(&nobody, Err(GitError::Unreachable { .. })),
        "{nobody:?}"
    );
    Ok(())
}

#[test]
fn a_reference_that_the_server_lacks_is_named() -> Outcome {
    let scene = Scene::with(&[("a", "a\n")])?;
    let wanted = [Refspec::branch("main")?, Refspec::pull(9)];
    let fetched = scene.mirror.fetch(Some(&scene.token), &wanted);
    let Err(GitError::NoSuchRef { names, .. }) = fetched else {
        return Err(format!("{fetched:?}").into());
    };
    assert_eq!(names, ["refs/pull/9/head"]);
    assert_eq!(scene.mirror.resolve(wanted[0].to())?, None, "nothing came");
    Ok(())
}

#[test]
fn a_branch_may_become_a_folder_of_branches() -> Outcome {
    let scene = Scene::with(&[("a", "a\n")])?;
    scene
        .repo
        .git(&["push", "-q", "origin", "main:refs/heads/release"]);
    let first = scene.fetch("release")?;
    let second = scene.repo.commit("second", &[("a", "b\n")]);
    scene.repo.git(&[
        "push",
        "-q",
        "origin",
        ":release",
        "main:refs/heads/release/2",
    ]);
    assert_eq!(scene.fetch("release/2")?, second.parse()?);
    let old = Refspec::branch("release")?;
    assert_eq!(
        scene.mirror.resolve(old.to())?,
        Some(first),
        "nothing is pruned"
    );
    Ok(())
}

#[test]
fn the_lease_holds_against_every_kind_of_surprise() -> Outcome {
    let scene = Scene::with(&[("a", "a\n")])?;
    let first = scene.fetch("main")?;
    let second: Sha = scene.repo.commit("second", &[("a", "b\n")]).parse()?;
    scene.repo.git(&["push", "-q", "origin", "main"]);
    assert_eq!(scene.fetch("main")?, second);
    let ours = made(&scene.mirror, &edit(&second, &[("o", Some("o\n"))]))?;

    // Somebody drops the second commit by a forced push: ours must not bring it back.
    scene
        .repo
        .git(&["push", "-q", "-f", "origin", &format!("{first}:main")]);
    assert_eq!(
        scene.push(&ours, &second)?,
        PushOutcome::Moved {
            to: Some(first.clone())
        }
    );
    assert_eq!(scene.repo.at("refs/heads/main"), first.as_str());

    // Somebody pushes a commit that the mirror has never seen.
    let third = scene.repo.commit("third", &[("a", "c\n")]);
    scene.repo.git(&["push", "-q", "-f", "origin", "main"]);
    assert_eq!(
        scene.push(&ours, &second)?,
        PushOutcome::Moved {
            to: Some(third.parse()?)
        }
    );

    // Somebody deletes the branch.
    git(&scene.repo.bare, &["update-ref", "-d", "refs/heads/main"]);
    assert_eq!(scene.push(&ours, &second)?, PushOutcome::Moved { to: None });
    assert_eq!(scene.repo.at("refs/heads/main"), "");

    // All is as it was: the push goes through, and once more after a crash that forgot it.
    git(
        &scene.repo.bare,
        &["update-ref", "refs/heads/main", second.as_str()],
    );
    assert_eq!(scene.push(&ours, &second)?, PushOutcome::Pushed);
    assert_eq!(scene.push(&ours, &second)?, PushOutcome::Pushed);
    assert_eq!(scene.repo.at("refs/heads/main"), ours.as_str());

    // A commit that is not built on what we expect is not even offered.
    let aside = made(&scene.mirror, &edit(&first, &[("p", Some("p\n"))]))?;
    assert!(matches!(
        scene.push(&aside, &ours),
        Err(GitError::NotOnTop { .. })
    ));
    Ok(())
}

#[test]
fn a_server_that_says_no_is_quoted() -> Outcome {
    let scene = Scene::with(&[("a", "a\n")])?;
    let base = scene.fetch("main")?;
    let ours = made(&scene.mirror, &edit(&base, &[("b", Some("b\n"))]))?;
    scene.repo.hook(
        "pre-receive",
        &format!("echo 'GH006: changes must be made through a pull request; you sent {TOKEN}' >&2; exit 1"),
    );
    let outcome = scene.push(&ours, &base)?;
    let PushOutcome::Refused { reason } = outcome else {
        return Err(format!("{outcome:?}").into());
    };
    assert!(reason.contains("pre-receive hook declined"), "{reason}");
    assert!(reason.contains("GH006: changes must be made"), "{reason}");
    assert!(!reason.contains(TOKEN), "{reason}");
    assert_eq!(scene.repo.at("refs/heads/main"), base.as_str());
    Ok(())
}

#[test]
fn somebody_who_is_faster_during_the_push_is_seen() -> Outcome {
    let scene = Scene::with(&[("a", "a\n")])?;
    let base = scene.fetch("main")?;
    let other = scene.repo.commit("other", &[("a", "b\n")]);
    scene
        .repo
        .git(&["push", "-q", "origin", "main:refs/heads/other"]);
    let ours = made(&scene.mirror, &edit(&base, &[("b", Some("b\n"))]))?;
    // After our look and before the server's own comparison, another push arrives.
    scene.repo.hook(
        "pre-receive",
        &format!("unset GIT_QUARANTINE_PATH; git update-ref refs/heads/main {other}"),
    );
    assert_eq!(
        scene.push(&ours, &base)?,
        PushOutcome::Moved {
            to: Some(other.parse()?)
        }
    );
    assert_eq!(scene.repo.at("refs/heads/main"), other);
    Ok(())
}

#[test]
fn the_same_commit_made_twice_is_the_same_and_no_change_is_no_commit() -> Outcome {
    let scene = Scene::with(&[("a", "a\n"), ("run.sh", "#!/bin/sh\n")])?;
    scene.repo.git(&["update-index", "--chmod=+x", "run.sh"]);
    scene.repo.git(&["commit", "-q", "-m", "executable"]);
    scene.repo.git(&["push", "-q", "origin", "main"]);
    let base = scene.fetch("main")?;
    let new = edit(
        &base,
        &[
            ("x/y/z.ts", Some("z\n")),
            ("run.sh", Some("#!/bin/sh\n:\n")),
        ],
    );
    let other = Mirror::open(
        &scene.state.path().join("other.git"),
        &scene.repo.url,
        PATIENCE,
    )?;
    other.fetch(Some(&scene.token), &[Refspec::branch("main")?])?;
    let ours = made(&scene.mirror, &new)?;
    assert_eq!(ours, made(&scene.mirror, &new)?);
    assert_eq!(ours, made(&other, &new)?, "another machine makes the same");
    let run = scene.mirror.list(&ours, "")?;
    assert_eq!(run[1].mode, FileMode::Executable, "{run:?}");

    let same = edit(&ours, &[("x/y/z.ts", Some("z\n")), ("not/there", None)]);
    assert_eq!(scene.mirror.commit(&same)?, None);
    let back = edit(
        &ours,
        &[("x/y/z.ts", None), ("run.sh", Some("#!/bin/sh\n"))],
    );
    let back = made(&scene.mirror, &back)?;
    assert_eq!(scene.mirror.changed(&base, &back, "")?, []);
    let nothing = edit(&base, &[("a", None), ("run.sh", None)]);
    let nothing = made(&scene.mirror, &nothing)?;
    assert_eq!(scene.mirror.list(&nothing, "")?, []);
    Ok(())
}

#[test]
fn nothing_is_read_or_written_through_a_link() -> Outcome {
    let scene = Scene::with(&[("real/a.ts", "a\n"), ("file", "f\n")])?;
    std::os::unix::fs::symlink("/etc/passwd", scene.repo.dir().join("spec.yaml"))?;
    std::os::unix::fs::symlink("real", scene.repo.dir().join("linked"))?;
    let inner = scene.repo.git(&["rev-parse", "HEAD"]);
    scene.repo.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{inner},sub"),
    ]);
    scene.repo.git(&["add", "spec.yaml", "linked"]);
    scene.repo.git(&["commit", "-q", "-m", "links"]);
    scene.repo.git(&["push", "-q", "origin", "main"]);
    let base = scene.fetch("main")?;

    for (path, expected) in [
        ("spec.yaml", "a symbolic link"),
        ("sub", "a submodule"),
        ("real", "a folder"),
    ] {
        let read = scene.mirror.read(&base, path, 1000);
        assert!(
            matches!(&read, Err(GitError::NotAFile { what, .. }) if *what == expected),
            "{read:?}"
        );
    }
    assert_eq!(scene.mirror.read(&base, "linked/a.ts", 1000)?, None);
    for path in ["spec.yaml", "linked/b.ts", "sub", "sub/x", "real", "file/x"] {
        let made = scene.mirror.commit(&edit(&base, &[(path, Some("x"))]));
        assert!(
            matches!(&made, Err(GitError::InTheWay { .. })),
            "{path}: {made:?}"
        );
    }
    for path in ["../x", "/x", ".git/config", "a/.GIT/x", "a//b", "", "a\nb"] {
        let made = scene.mirror.commit(&edit(&base, &[(path, Some("x"))]));
        assert!(
            matches!(&made, Err(GitError::Path { .. })),
            "{path:?}: {made:?}"
        );
    }
    let twice = edit(&base, &[("n", Some("x")), ("n/m", Some("x"))]);
    assert!(matches!(
        scene.mirror.commit(&twice),
        Err(GitError::InTheWay { .. })
    ));

    let into = scene.state.path().join("export");
    let exported = scene.mirror.export(&base, "", &into)?;
    assert_eq!(exported.left_out, ["linked", "spec.yaml", "sub"]);
    assert_eq!((exported.files, exported.bytes), (2, 4));
    assert_eq!(std::fs::read_to_string(into.join("real/a.ts"))?, "a\n");
    let below = scene.state.path().join("below");
    scene.mirror.export(&base, "real", &below)?;
    assert_eq!(std::fs::read_to_string(below.join("a.ts"))?, "a\n");
    assert!(
        scene.mirror.export(&base, "real", &below).is_err(),
        "nothing is overwritten"
    );
    Ok(())
}

#[test]
fn anchors_are_the_lines_that_a_pull_request_shows() -> Outcome {
    let lines = |change: &[usize]| -> String {
        (1..=40)
            .map(|n| format!("{n}{}\n", if change.contains(&n) { "!" } else { "" }))
            .collect()
    };
    let scene = Scene::with(&[
        ("long.txt", &lines(&[])),
        ("moved.txt", &lines(&[])),
        ("gone.txt", "gone\n"),
        ("only-on-main.txt", "1\n"),
    ])?;
    scene.repo.git(&["checkout", "-q", "-b", "topic"]);
    scene.repo.git(&["mv", "moved.txt", "renamed.txt"]);
    scene.repo.git(&["rm", "-q", "gone.txt"]);
    std::fs::write(scene.repo.dir().join("pixel.png"), [0u8, 159, 146, 150])?;
    scene.repo.commit(
        "topic",
        &[
            ("long.txt", &lines(&[10, 30])),
            ("renamed.txt", &lines(&[20])),
            ("new.txt", "a\nb\n"),
        ],
    );
    scene.repo.git(&["push", "-q", "origin", "topic"]);
    scene.repo.git(&["checkout", "-q", "main"]);
    scene
        .repo
        .commit("main moves on", &[("only-on-main.txt", "2\n")]);
    scene.repo.git(&["push", "-q", "origin", "main"]);
    let (base, head) = (scene.fetch("main")?, scene.fetch("topic")?);

    let anchors = scene.mirror.anchors(&base, &head)?;
    let expected: BTreeMap<String, Vec<(u32, u32)>> = [
        ("long.txt", vec![(7, 13), (27, 33)]),
        ("new.txt", vec![(1, 2)]),
        ("renamed.txt", vec![(17, 23)]),
    ]
    .into_iter()
    .map(|(path, ranges)| (path.to_owned(), ranges))
    .collect();
    assert_eq!(anchors.0, expected);

    // git's own opinion of the hunks.
    let diff = scene
        .repo
        .git(&["diff", "-M", "main...topic", "--", "long.txt"]);
    assert!(
        diff.contains("@@ -7,7 +7,7 @@") && diff.contains("@@ -27,7 +27,7 @@"),
        "{diff}"
    );
    Ok(())
}

#[test]
fn a_patch_applies_with_git_itself() -> Outcome {
    let scene = Scene::with(&[("a.txt", "one\ntwo"), ("b/c.txt", "c\n"), ("d.txt", "d\n")])?;
    let base = scene.fetch("main")?;
    let mut new = edit(
        &base,
        &[
            ("a.txt", Some("one\ntwo\n")),
            ("b/c.txt", None),
            ("späß.txt", Some("neu\n")),
        ],
    );
    for (name, bytes) in [
        ("pixel.png", vec![0u8, 1, 2, 255, 0]),
        ("latin.txt", b"caf\xe9\n".to_vec()),
    ] {
        new.edits.insert(name.to_owned(), Some(bytes));
        let ours = made(&scene.mirror, &new)?;
        let patch = scene.mirror.patch(&base, &ours)?;
        let file = scene.state.path().join("ours.patch");
        std::fs::write(&file, &patch)?;
        scene.repo.git(&["reset", "-q", "--hard", base.as_str()]);
        scene
            .repo
            .git(&["apply", "--index", &file.display().to_string()]);
        let tree = scene.repo.git(&["write-tree"]);
        scene
            .mirror
            .push(Some(&scene.token), &ours, "main", &base)?;
        let wanted = git(
            &scene.repo.bare,
            &["rev-parse", &format!("{ours}^{{tree}}")],
        );
        assert_eq!(tree, wanted, "{patch}");
        git(
            &scene.repo.bare,
            &["update-ref", "refs/heads/main", base.as_str()],
        );
    }
    Ok(())
}

#[test]
fn many_open_and_fetch_one_mirror_at_once() -> Outcome {
    let scene = Scene::with(&[("a", "a\n")])?;
    let dir = scene.state.path().join("shared/shop.git");
    // What a process leaves that was killed in the middle of creating the mirror.
    std::fs::create_dir_all(scene.state.path().join("shared/shop.git.new/refs"))?;
    let found: Vec<Result<Option<Sha>, GitError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let mirror = Mirror::open(&dir, &scene.repo.url, PATIENCE)?;
                    let main = Refspec::branch("main")?;
                    mirror.fetch(Some(&scene.token), std::slice::from_ref(&main))?;
                    mirror.resolve(main.to())
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no thread panics"))
            .collect()
    });
    let expected: Sha = scene.repo.at("refs/heads/main").parse()?;
    for found in found {
        assert_eq!(found?, Some(expected.clone()));
    }

    // A process that never lets go is not waited for without end.
    let busy = Mirror::open(&dir, &scene.repo.url, Duration::from_millis(100))?;
    let held = std::fs::File::create(scene.state.path().join("shared/shop.git.lock"))?;
    held.lock()?;
    let begun = Instant::now();
    let busy = busy.fetch(Some(&scene.token), &[Refspec::branch("main")?]);
    assert!(matches!(&busy, Err(GitError::Busy { .. })), "{busy:?}");
    assert!(begun.elapsed() < Duration::from_secs(10));
    Ok(())
}

#[test]
fn something_else_in_the_folder_is_left_alone() -> Outcome {
    let state = tempfile::tempdir()?;
    let dir = state.path().join("photos");
    std::fs::create_dir(&dir)?;
    std::fs::write(dir.join("cat.jpg"), "cat")?;
    let opened = Mirror::open(&dir, "http://127.0.0.1:1/a.git", PATIENCE);
    assert!(
        matches!(&opened, Err(GitError::NotARepository { .. })),
        "{opened:?}"
    );
    assert_eq!(std::fs::read_to_string(dir.join("cat.jpg"))?, "cat");
    Ok(())
}

#[test]
fn a_local_repository_gets_a_branch_and_nothing_else() -> Outcome {
    let server = GitServer::start(TOKEN);
    let repo = server.repository("acme/shop", &[("a", "a\n"), ("sub/b", "b\n")]);
    std::fs::write(repo.dir().join("a"), "being edited\n")?;
    std::fs::write(repo.dir().join("staged"), "staged\n")?;
    repo.git(&["add", "staged"]);
    let status = repo.git(&["status", "--porcelain"]);
    let index = std::fs::read(repo.dir().join(".git/index"))?;

    let local = Mirror::local(&repo.dir().join("sub"))?;
    let head = local.resolve("HEAD")?.ok_or("there is a commit")?;
    assert_eq!(local.resolve("main")?, Some(head.clone()));
    assert_eq!(local.resolve("no-such-branch")?, None);
    let ours = made(&local, &edit(&head, &[("n.ts", Some("n\n"))]))?;
    local.set_branch("countersign/run", &ours)?;
    local.set_branch("countersign/run", &ours)?;
    let other = made(&local, &edit(&head, &[("m.ts", Some("m\n"))]))?;
    let taken = local.set_branch("countersign/run", &other);
    assert!(
        matches!(&taken, Err(GitError::BranchTaken { at, .. }) if *at == ours),
        "{taken:?}"
    );
    assert!(matches!(
        local.set_branch("a..b", &ours),
        Err(GitError::RefName { .. })
    ));
    assert!(matches!(
        local.fetch(None, &[Refspec::branch("main")?]),
        Err(GitError::NoRemote { .. })
    ));

    assert_eq!(repo.git(&["rev-parse", "countersign/run"]), ours.as_str());
    assert_eq!(repo.git(&["status", "--porcelain"]), status);
    assert_eq!(repo.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
    assert_eq!(std::fs::read(repo.dir().join("a"))?, b"being edited\n");
    assert_eq!(std::fs::read(repo.dir().join(".git/index"))?, index);

    let nowhere = tempfile::tempdir()?;
    let nowhere = Mirror::local(nowhere.path());
    assert!(
        matches!(&nowhere, Err(GitError::NoLocal { .. })),
        "{nowhere:?}"
    );

    // A second work tree of the same repository works too.
    let second = server.repository("acme/other", &[("a", "a\n")]);
    let place = tempfile::tempdir()?;
    let path = place.path().join("tree");
    second.git(&[
        "worktree",
        "add",
        "-q",
        "-b",
        "side",
        &path.display().to_string(),
    ]);
    let side = Mirror::local(&path)?;
    let head = side.resolve("HEAD")?.ok_or("there is a commit")?;
    side.set_branch("from-side", &head)?;
    assert_eq!(second.git(&["rev-parse", "from-side"]), head.as_str());
    Ok(())
}

#[tokio::test]
async fn it_works_from_async_code_by_way_of_a_blocking_thread() -> Outcome {
    let fetched = tokio::task::spawn_blocking(|| {
        let scene = Scene::with(&[("a", "a\n")]).map_err(|e| e.to_string())?;
        scene.fetch("main").map_err(|e| e.to_string())
    });
    fetched.await??;
    Ok(())
}
