//! Stories of `specs`: what an author hears about a broken file, and that our own files are sound.

use std::path::Path;

use countersign::domain::finding::Place;
use countersign::domain::limits;
use countersign::domain::settings::Settings;
use countersign::domain::spec::Kind;
use countersign::rules::judge;
use countersign::rules::specs::{
    Checked, Problem, SETTINGS_PATH, SourceContent, SourceFile, Which, check, read_settings, schema,
};
use proptest::prelude::*;

const PATH: &str = "interactions/slack/post-message.yaml";
const GOOD: &str = "kind: action\ndescription: Post.\nconnection: slack-test\n";

fn regular(path: impl Into<String>, content: impl Into<Vec<u8>>) -> SourceFile {
    SourceFile {
        path: path.into(),
        content: SourceContent::Regular(content.into()),
    }
}

fn checked(files: &[(&str, &str)]) -> Checked {
    let files: Vec<SourceFile> = files
        .iter()
        .map(|(path, text)| regular(*path, *text))
        .collect();
    check(&files, &Settings::default())
}

fn problems(text: &str) -> Vec<Problem> {
    let checked = checked(&[(PATH, text)]);
    assert!(checked.specs.is_empty() || checked.problems.is_empty());
    checked.problems
}

/// A problem as `line:column message | help`.
fn brief(problem: &Problem) -> String {
    let help = problem.help.as_deref().unwrap_or("-");
    format!(
        "{}:{} {} | {help}",
        problem.line, problem.column, problem.message
    )
}

#[test]
fn a_spec_takes_what_its_folder_shares() {
    let folder = "integration: slack-eu\nconnection: shared\ndocs: [https://a.example/x, https://b.example]\ndocs_hosts: [docs.example]\n";
    let text = "# What we want\nkind: sync\ndescription: |\n  Users.\ndocs:\n  - https://b.example\n  - https://c.example/#y\nmetadata: { team: T1 }\nlimits: { minutes: 3 }\n";
    let files = [
        ("interactions/slack/integration.yaml", folder),
        ("interactions/slack/users.yaml", text),
        (PATH, &format!("{GOOD}input: {{ n: 007, yes: no }}\n")),
        ("interactions/README.md", "# not ours"),
        ("interactions/slack/notes.txt", "x"),
        ("elsewhere/x.yaml", ": :"),
    ];
    let checked = checked(&files);
    assert_eq!(checked.problems, []);
    let [post, users] = &checked.specs[..] else {
        panic!("two specs: {:?}", checked.specs)
    };
    assert_eq!(
        (users.key.to_string(), users.kind),
        ("slack/users".into(), Kind::Sync)
    );
    assert_eq!(
        users.docs,
        [
            "https://b.example",
            "https://c.example/#y",
            "https://a.example/x"
        ]
    );
    assert_eq!(users.docs_hosts, ["docs.example"]);
    assert_eq!(
        (users.connection.as_str(), users.integration_id.as_str()),
        ("shared", "slack-eu")
    );
    assert_eq!(users.metadata, Some(serde_json::json!({"team": "T1"})));
    assert_eq!(
        (users.limits.minutes, users.limits.usd),
        (3, limits::BUILD_USD)
    );
    assert_eq!((users.line, users.description.as_str()), (3, "Users.\n"));
    assert_eq!(post.connection, "slack-test", "its own goes first");
    let input = serde_json::json!({"n": "007", "yes": "no"});
    assert_eq!(post.input, Some(input), "what looks like a text stays one");
    assert!(post.integration_text.is_some());
}

#[test]
fn every_error_names_its_place_and_the_way_out() {
    let table: &[(&str, &[&str])] = &[
        (
            "",
            &["1:1 the file is empty | a spec needs at least `kind` and `description`"],
        ),
        (
            "# only a remark\n",
            &["1:1 the file is empty | a spec needs at least `kind` and `description`"],
        ),
        (
            "kind: action\ndescripton: Post.\nconnection: c\n",
            &[
                "1:1 the key `description` is missing | description: The goal, in a sentence or two.",
                "2:1 unknown key `descripton` | did you mean `description`?",
            ],
        ),
        (
            "kind: acton\ndescription: Post.\nconnection: c\n",
            &["1:7 `kind` cannot be `acton` | did you mean `action`?"],
        ),
        (
            "kind: 7\ndescription: Post.\nconnection: c\n",
            &["1:7 `kind` cannot be `7` | possible here: `action`, `sync`, `on-event`"],
        ),
        (
            "kind: action\ndescription: [a]\nconnection: c\nzzz: 1\n",
            &[
                "2:14 `description` must be a text, and is a list | -",
                "4:1 unknown key `zzz` | possible here: `kind`, `event`, `webhook`, `description`, `docs`, `connection`, `input`, `metadata`, `notes`, `project`, `limits`",
            ],
        ),
        (
            "kind: action\ndescription: ''\nconnection: c\n",
            &["2:14 `description` is empty | -"],
        ),
        (
            "kind: action\ndescription: '  '\nconnection: c\n",
            &["2:14 `description` is empty | -"],
        ),
        (
            "kind: action\ndescription: Post.\nconnection: c\ndocs:\n  - https://a.example\n  - http://a.example\n  - https://user@evil.example/\n",
            &[
                "6:5 `http://a.example` is not an https:// address | -",
                "7:5 `https://user@evil.example/` is not an https:// address | -",
            ],
        ),
        (
            "kind: action\ndescription: Post.\nconnection: --env=prod\n",
            &[
                "3:13 `--env=prod` is not a Nango id that can be used here (letters, digits and _ . : @ ~ -) | copy it from Nango; one with other characters has to be renamed there, or a new one made",
            ],
        ),
        (
            "kind: action\ndescription: Post.\nconnection: c\nlimits:\n  minutes: 0\n  usd: lots\n  euro: 1\n",
            &[
                "5:12 `limits.minutes` must be at least 1 | -",
                "6:8 `limits.usd` must be a number, and is a text | -",
                "7:3 unknown key `euro` | possible here: `minutes`, `usd`, `tokens`",
            ],
        ),
        (
            "kind: action\ndescription: Post.\nconnection: c\nlimits: { minutes: 16, usd: 1.5 }\n",
            &[
                "4:20 `limits.minutes` is 16, and the repository allows 15 | lower it, or raise `limits.build.minutes` in .github/countersign.yml on the base branch",
                "4:29 `limits.usd` is 1.5, and the repository allows 1 | lower it, or raise `limits.build.usd` in .github/countersign.yml on the base branch",
            ],
        ),
        (
            "kind: action\ndescription: Post.\n",
            &[
                "1:1 there is no `connection`, neither here nor in integration.yaml | name Nango's connection id of the test account, best in the folder's integration.yaml",
            ],
        ),
        (
            "kind: action\ndescription: Post.\nconnection: c\nkind: sync\ninput: { a: 1, a: 2 }\n",
            &[
                "4:1 the key `kind` stands here a second time | remove one of the two",
                "5:16 the key `a` stands here a second time | remove one of the two",
            ],
        ),
        (
            "- kind: action\n",
            &["1:1 the file must be a map of keys and values, and is a list | -"],
        ),
    ];
    for (text, expected) in table {
        let found: Vec<String> = problems(text).iter().map(brief).collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn ids_have_only_characters_that_stand_for_themselves_everywhere() {
    let at_once = |id: &str| {
        let spec = format!("kind: action\ndescription: Post.\nconnection: \"{id}\"\n");
        let shared = format!("connection: c\nintegration: \"{id}\"\n");
        checked(&[
            (PATH, &spec),
            ("interactions/slack/integration.yaml", &shared),
        ])
        .problems
        .iter()
        .map(|problem| {
            (
                problem.path.ends_with("integration.yaml"),
                problem.line,
                problem.column,
            )
        })
        .collect::<Vec<_>>()
    };
    for good in ["c", "Team_1.test:eu@acme~x-2", "3f0c", &"c".repeat(255)] {
        assert_eq!(at_once(good), [], "{good}");
    }
    for bad in [
        "a b",
        "a/b",
        "a%2fb",
        "a+b",
        "a=b",
        "a&b",
        "a?b",
        "a#b",
        "é",
        "-a",
        ".a",
        "a\\nb",
        "a\\n",
        "${A}",
        "",
        &"c".repeat(256),
    ] {
        let places = [(true, 2, 14), (false, 3, 13)];
        let mut found = at_once(bad);
        found.sort_by_key(|(shared, ..)| !shared);
        assert_eq!(found, places, "{bad}");
    }
}

#[test]
fn what_is_no_yaml_is_told_at_its_line() {
    for (text, expected) in [
        (
            "kind: action\ndescription: 'open\n",
            "2:14 unclosed quote | -",
        ),
        (
            "kind: action\n  bad: indent\n",
            "2:6 mapping values are not allowed in this context | -",
        ),
        (
            "kind: action\n\tdescription: x\n",
            "2:1 YAML is indented with spaces, and here is a tab | -",
        ),
        (
            "kind: [a\ndescription: x\n",
            "2:12 illegal placement of ':' indicator | -",
        ),
        (
            "kind: action\n---\nkind: sync\n",
            "3:1 a file holds one YAML document, and here is a second | -",
        ),
        ("a: &a [*a]\n", "1:8 the alias refers to itself | -"),
        ("a: *b\n", "1:4 alias references unknown anchor | -"),
        (
            "a: 1\n<<: { b: x }\n",
            "2:1 merge keys (`<<`) are not supported; write the keys out | -",
        ),
        (
            "a: .nan\n",
            "1:4 only finite numbers can be passed on; quote it if it is a text | -",
        ),
        ("? [a]\n: b\n", "1:3 a key must be a text | -"),
    ] {
        let found: Vec<String> = problems(text).iter().map(brief).collect();
        assert_eq!(found, [expected], "{text}");
    }
}

#[test]
fn a_problem_reads_like_a_compilers() {
    let found = problems("kind: action\ndescripton: Post.\ndescription: x\nconnection: c\n");
    let shown = format!(
        "{PATH}:2:1: unknown key `descripton`\n  |\n2 | descripton: Post.\n  | ^\n  = did you mean `description`?"
    );
    assert_eq!(found[0].to_string(), shown);
    let finding = found[0].finding();
    assert_eq!(finding.rule, "spec-invalid");
    let place = Place::Repository {
        path: PATH.into(),
        line: 2,
    };
    assert_eq!(finding.place, place);
}

#[test]
fn names_are_kept_to_one_form() {
    let long = format!(
        "interactions/slack/{}.yaml",
        "a".repeat(limits::NAME_CHARS + 1)
    );
    let table = [
        (
            "interactions/slack/post.yml",
            "specs have the extension `.yaml`, not `.yml`",
            "rename it to `post.yaml`",
        ),
        (
            "interactions/slack/post.YAML",
            "specs have the extension `.yaml`, not `.YAML`",
            "rename it to `post.yaml`",
        ),
        (
            "interactions/slack/postMessage.yaml",
            "the file's name `postMessage` is not kebab-case",
            "rename it to `post-message.yaml`",
        ),
        (
            "interactions/Slack App/post.yaml",
            "the folder's name `Slack App` is not kebab-case",
            "rename it to `slack-app`",
        ),
        (
            "interactions/post.yaml",
            "a spec lies at `interactions/<integration>/<name>.yaml`",
            "move it",
        ),
        (
            "interactions/slack/deep/post.yaml",
            "a spec lies at `interactions/<integration>/<name>.yaml`",
            "move it",
        ),
        (
            "interactions/../post.yaml",
            "the folder's name `..` is not kebab-case",
            "rename it to `x`",
        ),
        (&long, "the file's name `aaa", "rename it to `aaa"),
    ];
    for (path, message, help) in table {
        let checked = checked(&[(path, GOOD)]);
        assert_eq!(checked.specs, []);
        let [problem] = &checked.problems[..] else {
            panic!("{path}: {:?}", checked.problems)
        };
        assert!(problem.message.starts_with(message), "{problem}");
        let said = problem.help.as_deref().expect("a way out");
        assert!(said.starts_with(help), "{problem}");
    }
    let twins = checked(&[(PATH, GOOD), ("interactions/slack/Post-message.yaml", GOOD)]);
    assert_eq!(twins.specs.len(), 1);
    let message = format!("its name differs from `{PATH}` only in case");
    assert_eq!(twins.problems[0].message, message);
}

#[test]
fn all_errors_of_all_files_are_listed() {
    let files = [
        ("interactions/b/two.yaml", "kind: x\n"),
        ("interactions/a/integration.yaml", "connexion: c\n"),
        ("interactions/a/one.yaml", "kind: sync\ndescription: fine\n"),
        ("interactions/a/other.yaml", "kind: sync\n"),
    ];
    let checked = checked(&files);
    assert_eq!(
        checked.specs,
        [],
        "a spec is incomplete without its folder's file"
    );
    let found: Vec<String> = checked
        .problems
        .iter()
        .map(|problem| format!("{}:{}", problem.path, problem.message))
        .collect();
    let expected = [
        "interactions/a/integration.yaml:unknown key `connexion`",
        "interactions/a/other.yaml:the key `description` is missing",
        "interactions/b/two.yaml:the key `description` is missing",
        "interactions/b/two.yaml:`kind` cannot be `x`",
    ];
    assert_eq!(found, expected);
}

#[test]
fn files_that_are_too_large_or_not_text_are_refused() {
    let large = format!("{GOOD}notes: {}\n", "x".repeat(limits::SPEC_BYTES));
    let found = problems(&large);
    assert!(
        found[0].message.contains("the limit is 65536"),
        "{}",
        found[0]
    );
    let file = regular(PATH, b"kind: action\ndescription: \xff\xfe\n");
    let found = check(&[file], &Settings::default()).problems;
    assert_eq!(
        brief(&found[0]),
        "2:14 the file is not UTF-8 here | save it in UTF-8"
    );
    let marked = format!("\u{feff}{GOOD}");
    assert_eq!(problems(&marked), []);
    assert_eq!(problems(&GOOD.replace('\n', "\r\n")), []);
}

#[test]
fn what_is_no_regular_file_is_called_what_it_is() {
    let link = "1:1 this is a symbolic link, and links are not followed | put what it leads to in its place";
    let large = "1:1 the file has 70000 bytes, and the limit is 65536 | move long texts to a page and name it in `docs`";
    let special = "1:1 this is no regular file | put a file in its place, or remove it";
    for (path, content, expected) in [
        (PATH, SourceContent::Link, link),
        (PATH, SourceContent::TooLarge { bytes: 70_000 }, large),
        (PATH, SourceContent::Special, special),
        (
            "interactions/slack/integration.yaml",
            SourceContent::Link,
            link,
        ),
        ("interactions/slack", SourceContent::Link, link),
        ("interactions", SourceContent::Link, link),
    ] {
        let path = path.to_owned();
        let file = SourceFile { path, content };
        let found = check(&[file], &Settings::default()).problems;
        assert_eq!(found.iter().map(brief).collect::<Vec<_>>(), [expected]);
    }
    for path in [
        "interactions/README.md",
        "interactions/slack/users",
        "elsewhere",
    ] {
        let (path, content) = (path.to_owned(), SourceContent::Link);
        let found = check(&[SourceFile { path, content }], &Settings::default()).problems;
        assert_eq!(found, [], "no spec can be meant");
    }
    let (path, content) = (SETTINGS_PATH.to_owned(), SourceContent::Link);
    let found = read_settings(&SourceFile { path, content }).expect_err("refused");
    assert_eq!(brief(&found[0]), link);
}

#[test]
fn what_nests_too_deeply_is_shown_where_it_does() {
    let flow = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let block: String = (1..40)
        .map(|depth| format!("{}a:\n", "  ".repeat(depth)))
        .collect();
    for (text, line, column) in [
        (format!("{GOOD}input: {}\n", flow(33)), 4, 39),
        (format!("{GOOD}input: {}\n", flow(200)), 4, 39),
        (format!("{GOOD}input: {}\n", flow(5_000)), 4, 263),
        (format!("{GOOD}input: {}x\n", "{ä: ".repeat(40)), 4, 132),
        (format!("{GOOD}input:\n{block}"), 36, 65),
        (format!("{GOOD}input:\n  {}x\n", "- ".repeat(40)), 5, 65),
        // Shallow where it is written, deep where it is used.
        (
            format!("{GOOD}input: &a {}\nmetadata: [[[*a]]]\n", flow(30)),
            5,
            14,
        ),
    ] {
        let found = problems(&text);
        let said = found[0].to_string();
        assert!(said.contains("nests too deeply"), "{said}");
        assert_eq!((found[0].line, found[0].column), (line, column), "{said}");
        let snippet = found[0].snippet.as_ref().expect("the line");
        assert!(snippet.caret < snippet.text.chars().count(), "{said}");
    }
    // What the end of the file leaves open is shown at its end, not on a line that is not there.
    for text in [
        format!("{GOOD}input: [1\n"),
        format!("{GOOD}input: \"1\n\n\n"),
    ] {
        let found = problems(&text);
        let said = found[0].to_string();
        assert!(found[0].snippet.is_some(), "{said}");
        assert!(found[0].line as usize <= text.lines().count(), "{said}");
    }
}

#[test]
fn settings_that_contradict_themselves_are_refused() {
    let table = [
        (
            "mode: loose\n",
            "1:7 `mode` cannot be `loose` | possible here: `strict`, `permissive`",
        ),
        (
            "mode: permisive\n",
            "1:7 `mode` cannot be `permisive` | did you mean `permissive`?",
        ),
        (
            "limits: { build: { minute: 1 } }\n",
            "1:20 unknown key `minute` | did you mean `minutes`?",
        ),
        (
            "severities: { claims: blok }\n",
            "1:23 `severities.claims` cannot be `blok` | did you mean `block`?",
        ),
        (
            "severities:\n  provenance: warn\n  invented-comand: note\n",
            "3:3 `severities` has no rule `invented-comand` | did you mean `invented-command`?",
        ),
        (
            "severities: { claims: warn }\n",
            "1:23 `claims` may block, so a milder severity needs a reason | add `reasons: { claims: \"why\" }`; reports print it",
        ),
        (
            "severities: { claims: note }\nreasons: { claims: \" \" }\n",
            "1:23 `claims` may block, so a milder severity needs a reason | add `reasons: { claims: \"why\" }`; reports print it",
        ),
        (
            "reasons: { claims: because }\n",
            "1:20 `reasons` says why for `claims`, but `severities` leaves it as it is | remove one or add the other",
        ),
        (
            "project: ../x\n",
            "1:10 `../x` is not a folder of the repository, relative to its root, without `..`; `.` for the root itself | -",
        ),
        (
            "skills: /etc\n",
            "1:9 `/etc` is not a folder of the repository, relative to its root, without `..` | -",
        ),
        (
            "skills: a/.git/b\n",
            "1:9 `skills` points into git's own folder | choose another folder",
        ),
        ("parallel: 0\n", "1:11 `parallel` must be at least 1 | -"),
        (
            "model: gpt\n",
            "1:8 `gpt` is not a model of the form `provider/model` | -",
        ),
        (
            "interactions: nango-integrations/specs\n",
            "1:15 specs (`nango-integrations/specs`) and the Nango project (`nango-integrations`) lie in one another | give each a folder of its own",
        ),
        ("projects: []\n", "1:11 `projects` has no entry | -"),
        (
            "projects: [a, a/../b]\n",
            "1:15 `a/../b` is not a folder of the repository, relative to its root, without `..`; `.` for the root itself | -",
        ),
        (
            "project: a\nprojects: [b]\n",
            "1:10 `project` and `projects` both say where Nango projects are | move it into the list `projects`",
        ),
        (
            "projects:\n  - apps/a\n  - apps/b\n  - apps/a\n",
            "4:5 the Nango project `apps/a` stands here a second time | remove one of the two",
        ),
        (
            "projects:\n  - apps/a\n  - apps\n",
            "3:5 the Nango projects `apps/a` and `apps` lie in one another | give each a folder of its own",
        ),
        (
            "projects:\n  - .\n  - apps/a\n",
            "3:5 the Nango projects `.` and `apps/a` lie in one another | give each a folder of its own",
        ),
        (
            "interactions: apps/specs\nprojects: [nango, apps]\n",
            "2:19 specs (`apps/specs`) and the Nango project (`apps`) lie in one another | give each a folder of its own",
        ),
        (
            "projects: [interactions]\n",
            "1:12 specs (`interactions`) and the Nango project (`interactions`) lie in one another | give each a folder of its own",
        ),
        (
            "projects: [a, b/.git]\n",
            "1:15 `b/.git` points into git's own folder | choose another folder",
        ),
    ];
    for (text, expected) in table {
        let found = read_settings(&regular(SETTINGS_PATH, text.as_bytes())).expect_err("refused");
        assert_eq!(brief(&found[0]), expected);
        assert_eq!(found.len(), 1, "{text}");
    }
}

#[test]
fn no_repository_has_more_projects_than_are_allowed() {
    let list = |count: usize| {
        let each: Vec<String> = (0..count).map(|n| format!("apps/{n}")).collect();
        let text = format!("projects: [{}]\n", each.join(", "));
        read_settings(&regular(SETTINGS_PATH, text))
    };
    let all = list(limits::PROJECTS).expect("as many as are allowed");
    assert_eq!(all.projects.iter().count(), limits::PROJECTS);
    let found = list(limits::PROJECTS + 1).expect_err("one too many");
    assert_eq!(
        brief(&found[0]),
        "1:11 `projects` has more than 20 entries | -"
    );
}

/// Specs of a repository with these projects, beside an `integration.yaml` that says this besides its connection.
fn in_projects(projects: &str, folder: &str, spec: &str) -> Checked {
    let settings = read_settings(&regular(SETTINGS_PATH, projects)).expect("settings");
    let files = [
        (
            "interactions/slack/integration.yaml",
            format!("connection: c\n{folder}"),
        ),
        (PATH, format!("{GOOD}{spec}")),
    ];
    let files = files.map(|(path, text)| regular(path, text));
    check(&files, &settings)
}

#[test]
fn a_spec_belongs_to_one_of_the_projects() {
    let two = "projects: [apps/mail, apps/crm]\n";
    for (projects, folder, spec, expected) in [
        (two, "project: apps/mail\n", "", "apps/mail"),
        (
            two,
            "project: apps/mail\n",
            "project: apps/crm\n",
            "apps/crm",
        ),
        (two, "", "project: apps/crm\n", "apps/crm"),
        ("project: nango\n", "", "", "nango"),
        ("project: nango\n", "", "project: nango\n", "nango"),
        ("projects: [.]\n", "project: .\n", "", "."),
        ("mode: strict\n", "", "", "nango-integrations"),
    ] {
        let checked = in_projects(projects, folder, spec);
        assert_eq!(checked.problems, [], "{projects}{folder}{spec}");
        let project = checked.specs[0].project.as_ref().expect("a project");
        assert_eq!(project.to_string(), expected, "{projects}{folder}{spec}");
    }
}

#[test]
fn a_project_that_is_not_said_or_not_there_is_told_with_the_choices() {
    let two = "projects: [apps/mail, apps/crm]\n";
    for (projects, folder, spec, expected) in [
        (
            two,
            "",
            "",
            "interactions/slack/post-message.yaml 1:1 there is no `project`, neither here nor in integration.yaml, and this repository has several | name one of `apps/mail`, `apps/crm`, best in the folder's integration.yaml",
        ),
        (
            two,
            "project: apps/mail\n",
            "project: apps/mial\n",
            "interactions/slack/post-message.yaml 4:10 `apps/mial` is none of the Nango projects in .github/countersign.yml | did you mean `apps/mail`?",
        ),
        (
            two,
            "project: zzz\n",
            "project: apps/mail\n",
            "interactions/slack/integration.yaml 2:10 `zzz` is none of the Nango projects in .github/countersign.yml | possible here: `apps/mail`, `apps/crm`",
        ),
        (
            "project: nango\n",
            "",
            "project: other\n",
            "interactions/slack/post-message.yaml 4:10 `other` is not the Nango project of this repository | possible here: `nango`",
        ),
        (
            two,
            "project: apps/mail\n",
            "project: ../x\n",
            "interactions/slack/post-message.yaml 4:10 `../x` is not a folder of the repository, relative to its root, without `..`; `.` for the root itself | -",
        ),
    ] {
        let checked = in_projects(projects, folder, spec);
        let told: Vec<String> = checked
            .problems
            .iter()
            .map(|problem| format!("{} {}", problem.path, brief(problem)))
            .collect();
        assert_eq!(told, [expected]);
        assert!(checked.specs.is_empty(), "{projects}{folder}{spec}");
    }
}

#[test]
fn a_severity_for_no_rule_at_all_is_told_which_rules_there_are() {
    let text = b"severities: { zzz: warn, reruns: warn, qqq: note }\n";
    let found = read_settings(&regular(SETTINGS_PATH, text)).expect_err("refused");
    let said: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        said,
        [
            "`severities` has no rule `zzz`",
            "`severities` has no rule `qqq`"
        ]
    );
    let help = found[0].help.as_deref().expect("a way out");
    let names: Vec<&str> = judge::names().collect();
    assert!(
        names.iter().all(|name| help.contains(&format!("`{name}`"))),
        "{help}"
    );
    for name in names {
        let text = format!("severities: {{ {name}: warn }}\n");
        let read = read_settings(&regular(SETTINGS_PATH, text.as_bytes()));
        assert_eq!(read.is_err(), judge::may_block(name), "{name}");
        let text = format!("{text}reasons: {{ {name}: because }}\n");
        let read = read_settings(&regular(SETTINGS_PATH, text.as_bytes()));
        assert!(read.is_ok(), "{name}: {read:?}");
    }
}

pub(super) fn own_files() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    walkdir::WalkDir::new(root.join("interactions"))
        .into_iter()
        .map(|entry| entry.expect("a readable folder"))
        .filter(|entry| entry.path().extension().is_some_and(|end| end == "yaml"))
        .map(|entry| {
            let path = entry.path().strip_prefix(root).expect("below the root");
            let content = std::fs::read(entry.path()).expect("a readable file");
            (path.to_str().expect("a plain name").to_owned(), content)
        })
        .collect()
}

#[test]
fn our_own_specs_and_settings_are_sound() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read(root.join(SETTINGS_PATH)).expect("our settings");
    let settings = read_settings(&regular(SETTINGS_PATH, text)).expect("sound settings");
    let files: Vec<SourceFile> = own_files()
        .into_iter()
        .map(|(path, content)| regular(path, content))
        .collect();
    let checked = check(&files, &settings);
    assert_eq!(checked.problems, []);
    let mut apis: Vec<&str> = checked
        .specs
        .iter()
        .map(|spec| spec.key.integration.as_str())
        .collect();
    apis.dedup();
    let all = [
        "google-calendar",
        "google-drive",
        "google-sheet",
        "hubspot",
        "slack",
    ];
    assert_eq!(apis, all);
    let syncs = checked.specs.iter().filter(|spec| spec.kind == Kind::Sync);
    assert!(checked.specs.len() >= 7 && syncs.count() >= 2);
}

#[test]
fn the_published_schemas_take_our_own_files() {
    for (path, content) in own_files() {
        let which = if path.ends_with("/integration.yaml") {
            Which::Integration
        } else {
            Which::Spec
        };
        let text = std::str::from_utf8(&content).expect("UTF-8");
        let value: serde_json::Value = serde_saphyr::from_str(text).expect("YAML");
        let schema = schema(which);
        assert!(jsonschema::is_valid(&schema, &value), "{path}");
        let mut broken = value;
        broken["unknown"] = true.into();
        assert!(!jsonschema::is_valid(&schema, &broken), "{path}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}", settings in any::<bool>()) {
        if settings {
            let _ = read_settings(&regular(SETTINGS_PATH, text.as_bytes()));
        } else {
            let _ = problems(&text).iter().map(ToString::to_string).collect::<Vec<_>>();
        }
    }

    #[test]
    fn no_bytes_and_no_name_make_it_panic(
        path in "interactions/[a-zA-Z./ä-]{0,20}(\\.yaml|\\.yml)?",
        content in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let file = regular(path, content);
        for problem in check(&[file], &Settings::default()).problems {
            prop_assert!(problem.line >= 1 && problem.column >= 1);
            let escape = char::from(27);
            prop_assert!(!problem.to_string().contains(escape));
        }
    }

    #[test]
    fn yaml_of_nearly_the_right_form_never_panics(
        lines in proptest::collection::vec(
            "(kind|docs|limits|input|description|  minutes|  - ): ?(action|\\[|\\{a: 1\\}|&a x|\\*a|'|\\|| |1e400|-1|!!str 3|~)?",
            0..12,
        ),
    ) {
        let text = lines.join("\n");
        for problem in problems(&text) {
            prop_assert!(problem.line as usize <= text.lines().count() + 1, "{problem}");
        }
    }
}
