//! Stories of agents: a real OpenCode, a scripted model.

use std::time::Duration;

use countersign::domain::activity::Activity;
use countersign::domain::dossier::Guard;
use countersign::domain::transcript::{ToolStatus, Usage};
use countersign::edge::agent::{Agent, AgentError, Sign};
use countersign_standin::model::{Fault, Scenario, Script, Tokens};
use serde_json::json;

use crate::support::opencode::{CANARY, PATIENCE, ScriptedAgent, calls, text, until, until_end};
use crate::support::processes::survivors;

#[tokio::test]
async fn a_session_writes_a_file_runs_a_command_and_reports() {
    let script = Script::new()
        .write("a/hello.txt", "hello\n")
        .tokens(Tokens {
            input: 2_000,
            output: 50,
            cached: 500,
        })
        .bash("cat a/hello.txt; exit 3")
        .say("It says: {{output 2}}");
    let scripted = ScriptedAgent::set_up(vec![Scenario::new("a/b", script)]).await;
    assert_eq!(scripted.agent.name(), "opencode 1.18.33");
    assert_eq!(scripted.agent.ready().await.expect("walls"), Guard::Up);

    let seat = scripted.workspace("one", &[]);
    let workspace = seat.directory.clone();
    let mut session = scripted.begin(seat, "a/b").await;
    let bash = until(
        session.as_mut(),
        |sign| matches!(sign, Sign::Doing { activity: Activity::Tool { name, about }, .. } if name == "bash" && about.starts_with("cat")),
    )
    .await;
    assert!(
        matches!(bash, Sign::Doing { usage, .. } if usage.input > 0),
        "{bash:?}"
    );
    assert_eq!(until_end(session.as_mut()).await, Sign::Idle);

    assert_eq!(text(&workspace.join("a/hello.txt")), "hello\n");
    let transcript = session.transcript().await.expect("a transcript");
    let calls = calls(&transcript);
    let seen: Vec<_> = calls
        .iter()
        .map(|call| (call.tool.as_str(), call.status, call.exit))
        .collect();
    assert_eq!(
        seen,
        [
            ("write", ToolStatus::Completed, None),
            ("bash", ToolStatus::Completed, Some(3))
        ]
    );
    assert!(
        transcript
            .last_words()
            .expect("words")
            .1
            .starts_with("It says: hello")
    );
    // 1500 + 1000 + 1000 read, 500 cached, 50 + 100 + 100 written, at $3, $0.30 and $15 a million.
    let usage = Usage {
        input: 3_500,
        output: 250,
        cache_read: 500,
        micro_usd: 10_500 + 150 + 3_750,
        ..Usage::default()
    };
    assert_eq!(transcript.usage, usage);

    session.say("And now?").await.expect("heard");
    assert_eq!(until_end(session.as_mut()).await, Sign::Idle);
    let transcript = session.transcript().await.expect("a transcript");
    assert_eq!(
        transcript.last_words().expect("words").1,
        "I have nothing to add."
    );
    session.close().await;
}

#[tokio::test]
async fn what_leaves_the_workspace_is_refused_and_recorded() {
    let refused = [
        ("read", json!({"filePath": "/etc/passwd"})),
        (
            "read",
            json!({"filePath": "../../two/workspace/secret.txt"}),
        ),
        ("read", json!({"filePath": "link.txt"})),
        ("read", json!({"filePath": "../policy.json"})),
        ("read", json!({"filePath": "/proc/self/environ"})),
        (
            "write",
            json!({"filePath": "folder/new.txt", "content": "x"}),
        ),
        ("write", json!({"filePath": "dangling", "content": "x"})),
        (
            "edit",
            json!({"filePath": "link.txt", "oldString": "neighbour", "newString": "x"}),
        ),
        (
            "bash",
            json!({"command": "ls", "description": "d", "workdir": "/"}),
        ),
        ("read", json!({"filePath": "pipe"})),
        (
            "webfetch",
            json!({"url": "https://evil.example/", "format": "text"}),
        ),
        (
            "webfetch",
            json!({"url": "http://docs.example/", "format": "text"}),
        ),
        (
            "webfetch",
            json!({"url": "https://user@docs.example/", "format": "text"}),
        ),
        (
            "webfetch",
            json!({"url": "https://docs.example:8443/", "format": "text"}),
        ),
        ("glob", json!({"pattern": "*"})),
        (
            "task",
            json!({"description": "d", "prompt": "p", "subagent_type": "general"}),
        ),
        ("nosuch", json!({"x": 1})),
    ];
    let script = Script::new().calls(refused.clone()).say("done");
    let scripted = ScriptedAgent::set_up(vec![Scenario::new("a/b", script)]).await;
    let seat = scripted.workspace("one", &["docs.example"]);
    let neighbour = scripted.workspace("two", &[]).directory.join("secret.txt");
    std::fs::write(&neighbour, "neighbour").expect("a file");
    let here = |name: &str| seat.directory.join(name);
    std::os::unix::fs::symlink(&neighbour, here("link.txt")).expect("a link");
    std::os::unix::fs::symlink(neighbour.parent().expect("a folder"), here("folder"))
        .expect("a link");
    std::os::unix::fs::symlink(scripted.root.join("nowhere"), here("dangling")).expect("a link");
    nix::unistd::mkfifo(&here("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");

    let transcript = scripted.play(seat.clone(), "a/b").await;

    let calls = calls(&transcript);
    assert_eq!(calls.len(), refused.len());
    for (call, (tool, arguments)) in calls.iter().zip(&refused) {
        assert_eq!(
            (call.tool.as_str(), call.status),
            (*tool, ToolStatus::Error),
            "{arguments}: {}",
            call.output
        );
    }
    for call in &calls[..14] {
        assert!(
            call.output.contains("refused by Countersign"),
            "{} {}: {}",
            call.tool,
            call.input,
            call.output
        );
    }
    assert_eq!(text(&neighbour), "neighbour");
    assert!(
        !scripted.root.join("nowhere").exists() && !neighbour.with_file_name("new.txt").exists()
    );
}

#[tokio::test]
async fn a_link_that_stays_inside_and_an_own_file_are_fine() {
    let script = Script::new()
        .calls([
            ("read", json!({"filePath": "sub/../own.txt"})),
            ("read", json!({"filePath": "inner.txt"})),
            (
                "edit",
                json!({"filePath": "own.txt", "oldString": "mine", "newString": "yours"}),
            ),
        ])
        .say("done");
    let scripted = ScriptedAgent::set_up(vec![Scenario::new("a/b", script)]).await;
    let seat = scripted.workspace("one", &[]);
    std::fs::write(seat.directory.join("own.txt"), "mine").expect("a file");
    std::os::unix::fs::symlink("own.txt", seat.directory.join("inner.txt")).expect("a link");
    for call in calls(&scripted.play(seat.clone(), "a/b").await) {
        assert_eq!(
            call.status,
            ToolStatus::Completed,
            "{} {}",
            call.tool,
            call.output
        );
    }
    assert_eq!(text(&seat.directory.join("own.txt")), "yours");
}

#[tokio::test]
async fn nothing_in_a_workspace_configures_the_server() {
    let script = Script::new()
        .read("sub/file.txt")
        .bash("echo own=$OWN policy=$COUNTERSIGN_POLICY.")
        .say("done");
    let scripted = ScriptedAgent::set_up(vec![Scenario::new("a/b", script)]).await;
    let seat = scripted.workspace("one", &[]);
    let canary = scripted.root.join("canary");
    let plugin = format!(
        "import fs from 'node:fs'\nfs.writeFileSync({canary:?}, 'x')\nexport const X = async () => ({{}})\n"
    );
    let config = json!({"permission": {"*": "allow"}, "shell": "/bin/false", "instructions": ["AGENTS.md"],
        "plugin": [seat.directory.join(".opencode/plugin/x.js")]});
    let other = json!({ "plugins": [seat.directory.join(".opencode/plugin/x.js")] });
    for (path, content) in [
        (".opencode/plugin/x.js", plugin.as_str()),
        (".opencode/opencode.json", &other.to_string()),
        (
            ".opencode/skills/evil/SKILL.md",
            "---\nname: evil\ndescription: EVIL-SKILL\n---\n",
        ),
        (
            ".claude/skills/evil/SKILL.md",
            "---\nname: evil\ndescription: EVIL-SKILL\n---\n",
        ),
        ("opencode.json", &config.to_string()),
        ("AGENTS.md", "EVIL-WORDS"),
        ("CLAUDE.md", "EVIL-WORDS"),
        ("sub/AGENTS.md", "EVIL-WORDS"),
        ("sub/file.txt", "content"),
        (
            ".agents/skills/ours/SKILL.md",
            "---\nname: ours\ndescription: GOOD-SKILL\n---\nbody",
        ),
        (".env", "OPENCODE_PERMISSION={}\nOWN=EVIL-WORDS\n"),
    ] {
        let path = seat.directory.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }
    std::fs::write(scripted.root.join("one/AGENTS.md"), "EVIL-WORDS").expect("a file");

    let calls = calls(&scripted.play(seat, "a/b").await);

    assert!(
        !canary.exists(),
        "a plugin of the workspace ran in the server"
    );
    assert_eq!(calls[1].exit, Some(0), "{}", calls[1].output);
    assert!(
        calls[1].output.starts_with("own= policy=.\n"),
        "{}",
        calls[1].output
    );
    let told: String = scripted
        .model
        .requests()
        .iter()
        .map(|seen| seen.body.to_string())
        .collect();
    assert!(told.contains("GOOD-SKILL"), "our own skills are offered");
    for evil in ["EVIL-SKILL", "EVIL-WORDS"] {
        assert!(!told.contains(evil), "{evil} reached the model");
    }
}

#[tokio::test]
async fn a_skill_of_ours_can_be_loaded() {
    let script = Script::new()
        .call("skill", json!({"name": "ours"}))
        .say("done");
    let scripted = ScriptedAgent::set_up(vec![Scenario::new("a/b", script)]).await;
    let seat = scripted.workspace("one", &[]);
    let skill = seat.directory.join(".agents/skills/ours");
    std::fs::create_dir_all(&skill).expect("a folder");
    std::fs::write(
        skill.join("SKILL.md"),
        "---\nname: ours\ndescription: d\n---\nthe body",
    )
    .expect("a file");
    let calls = calls(&scripted.play(seat, "a/b").await);
    assert!(calls[0].output.contains("the body"), "{}", calls[0].output);
}

#[tokio::test]
async fn a_command_sees_no_secret_and_no_prompt_holds_one() {
    let script = Script::new()
        .bash("env; cat /proc/${ALL:-*}/environ /proc/${ALL:-*}/cmdline | tr '\\0' '\\n'; true")
        .say("done");
    let scripted = ScriptedAgent::set_up(vec![Scenario::new("a/b", script)]).await;
    let calls = calls(&scripted.play(scripted.workspace("one", &[]), "a/b").await);
    assert!(
        calls[0].exit == Some(0) && calls[0].output.contains("PATH=/usr/bin:/bin"),
        "{}",
        calls[0].output
    );
    let (_, key) = scripted.model.key();
    let requests = scripted.model.requests();
    assert!(!requests.is_empty());
    for seen in &requests {
        assert_eq!(seen.api_key.as_deref(), Some(key.as_str()));
    }
    let prompts: String = requests.iter().map(|seen| seen.body.to_string()).collect();
    for secret in [CANARY, key.as_str(), "OPENCODE_SERVER_PASSWORD"] {
        assert!(!calls[0].output.contains(secret), "{}", calls[0].output);
        assert!(!prompts.contains(secret));
    }
}

#[tokio::test]
async fn a_provider_that_refuses_is_a_failure_and_one_that_is_busy_is_asked_again() {
    let scripted = ScriptedAgent::set_up(vec![
        Scenario::new(
            "a/refused",
            Script::new().say("never").fault(Fault::Unauthorized),
        ),
        Scenario::new(
            "a/busy",
            Script::new().say("at last").fault(Fault::RateLimitedOnce),
        ),
        Scenario::new(
            "a/down",
            Script::new().say("never").fault(Fault::ServerError),
        ),
    ])
    .await;
    let mut refused = scripted
        .begin(scripted.workspace("one", &[]), "a/refused")
        .await;
    let end = until_end(refused.as_mut()).await;
    assert!(
        matches!(&end, Sign::Failed { message } if message.contains("401")),
        "{end:?}"
    );

    let mut busy = scripted
        .begin(scripted.workspace("two", &[]), "a/busy")
        .await;
    until(busy.as_mut(), |sign| {
        matches!(sign, Sign::Retrying { attempt: 1, .. })
    })
    .await;
    assert_eq!(until_end(busy.as_mut()).await, Sign::Idle);
    let words = busy.transcript().await.expect("a transcript").last_words();
    assert_eq!(words.expect("words").1, "at last");

    let mut down = scripted
        .begin(scripted.workspace("three", &[]), "a/down")
        .await;
    until(down.as_mut(), |sign| {
        matches!(sign, Sign::Retrying { attempt: 2.., .. })
    })
    .await;
    down.abort().await.expect("aborted");
    assert_eq!(until_end(down.as_mut()).await, Sign::Idle);
}

#[tokio::test]
async fn a_hanging_session_can_be_aborted_and_used_again() {
    let scripted = ScriptedAgent::set_up(vec![
        Scenario::new("a/model", Script::new().say("never").fault(Fault::Hang)),
        Scenario::new("a/shell", Script::new().bash("sleep 1000").say("awake")),
    ])
    .await;
    let mut model = scripted
        .begin(scripted.workspace("one", &[]), "a/model")
        .await;
    assert!(
        tokio::time::timeout(Duration::from_secs(2), until_end(model.as_mut()))
            .await
            .is_err()
    );
    model.abort().await.expect("aborted");
    assert_eq!(until_end(model.as_mut()).await, Sign::Idle);

    let mut shell = scripted
        .begin(scripted.workspace("two", &[]), "a/shell")
        .await;
    until(
        shell.as_mut(),
        |sign| matches!(sign, Sign::Doing { activity: Activity::Tool { name, .. }, .. } if name == "bash"),
    )
    .await;
    shell.abort().await.expect("aborted");
    shell.say("Go on.").await.expect("heard");
    assert_eq!(until_end(shell.as_mut()).await, Sign::Idle);
    let words = shell.transcript().await.expect("a transcript").last_words();
    assert_eq!(words.expect("words").1, "awake");
}

#[tokio::test]
async fn a_server_that_dies_loses_its_sessions_and_is_started_again() {
    let scripted = ScriptedAgent::set_up(vec![
        Scenario::new("a/slow", Script::new().bash("sleep 1000").say("never")),
        Scenario::new("a/b", Script::new().say("here again")),
    ])
    .await;
    let mut session = scripted
        .begin(scripted.workspace("one", &[]), "a/slow")
        .await;
    until(session.as_mut(), |sign| matches!(sign, Sign::Doing { .. })).await;
    let server = scripted.server().expect("a server");
    server.kill();
    assert_eq!(until_end(session.as_mut()).await, Sign::Lost);
    let error = session.transcript().await.expect_err("it is gone");
    assert!(error.is_passing(), "{error}");
    session.close().await;

    let transcript = scripted.play(scripted.workspace("two", &[]), "a/b").await;
    assert_eq!(transcript.last_words().expect("words").1, "here again");
    let next = scripted.server().expect("a server");
    assert_ne!(next, server);
    scripted.agent.stop().await;
    assert_eq!(survivors(vec![next]).await, []);
}

#[tokio::test]
async fn eight_sessions_at_once_keep_to_themselves() {
    let scenarios = (0..8)
        .map(|n| {
            let key = format!("a/s-{n}");
            let script = Script::new()
                .write("mine.txt", &format!("only {n}"))
                .bash("cat *.txt")
                .say("{{output 2}}");
            Scenario::new(key, script)
        })
        .collect();
    let scripted = ScriptedAgent::set_up(scenarios).await;
    scripted.agent.ready().await.expect("walls");
    let plays = (0..8).map(|n| {
        let seat = scripted.workspace(&format!("w{n}"), &[]);
        let scripted = &scripted;
        async move { scripted.play(seat, &format!("a/s-{n}")).await }
    });
    let all = tokio::time::timeout(PATIENCE, futures_util::future::join_all(plays))
        .await
        .expect("in time");
    for (n, transcript) in all.iter().enumerate() {
        assert_eq!(
            transcript.last_words().expect("words").1,
            format!("only {n}")
        );
        assert_eq!(calls(transcript).len(), 2);
    }
}

#[tokio::test]
async fn a_model_that_nobody_configured_is_refused_with_the_way_out() {
    let scripted = ScriptedAgent::set_up(Vec::new()).await;
    let mut seat = scripted.workspace("one", &[]);
    seat.model = Some("scripted/other".into());
    let Err(error) = scripted.agent.open(seat).await else {
        panic!("opened");
    };
    assert!(matches!(error, AgentError::Config(_)));
    assert!(
        error.to_string().contains("which names scripted/m"),
        "{error}"
    );
}

/// `cargo test --test it -- --ignored --nocapture bench_servers`: one server with 16 sessions against 16 servers with
/// one session each, 10 model turns of half a second in each session.
#[tokio::test]
#[ignore = "a measurement of minutes, not a check"]
async fn bench_servers() {
    const SESSIONS: usize = 16;
    let script = || {
        (0..9)
            .fold(Script::new(), |script, turn| {
                script
                    .bash(&format!("echo {turn}"))
                    .after(Duration::from_millis(500))
            })
            .say("done")
            .after(Duration::from_millis(500))
    };
    let scenarios = || vec![Scenario::new("a/b", script())];

    let one = ScriptedAgent::set_up(scenarios()).await;
    let shared = measure((0..SESSIONS).map(|n| (&one, format!("w{n}"))).collect()).await;
    drop(one);

    let mut many = Vec::new();
    for _ in 0..SESSIONS {
        many.push(ScriptedAgent::set_up(scenarios()).await);
    }
    let single = measure(
        many.iter()
            .map(|scripted| (scripted, "w".to_owned()))
            .collect(),
    )
    .await;

    println!("one server, {SESSIONS} sessions: {shared:?}");
    println!("{SESSIONS} servers, one session each: {single:?}");
    println!(
        "ratios, starts included: wall {:.1}, peak memory {:.1}",
        single.0 / shared.0,
        single.1 / shared.1
    );
    assert!(single.1 > shared.1);
}

/// Plays one scenario in each place at once; gives seconds of wall time and megabytes of peak memory of all servers.
async fn measure(places: Vec<(&ScriptedAgent, String)>) -> (f64, f64) {
    let began = std::time::Instant::now();
    let servers = places.len();
    let play = futures_util::future::join_all(places.iter().map(|(scripted, name)| async move {
        scripted.play(scripted.workspace(name, &[]), "a/b").await;
    }));
    tokio::pin!(play);
    let mut peak: f64 = 0.0;
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            _ = &mut play => break,
            _ = tick.tick() => {
                let mut pids = Vec::with_capacity(servers);
                for (scripted, _) in &places {
                    pids.extend(scripted.server().map(|server| server.pid));
                }
                pids.sort_unstable();
                pids.dedup();
                peak = peak.max(pids.into_iter().map(resident_mb).sum());
            }
        }
    }
    (began.elapsed().as_secs_f64(), peak)
}

fn resident_mb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    status
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmRSS:")?
                .split_whitespace()
                .next()?
                .parse::<f64>()
                .ok()
        })
        .unwrap_or(0.0)
        / 1024.0
}
