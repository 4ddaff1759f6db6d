//! Stories of `sandbox`: everything is really tried from inside.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use countersign::domain::program::{Policy, Unsandboxed, Walled};
use countersign::edge::sandbox::{Isolation, Sandbox, SandboxError};
use tokio_util::sync::CancellationToken;

use crate::support::sandbox::{As, Attempt, exe};
use crate::support::tools::tools;

const WALLS: [(Isolation, As); 4] = [
    (Isolation::Namespaces, As::Ourselves),
    (Isolation::Namespaces, As::Nobody),
    (Isolation::Landlock, As::Ourselves),
    (Isolation::Landlock, As::Nobody),
];

fn mark(name: &str) -> String {
    format!("{name}-{}-{:?}", std::process::id(), Instant::now())
        .replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

/// Processes of this machine whose command line holds `mark`.
fn alive(mark: &str) -> usize {
    fs::read_dir("/proc")
        .expect("proc")
        .flatten()
        .filter_map(|entry| fs::read(entry.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(mark))
        .count()
}

/// The Node that npm runs on: one of the system, which every user may run.
fn node() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .filter_map(|folder| folder.join("node").canonicalize().ok())
        .next()
        .expect("node on PATH, as npm needs it")
}

#[tokio::test]
async fn the_probe_tries_the_walls_and_finds_the_strongest() {
    let sandbox = Sandbox::new(exe());
    let found = sandbox.isolation().await.expect("walls stand here");
    assert_eq!(found.isolation, Isolation::Namespaces, "{found:?}");
    assert!(found.tried.len() >= 9, "{found:?}");
    assert!(found.tried.iter().all(|one| one.refused), "{found:?}");
    assert_eq!(
        found.isolation.to_string(),
        "namespaces + Landlock + seccomp"
    );
}

#[tokio::test]
async fn without_walls_there_is_no_work_unless_the_operator_says_so() {
    // A program that is no warden: the walls cannot be put up by it.
    let refused = Sandbox::new("/bin/true".into()).isolation().await;
    let Err(error @ SandboxError::NoWalls { .. }) = refused else {
        panic!("{refused:?}");
    };
    assert!(error.to_string().contains("--allow-unsandboxed"), "{error}");
    let found = Sandbox::new("/bin/true".into())
        .without_walls(Unsandboxed::Allowed)
        .isolation()
        .await
        .expect("allowed");
    assert_eq!(
        (found.isolation, found.stronger.len()),
        (Isolation::None, 2)
    );
}

#[tokio::test]
async fn where_user_namespaces_are_off_landlock_takes_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrapper = folder.path().join("countersign");
    let script = format!(
        "#!/bin/sh\nexec unshare -Ur sh -c 'echo 0 > /proc/sys/user/max_user_namespaces; exec \"$0\" \"$@\"' '{}' \"$@\"\n",
        exe().display()
    );
    fs::write(&wrapper, script).expect("a script");
    fs::set_permissions(&wrapper, PermissionsExt::from_mode(0o755)).expect("executable");
    let found = Sandbox::new(wrapper)
        .isolation()
        .await
        .expect("walls stand");
    assert_eq!(found.isolation, Isolation::Landlock, "{found:?}");
    assert!(found.stronger[0].contains("make namespaces"), "{found:?}");
    assert!(found.tried.iter().all(|one| one.refused), "{found:?}");
}

#[tokio::test]
async fn what_is_outside_cannot_be_read_written_or_seen() {
    for (isolation, user) in WALLS {
        let attempt = Attempt::new(isolation, user);
        let outside = attempt.dir.path().canonicalize().expect("real");
        fs::write(outside.join("secret"), "hidden").expect("a secret");
        fs::set_permissions(outside.join("secret"), PermissionsExt::from_mode(0o666))
            .expect("open to all");
        symlink(outside.join("secret"), attempt.workspace().join("link")).expect("a link");
        let own = std::process::id();
        for script in [
            format!("cat {}/secret", outside.display()),
            "cat ../secret".into(),
            "cat link".into(),
            format!("cp {}/secret stolen", outside.display()),
            // In a private /tmp these may even succeed; what counts is below, outside.
            format!("echo x >> {}/secret; false", outside.display()),
            format!("chmod 600 {}/secret; false", outside.display()),
            format!("touch {}/new; false", outside.display()),
            "cat /etc/shadow".into(),
            "ls /root".into(),
            "ls /home".into(),
            "ls /var/log".into(),
            "ls /sys/kernel".into(),
            "echo x > /usr/new".into(),
            "echo x > /etc/new".into(),
            format!("kill -0 {own}"),
            format!("grep -q . /proc/{own}/environ"),
            "tr '\\0' '\\n' < /proc/$PPID/environ | grep -q .".into(),
            "cat /proc/1/environ | grep -q .".into(),
            format!("readlink /proc/{own}/fd/0"),
            format!("ls /proc/{own}/root/"),
            format!("head -c 1 /proc/{own}/maps | grep -q ."),
            "cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep CARGO".into(),
            "echo 1 > /proc/sys/kernel/core_pattern".into(),
            "echo h > /proc/sysrq-trigger".into(),
            "unshare -U true".into(),
            "mount -t tmpfs none /tmp".into(),
            "mkdir m && mount --bind /usr m".into(),
            "strace true || exit 1".into(),
            "chroot . /bin/true".into(),
        ] {
            let end = attempt.bash(&script).await;
            assert_ne!(end.code, Some(0), "{isolation} {user:?}: {script}: {end:?}");
            assert!(
                !end.stdout.contains("hidden"),
                "{isolation} {user:?}: {script}"
            );
        }
        assert_eq!(
            fs::read_to_string(outside.join("secret")).expect("still there"),
            "hidden",
            "{isolation} {user:?}"
        );
        assert!(!outside.join("new").exists(), "{isolation} {user:?}");
        let secret = outside.join("secret").metadata().expect("still there");
        assert_eq!(
            secret.permissions().mode() & 0o777,
            0o666,
            "{isolation} {user:?}"
        );
        let end = attempt
            .bash("echo mine > file && cat file && ls / >/dev/null; id -u; ls -d /usr/bin")
            .await;
        assert_eq!(end.code, Some(0), "{isolation} {user:?}: {end:?}");
        assert!(
            end.stdout.starts_with("mine\n"),
            "{isolation} {user:?}: {end:?}"
        );
    }
}

#[tokio::test]
async fn processes_of_the_same_user_cannot_be_looked_into_or_ended() {
    for (isolation, user) in WALLS.into_iter().chain([(Isolation::None, As::Nobody)]) {
        let attempt = Attempt::new(isolation, user);
        let mut neighbour = neighbour(user);
        let pid = neighbour.id();
        let look = format!("tr '\\0' '\\n' < /proc/{pid}/environ | grep NEIGHBOURS");
        let end = attempt.bash(&look).await;
        let seen = end.stdout.contains("NEIGHBOURS_SECRET");
        // Root without capabilities is refused by the kernel even without walls; a plain user is not.
        assert_eq!(
            seen,
            isolation == Isolation::None,
            "{isolation} {user:?}: {end:?}"
        );
        let end = attempt.bash(&format!("kill -9 {pid}")).await;
        let killed = end.code == Some(0);
        assert_eq!(
            killed,
            isolation == Isolation::None,
            "{isolation} {user:?}: {end:?}"
        );
        if !killed {
            assert!(
                neighbour.try_wait().expect("a child").is_none(),
                "{isolation} {user:?}"
            );
            neighbour.kill().expect("ours to end");
        }
        neighbour.wait().expect("ended");
    }
}

/// A process of the same user as the sandbox, with a secret in its environment.
fn neighbour(user: As) -> std::process::Child {
    let mut command = if user == As::Nobody && nix::unistd::Uid::effective().is_root() {
        let mut command = Command::new("/usr/bin/setpriv");
        command.args([
            "--reuid",
            "65534",
            "--regid",
            "65534",
            "--clear-groups",
            "sleep",
            "60",
        ]);
        command
    } else {
        let mut command = Command::new("sleep");
        command.arg("60");
        command
    };
    let child = command
        .env("NEIGHBOURS_SECRET", "1")
        .spawn()
        .expect("it starts");
    let ready =
        || fs::read(format!("/proc/{}/comm", child.id())).is_ok_and(|name| name == b"sleep\n");
    while !ready() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// The counterpart of the story above: without walls the same can be done, so it is the walls that refuse it.
#[tokio::test]
async fn without_walls_all_of_this_is_possible() {
    let attempt = Attempt::new(Isolation::None, As::Ourselves);
    fs::write(attempt.dir.path().join("secret"), "hidden").expect("a secret");
    let own = std::process::id();
    let listener = listen();
    let script = format!(
        "cat ../secret && chmod 600 ../secret && touch ../new && kill -0 {own} \
         && exec 3<>/dev/tcp/127.0.0.1/{}",
        port(&listener)
    );
    let end = attempt.bash(&script).await;
    assert_eq!(
        (end.code, end.stdout.as_str()),
        (Some(0), "hidden"),
        "{end:?}"
    );
}

#[tokio::test]
async fn only_one_port_of_the_machine_can_be_reached() {
    let (allowed, other) = (listen(), listen());
    let ports = (port(&allowed), port(&other));
    std::thread::spawn(move || {
        for mut stream in allowed.incoming().flatten() {
            use std::io::{Read, Write};
            let mut asked = [0u8; 5];
            let _ = stream.read_exact(&mut asked);
            let _ = stream.write_all(b"answer to ");
            let _ = stream.write_all(&asked);
        }
    });
    for (isolation, user) in WALLS {
        let attempt = Attempt::new(isolation, user);
        let speak = |port: u16| {
            let script =
                format!("exec 3<>/dev/tcp/127.0.0.1/{port} && printf hello >&3 && cat <&3");
            let mut program = attempt.program(["/bin/bash", "-c", &script]);
            program.walled.port = Some(ports.0);
            program
        };
        let end = attempt.run(&speak(ports.0)).await;
        assert_eq!(
            end.stdout, "answer to hello",
            "{isolation} {user:?}: {end:?}"
        );
        let end = attempt.run(&speak(ports.1)).await;
        assert_ne!(end.code, Some(0), "{isolation} {user:?}: {end:?}");
        let udp = "echo x > /dev/udp/127.0.0.1/53";
        let end = attempt.bash(&format!("{udp} && echo sent")).await;
        if isolation == Isolation::Landlock {
            assert_ne!(end.code, Some(0), "{user:?}: {end:?}");
        }
        let end = attempt
            .bash("exec 3<>/dev/tcp/192.0.2.1/80 && echo connected")
            .await;
        assert_ne!(end.code, Some(0), "{isolation} {user:?}: {end:?}");
    }
}

#[tokio::test]
async fn nothing_is_left_running_and_nobody_waits_for_a_pipe() {
    for (isolation, user) in WALLS.into_iter().chain([(Isolation::None, As::Ourselves)]) {
        let attempt = Attempt::new(isolation, user);
        let mark = mark("daemon");
        let began = Instant::now();
        // The daemon has its own session, no parent, and holds standard output open.
        let end = attempt
            .bash(&format!(
                "(setsid bash -c 'exec -a {mark} sleep 600' &) ; (setsid setsid bash -c 'exec -a {mark} sleep 600' &); sleep 0.2; echo started"
            ))
            .await;
        assert_eq!(end.stdout, "started\n", "{isolation} {user:?}: {end:?}");
        assert!(
            began.elapsed() < Duration::from_secs(8),
            "{isolation} {user:?}"
        );
        assert_eq!(alive(&mark), 0, "{isolation} {user:?}");
    }
}

#[tokio::test]
async fn time_is_limited_and_cancelling_ends_everything() {
    for isolation in [Isolation::Namespaces, Isolation::Landlock, Isolation::None] {
        let attempt = Attempt::new(isolation, As::Ourselves);
        let mark = mark("sleeper");
        let script = format!(
            "echo begun; trap '' TERM; (setsid bash -c 'exec -a {mark} sleep 600' &); bash -c 'exec -a {mark} sleep 600'"
        );
        let mut program = attempt.program(["/bin/bash", "-c", &script]);
        program.seconds = 1;
        let end = attempt.run(&program).await;
        assert!(end.timed_out && end.code.is_none(), "{isolation}: {end:?}");
        assert_eq!(end.stdout, "begun\n", "{isolation}: {end:?}");
        assert!((900..8_000).contains(&end.took_ms), "{isolation}: {end:?}");
        assert_eq!(alive(&mark), 0, "{isolation}");

        program.seconds = 60;
        let cancel = CancellationToken::new();
        let began = Instant::now();
        let (ended, ()) = tokio::join!(attempt.sandbox.run(&program, cancel.clone()), async {
            while alive(&mark) < 2 && began.elapsed() < Duration::from_secs(20) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            cancel.cancel();
        });
        assert!(matches!(ended, Err(SandboxError::Cancelled)), "{isolation}");
        assert_eq!(alive(&mark), 0, "{isolation}");

        // Whoever loses interest ends it as well, though not at once.
        let run = attempt.sandbox.run(&program, CancellationToken::new());
        assert!(
            tokio::time::timeout(Duration::from_secs(1), run)
                .await
                .is_err()
        );
        let until = Instant::now() + Duration::from_secs(10);
        while alive(&mark) > 0 && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(alive(&mark), 0, "{isolation}");
    }
}

#[tokio::test]
async fn environment_output_and_exit_codes_are_what_they_should_be() {
    for isolation in [Isolation::Namespaces, Isolation::Landlock] {
        let attempt = Attempt::new(isolation, As::Ourselves);
        let mut program = attempt.program(["/usr/bin/env"]);
        program.walled.env = BTreeMap::from([("ONLY".into(), "this = that".into())]);
        assert_eq!(attempt.run(&program).await.stdout, "ONLY=this = that\n");

        assert_eq!(attempt.bash("exit 42").await.code, Some(42));
        assert_eq!(attempt.bash("kill -9 $$").await.code, Some(137));
        let end = attempt.bash("cat; echo done").await;
        assert_eq!(end.stdout, "done\n", "standard input is empty: {end:?}");
        let end = attempt.bash("ls -l /proc/self/fd | grep -c -- '->'").await;
        if isolation == Isolation::Namespaces {
            assert_eq!(end.stdout.trim(), "4", "no file of ours is open: {end:?}");
        }
        let end = attempt
            .bash("head -c 3000000 /dev/zero | tr '\\0' x; echo e >&2")
            .await;
        assert_eq!(
            end.stdout.len(),
            countersign::domain::limits::PROGRAM_OUTPUT_BYTES
        );
        assert_eq!((end.code, end.stderr.as_str()), (Some(0), "e\n"));
        let missing = attempt.program(["/usr/bin/not-there"]);
        let error = attempt
            .sandbox
            .run(&missing, CancellationToken::new())
            .await;
        assert!(
            matches!(error, Err(SandboxError::Refused { .. })),
            "{error:?}"
        );
        let mut elsewhere = attempt.program(["/bin/true"]);
        elsewhere.cwd = "/usr".into();
        let error = attempt
            .sandbox
            .run(&elsewhere, CancellationToken::new())
            .await;
        assert!(
            matches!(error, Err(SandboxError::Refused { .. })),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn a_readable_folder_inside_a_writable_one_stays_read_only() {
    for isolation in [Isolation::Namespaces] {
        let attempt = Attempt::new(isolation, As::Ourselves);
        let modules = attempt.workspace().join("node_modules");
        fs::create_dir(&modules).expect("a folder");
        fs::write(modules.join("tool.js"), "tool").expect("a file");
        let script = "cat node_modules/tool.js; echo x > node_modules/tool.js; rm -rf node_modules; mv node_modules n; exit 0";
        let mut program = attempt.program(["/bin/bash", "-c", script]);
        program.walled.readable = vec![modules.clone()];
        assert_eq!(attempt.run(&program).await.stdout, "tool");
        assert_eq!(
            fs::read_to_string(modules.join("tool.js")).expect("there"),
            "tool"
        );

        // An agent that puts a link in its place gains nothing.
        fs::remove_dir_all(&modules).expect("gone");
        symlink("/root", &modules).expect("a link");
        let error = attempt
            .sandbox
            .run(&program, CancellationToken::new())
            .await;
        let Err(SandboxError::Refused { refusal, .. }) = error else {
            panic!("{error:?}");
        };
        assert!(refusal.to_string().contains("symbolic link"), "{refusal}");
    }
}

#[tokio::test]
async fn limits_hold() {
    let attempt = Attempt::new(Isolation::Namespaces, As::Ourselves);
    let end = attempt
        .bash("head -c 300000000 /dev/zero > big; stat -c %s big; ulimit -c; ulimit -d")
        .await;
    assert_eq!(end.stdout, "268435456\n0\n4194304\n", "{end:?}");
    for user in [As::Ourselves, As::Nobody] {
        let attempt = Attempt::new(Isolation::Namespaces, user);
        // bash waits and tries again when it cannot fork, so this ends by its time.
        let bomb = "for i in $(seq 3000); do sleep 20 & echo $i >> count; done";
        let mut program = attempt.program(["/bin/bash", "-c", bomb]);
        program.seconds = 6;
        assert!(attempt.run(&program).await.timed_out, "{user:?}");
        let count = fs::read_to_string(attempt.workspace().join("count")).expect("a count");
        let count = count.lines().count();
        assert!(count < 1_100, "{user:?}: {count}");
    }
}

#[tokio::test]
async fn our_own_process_gets_a_core_first() {
    for isolation in [Isolation::Namespaces, Isolation::Landlock, Isolation::None] {
        let attempt = Attempt::new(isolation, As::Ourselves);
        let end = attempt.bash("nice; nice -n -5 nice 2>&1 | tail -n 1").await;
        assert_eq!(end.stdout, "10\n10\n", "{isolation}: {end:?}");
        // Niceness counts within a session only, where the kernel has such groups.
        if Path::new("/proc/self/autogroup").exists() {
            let end = attempt.bash("cat /proc/self/autogroup").await;
            assert!(end.stdout.ends_with(" nice 5\n"), "{isolation}: {end:?}");
        }
    }
}

#[tokio::test]
async fn time_is_the_programs_own_and_not_that_of_the_queue_for_a_core() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    // Four more for each core, so that a second's work takes five.
    let beside = format!(
        "for i in $(seq {}); do while :; do :; done & done",
        4 * cores
    );
    let attempt = Attempt::new(Isolation::Namespaces, As::Ourselves);
    let work = "(ulimit -t 1; while :; do :; done)";
    let script = format!("{beside}; {work}; echo done; kill -9 $(jobs -p)");
    let mut program = attempt.program(["/bin/bash", "-c", &script]);
    program.seconds = 2;
    let end = attempt.run(&program).await;
    assert!(!end.timed_out && end.stdout == "done\n", "{end:?}");
    assert!(end.took_ms > 2_000, "it was not kept waiting: {end:?}");

    // What is stuck is ended all the same.
    let script = format!("{beside}; while :; do :; done");
    let mut program = attempt.program(["/bin/bash", "-c", &script]);
    program.seconds = 1;
    let end = attempt.run(&program).await;
    assert!(end.timed_out, "{end:?}");
    assert!((2_000..12_000).contains(&end.took_ms), "{end:?}");
}

#[tokio::test]
async fn node_runs_well_with_workers_children_and_servers() {
    let node = node();
    for (isolation, user) in WALLS {
        let attempt = Attempt::new(isolation, user);
        let script = r#"
            const { Worker } = require('node:worker_threads');
            const { execFileSync, fork } = require('node:child_process');
            const fs = require('node:fs');
            const done = (n) => new Promise((ok, no) => {
                const w = new Worker('require("node:worker_threads").parentPort.postMessage(40 + 2)', { eval: true });
                w.on('message', ok); w.on('error', no);
            });
            (async () => {
                const four = await Promise.all([1, 2, 3, 4].map(done));
                fs.writeFileSync('out.txt', execFileSync('/bin/echo', ['child']));
                fs.writeFileSync('forked.js', 'process.send("hi")');
                const hi = await new Promise((ok) => fork('./forked.js').on('message', ok));
                let own = 'none';
                if (process.env.SERVE) own = await new Promise((ok, no) => {
                    const s = require('node:http').createServer((q, r) => r.end('own server'));
                    s.on('error', no);
                    s.listen(0, '127.0.0.1', async () => {
                        ok(await (await fetch(`http://127.0.0.1:${s.address().port}/`)).text());
                        s.closeAllConnections(); s.close();
                    });
                });
                fs.copyFileSync('out.txt', 'copy.txt');
                console.log(four.join(), fs.readFileSync('copy.txt', 'utf8').trim(), hi, own);
            })();
        "#;
        let mut program = attempt.program([&node.display().to_string(), "-e", script]);
        program.walled.readable = vec![node.parent().expect("a folder").into()];
        if isolation == Isolation::Namespaces {
            program.walled.env.insert("SERVE".into(), "1".into());
        }
        let end = attempt.run(&program).await;
        let own = if isolation == Isolation::Namespaces {
            "own server"
        } else {
            "none"
        };
        assert_eq!(
            end.stdout,
            format!("42,42,42,42 child hi {own}\n"),
            "{isolation} {user:?}: {end:?}"
        );
    }
}

#[tokio::test]
async fn vitest_and_the_nango_cli_run_inside() {
    let tools = tokio::task::spawn_blocking(tools)
        .await
        .expect("the tool chain is there");
    let modules = tools.node_modules.clone();
    for isolation in [Isolation::Namespaces, Isolation::Landlock] {
        let attempt = Attempt::new(isolation, As::Ourselves);
        let workspace = attempt.workspace();
        symlink(&modules, workspace.join("node_modules")).expect("a link");
        fs::write(
            workspace.join("package.json"),
            r#"{"name":"w","type":"module"}"#,
        )
        .expect("a file");
        let action = "import { createAction } from 'nango';\nimport * as z from 'zod';\n\
            const action = createAction({ description: 'x', version: '1.0.0', input: z.object({}), output: z.object({ n: z.number() }), \
            exec: async (nango) => { const r = await nango.get({ endpoint: '/v1/x', retries: 1 }); return { n: Number(r.status) }; } });\n\
            export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];\nexport default action;\n";
        fs::create_dir_all(workspace.join("demo/actions")).expect("a folder");
        fs::create_dir_all(workspace.join(".nango")).expect("a folder");
        fs::write(workspace.join("demo/actions/get-x.ts"), action).expect("a file");
        fs::write(
            workspace.join("index.ts"),
            "import './demo/actions/get-x.js';\n",
        )
        .expect("a file");
        for name in ["one", "two"] {
            let test = format!(
                "import {{ test, expect }} from 'vitest';\ntest('{name}', () => expect(1).toBe(1));\n"
            );
            fs::write(workspace.join(format!("{name}.test.ts")), test).expect("a file");
        }
        let run = |argv: &[&str]| {
            let mut program = attempt.program([]);
            let node = tools.node.display().to_string();
            program.argv = [node.as_str()]
                .iter()
                .chain(argv)
                .map(|word| (*word).to_owned())
                .collect();
            program.walled.readable = vec![tools.root.clone()];
            program.walled.env.extend([
                ("HOME".into(), workspace.display().to_string()),
                ("TMPDIR".into(), workspace.display().to_string()),
                ("NANGO_CLI_UPGRADE_MODE".into(), "ignore".into()),
                ("NANGO_CLI_TELEMETRY".into(), "false".into()),
                ("NANGO_CLI_DEPENDENCY_UPDATE".into(), "false".into()),
                ("NO_COLOR".into(), "1".into()),
            ]);
            program.seconds = 120;
            program
        };
        let vitest = run(&["node_modules/vitest/vitest.mjs", "run", "--pool=threads"]);
        let end = attempt.run(&vitest).await;
        assert!(end.stdout.contains("2 passed (2)"), "{isolation}: {end:?}");
        let compile = run(&[
            "node_modules/nango/dist/index.js",
            "compile",
            "--no-interactive",
        ]);
        let end = attempt.run(&compile).await;
        assert_eq!(end.code, Some(0), "{isolation}: {end:?}");
        assert!(
            workspace.join("build/demo_actions_get-x.cjs").exists(),
            "{isolation}: {end:?}"
        );
    }
}

#[tokio::test]
async fn the_agents_shell_obeys_the_policy_next_to_the_workspace() {
    for isolation in [Isolation::Namespaces, Isolation::Landlock] {
        let attempt = Attempt::new(isolation, As::Ourselves);
        let root = attempt.dir.path().canonicalize().expect("real");
        let shell = attempt.sandbox.write_shell(&root).await.expect("a wrapper");
        let call = |cwd: &Path, command: &str| {
            let out = Command::new(&shell)
                .args(["-c", command])
                .current_dir(cwd)
                .env("PROVIDER_KEY", "sk-secret")
                .stdin(Stdio::null())
                .output()
                .expect("it starts");
            (
                out.status.code(),
                String::from_utf8_lossy(&out.stdout).into_owned(),
                String::from_utf8_lossy(&out.stderr).into_owned(),
            )
        };
        let workspace = attempt.workspace();
        let (code, _, said) = call(&workspace, "echo hi");
        assert_eq!(code, Some(126), "{isolation}: {said}");
        assert!(said.contains("no policy"), "{isolation}: {said}");

        let policy = Policy {
            workspace: workspace.clone(),
            walled: Walled {
                writable: vec![workspace.clone()],
                env: BTreeMap::from([("PATH".into(), "/usr/bin:/bin".into())]),
                ..Walled::default()
            },
            docs_hosts: vec![],
            seconds: 2,
            allow_unsandboxed: Unsandboxed::Refused,
            mode: countersign::domain::settings::Mode::Strict,
        };
        let json = serde_json::to_string(&policy).expect("JSON");
        fs::write(root.join("policy.json"), &json).expect("a policy");
        let (code, out, said) = call(&workspace, "echo \"[$PROVIDER_KEY]\"; pwd; exit 3");
        assert_eq!(code, Some(3), "{isolation}: {said}");
        assert_eq!(out, format!("[]\n{}\n", workspace.display()), "{isolation}");
        let (_, out, _) = call(
            &workspace,
            "cat /proc/[0-9]*/environ | tr '\\0' '\\n'; cat ../policy.json; true",
        );
        assert!(
            !out.contains("sk-secret") && !out.contains("docs_hosts"),
            "{isolation}: {out}"
        );
        let (code, _, said) = call(&workspace, "sleep 60");
        assert_eq!(code, Some(124), "{isolation}: {said}");
        assert!(said.contains("after 2 seconds"), "{isolation}: {said}");
        let (code, _, _) = call(&root, "echo hi");
        assert_eq!(code, Some(126), "{isolation}: outside of the workspace");

        // A policy of the agent's own, in its own folder, is not looked at.
        let deep = workspace.join("workspace");
        fs::create_dir(&deep).expect("a folder");
        let forged = json.replace("\"writable\":[", "\"readable\":[],\"writable\":[\"/root\",");
        fs::write(workspace.join("policy.json"), forged).expect("a forged policy");
        let (code, _, said) = call(&deep, "ls /root");
        assert_eq!(code, Some(2), "{isolation}: {said}");
    }
}

fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port")
}

fn port(listener: &TcpListener) -> u16 {
    listener.local_addr().expect("an address").port()
}
