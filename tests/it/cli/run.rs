//! `countersign run`: the pipeline on a local repository.

use countersign_standin::model::{Fault, Scenario, Script};
use serde_json::{Value, json};

use super::judge;
use crate::support::checkout::Checkout;
use crate::support::story::honest;

const KEY: &str = "google-calendar/create-event";
const INPUT: &str = r#"{"calendarId":"primary","summary":"Story","start":"2026-02-01T09:00:00Z","end":"2026-02-01T10:00:00Z"}"#;
const SPEC: &str = "interactions/google-calendar/create-event.yaml";
const FOLDER: (&str, &str) = (
    "interactions/google-calendar/integration.yaml",
    "connection: google-calendar-test\n",
);

fn create_event() -> String {
    format!("kind: action\ndescription: Create an event.\ninput: {INPUT}\n")
}

/// All that `run` must leave alone: what git says of work tree and index, the index itself, and the checked-out branch.
fn untouched(checkout: &Checkout) -> (String, Vec<u8>, String, String) {
    (
        checkout.git(&[
            "status",
            "--porcelain=v2",
            "--branch",
            "--untracked-files=all",
        ]),
        std::fs::read(checkout.repository().join(".git/index")).expect("the index"),
        checkout.git(&["symbolic-ref", "HEAD"]),
        checkout.git(&["rev-parse", "HEAD"]),
    )
}

fn branches(checkout: &Checkout) -> Vec<String> {
    let refs = checkout.git(&["for-each-ref", "--format=%(refname)"]);
    refs.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_in_the_work_tree_becomes_a_branch() {
    let broken = ("interactions/hubspot/contacts.yaml", "kind: snyc\n");
    let scenarios = vec![honest(KEY, "action", Some(INPUT))];
    let checkout = Checkout::for_runs(scenarios, &[FOLDER, broken]).await;
    checkout.write(SPEC, &create_event());
    checkout.write("README.md", "# Product, half edited\n");
    checkout.write("staged.txt", "staged\n");
    checkout.git(&["add", "staged.txt"]);
    let before = untouched(&checkout);

    // From a folder within, and by the file's name: the other spec's errors are not what was asked about.
    let mut command = checkout.command(&["run", "google-calendar/create-event.yaml"]);
    command.current_dir(checkout.repository().join("interactions"));
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.expect("no panic").expect("countersign runs");
    let said = crate::support::checkout::said(output);
    assert_eq!(said.code, Some(0), "{}\n{}", said.err, said.out);
    assert_eq!(untouched(&checkout), before);

    let refs = branches(&checkout);
    let [branch, main] = &refs[..] else {
        panic!("{refs:?}")
    };
    assert!(branch.starts_with("refs/heads/countersign/"), "{branch}");
    assert_eq!(main, "refs/heads/main");
    let changed = checkout.git(&["diff", "--name-only", "main", branch]);
    let function = "nango-integrations/google-calendar/actions/create-event.ts";
    for path in [SPEC, function, "nango-integrations/index.ts"] {
        assert!(changed.lines().any(|line| line == path), "{changed}");
    }
    for path in ["README.md", "staged.txt"] {
        assert!(!changed.contains(path), "{changed}");
    }
    assert_eq!(checkout.at(branch, SPEC), create_event());

    // Told line by line, without a terminal's control characters; the report comes last and alone on standard output.
    assert!(!said.err.contains('\u{1b}') && !said.out.contains('\u{1b}'));
    for part in [
        "1 interaction, 0 errors in specs",
        "google-calendar/create-event: attempt 1",
        // With the path as the agent knows it, however deep the server's folders are.
        "google-calendar/create-event: write google-calendar/actions/create-event.ts",
        "sealed",
        "google-calendar/create-event: countersigned",
    ] {
        assert!(said.err.contains(part), "{part:?} is not in\n{}", said.err);
    }
    let name = branch.strip_prefix("refs/heads/").expect("a branch");
    for part in [KEY, "1 countersigned", name, "Walls around the agents: "] {
        assert!(said.out.contains(part), "{part:?} is not in\n{}", said.out);
    }

    let dossiers = judge::dossiers(&checkout);
    let [dossier] = &dossiers[..] else {
        panic!("{dossiers:?}")
    };
    let judgement = judge::again(&checkout, dossier, 0);
    assert_eq!(judgement["verdict"], "countersigned");
    let sentence = judgement["sentence"].as_str().expect("a sentence");
    assert!(said.err.contains(sentence), "the run said otherwise");
    probed_again(&checkout, &dossier.display().to_string()).await;
    judge::tampered(&checkout, dossier);
    checkout.keeps_no_secret();
}

/// The probes of a dossier can be repeated, all or one.
async fn probed_again(checkout: &Checkout, dossier: &str) {
    let said = checkout.run_beside(&["probe", dossier]).await;
    assert_eq!(said.code, Some(0), "{}\n{}", said.err, said.out);
    let found: Value = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!(found["changed-answers"]["outcome"], "passed", "{found:#}");
    assert_eq!(found["one-refused-call"]["outcome"], "not-applicable");
    let one = ["probe", dossier, "--only", "changed-input"];
    let said = checkout.run_beside(&one).await;
    let found: Value = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!(found, json!({"changed-input": {"outcome": "passed"}}));
    let said = checkout
        .run_beside(&["probe", dossier, "--only", "x"])
        .await;
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("there are refused-calls"), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_end_has_its_exit_code() {
    let unpaid = Script::new().say("").fault(Fault::Unauthorized);
    let checkout = Checkout::for_runs(vec![Scenario::new(KEY, unpaid)], &[FOLDER]).await;

    let said = checkout.run_beside(&["run", "--json"]).await;
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let view: Value = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!(view["ending"]["ending"], "nothing-to-do");
    let said = checkout.run_beside(&["run"]).await;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.out.contains("No interaction specs changed"),
        "{}",
        said.out
    );

    // A spec with an error, and one that the model's provider has no credit for.
    checkout.write(SPEC, "kind: action\ndescripton: Create an event.\n");
    let said = checkout.run_beside(&["run"]).await;
    assert_eq!(said.code, Some(1), "{said:?}");
    for part in [
        &format!("spec-invalid ({SPEC}:2)"),
        "Unknown key `descripton`",
    ] {
        assert!(said.out.contains(part), "{part:?} is not in\n{}", said.out);
    }
    checkout.write(SPEC, &create_event());
    let said = checkout.run_beside(&["run", "--json"]).await;
    assert_eq!(said.code, Some(3), "{said:?}");
    let view: Value = serde_json::from_str(&said.out).expect("one JSON object");
    assert_eq!(view["rows"][0]["state"]["state"], "given-up", "{view:#}");
    assert_eq!(
        view["rows"][0]["state"]["cause"], "provider-refuses",
        "{view:#}"
    );
    let said = checkout.run_beside(&["run"]).await;
    for part in [
        "model provider refuses",
        "key, its credit, or the name of the model",
    ] {
        let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(part), "{part:?} is not in\n{}", said.out);
    }
    assert!(!said.out.contains("our fault"), "{}", said.out);

    checkout.write(".github/countersign.yml", "paralel: 3\n");
    checkout.git(&["add", ".github"]);
    checkout.git(&["commit", "--quiet", "--message=settings"]);
    let said = checkout.run_beside(&["run"]).await;
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(
        said.out.contains("did you mean `parallel`?"),
        "{}",
        said.out
    );
    assert_eq!(branches(&checkout), ["refs/heads/main"]);
}
