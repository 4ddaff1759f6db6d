//! Wrong use: exit code 2 and a sentence with the way out; and the help, which names every setting.

use crate::support::checkout::Checkout;

/// The operator's contract: every server setting with the command whose help has to name it.
const SETTINGS: [(&str, &[&str]); 14] = [
    ("COUNTERSIGN_APP_ID", &["serve", "work"]),
    ("COUNTERSIGN_PRIVATE_KEY", &["serve", "work"]),
    ("COUNTERSIGN_PRIVATE_KEY_FILE", &["serve", "work"]),
    ("COUNTERSIGN_WEBHOOK_SECRET", &["serve"]),
    ("COUNTERSIGN_WEBHOOK_SECRET_FILE", &["serve"]),
    ("GITHUB_API_URL", &["serve", "work"]),
    ("GITHUB_SERVER_URL", &["serve", "work"]),
    ("NANGO_HOSTPORT", &["serve", "work", "run"]),
    ("NANGO_SECRET_KEY", &["serve", "work", "run"]),
    ("COUNTERSIGN_MODEL", &["serve", "work", "run"]),
    ("COUNTERSIGN_OPENCODE_CONFIG", &["serve", "work", "run"]),
    ("DATABASE_URL", &["serve", "work", "run"]),
    (
        "COUNTERSIGN_STATE_DIR",
        &["serve", "work", "run", "judge", "doctor", "demo"],
    ),
    ("COUNTERSIGN_BIND", &["serve"]),
];

#[test]
fn help_names_every_setting_and_every_exit_code() {
    let checkout = Checkout::bare(&[]);
    for (setting, commands) in SETTINGS {
        for command in commands {
            let said = checkout.run(&[command, "--help"]);
            assert_eq!(said.code, Some(0), "{said:?}");
            let named = said
                .out
                .split(|c: char| !c.is_ascii_uppercase() && c != '_')
                .any(|word| word == setting);
            assert!(
                named,
                "{command} --help is silent about {setting}\n{}",
                said.out
            );
        }
    }
    let said = checkout.run(&["serve", "--help"]);
    assert!(said.out.contains("COUNTERSIGN_PUBLIC_URL"), "{}", said.out);
    let said = checkout.run(&["--help"]);
    for word in [
        "serve",
        "work",
        "run",
        "check",
        "judge",
        "doctor",
        "demo",
        "Exit codes: 0 ",
    ] {
        assert!(said.out.contains(word), "{word} is not in\n{}", said.out);
    }
    // Secrets are shown by nothing that prints settings.
    let mut command = checkout.command(&["run", "--help"]);
    command.env("NANGO_SECRET_KEY", "canary-key");
    command.env("DATABASE_URL", "postgres://u:canary-password@127.0.0.1/x");
    let output = command.output().expect("countersign runs");
    assert!(!String::from_utf8_lossy(&output.stdout).contains("canary"));
}

/// Environment, arguments, and what has to be said.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str], &'a [&'a str]);

#[test]
fn wrong_use_is_2_with_a_way_out() {
    let checkout = Checkout::bare(&[(
        "interactions/slack/users.yaml",
        "kind: sync\ndescription: Users.\nconnection: slack-test\n",
    )]);
    checkout.git(&["init", "--quiet", "--bare", "../bare.git"]);
    let key = [("NANGO_SECRET_KEY", "k")];
    let app = [("NANGO_SECRET_KEY", "k"), ("COUNTERSIGN_APP_ID", "7")];
    let no_file = [("NANGO_SECRET_KEY_FILE", "nowhere.key")];
    let state = [
        ("NANGO_SECRET_KEY", "k"),
        ("COUNTERSIGN_STATE_DIR", "README.md/x"),
    ];
    let none: [(&str, &str); 0] = [];
    let cases: [Case; 15] = [
        (
            &none,
            &["jugde"],
            &["unrecognized subcommand 'jugde'", "'judge'"],
        ),
        (
            &none,
            &["run", "--jsno"],
            &["unexpected argument '--jsno'", "'--json'"],
        ),
        (
            &none,
            &["run"],
            &["NANGO_SECRET_KEY is not set", "Environment settings"],
        ),
        (
            &no_file,
            &["run"],
            &["NANGO_SECRET_KEY_FILE names nowhere.key", "No such file"],
        ),
        (
            &key,
            &["run", "-C", "/"],
            &["is not in a git repository", "ordinary clone"],
        ),
        (
            &key,
            &["run", "-C", "../bare.git"],
            &["is a bare repository"],
        ),
        (
            &key,
            &["run", "--base", "nowhere"],
            &["there is no branch or tag nowhere here"],
        ),
        (
            &key,
            &["run", "slack/usres"],
            &[
                "there is no spec slack/usres here",
                "interactions/<integration>/<name>.yaml",
            ],
        ),
        (
            &key,
            &["run", "README.md"],
            &["there is no spec README.md here"],
        ),
        (
            &state,
            &["run"],
            &["README.md/x cannot be made", "--state-dir"],
        ),
        (
            &none,
            &["serve"],
            &[
                "COUNTERSIGN_WEBHOOK_SECRET is not set",
                "settings page on GitHub",
            ],
        ),
        (
            &key,
            &["work"],
            &["COUNTERSIGN_APP_ID is not set", "settings page on GitHub"],
        ),
        (
            &app,
            &["work"],
            &[
                "COUNTERSIGN_PRIVATE_KEY is not set",
                "COUNTERSIGN_PRIVATE_KEY_FILE",
            ],
        ),
        (
            &none,
            &["judge", "nowhere.json"],
            &["there is no dossier at nowhere.json"],
        ),
        (
            &none,
            &["check", "--schema", "all"],
            &["invalid value 'all'", "spec, integration, settings"],
        ),
    ];
    for (env, args, parts) in cases {
        let output = checkout.command(args).envs(env.iter().copied()).output();
        let said = crate::support::checkout::said(output.expect("countersign runs"));
        assert_eq!(said.code, Some(2), "{args:?}: {said:?}");
        assert_eq!(said.out, "", "{args:?} prints to stdout");
        for part in parts {
            assert!(
                said.err.contains(part),
                "{args:?}: {part:?} is not in {}",
                said.err
            );
        }
    }
    assert_eq!(
        checkout.git(&["status", "--porcelain"]),
        "",
        "nothing was left behind"
    );
}

#[test]
fn a_wrong_setting_is_told_before_anything_is_installed() {
    let checkout = Checkout::bare(&[(
        "interactions/slack/users.yaml",
        "kind: sync\ndescription: Users.\nconnection: slack-test\n",
    )]);
    checkout.git(&["add", "."]);
    checkout.git(&["commit", "--quiet", "--allow-empty", "-m", "specs"]);
    checkout.write("bad.json", "[]");
    let good = ("NANGO_SECRET_KEY", "a-good-enough-key");
    let app = [good, ("COUNTERSIGN_APP_ID", "7")];
    let pem = [app[0], app[1], ("COUNTERSIGN_PRIVATE_KEY", "no key")];
    let cases: [Case; 10] = [
        (
            &[("NANGO_SECRET_KEY", "a\u{1}secret-key")],
            &["run"],
            &["no HTTP header can carry", "NANGO_SECRET_KEY"],
        ),
        (
            &[("NANGO_SECRET_KEY", "short")],
            &["run"],
            &["shorter than 8", "NANGO_SECRET_KEY"],
        ),
        (
            &[good, ("NANGO_HOSTPORT", "https://api.nango.dev/v1")],
            &["run"],
            &["more than a host and a port", "NANGO_HOSTPORT"],
        ),
        (
            &[good, ("DATABASE_URL", "countersign.db")],
            &["run"],
            &["leave DATABASE_URL unset"],
        ),
        (
            &[good, ("DATABASE_URL", "postgres://host:port/x")],
            &["run"],
            &["DATABASE_URL", "cannot be opened", "port"],
        ),
        (
            &[good, ("COUNTERSIGN_MODEL", "glm")],
            &["run"],
            &["COUNTERSIGN_MODEL", "provider/model"],
        ),
        (
            &[good, ("COUNTERSIGN_OPENCODE_CONFIG", "bad.json")],
            &["run"],
            &["COUNTERSIGN_OPENCODE_CONFIG", "bad.json", "an object"],
        ),
        (
            &pem,
            &["work"],
            &["COUNTERSIGN_PRIVATE_KEY", "not an RSA key in PEM"],
        ),
        (
            &[pem[0], pem[1], pem[2], ("GITHUB_API_URL", "api.github.com")],
            &["work"],
            &["GITHUB_API_URL", "https://"],
        ),
        (
            &[
                pem[0],
                pem[1],
                pem[2],
                ("COUNTERSIGN_PUBLIC_URL", "ftp://x"),
            ],
            &["work"],
            &["COUNTERSIGN_PUBLIC_URL", "https://"],
        ),
    ];
    for (env, args, parts) in cases {
        let output = checkout.command(args).envs(env.iter().copied()).output();
        let said = crate::support::checkout::said(output.expect("countersign runs"));
        assert_eq!(said.code, Some(2), "{env:?}: {said:?}");
        for part in parts {
            assert!(said.err.contains(part), "{part:?} is not in {}", said.err);
        }
        assert!(!said.err.contains("installing"), "{}", said.err);
        let state = checkout.home().join(".local/state/countersign");
        let kept = std::fs::read_dir(state).map_or(0, Iterator::count);
        assert_eq!(kept, 0, "{env:?} made something");
    }
}
