//! The real tool chain, installed once per machine.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use countersign::domain::program::{Program, ProgramEnd};
use countersign::domain::settings::Settings;
use countersign::domain::spec::{Kind, Spec};
use countersign::domain::toolchain::ToolChain;
use countersign::edge::nango::Template;
use countersign::edge::toolchain;
use countersign::rules::specs::{SourceContent, SourceFile, check};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;

/// The pinned tool chain. The first test that asks waits until it is installed.
pub fn tools() -> ToolChain {
    static TOOLS: OnceLock<ToolChain> = OnceLock::new();
    TOOLS
        .get_or_init(|| {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools");
            toolchain::ensure(&folder, &|said| eprintln!("{said}"))
                .expect("the tool chain installs with npm")
        })
        .clone()
}

/// The shared template, beside the tool chain.
pub fn template() -> Template {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools/templates");
    Template::ensure(&folder, &tools()).expect("the real CLI makes a project")
}

/// Runs a program as it is, without walls: what walls do is told elsewhere.
pub fn run(program: &Program) -> ProgramEnd {
    let started = Instant::now();
    let mut child = Command::new(&program.argv[0])
        .args(&program.argv[1..])
        .current_dir(&program.cwd)
        .env_clear()
        .envs(&program.walled.env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("the program starts");
    let listen = |mut pipe: Box<dyn Read + Send>| {
        std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = pipe.read_to_end(&mut said);
            String::from_utf8_lossy(&said).into_owned()
        })
    };
    let stdout = listen(Box::new(child.stdout.take().expect("a pipe")));
    let stderr = listen(Box::new(child.stderr.take().expect("a pipe")));
    let limit = Duration::from_secs(program.seconds);
    let (code, timed_out) = loop {
        match child.try_wait().expect("the child can be waited for") {
            Some(status) => break (status.code(), false),
            None if started.elapsed() > limit => {
                let group = Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
                let _ = killpg(group, Signal::SIGKILL);
                let _ = child.wait();
                break (None, true);
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    ProgramEnd {
        code,
        timed_out,
        stdout: stdout.join().expect("the output was read"),
        stderr: stderr.join().expect("the output was read"),
        took_ms: u64::try_from(started.elapsed().as_millis()).expect("not that long"),
    }
}

/// A spec for the stand-in's test accounts.
pub fn spec(key: &str, kind: Kind, input: Option<Value>) -> Spec {
    let (integration, _) = key.split_once('/').expect("a key");
    let text = format!(
        "kind: {}\ndescription: \"What it's for: \\\"a test\\\".\"\ndocs: [https://docs.example.com/api]\n\
         connection: {integration}-test\nlimits: {{minutes: 1, usd: 1, tokens: 1000}}\n{}",
        kind.key(),
        match kind {
            Kind::OnEvent => "event: post-connection-creation\n",
            Kind::Action | Kind::Sync => "",
        }
    );
    let file = SourceFile {
        path: format!("interactions/{key}.yaml"),
        content: SourceContent::Regular(text.into()),
    };
    let mut checked = check(&[file], &Settings::default());
    Spec {
        input,
        ..checked.specs.pop().expect("a sound spec")
    }
}
