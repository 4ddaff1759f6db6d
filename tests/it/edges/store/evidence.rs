//! What goes: repositories that are gone, and evidence that only old runs name.

use std::collections::BTreeSet;

use countersign::domain::ending::{CancelReason, Ending};
use countersign::domain::event::Event;
use countersign::domain::name::Digest;
use countersign::domain::plan::Signed;
use countersign::domain::pull::Request;
use countersign::domain::retention::{Of, Old};
use countersign::edge::store::Posted;

use super::{DAY_MS, begin, end, request};
use crate::support::database::{Database, START};

on_both! {
    a_repository_that_is_gone_leaves_nothing
    evidence_is_named_by_old_runs_and_by_others
}

async fn a_repository_that_is_gone_leaves_nothing(database: Database) {
    let store = database.open().await;
    let (working, waiting) = (request(7, 'a'), request(8, 'a'));
    begin(&store, &working).await;
    begin(&store, &waiting).await;
    let posted = Posted {
        remote_id: "1".into(),
        digest: "d".into(),
    };
    let place = "octo/app#8";
    store
        .set_posted(place, "summary", &posted)
        .await
        .expect("ok");
    let repo = "octo/app".parse().expect("a name");
    let gone = Of::Repo(repo);
    let removed = CancelReason::RepositoryRemoved;
    let mut stopped = store.stop_runs(&gone, &removed).await.expect("stopped");
    stopped.sort();
    let mut both = vec![working.run.clone(), waiting.run.clone()];
    both.sort();
    assert_eq!(stopped, both);
    end(&store, &waiting.run).await;
    store.forget(&gone).await.expect("forgotten");
    assert_eq!(store.run(&waiting.run).await.expect("ok"), None);
    assert!(store.events(&waiting.run, 0).await.expect("ok").is_empty());
    assert_eq!(store.posted(place, "summary").await.expect("ok"), None);
    let asked = store.cancel_of(&working.run).await.expect("ok");
    assert_eq!(asked, Some(CancelReason::RepositoryRemoved));
    end(&store, &working.run).await;
    let names = |of| {
        let store = store.clone();
        async move { store.repos_of(&of).await.expect("names") }
    };
    for (other, there) in [(99, 0), (11, 1)] {
        let gone = Of::Installation(other);
        assert_eq!(names(gone.clone()).await.len(), there);
        let stopped = store.stop_runs(&gone, &removed).await.expect("ok");
        assert_eq!(stopped, [], "nothing runs");
        let run = store.run(&working.run).await.expect("ok");
        assert!(run.is_some(), "{other}");
        store.forget(&gone).await.expect("forgotten");
    }
    assert_eq!(names(Of::All).await, []);
    assert_eq!(store.run(&working.run).await.expect("ok"), None);
    assert!(store.places_left().await.expect("a list").is_empty());
}

/// Runs of three pull requests: an old one, one of whose runs only one is old, and one that is at work.
async fn evidence_is_named_by_old_runs_and_by_others(database: Database) {
    let store = database.open().await;
    let digest = |text: &str| Digest::of(text.as_bytes());
    let run = async |request: &Request, evidence: &str, end: bool| {
        begin(&store, request).await;
        let sealed = Event::Sealed {
            interaction: "slack/users".parse().expect("a key"),
            attempt: 1,
            dossier: digest(evidence),
        };
        store.append(&request.run, sealed, None).await.expect("ok");
        if end {
            let ending = Ending::Finished;
            let ended = store.append(&request.run, Event::Ended { ending }, None);
            ended.await.expect("ended");
        }
    };
    let sign = async |place: &str, evidence: &str| {
        let signed = Signed {
            interaction: "slack/users".parse().expect("a key"),
            fingerprint: digest("fingerprint"),
            dossier: digest(evidence),
        };
        store.sign(place, &signed).await.expect("signed");
    };
    run(&request(7, 'a'), "seven", true).await;
    run(&request(8, 'a'), "eight", true).await;
    run(&request(9, 'a'), "nine", false).await;
    sign("octo/app#7", "seven").await;
    sign("octo/app#8", "carried").await;
    database.clock.advance(DAY_MS);
    run(&request(8, 'b'), "eight again", true).await;

    let old = |of| Old {
        of,
        before_ms: START + DAY_MS,
    };
    let all = old(Of::All);
    let named = store.evidence(&all).await.expect("listed");
    let has = |named: &BTreeSet<Digest>, text: &str| named.contains(&digest(text));
    for (text, going) in [
        ("seven", true),
        ("eight", true),
        ("nine", false),
        ("eight again", false),
    ] {
        let (goes, stays) = (has(&named.going, text), has(&named.staying, text));
        assert_eq!((goes, stays), (going, !going), "{text}");
    }
    assert!(has(&named.staying, "carried"), "it may be carried again");

    for (of, goes) in [
        (Of::Place("octo/app#7".into()), ["seven"].as_slice()),
        (Of::Place("octo/app#9".into()), &[]),
        (Of::Repo("octo/other".parse().expect("a name")), &[]),
        (
            Of::Repo("octo/app".parse().expect("a name")),
            &["seven", "eight"],
        ),
        (Of::Installation(11), &["seven", "eight"]),
        (Of::Installation(12), &[]),
    ] {
        let named = store.evidence(&old(of.clone())).await.expect("listed");
        for text in ["seven", "eight", "nine", "eight again"] {
            let is_meant = goes.contains(&text);
            assert_eq!(has(&named.going, text), is_meant, "{text} of {of:?}");
            assert_eq!(has(&named.staying, text), !is_meant, "{text} of {of:?}");
        }
    }

    store
        .unsign_old(&old(Of::Place("octo/app#8".into())))
        .await
        .expect("ok");
    let signed = async |place: &str| store.signed(place).await.expect("ok").len();
    assert_eq!(
        (signed("octo/app#7").await, signed("octo/app#8").await),
        (1, 1)
    );
    store.unsign_old(&all).await.expect("ok");
    assert_eq!(
        (signed("octo/app#7").await, signed("octo/app#8").await),
        (0, 1)
    );
}
