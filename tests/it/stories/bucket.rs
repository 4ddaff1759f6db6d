//! Evidence in a bucket that many machines share: `COUNTERSIGN_BLOBS=s3://…`.

use std::path::PathBuf;

use countersign::domain::event::Event;
use countersign::domain::row::State;
use countersign_standin::model::{Scenario, Script};

use crate::support::bucket::{Bucket, SECRET};
use crate::support::checkout::{Checkout, Said, said};
use crate::support::story::{EVENT_INPUT, Story, changes, create_event, honest, states};

const KEY: &str = "google-calendar/create-event";

/// The bucket is down when the agent's work is sealed: nothing of the work is lost, and nothing of it is paid for twice.
/// Then the next run reads the evidence of the first, and so does somebody on another machine. Evidence that was touched
/// is refused, and a bucket that is down is told as such.
#[tokio::test(flavor = "multi_thread")]
async fn evidence_lies_in_a_bucket_and_outlives_its_outage() {
    let mut bucket = Bucket::start().await;
    let agent = honest(KEY, "action", Some(EVENT_INPUT));
    let mut story = Story::with_env(vec![agent], &[], bucket.env("team/countersign")).await;
    story.serve().await.expect("the server starts");
    story.push("add-event", &changes(&create_event()));

    bucket.stop().await;
    let number = story.open("add-event");
    story
        .until("evidence that cannot be kept", async |story| {
            let log = std::fs::read_to_string(story.log_path()).expect("a log");
            log.contains("could not seal the evidence; trying again")
        })
        .await;
    bucket.come_back().await;
    let view = story.told(number, 1).await;
    assert_eq!(states(&view), [format!("{KEY} countersigned")]);
    let State::Judged { judgement } = &view.rows[0].state else {
        panic!("{:?}", view.rows[0].state)
    };
    let dossier = judgement.dossier.to_string();
    let log = std::fs::read_to_string(story.log_path()).expect("a log");
    assert!(!log.contains(SECRET));
    let runs = story.runs(number).await;
    let store = story.store().await;
    let events = store.events(&runs[0].run, 0).await.expect("a log");
    store.close().await;
    let begun = events.iter().map(|logged| &logged.event);
    let begun = begun.filter(|event| matches!(event, Event::AttemptStarted { .. }));
    assert_eq!(begun.count(), 1, "the work was not done again");
    assert_eq!(
        bucket.names("team/countersign/dossiers"),
        [format!("{dossier}.json")]
    );
    for folder in ["blobs", "dossiers"] {
        assert!(
            !story.state().join(folder).exists(),
            "{folder} of this machine"
        );
    }

    // What another machine reads of it.
    let asked = story.asked(KEY);
    story.push("add-event", &[("other.txt", Some("other\n"))]);
    let views = story.views(number, 2).await;
    assert_eq!(states(&views[1]), [format!("{KEY} carried")]);
    assert_eq!(story.asked(KEY), asked, "nobody worked again");

    let elsewhere = elsewhere(&bucket);
    let judged = judge(&elsewhere, &dossier).await;
    assert_eq!(judged.code, Some(0), "{judged:?}");
    assert!(judged.out.contains("\"countersigned\""), "{judged:?}");
    tampered(&bucket, &elsewhere, &dossier).await;

    // Who knows nothing of it takes no dossier away and nothing that one names; whose it is does.
    bucket.age("team/countersign");
    let all = ["prune", "--older-than", "0d"];
    let theirs = elsewhere.run_beside(&all).await;
    assert!(theirs.out.starts_with("gone: 0 dossiers, "), "{theirs:?}");
    let judged = judge(&elsewhere, &dossier).await;
    assert_eq!(judged.code, Some(0), "{judged:?}");
    let blobs = bucket.names("team/countersign/blobs");
    let dry = ours(&story, &[&all[..], &["--dry-run"]].concat()).await;
    assert_eq!(bucket.names("team/countersign/blobs"), blobs);
    let gone = ours(&story, &all).await;
    let (dry, gone) = (dry.out.replace("would go", "gone"), gone.out);
    assert_eq!(dry, gone);
    assert!(gone.starts_with("gone: 1 dossiers, "), "{gone}");
    assert_eq!(bucket.names("team/countersign"), [""; 0]);

    bucket.stop().await;
    let refused = judge(&elsewhere, &dossier).await;
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
    for words in [
        "s3://evidence/team/countersign/dossiers/",
        "COUNTERSIGN_BLOBS",
    ] {
        assert!(refused.err.contains(words), "{words}: {refused:?}");
    }
    story.end();
}

/// A command of the server's own machine.
async fn ours(story: &Story, args: &[&str]) -> Said {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(args).env_clear().envs(story.env());
    said(command.output().await.expect("it runs"))
}

/// Another machine with the same bucket.
fn elsewhere(bucket: &Bucket) -> Checkout {
    let mut elsewhere = Checkout::bare(&[]);
    elsewhere.env = bucket.env("team/countersign");
    elsewhere
}

async fn judge(on: &Checkout, dossier: &str) -> Said {
    on.run_beside(&["judge", dossier]).await
}

/// Each part of a dossier, touched and taken away.
async fn tampered(bucket: &Bucket, elsewhere: &Checkout, dossier: &str) {
    let blobs = bucket.names("team/countersign/blobs");
    let blob = bucket.file(&format!("team/countersign/blobs/{}", blobs[0]));
    let digest = blobs[0].replace('/', "");
    let seal = bucket.file(&format!("team/countersign/dossiers/{dossier}.json"));
    let at = "s3://evidence/team/countersign";
    let cases: [(&PathBuf, String, String); 2] = [
        (
            &blob,
            format!("the blob {digest} in {at}/blobs was changed or damaged"),
            format!("there is no blob {digest} in {at}/blobs"),
        ),
        (
            &seal,
            format!("the dossier {at}/dossiers/{dossier}.json was changed after it was sealed"),
            format!("there is no dossier at {at}/dossiers/{dossier}.json"),
        ),
    ];
    for (file, touched, gone) in cases {
        let sound = std::fs::read(file).expect("a file");
        let mut forged = sound.clone();
        let middle = forged.len() / 2;
        forged[middle] ^= 1;
        std::fs::write(file, forged).expect("written");
        let refused = judge(elsewhere, dossier).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains(&touched), "{touched}: {refused:?}");
        std::fs::remove_file(file).expect("removed");
        let refused = judge(elsewhere, dossier).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.err.contains(&gone), "{gone}: {refused:?}");
        std::fs::write(file, sound).expect("written");
    }
    let judged = judge(elsewhere, dossier).await;
    assert_eq!(judged.code, Some(0), "{judged:?}");
}

/// A bucket that is not there, or a key that is not ours, is told before anything is begun.
#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_does_not_let_us_in_is_told_before_the_work() {
    let bucket = Bucket::start().await;
    let hangs = Scenario::new(KEY, Script::new().say("never"));
    let mut env = bucket.env("x");
    env.insert("AWS_SECRET_ACCESS_KEY".into(), "another".into());
    let mut story = Story::with_env(vec![hangs], &[], env.clone()).await;
    let error = story.serve().await.expect_err("it does not start");
    let said = error.to_string();
    assert!(said.contains("s3://evidence/x cannot be"), "{said}");

    let doctored = async |env| {
        let mut checkout = Checkout::bare(&[]);
        checkout.env = env;
        checkout.run_beside(&["doctor"]).await.out
    };
    let wrong = doctored(env.clone()).await;
    assert!(
        wrong.contains("WRONG    COUNTERSIGN_BLOBS: s3://evidence/x cannot be"),
        "{wrong}"
    );
    env.insert("COUNTERSIGN_BLOBS".into(), "s3://none".into());
    env.insert("AWS_SECRET_ACCESS_KEY".into(), SECRET.into());
    let wrong = doctored(env.clone()).await;
    assert!(
        wrong.contains("WRONG    COUNTERSIGN_BLOBS: s3://none cannot be"),
        "{wrong}"
    );
    env.insert("COUNTERSIGN_BLOBS".into(), "bucket".into());
    let wrong = doctored(env).await;
    let words = "WRONG    COUNTERSIGN_BLOBS: it is not like s3://bucket/prefix";
    assert!(wrong.contains(words), "{wrong}");
    let fine = doctored(bucket.env("x")).await;
    assert!(
        fine.contains("ok       COUNTERSIGN_BLOBS: s3://evidence/x"),
        "{fine}"
    );
}
