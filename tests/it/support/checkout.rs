//! A checkout on somebody's machine: a git repository, a home of its own, and the `countersign` binary with no other environment. For
//! runs there are stand-ins for the model and for Nango's API.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use countersign_standin::model::{ModelStandIn, Scenario};
use countersign_standin::nango::{CANARY_REFRESH, CANARY_TOKEN, NangoStandIn};
use countersign_standin::testbed::NANGO_SECRET;

use super::tools;

/// A checkout. Everything in it goes with it.
pub struct Checkout {
    /// Nango's API, in checkouts for runs.
    pub nango: Option<NangoStandIn>,
    /// The model, in checkouts for runs.
    pub model: Option<ModelStandIn>,
    /// Environment of every command, besides `PATH` and `HOME`.
    pub env: BTreeMap<String, String>,
    folder: tempfile::TempDir,
}

/// What a command came to.
#[derive(Debug)]
pub struct Said {
    /// Its exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Checkout {
    /// A repository with `files` in its only commit, on `main`.
    pub fn bare(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["home", "state"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let checkout = Self {
            nango: None,
            model: None,
            env: BTreeMap::new(),
            folder,
        };
        std::fs::create_dir(checkout.repository()).expect("a folder");
        checkout.git(&["init", "--quiet", "--initial-branch=main"]);
        checkout.write("README.md", "# Product\n");
        for (path, text) in files {
            checkout.write(path, text);
        }
        checkout.git(&["add", "."]);
        checkout.git(&["commit", "--quiet", "--message=begin"]);
        checkout
    }

    /// The same with stand-ins and the tool chain, for `countersign run`.
    pub async fn for_runs(scenarios: Vec<Scenario>, files: &[(&str, &str)]) -> Self {
        // The stand-ins answer in this process, so installing must not hold it up.
        tokio::task::spawn_blocking(tools::tools)
            .await
            .expect("the tool chain is there");
        let mut checkout = Self::bare(files);
        let nango = NangoStandIn::start(NANGO_SECRET)
            .await
            .expect("Nango's API");
        let model = ModelStandIn::start(scenarios).await.expect("a model");
        let config = checkout.folder.path().join("opencode.json");
        std::fs::write(&config, model.opencode_config().to_string()).expect("its configuration");
        let tools = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools");
        let (key_name, key) = model.key();
        for (name, value) in [
            (
                "COUNTERSIGN_STATE_DIR",
                checkout.state().display().to_string(),
            ),
            ("COUNTERSIGN_TOOLS_DIR", tools.display().to_string()),
            ("COUNTERSIGN_MODEL", "scripted/m".to_owned()),
            ("COUNTERSIGN_OPENCODE_CONFIG", config.display().to_string()),
            ("NANGO_HOSTPORT", nango.url()),
            ("NANGO_SECRET_KEY", NANGO_SECRET.to_owned()),
            (key_name.as_str(), key),
        ] {
            checkout.env.insert(name.to_owned(), value);
        }
        checkout.nango = Some(nango);
        checkout.model = Some(model);
        checkout
    }

    /// The work tree.
    pub fn repository(&self) -> PathBuf {
        self.folder.path().join("product")
    }

    /// The home of its owner.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The state folder.
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Writes a file of the work tree.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.repository().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// Nothing of what the test account or its key holds is in a file that was kept.
    pub fn keeps_no_secret(&self) {
        for entry in walkdir::WalkDir::new(self.state()) {
            let entry = entry.expect("an entry");
            if entry.file_type().is_file() {
                let content = std::fs::read(entry.path()).expect("a file");
                let text = String::from_utf8_lossy(&content);
                self.is_no_secret(&text, &entry.path().display().to_string());
            }
        }
    }

    /// Nothing of it is in `text`.
    pub fn is_no_secret(&self, text: &str, place: &str) {
        for secret in [NANGO_SECRET, CANARY_TOKEN, CANARY_REFRESH] {
            assert!(!text.contains(secret), "{secret} is in {place}");
        }
    }

    /// Runs git in the work tree and returns what it says.
    pub fn git(&self, args: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=ada", "-c", "user.email=ada@example.com"])
            .args(args)
            .current_dir(self.repository())
            .env_clear()
            .env("PATH", path())
            .env("HOME", self.home())
            .output()
            .expect("git runs");
        assert!(output.status.success(), "git {args:?}: {output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    /// A file at a commit.
    pub fn at(&self, commit: &str, path: &str) -> String {
        self.git(&["show", &format!("{commit}:{path}")])
    }

    /// `countersign` in the work tree, ready to be started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command
            .args(args)
            .current_dir(self.repository())
            .env_clear()
            .env("PATH", path())
            .env("HOME", self.home())
            .envs(&self.env)
            .stdin(Stdio::null());
        command
    }

    /// Runs `countersign` and waits for its end.
    pub fn run(&self, args: &[&str]) -> Said {
        said(self.command(args).output().expect("countersign runs"))
    }

    /// The same without holding up the stand-ins.
    pub async fn run_beside(&self, args: &[&str]) -> Said {
        let mut command = self.command(args);
        let output = tokio::task::spawn_blocking(move || command.output())
            .await
            .expect("no panic")
            .expect("countersign runs");
        said(output)
    }
}

/// What a command said, as text.
pub fn said(output: Output) -> Said {
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Said {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

fn path() -> String {
    std::env::var("PATH").unwrap_or_default()
}
