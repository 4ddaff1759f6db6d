//! Deliveries: stored once, worked off, forgotten.

use countersign::domain::delivery::Delivery;
use countersign::edge::store::{DeliveryState, Receipt};

use super::DAY_MS;
use crate::support::database::{Database, START};

on_both! {
    a_delivery_is_stored_once_and_tried_again_when_it_failed
    deliveries_leave_nothing_but_their_ids
}

async fn a_delivery_is_stored_once_and_tried_again_when_it_failed(database: Database) {
    let store = database.open().await;
    let delivery = Delivery {
        id: "8f3c".into(),
        event: "pull_request".into(),
        body: r#"{"action":"opened"}"#.into(),
    };
    let receive = async || store.receive(&delivery).await.expect("received");
    let take = async || store.take_delivery("8f3c").await.expect("ok");
    let end = async |state| {
        let ended = store.delivery_ended("8f3c", state, "a note").await;
        ended.expect("noted");
    };
    assert_eq!(receive().await, Receipt::New);
    let received = Receipt::Known(DeliveryState::Received);
    assert_eq!(receive().await, received);
    assert_eq!(store.deliveries_left().await.expect("a list"), ["8f3c"]);
    for tries in 1..=3 {
        let taken = take().await.expect("it is there");
        assert_eq!((taken.tries, taken.received_ms), (tries, START));
        assert_eq!(taken.delivery, delivery);
    }
    store.put_delivery_down("8f3c").await.expect("put down");
    assert_eq!(take().await.expect("it is there").tries, 3, "it waited");
    assert_eq!(receive().await, received, "while it is worked off");
    let found = store.delivery("8f3c").await.expect("read").expect("there");
    assert_eq!(found, (delivery.clone(), DeliveryState::Received));

    end(DeliveryState::Failed).await;
    assert_eq!(take().await, None, "it was given up");
    database.clock.advance(1000);
    assert_eq!(receive().await, Receipt::Known(DeliveryState::Failed));
    let again = take().await.expect("it is tried again");
    assert_eq!((again.tries, again.received_ms), (1, START + 1000));
    end(DeliveryState::Done).await;
    assert_eq!(receive().await, Receipt::Known(DeliveryState::Done));
    assert_eq!(take().await, None);
    assert!(store.deliveries_left().await.expect("a list").is_empty());
    assert_eq!(store.delivery("none").await.expect("read"), None);
}

/// What was worked off keeps its id and nothing else, and what nobody will work off any more goes in the end.
async fn deliveries_leave_nothing_but_their_ids(database: Database) {
    let store = database.open().await;
    let all = [
        ("done", DeliveryState::Done),
        ("ignored", DeliveryState::Ignored),
        ("failed", DeliveryState::Failed),
        ("dead", DeliveryState::Failed),
    ];
    let receive = async |id: &str| {
        let delivery = Delivery {
            id: id.into(),
            event: "ping".into(),
            body: format!(r#"{{"of": "{id}"}}"#),
        };
        store.receive(&delivery).await.expect("received")
    };
    for (id, state) in all {
        receive(id).await;
        let ended = store.delivery_ended(id, state, "a note").await;
        ended.expect("noted");
    }
    receive("queued").await;
    let body = async |id: &str| {
        let found = store.delivery(id).await.expect("read");
        found.map(|(delivery, _)| delivery.body)
    };
    for (id, kept) in [("done", ""), ("ignored", "")] {
        assert_eq!(body(id).await.as_deref(), Some(kept), "{id}");
    }
    for id in ["failed", "dead", "queued"] {
        assert_eq!(body(id).await, Some(format!(r#"{{"of": "{id}"}}"#)));
    }
    let known = Receipt::Known(DeliveryState::Ignored);
    assert_eq!(
        receive("ignored").await,
        known,
        "it is not worked off again"
    );

    let asked = std::sync::Mutex::new(Vec::new());
    let forgotten = store.forget_deliveries(|body| {
        asked.lock().expect("no panic").push(body.to_owned());
        body.contains("failed") || body.contains("queued")
    });
    forgotten.await.expect("forgotten");
    let mut asked = asked.into_inner().expect("no panic");
    asked.sort();
    assert_eq!(asked, [r#"{"of": "dead"}"#, r#"{"of": "failed"}"#]);
    assert_eq!(body("failed").await, None);
    assert!(
        body("queued").await.is_some(),
        "it is still to be worked off"
    );

    database.clock.advance(DAY_MS);
    receive("young").await;
    let forgotten = store.tidy(START + DAY_MS).await.expect("tidied");
    assert_eq!(forgotten, 3);
    for (id, stays) in [
        ("done", false),
        ("ignored", false),
        ("dead", false),
        ("queued", true),
        ("young", true),
    ] {
        assert_eq!(body(id).await.is_some(), stays, "{id}");
    }
}
