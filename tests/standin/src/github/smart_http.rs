//! git's smart HTTP: the token is checked here, everything else does `git http-backend`.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::auth::Level;
use super::{Shared, locked};
use crate::limits;
use crate::names::RepoName;

/// A request for git, after it was read.
pub(super) struct GitCall {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What is answered.
pub(super) struct GitAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl GitAnswer {
    fn words(status: u16, words: &str) -> Self {
        Self {
            status,
            headers: vec![(
                "content-type".to_owned(),
                "text/plain; charset=utf-8".to_owned(),
            )],
            body: format!("{words}\n").into_bytes(),
        }
    }
}

/// The repository and the rest of the path, when this is git's.
fn split(path: &str) -> Option<(RepoName, &str)> {
    let (repo, rest) = path.strip_prefix('/')?.split_once(".git/")?;
    let known = ["info/refs", "git-upload-pack", "git-receive-pack"];
    known
        .contains(&rest)
        .then(|| repo.parse().ok().map(|repo| (repo, rest)))
        .flatten()
}

/// Answers git. A push has had its consequences before it is answered.
pub(super) async fn answer(shared: &Arc<Shared>, call: GitCall) -> GitAnswer {
    let Some((repo, rest)) = split(&call.path) else {
        return GitAnswer::words(404, "Not Found");
    };
    let pushes = rest == "git-receive-pack" || call.query.contains("service=git-receive-pack");
    let (root, workflows) = {
        let world = locked(&shared.world);
        let Some(scope) = world.git_scope(&call.headers) else {
            let mut answer = GitAnswer::words(401, "Repository not found.");
            let ask = (
                "www-authenticate".to_owned(),
                "Basic realm=\"GitHub\"".to_owned(),
            );
            answer.headers.push(ask);
            return answer;
        };
        if !scope.covers(&repo) || !world.repos.contains_key(&repo) {
            return GitAnswer::words(404, "Repository not found.");
        }
        let needed = if pushes { Level::Write } else { Level::Read };
        if !scope.may("contents", needed) {
            return GitAnswer::words(403, "Write access to repository not granted.");
        }
        let workflows = scope.may("workflows", Level::Write);
        (world.dir.clone(), if workflows { "write" } else { "none" })
    };
    let header = |name: &str| {
        call.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let mut command = Command::new("git");
    command
        .arg("http-backend")
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", &root)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_PROJECT_ROOT", &root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("GIT_PROTOCOL", header("git-protocol"))
        .env("PATH_INFO", &call.path)
        .env("QUERY_STRING", &call.query)
        .env("REQUEST_METHOD", call.method.as_str())
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", call.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("REMOTE_USER", "x-access-token")
        .env("STANDIN_WORKFLOWS", workflows);
    let answered = tokio::time::timeout(
        Duration::from_secs(limits::GIT_SECONDS),
        run(command, call.body),
    );
    let answer = match answered.await {
        Ok(Ok(output)) => parse(&output),
        Ok(Err(error)) => GitAnswer::words(500, &format!("git http-backend cannot run: {error}")),
        Err(_) => GitAnswer::words(504, "git http-backend took too long"),
    };
    if rest == "git-receive-pack" {
        let mut world = locked(&shared.world);
        let bot = world.bot().login;
        if let Err(error) = world.after_push(&repo, &bot) {
            return GitAnswer::words(500, &error.to_string());
        }
    }
    answer
}

async fn run(mut command: Command, body: Bytes) -> std::io::Result<Vec<u8>> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let stdin = child.stdin.take();
    let feed = async move {
        if let Some(mut stdin) = stdin {
            // A backend that refuses early closes its end; what it said is in its output.
            let _ = stdin.write_all(&body).await;
        }
    };
    let ((), output) = tokio::join!(feed, child.wait_with_output());
    Ok(output?.stdout)
}

/// A CGI answer: headers, an empty line, the body.
fn parse(output: &[u8]) -> GitAnswer {
    let end = output.windows(4).position(|four| four == b"\r\n\r\n");
    let Some(end) = end else {
        return GitAnswer::words(500, "git http-backend said nothing");
    };
    let head = String::from_utf8_lossy(&output[..end]);
    let mut answer = GitAnswer {
        status: 200,
        headers: Vec::new(),
        body: output[end + 4..].to_vec(),
    };
    for line in head.lines() {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        if name.eq_ignore_ascii_case("status") {
            let code = value.split(' ').next().and_then(|code| code.parse().ok());
            answer.status = code.unwrap_or(500);
        } else {
            answer
                .headers
                .push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_three_paths_of_a_repository_are_gits() {
        assert_eq!(
            split("/a/b.git/info/refs").map(|(_, rest)| rest),
            Some("info/refs")
        );
        assert!(split("/a/b.git/git-receive-pack").is_some());
        for other in [
            "/a/b.git/HEAD",
            "/a/b",
            "/b.git/info/refs",
            "/../x.git/info/refs",
        ] {
            assert!(split(other).is_none(), "{other}");
        }
    }
}
