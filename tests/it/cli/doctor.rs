//! `countersign doctor`: what is there, what is missing, how to get it; and that looking changes nothing.

use std::path::Path;

use crate::support::checkout::{Checkout, said};
use crate::support::tools;

#[test]
fn nothing_installed_is_no_fault_and_nothing_is_made() {
    let checkout = Checkout::bare(&[]);
    let said = checkout.run(&["doctor"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for line in [
        "  ok       git: git version ",
        "  -        tool chain: not installed yet; the first run or demo installs it into ",
        "/.local/state/countersign, which will be made\n",
        "  -        NANGO_SECRET_KEY: not set; needed by run, serve and work",
        "  -        COUNTERSIGN_WEBHOOK_SECRET: not set; needed by serve",
        "Everything that every command needs is there.",
    ] {
        assert!(said.out.contains(line), "{line:?} is not in\n{}", said.out);
    }
    assert!(
        !checkout.home().join(".local").exists(),
        "doctor made a folder"
    );
}

#[test]
fn what_is_missing_is_told_with_the_way_to_get_it() {
    let checkout = Checkout::bare(&[]);
    let mut command = checkout.command(&["doctor"]);
    command
        .env("PATH", checkout.home())
        .env("COUNTERSIGN_STATE_DIR", "README.md")
        .env("COUNTERSIGN_OPENCODE_CONFIG", "nowhere.json")
        .env("COUNTERSIGN_PRIVATE_KEY_FILE", "nowhere.pem")
        .env("NANGO_SECRET_KEY", "canary-key");
    let said = said(command.output().expect("countersign runs"));
    assert_eq!(said.code, Some(2), "{said:?}");
    for line in [
        "  MISSING  git: needed for ",
        "install your system's package `git`",
        "  MISSING  npm: needed for ",
        "  MISSING  state folder: README.md cannot be used: README.md",
        "name another with --state-dir",
        "  MISSING  COUNTERSIGN_OPENCODE_CONFIG: nowhere.json is not a file",
        "  MISSING  COUNTERSIGN_PRIVATE_KEY_FILE: nowhere.pem cannot be read: No such file",
        "  ok       NANGO_SECRET_KEY: set",
        " missing.\n",
    ] {
        assert!(said.out.contains(line), "{line:?} is not in\n{}", said.out);
    }
    assert!(!said.out.contains("canary-key"));
}

#[test]
fn a_setting_that_cannot_be_used_is_wrong_and_not_set() {
    let checkout = Checkout::bare(&[]);
    checkout.write("opencode.json", "{ // mine\n}");
    checkout.write("key.pem", "-----BEGIN NONSENSE-----\n");
    let mut command = checkout.command(&["doctor"]);
    command
        .env("NANGO_SECRET_KEY", "canary\nkey")
        .env("NANGO_HOSTPORT", "api.nango.dev")
        .env("DATABASE_URL", "mysql://canary@host/x")
        .env("COUNTERSIGN_ENGINE", "temporal:7233")
        .env("COUNTERSIGN_MODEL", "glm")
        .env("COUNTERSIGN_OPENCODE_CONFIG", "opencode.json")
        .env("COUNTERSIGN_PRIVATE_KEY_FILE", "key.pem")
        .env("GITHUB_API_URL", "https://user@ghe.example.com")
        .env("COUNTERSIGN_PUBLIC_URL", "countersign");
    let said = said(command.output().expect("countersign runs"));
    assert_eq!(said.code, Some(2), "{said:?}");
    for line in [
        "  WRONG    NANGO_SECRET_KEY: Nango's secret key holds characters that no HTTP header can carry",
        "  WRONG    NANGO_HOSTPORT: `api.nango.dev` cannot be the address of the Nango API",
        "  WRONG    DATABASE_URL: the address of the database begins with neither",
        "  WRONG    COUNTERSIGN_MODEL: the agent's configuration cannot be used: the model 'glm' is not of the form",
        "  WRONG    COUNTERSIGN_OPENCODE_CONFIG: ",
        "plain JSON without comments",
        "  WRONG    COUNTERSIGN_PRIVATE_KEY: the App's private key is not an RSA key in PEM",
        "  WRONG    GITHUB_API_URL: ",
        "  WRONG    COUNTERSIGN_PUBLIC_URL: ",
        "  ok       GITHUB_SERVER_URL: https://github.com",
        "  WRONG    COUNTERSIGN_ENGINE: ",
        "9 wrong.\n",
    ] {
        assert!(said.out.contains(line), "{line:?} is not in\n{}", said.out);
    }
    assert!(!said.out.contains("canary"));
}

#[cfg(feature = "temporal")]
#[test]
fn services_are_asked_and_what_many_machines_need_is_told() {
    let checkout = Checkout::bare(&[]);
    let line = |env: &[(&str, &str)], line: &str| {
        let mut command = checkout.command(&["doctor"]);
        command.envs(env.iter().copied());
        let said = said(command.output().expect("countersign runs"));
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.out.contains(line), "{line:?} is not in\n{}", said.out);
        assert!(!said.out.contains("canary"), "{}", said.out);
    };
    let engine = ("COUNTERSIGN_ENGINE", "http://127.0.0.1:9");
    let database = ("DATABASE_URL", "postgres://u:canary@127.0.0.1:9/x");
    line(
        &[("COUNTERSIGN_ENGINE", "temporal:7233")],
        "temporal:7233 is no address; it is like http://",
    );
    line(
        &[engine],
        "WRONG    COUNTERSIGN_ENGINE: many machines need one database: name a PostgreSQL with DATABASE_URL",
    );
    line(
        &[engine, database],
        "WRONG    COUNTERSIGN_ENGINE: Temporal at http://127.0.0.1:9/ does not answer",
    );
    line(
        &[database],
        "WRONG    DATABASE_URL: the PostgreSQL database of DATABASE_URL cannot be opened",
    );
}

#[test]
fn an_installed_tool_chain_is_named_with_its_versions() {
    let chain = tools::tools();
    let checkout = Checkout::bare(&[]);
    let mut command = checkout.command(&["doctor"]);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tools");
    command.env("COUNTERSIGN_TOOLS_DIR", folder);
    let said = said(command.output().expect("countersign runs"));
    let line = format!(
        "  ok       tool chain: opencode {}, nango {}, node {} in ",
        chain.opencode_version, chain.nango_version, chain.node_version
    );
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains(&line), "{line:?} is not in\n{}", said.out);
}

#[test]
fn the_packages_of_the_project_are_named_and_why_not() {
    let manifest = |nango: &str| format!(r#"{{"devDependencies": {{"nango": "{nango}"}}}}"#);
    let checkout = Checkout::bare(&[("nango-integrations/package.json", &manifest("0.70.9"))]);
    let line = "  ok       packages: nango 0.70.9, as nango-integrations/package.json says\n";
    let said = checkout.run(&["doctor"]);
    assert!(said.out.contains(line), "{}", said.out);
    checkout.write("nango-integrations/package.json", &manifest("0.62.1"));
    let line = "  -        packages: Countersign's own and not the project's: nango-integrations/package.json pins nango \
                0.62.1, and Countersign works with 0.69.46 and later\n";
    let said = checkout.run(&["doctor"]);
    assert!(said.out.contains(line), "{}", said.out);
}

#[test]
fn the_packages_of_each_project_are_named() {
    let manifest = |nango: &str| format!(r#"{{"devDependencies": {{"nango": "{nango}"}}}}"#);
    let checkout = Checkout::bare(&[
        (
            ".github/countersign.yml",
            "projects: [apps/mail, apps/crm, apps/none]\n",
        ),
        ("apps/mail/package.json", &manifest("0.70.9")),
        ("apps/crm/package.json", &manifest("0.62.1")),
    ]);
    let said = checkout.run(&["doctor"]);
    for line in [
        "  ok       packages of apps/mail: nango 0.70.9, as apps/mail/package.json says\n",
        "  -        packages of apps/crm: Countersign's own and not the project's: apps/crm/package.json pins nango 0.62.1",
    ] {
        assert!(said.out.contains(line), "{line:?} is not in\n{}", said.out);
    }
    assert!(!said.out.contains("apps/none"), "{}", said.out);
}
