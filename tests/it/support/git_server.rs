//! A git server: git's own `http-backend` behind a token check, on a free port of this machine.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, Response, StatusCode, Uri};
use base64::Engine as _;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::oneshot;

/// Runs until it is dropped. Besides `/owner/name.git` it answers at `/moved/…` (a redirect to the same without
/// `moved`), `/away/…` (a redirect to another host), `/slow/…` (an answer after a minute), `/page/…` (HTML).
pub struct GitServer {
    /// `http://127.0.0.1:port`, without a slash at the end.
    pub url: String,
    root: TempDir,
    seen: Arc<Mutex<Vec<Seen>>>,
    stop: Option<oneshot::Sender<()>>,
}

/// One request as it came in.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Path and query.
    pub uri: String,
    /// The header, if any.
    pub authorization: Option<String>,
}

#[derive(Clone)]
struct Inside {
    root: PathBuf,
    expected: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl GitServer {
    /// Starts one with no repositories.
    pub fn start(token: &str) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let basic =
            base64::engine::general_purpose::STANDARD.encode(format!("x-access-token:{token}"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let inside = Inside {
            root: root.path().to_owned(),
            expected: format!("Basic {basic}"),
            seen: seen.clone(),
        };
        let (stop, stopped) = oneshot::channel();
        let (started, address) = std::sync::mpsc::channel();
        std::thread::spawn(move || serve(inside, &started, stopped));
        let address = address
            .recv_timeout(Duration::from_secs(10))
            .expect("the git server starts");
        Self {
            url: format!("http://{address}"),
            root,
            seen,
            stop: Some(stop),
        }
    }

    /// A new bare repository with one commit on `main` that has these files.
    pub fn repository(&self, name: &str, files: &[(&str, &str)]) -> Served {
        let bare = self.root.path().join(format!("{name}.git"));
        let clone = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir_all(&bare).expect("a folder for the repository");
        git(&bare, &["init", "--bare", "-b", "main", "."]);
        git(&bare, &["config", "http.receivepack", "true"]);
        git(clone.path(), &["init", "-b", "main", "."]);
        let address = bare.to_str().expect("a plain path");
        git(clone.path(), &["remote", "add", "origin", address]);
        let served = Served {
            url: format!("{}/{name}.git", self.url),
            bare,
            clone,
        };
        served.commit("first", files);
        served.git(&["push", "-q", "origin", "main"]);
        served
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("nobody panicked").clone()
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// A repository on the server, and a person's clone of it.
pub struct Served {
    /// Its address.
    pub url: String,
    /// Where it is on disk, for hooks.
    pub bare: PathBuf,
    clone: TempDir,
}

impl Served {
    /// The person's work tree.
    pub fn dir(&self) -> &Path {
        self.clone.path()
    }
    /// Runs git as the person.
    pub fn git(&self, arguments: &[&str]) -> String {
        git(self.clone.path(), arguments)
    }
    /// Writes files and commits them as the person; returns the commit's id.
    pub fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            let path = self.clone.path().join(path);
            std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
    /// What a reference is at on the server; empty when it is not there.
    pub fn at(&self, name: &str) -> String {
        git(
            &self.bare,
            &["for-each-ref", "--format=%(objectname)", name],
        )
    }
    /// Puts a hook on the server.
    pub fn hook(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.bare.join("hooks").join(name);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("a folder");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a hook");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
            .expect("the hook may run");
    }
}

/// Runs git without any configuration of the machine; panics with its words when it fails.
pub fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = std::process::Command::new("git")
        .args(arguments)
        .current_dir(dir)
        .env_clear()
        .envs(plain_environment(dir))
        .stdin(Stdio::null())
        .output()
        .expect("git is installed");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn plain_environment(home: &Path) -> Vec<(&'static str, String)> {
    let mut environment = vec![
        ("PATH", std::env::var("PATH").unwrap_or_default()),
        ("HOME", home.display().to_string()),
        ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
        ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
        ("GIT_TERMINAL_PROMPT", "0".to_owned()),
    ];
    for (name, value) in [
        ("GIT_AUTHOR_NAME", "Ada"),
        ("GIT_AUTHOR_EMAIL", "ada@example.com"),
        ("GIT_COMMITTER_NAME", "Ada"),
        ("GIT_COMMITTER_EMAIL", "ada@example.com"),
    ] {
        environment.push((name, value.to_owned()));
    }
    environment
}

fn serve(
    inside: Inside,
    started: &std::sync::mpsc::Sender<SocketAddr>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let _ = started.send(listener.local_addr().expect("an address"));
        let app = Router::new()
            .fallback(answer)
            .layer(DefaultBodyLimit::disable())
            .with_state(inside);
        tokio::select! {
            _ = async { axum::serve(listener, app).await } => {}
            _ = stopped => {}
        }
    });
}

async fn answer(
    State(inside): State<Inside>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let authorization = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    inside.seen.lock().expect("nobody panicked").push(Seen {
        uri: uri.to_string(),
        authorization: authorization.clone(),
    });
    let say = |status: StatusCode, kind: &str, text: &str| {
        Response::builder()
            .status(status)
            .header("content-type", kind)
            .body(Body::from(text.to_owned()))
            .expect("an answer")
    };
    let target = uri.to_string();
    if authorization.as_deref() != Some(&inside.expected) {
        // Unkind on purpose: a server that repeats what it was sent.
        let text = format!("Bad credentials: {}", authorization.unwrap_or_default());
        return say(StatusCode::UNAUTHORIZED, "text/plain", &text);
    }
    let redirect = |to: String| {
        Response::builder()
            .status(StatusCode::MOVED_PERMANENTLY)
            .header("location", to)
            .body(Body::empty())
            .expect("an answer")
    };
    if let Some(rest) = target.strip_prefix("/moved/") {
        return redirect(format!("/{rest}"));
    }
    if let Some(rest) = target.strip_prefix("/away/") {
        return redirect(format!("http://elsewhere.invalid/{rest}"));
    }
    if target.starts_with("/slow/") {
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    if target.starts_with("/page/") {
        return say(
            StatusCode::OK,
            "text/html",
            "<h1>Welcome to this wireless network</h1>",
        );
    }
    http_backend(&inside.root, &method, &uri, &headers, &body).await
}

/// Runs `git http-backend` as a CGI program (RFC 3875).
async fn http_backend(
    root: &Path,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Response<Body> {
    let header = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let mut child = tokio::process::Command::new("git")
        .arg("http-backend")
        .current_dir(root)
        .env_clear()
        .envs(plain_environment(root))
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REMOTE_USER", "countersign")
        .env("REQUEST_METHOD", method.as_str())
        .env("PATH_INFO", uri.path())
        .env("QUERY_STRING", uri.query().unwrap_or_default())
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("git http-backend starts");
    let mut stdin = child.stdin.take().expect("it has an input");
    let input = body.clone();
    let writing = tokio::spawn(async move {
        let _ = stdin.write_all(&input).await;
    });
    let output = child.wait_with_output().await.expect("it ends");
    let _ = writing.await;
    let end = output
        .stdout
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("it writes headers");
    let mut response = Response::builder();
    for line in String::from_utf8_lossy(&output.stdout[..end]).lines() {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        response = if name.eq_ignore_ascii_case("status") {
            let code = value.split(' ').next().unwrap_or("500");
            response.status(code.parse::<u16>().expect("a status"))
        } else {
            response.header(name, value)
        };
    }
    response
        .body(Body::from(output.stdout[end + 4..].to_vec()))
        .expect("an answer")
}
