//! `countersign check`: every error of every file, and the schemas.

use serde_json::Value;

use crate::support::checkout::{Checkout, Said};

const GOOD: &str = "kind: action\ndescription: Post a message.\nconnection: slack-test\n";
const SLACK: &str = "interactions/slack/post-message.yaml";

#[test]
fn all_errors_of_all_files_are_told_with_place_and_way_out() {
    let checkout = Checkout::bare(&[
        (SLACK, GOOD),
        (
            "interactions/slack/users.yaml",
            "kind: snyc\ndescripton: Users.\nconnection: slack-test\n",
        ),
        (
            "interactions/hubspot/contacts.yaml",
            "kind: sync\ndescription: Contacts.\n  indented: wrong\n",
        ),
        (".github/countersign.yml", "paralel: 3\n"),
    ]);
    let said = checkout.run(&["check"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    let users = "interactions/slack/users.yaml:1:7: ";
    for part in [
        users,
        "1 | kind: snyc\n  |       ^",
        "did you mean `sync`?",
        "interactions/slack/users.yaml:2:1: unknown key `descripton`",
        "did you mean `description`?",
        "interactions/hubspot/contacts.yaml:3:",
        ".github/countersign.yml:1:1: unknown key `paralel`",
        "did you mean `parallel`?",
    ] {
        assert!(said.err.contains(part), "{part:?} is not in\n{}", said.err);
    }
    assert_eq!(said.out, "5 errors; 1 spec without\n", "{}", said.err);

    // Named ones only, by path; the settings hold for all of them.
    let said = checkout.run(&["check", "interactions/slack/users.yaml"]);
    assert!(said.err.contains(users), "{}", said.err);
    assert!(!said.err.contains("hubspot"), "{}", said.err);
    checkout.write(".github/countersign.yml", "parallel: 3\n");
    let said = checkout.run(&["check", SLACK]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert_eq!(said.out, "1 spec, no errors\n");
}

#[test]
fn links_large_files_and_odd_names_are_called_what_they_are() {
    let checkout = Checkout::bare(&[
        ("templates/users.yaml", GOOD),
        ("interactions/slack/large.yaml", &"# \n".repeat(30_000)),
        ("interactions/slack/Über.yaml", GOOD),
        ("interactions/slack/событие.yaml", GOOD),
    ]);
    let link = |to: &str, at: &str| {
        std::os::unix::fs::symlink(to, checkout.repository().join(at)).expect("a link");
    };
    link(
        "../../templates/users.yaml",
        "interactions/slack/users.yaml",
    );
    link("../templates", "interactions/hubspot");
    let said = checkout.run(&["check"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    for part in [
        "interactions/slack/users.yaml:1:1: this is a symbolic link, and links are not followed",
        "put what it leads to in its place",
        "interactions/hubspot:1:1: this is a symbolic link",
        "large.yaml:1:1: the file has 90000 bytes, and the limit is 65536",
        "rename it to `uber.yaml`",
        "rename it; `create-event.yaml` is such a name",
    ] {
        assert!(said.err.contains(part), "{part:?} is not in\n{}", said.err);
    }

    // The settings, and the folder of the specs, are read as git has them too.
    std::fs::rename(
        checkout.repository().join("interactions"),
        checkout.repository().join("elsewhere"),
    )
    .expect("moved");
    link("elsewhere", "interactions");
    checkout.write("own.yml", "parallel: 3\n");
    checkout.write(".github/x", "");
    link("../own.yml", ".github/countersign.yml");
    let said = checkout.run(&["check"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    for path in ["interactions", ".github/countersign.yml"] {
        let part = format!("{path}:1:1: this is a symbolic link");
        assert!(said.err.contains(&part), "{part:?} is not in\n{}", said.err);
    }
}

#[test]
fn it_can_be_asked_from_anywhere_in_the_repository() {
    let checkout = Checkout::bare(&[(SLACK, GOOD), ("src/main.rs", "")]);
    let inside = |folder: &str, args: &[&str]| -> Said {
        let mut command = checkout.command(args);
        command.current_dir(checkout.repository().join(folder));
        crate::support::checkout::said(command.output().expect("countersign runs"))
    };
    for said in [
        inside("src", &["check"]),
        inside("interactions/slack", &["check", "post-message.yaml"]),
        inside("..", &["check", "-C", "product", SLACK]),
    ] {
        assert_eq!(
            (said.code, said.out.as_str()),
            (Some(0), "1 spec, no errors\n"),
            "{said:?}"
        );
    }
    for (args, why) in [
        (
            ["check", "README.md"],
            "README.md is not a file below interactions/, where specs are",
        ),
        (
            ["check", "/dev/null"],
            "/dev/null is outside of the repository",
        ),
        (["check", "nowhere.yaml"], "nowhere.yaml: No such file"),
        (["check", "--repository=nowhere"], "nowhere: No such file"),
    ] {
        let said = checkout.run(&args);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.starts_with("countersign: "), "{}", said.err);
        assert!(said.err.contains(why), "{why:?} is not in {}", said.err);
    }
}

#[test]
fn a_repository_without_specs_hears_where_they_belong() {
    let checkout = Checkout::bare(&[(".github/countersign.yml", "interactions: wishes\n")]);
    let said = checkout.run(&["check"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(
        said.out,
        "0 specs, no errors; specs are wishes/<integration>/<name>.yaml\n"
    );
}

#[test]
fn how_many_tokens_agents_are_told_is_said_when_asked() {
    let own = "---\nname: house-style\ndescription: How we write.\n---\nShort.\n";
    let checkout = Checkout::bare(&[
        (SLACK, GOOD),
        (".github/countersign.yml", "skills: know-how\n"),
        ("know-how/house-style/SKILL.md", own),
    ]);
    let counts = || {
        let said = checkout.run(&["check", "--tokens"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let (_, table) = said.out.split_once("\ntokens, about\n").expect("a table");
        let rows = table.lines().map(|line| {
            let (count, what) = line.trim().split_once("  ").expect("two columns");
            (what.to_owned(), count.parse::<usize>().expect("a number"))
        });
        rows.collect::<std::collections::BTreeMap<_, _>>()
    };
    let before = counts();
    assert_eq!(before["skill house-style/SKILL.md"], own.len().div_ceil(4));
    assert!(
        before.contains_key("skill building-nango-functions/SKILL.md"),
        "{before:?}"
    );

    // What a spec says more is in its own brief and in nothing else.
    let more = format!("{GOOD}notes: {}\n", "word ".repeat(80));
    checkout.write(SLACK, &more);
    let after = counts();
    let brief = "the brief of slack/post-message";
    assert!(
        (100..130).contains(&(after[brief] - before[brief])),
        "{after:?}"
    );
    let all = "what all agents are told first";
    assert_eq!(after[all], before[all]);

    let said = checkout.run(&["check", "--tokens", "--schema"]);
    assert_eq!(said.code, Some(2), "{said:?}");
}

#[test]
fn the_schemas_that_are_printed_take_our_own_files() {
    let checkout = Checkout::bare(&[]);
    for (which, files) in [
        ("spec", "interactions/google-calendar/create-event.yaml"),
        (
            "integration",
            "interactions/google-calendar/integration.yaml",
        ),
        ("settings", ".github/countersign.yml"),
    ] {
        let said = checkout.run(&["check", "--schema", which]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let schema: Value = serde_json::from_str(&said.out).expect("JSON");
        let text = std::fs::read_to_string(files).expect("our own file");
        let file: Value = serde_saphyr::from_str(&text).expect("YAML");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let errors: Vec<String> = validator
            .iter_errors(&file)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{files}");
        let mut wrong = file;
        wrong["nonsense"] = true.into();
        assert!(!validator.is_valid(&wrong), "{which} takes anything");
    }
    let default = checkout.run(&["check", "--schema"]);
    assert_eq!(
        default.out,
        checkout.run(&["check", "--schema", "spec"]).out
    );
}
