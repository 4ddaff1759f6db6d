//! Fresh databases of both kinds: a SQLite file, and a database of a throw-away PostgreSQL server that one test binary
//! starts once and that ends with it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use countersign::edge::store::Store;
use sqlx::{Connection as _, Executor as _};

/// A clock that stands still until it is moved.
#[derive(Debug, Clone, Default)]
pub struct HandClock(Arc<AtomicI64>);

impl HandClock {
    fn at(now_ms: i64) -> Self {
        Self(Arc::new(AtomicI64::new(now_ms)))
    }
    /// Moves it on.
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
    pub fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// An empty database with a clock that stands still.
pub struct Database {
    pub url: String,
    pub clock: HandClock,
    _folder: Option<tempfile::TempDir>,
    /// When it has one of its own.
    #[cfg_attr(
        not(feature = "temporal"),
        expect(dead_code, reason = "only Temporal's stories kill it")
    )]
    server: Option<Server>,
}

/// When all these stories begin; milliseconds since the epoch.
pub const START: i64 = 1_790_000_000_000;

impl Database {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("new folder/countersign.db");
        Self {
            url: format!("sqlite:{}", file.display()),
            clock: HandClock::at(START),
            _folder: Some(folder),
            server: None,
        }
    }

    pub fn postgres() -> Self {
        Self::on(Server::get())
    }

    /// On a server of PostgreSQL that nobody else uses, so that it may be killed.
    #[cfg(feature = "temporal")]
    pub fn postgres_alone() -> Self {
        let server = Server::start();
        let database = Self::on(&server);
        Self {
            server: Some(server),
            ..database
        }
    }

    fn on(server: &Server) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("story_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        server.run("createdb", &[&name]);
        Self {
            url: format!(
                "postgres://{}@localhost/{name}?host={}",
                server.user,
                server.folder.display()
            ),
            clock: HandClock::at(START),
            _folder: None,
            server: None,
        }
    }

    /// Kills the server and has it away for so many seconds. Returns when it answers again.
    #[cfg(feature = "temporal")]
    pub fn is_away(&mut self, seconds: u64) {
        let server = self.server.as_mut().expect("a server of its own");
        server.is_away(seconds);
    }

    /// Ends every other session of this PostgreSQL database, as a server does that restarts. Returns how many.
    pub async fn breaks_connections(&self) -> i64 {
        let mut connection = sqlx::AnyConnection::connect(&self.url)
            .await
            .expect("the database opens");
        sqlx::query_scalar(
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .fetch_one(&mut connection)
        .await
        .expect("they end")
    }

    /// Takes away what is in it. Returns an address that sqlx opens.
    pub async fn emptied(&self) -> String {
        match self.url.strip_prefix("sqlite:") {
            Some(file) => {
                for end in ["", "-wal", "-shm"] {
                    // The last two are only there while somebody writes.
                    let _ = std::fs::remove_file(format!("{file}{end}"));
                }
                format!("sqlite://{file}?mode=rwc")
            }
            None => {
                let mut connection = sqlx::AnyConnection::connect(&self.url)
                    .await
                    .expect("the database opens");
                for statement in ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"] {
                    connection.execute(statement).await.expect("it is emptied");
                }
                self.url.clone()
            }
        }
    }

    /// One more process, so to speak: its own connections and wake-ups, the same database and clock.
    pub async fn open(&self) -> Store {
        let clock = self.clock.clone();
        Store::open(&self.url, Arc::new(move || clock.now_ms()))
            .await
            .expect("the database opens")
    }
}

/// A PostgreSQL server on a Unix socket in its own folder; it has no port, so it cannot meet another.
struct Server {
    user: &'static str,
    folder: PathBuf,
    binaries: PathBuf,
    keeper: Child,
}

/// Makes the cluster, serves it until our end of the pipe is closed (which the kernel does however we end), and leaves
/// nothing behind. A line in the pipe is a number of seconds: it is killed, and away for so long. `fsync` is off because
/// these databases need not survive a power cut.
const KEEPER: &str = r#"
"$BIN/initdb" -D "$DIR/data" -U "$WHO" -A trust -E UTF8 --no-sync >"$DIR/log" 2>&1 || exit 1
serve() {
    "$BIN/postgres" -D "$DIR/data" -k "$DIR" -c listen_addresses= -c fsync=off -c max_connections=400 \
        >>"$DIR/log" 2>&1 &
    server=$!
}
serve
while read -r away; do
    kill -QUIT $server
    wait $server
    echo "away for $away seconds" >"$DIR/away"
    sleep "$away"
    serve
done
kill -QUIT $server
wait $server
rm -rf "$DIR"
"#;

impl Server {
    fn get() -> &'static Server {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(Server::start)
    }

    fn start() -> Server {
        let binaries = binaries();
        let folder = tempfile::tempdir().expect("a temporary folder").keep();
        // PostgreSQL refuses to run as root.
        let root = nix::unistd::geteuid().is_root();
        let user = if root { "nobody" } else { "tester" };
        let mut command = if root {
            let nobody = nix::unistd::User::from_name("nobody")
                .expect("the user list can be read")
                .expect("there is a user `nobody`");
            nix::unistd::chown(&folder, Some(nobody.uid), Some(nobody.gid)).expect("chown works");
            let mut command = Command::new("setpriv");
            command.args([
                format!("--reuid={}", nobody.uid),
                format!("--regid={}", nobody.gid),
                "--clear-groups".into(),
                "sh".into(),
            ]);
            command
        } else {
            Command::new("sh")
        };
        let keeper = command
            .args(["-c", KEEPER])
            .env("BIN", &binaries)
            .env("DIR", &folder)
            .env("WHO", user)
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("setpriv and sh are there");
        let mut server = Server {
            user,
            folder,
            binaries,
            keeper,
        };
        server.wait();
        server
    }

    fn wait(&mut self) {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            let ready = self
                .command("pg_isready")
                .stdout(Stdio::null())
                .status()
                .expect("pg_isready runs");
            if ready.success() {
                return;
            }
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            let over = self.keeper.try_wait().expect("the keeper can be asked");
            assert!(
                over.is_none() && Instant::now() < patience,
                "PostgreSQL did not start:\n{log}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    #[cfg(feature = "temporal")]
    fn is_away(&mut self, seconds: u64) {
        let pipe = self.keeper.stdin.as_mut().expect("a pipe");
        writeln!(pipe, "{seconds}").expect("the keeper listens");
        let away = self.folder.join("away");
        while !away.exists() {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::fs::remove_file(away).expect("a note of the keeper's");
        self.wait();
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command
            .arg("-h")
            .arg(&self.folder)
            .args(["-U", self.user])
            .stdin(Stdio::null());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = self
            .command(program)
            .args(arguments)
            .output()
            .expect("the program runs");
        assert!(
            output.status.success(),
            "{program} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// Debian keeps the server's programs out of the PATH.
fn binaries() -> PathBuf {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    let in_path = || {
        std::env::var_os("PATH").and_then(|path| {
            std::env::split_paths(&path).find(|folder| Path::new(folder).join("initdb").exists())
        })
    };
    found.pop().or_else(in_path).unwrap_or_else(|| {
        let _ = writeln!(std::io::stderr(), "looked in /usr/lib/postgresql and PATH");
        panic!("the PostgreSQL server's programs (initdb, postgres) are missing; install the package `postgresql`")
    })
}
