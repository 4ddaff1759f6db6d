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
