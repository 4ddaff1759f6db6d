//! `countersign run` on a terminal, and Ctrl-C in the middle of it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::fd::{FromRawFd as _, OwnedFd};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use countersign_standin::model::{Scenario, Script};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::checkout::Checkout;
use crate::support::story::PATIENCE;

const SPEC: &str =
    "kind: action\ndescription: Wait.\nconnection: google-calendar-test\ninput: {}\n";
const NAP: &str = "sleep 598";
/// How long ending may take: agents are stopped, not waited for.
const SOON: Duration = Duration::from_secs(30);

/// A terminal: the end that a program gets, and the end that a person looks at.
fn terminal() -> (OwnedFd, File) {
    let (mut person, mut program) = (-1, -1);
    let size = nix::libc::winsize {
        ws_row: 40,
        ws_col: 150,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: both descriptors are written before they are read, and are owned by nobody else afterwards.
    unsafe {
        let null = std::ptr::null_mut();
        let made = nix::libc::openpty(&mut person, &mut program, null, std::ptr::null(), &size);
        assert_eq!(made, 0, "a terminal can be had");
        (OwnedFd::from_raw_fd(program), File::from_raw_fd(person))
    }
}

/// Everything that was written to the terminal so far.
fn screen(mut person: File) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let shared = Arc::clone(&text);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        // Reading fails when the last program has closed its end.
        while let Ok(count @ 1..) = person.read(&mut buffer) {
            let seen = String::from_utf8_lossy(&buffer[..count]);
            shared.lock().expect("the screen").push_str(&seen);
        }
    });
    text
}

async fn until(what: &str, patience: Duration, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < patience, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A process as `/proc` tells of it: its id and its command line.
type Seen = (u32, String);

/// What `root` has started, and what that has started, and so on; as far as it still runs.
fn started_by(root: u32) -> Vec<Seen> {
    let all = std::fs::read_dir("/proc").expect("/proc");
    let all: Vec<(u32, u32)> = all
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter_map(|pid: u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            let (_, after_name) = stat.rsplit_once(')')?;
            Some((pid, after_name.split_whitespace().nth(1)?.parse().ok()?))
        })
        .collect();
    let mut found = vec![root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        found.extend(
            all.iter()
                .filter(|(_, of)| *of == parent)
                .map(|(pid, _)| *pid),
        );
        next += 1;
    }
    let line = |pid: u32| Some((pid, command_line(pid)?));
    found.into_iter().skip(1).filter_map(line).collect()
}

/// None when it has ended.
fn command_line(pid: u32) -> Option<String> {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let line = String::from_utf8_lossy(&line).replace('\0', " ");
    (!line.is_empty()).then_some(line)
}

/// Presses Ctrl-C and waits for the end, `soon` at most: the exit code, and how long it took.
async fn interrupted(child: &mut Child, soon: Duration) -> (Option<i32>, Duration) {
    let began = Instant::now();
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a process id"));
    kill(pid, Signal::SIGINT).expect("a signal");
    let mut status = None;
    until("the end", soon, || {
        status = ended(child);
        status.is_some()
    })
    .await;
    (status.and_then(|status| status.code()), began.elapsed())
}

fn ended(child: &mut Child) -> Option<ExitStatus> {
    child.try_wait().expect("the child can be waited for")
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_run_on_a_terminal_and_its_agents() {
    let script = Script::new().bash(NAP).say("Never said.");
    let scenarios = vec![Scenario::new("google-calendar/wait", script)];
    let file = ("interactions/google-calendar/wait.yaml", SPEC);
    let checkout = Checkout::for_runs(scenarios, &[file]).await;
    let (program, person) = terminal();
    let screen = screen(person);
    let seen = |word: &str| screen.lock().expect("the screen").contains(word);
    let mut command = checkout.command(&["run", "google-calendar/wait"]);
    command.env("TERM", "xterm-256color");
    command.stderr(program);
    let out = tempfile::NamedTempFile::new().expect("a file");
    command.stdout(out.reopen().expect("a file"));
    let mut child = command.spawn().expect("countersign starts");
    drop(command);

    until("the agent at its nap", PATIENCE, || {
        assert_eq!(ended(&mut child), None, "{:?}", screen.lock());
        seen(NAP)
            && started_by(child.id())
                .iter()
                .any(|(_, line)| line.trim() == NAP)
    })
    .await;
    // A list that changes in place, with what the agent is doing.
    assert!(seen("\u{1b}["), "nothing moves");
    assert!(seen("google-calendar/wait"));
    let beside = started_by(child.id());
    let server = |(_, line): &Seen| line.contains("opencode") && line.contains("serve");
    assert!(beside.iter().any(server), "{beside:?}");

    let (code, took) = interrupted(&mut child, SOON).await;
    let report = std::fs::read_to_string(out.path()).expect("the report");
    assert_eq!(code, Some(1), "{report}");
    assert!(seen("countersign: stopping the agents"), "{took:?}");
    assert!(report.contains("Stopped"), "{report}");
    assert!(report.contains("it was interrupted"), "{report}");
    until("the end of the agents", SOON, || {
        let runs = |(pid, line): &Seen| command_line(*pid).as_ref() == Some(line);
        !beside.iter().any(runs)
    })
    .await;
    assert_eq!(checkout.git(&["branch", "--list", "countersign/*"]), "");
    let left = std::fs::read_dir(checkout.state().join("runs")).expect("a folder");
    assert_eq!(left.count(), 0, "workspaces were left behind");
}

/// How many interactions there are, and how many agents work at once.
const MANY: usize = 20;
const AT_ONCE: usize = 12;
/// How long ending may take, however many agents are at work and whatever they do.
const AT_ONCE_ENDS: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_a_run_of_many_at_once_and_begins_nothing_more() {
    let names: Vec<String> = (0..MANY).map(|n| format!("wait-{n:02}")).collect();
    // Half nap, half compile over and over: the one is easy to stop, the other keeps the machine busy.
    let scenarios = names.iter().enumerate().map(|(n, name)| {
        let script = match n % 2 {
            0 => Script::new().bash(NAP),
            _ => Script::new().bash("while true; do nango compile; done"),
        };
        Scenario::new(format!("google-calendar/{name}"), script.say("Never said."))
    });
    let settings = format!("parallel: {AT_ONCE}\n");
    let mut files = vec![(".github/countersign.yml".to_owned(), settings)];
    let spec = |name| format!("interactions/google-calendar/{name}.yaml");
    files.extend(names.iter().map(|name| (spec(name), SPEC.to_owned())));
    let files: Vec<(&str, &str)> = files.iter().map(|(at, text)| (&**at, &**text)).collect();
    let checkout = Checkout::for_runs(scenarios.collect(), &files).await;
    let mut command = checkout.command(&["run"]);
    command.args(names.iter().map(|name| format!("google-calendar/{name}")));
    let out = tempfile::NamedTempFile::new().expect("a file");
    command.stdout(out.reopen().expect("a file"));
    command.stderr(out.reopen().expect("a file"));
    let mut child = command.spawn().expect("countersign starts");
    let model = checkout.model.as_ref().expect("a model");
    let asked = || {
        let seen = model.requests();
        let keys = seen.into_iter().filter_map(|seen| seen.key);
        keys.collect::<BTreeSet<String>>().len()
    };
    let naps = |child: &Child| {
        let lines = started_by(child.id());
        lines.iter().filter(|(_, line)| line.trim() == NAP).count()
    };
    until("all agents at work", PATIENCE, || {
        assert_eq!(ended(&mut child), None, "{:?}", std::fs::read(out.path()));
        asked() == AT_ONCE && naps(&child) == AT_ONCE / 2
    })
    .await;
    let beside = started_by(child.id());
    assert!(beside.len() > AT_ONCE, "{beside:?}");

    let (code, took) = interrupted(&mut child, SOON).await;
    let said = std::fs::read_to_string(out.path()).expect("the report");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("it was interrupted"), "{said}");
    assert!(took < AT_ONCE_ENDS, "{took:?}");
    assert_eq!(asked(), AT_ONCE, "an agent began after the signal");
    let runs = |(pid, line): &&Seen| command_line(*pid).as_ref() == Some(line);
    until("the end of the agents", AT_ONCE_ENDS - took, || {
        !beside.iter().any(|seen| runs(&seen))
    })
    .await;
    let left = std::fs::read_dir(checkout.state().join("runs")).expect("a folder");
    assert_eq!(left.count(), 0, "workspaces were left behind");
}

/// A version that no other test installs.
const PINNED: &str = r#"{"private": true, "type": "module", "devDependencies": {"nango": "0.70.2", "zod": "4.3.6", "vitest": "3.2.3"}}"#;

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_an_installation_of_packages() {
    let script = Script::new().say("Never said.");
    let scenarios = vec![Scenario::new("google-calendar/wait", script)];
    let files = [
        ("interactions/google-calendar/wait.yaml", SPEC),
        ("nango-integrations/package.json", PINNED),
        ("nango-integrations/index.ts", "// Ours.\n"),
    ];
    let mut checkout = Checkout::for_runs(scenarios, &files).await;
    // A registry that takes every call and answers none.
    let registry = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = registry.local_addr().expect("an address");
    let registry_url = format!("http://{address}/");
    checkout
        .env
        .insert("npm_config_registry".into(), registry_url);
    let out = tempfile::NamedTempFile::new().expect("a file");
    let mut command = checkout.command(&["run", "google-calendar/wait"]);
    command.stdout(out.reopen().expect("a file"));
    command.stderr(out.reopen().expect("a file"));
    let mut child = command.spawn().expect("countersign starts");
    let npm = |child: &Child| {
        let mut lines = started_by(child.id()).into_iter();
        lines.find(|(_, line)| line.contains("npm"))
    };
    until("npm at work", PATIENCE, || {
        assert_eq!(ended(&mut child), None, "{:?}", std::fs::read(out.path()));
        npm(&child).is_some()
    })
    .await;
    let npm = npm(&child).expect("npm");

    let (code, took) = interrupted(&mut child, AT_ONCE_ENDS).await;
    let said = std::fs::read_to_string(out.path()).expect("the report");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("it was interrupted"), "{said}");
    until("the end of npm", AT_ONCE_ENDS.saturating_sub(took), || {
        command_line(npm.0).is_none_or(|line| line != npm.1)
    })
    .await;
}
