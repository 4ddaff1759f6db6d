//! A database of the version before, which had a queue: what was queued there is left to do.

use std::borrow::Cow;

use countersign::domain::ending::CancelReason;
use countersign::domain::name::RunId;
use countersign::edge::store::DeliveryState;
use sqlx::{AnyConnection, Connection as _, Executor as _};

use crate::support::database::Database;

on_both! {
    what_was_queued_is_left_to_do
}

const ROWS: &str = r#"
INSERT INTO deliveries VALUES ('queued', 'ping', '{}', 'received', '', 1);
INSERT INTO deliveries VALUES ('at-work', 'ping', '{}', 'received', '', 2);
INSERT INTO deliveries VALUES ('dead', 'ping', '{}', 'received', '', 3);
INSERT INTO deliveries VALUES ('done', 'ping', '', 'done', '', 4);
INSERT INTO runs VALUES ('00000000000a', 'octo/app#1', 'octo/app', 1, 11, 'HEAD', NULL, 10, NULL, 1);
INSERT INTO runs VALUES ('00000000000b', 'octo/app#2', 'octo/app', 2, 11, 'HEAD', NULL, 20, NULL, 7);
INSERT INTO runs VALUES ('00000000000c', 'octo/app#3', 'octo/app', 3, 11, 'HEAD', NULL, 30, 35, 9);
INSERT INTO runs VALUES ('00000000000d', 'octo/app#4', 'octo/app', 4, 11, 'HEAD', NULL, 40, 45, 9);
INSERT INTO runs VALUES ('00000000000e', 'octo/app#5', 'octo/app', 5, 11, 'HEAD', NULL, 50, NULL, 3);
INSERT INTO runs VALUES ('00000000000f', '/src/app', NULL, NULL, NULL, 'HEAD', NULL, 60, NULL, 3);
INSERT INTO jobs VALUES (1, 'delivery', 'delivery:queued', 'delivery:queued', '{}', 'queued', 0, 0, 0, 0, NULL, 0, NULL, NULL, 0, 1);
INSERT INTO jobs VALUES (2, 'delivery', 'delivery:at-work', 'delivery:at-work', '{}', 'running', 0, 0, 1, 1, 'w', 9, NULL, NULL, 0, 1);
INSERT INTO jobs VALUES (3, 'delivery', 'delivery:dead', 'delivery:dead', '{}', 'failed', 0, 0, 5, 5, NULL, 0, NULL, 'no', 1, 1);
INSERT INTO jobs VALUES (4, 'run', 'octo/app#1', '00000000000a', '{}', 'queued', 0, 0, 0, 0, NULL, 0, NULL, NULL, 0, 1);
INSERT INTO jobs VALUES (5, 'report', 'report:octo/app#1', 'report:00000000000a', '{}', 'queued', 0, 0, 0, 0, NULL, 0, NULL, NULL, 0, 1);
INSERT INTO jobs VALUES (6, 'run', 'octo/app#2', '00000000000b', '{}', 'running', 0, 0, 2, 2, 'w', 9, '"pull-request-closed"', NULL, 0, 1);
INSERT INTO jobs VALUES (7, 'report', 'report:octo/app#3', 'report:00000000000c', '{}', 'running', 0, 0, 1, 1, 'w', 9, NULL, NULL, 0, 1);
INSERT INTO jobs VALUES (8, 'run', 'octo/app#5', '00000000000e', '{}', 'failed', 0, 0, 5, 5, NULL, 0, NULL, 'the disk is full', 0, 1)
"#;

async fn what_was_queued_is_left_to_do(database: Database) {
    sqlx::any::install_default_drivers();
    // One file opens the folder, too.
    database.open().await.close().await;
    let fresh = database.emptied().await;
    let mut connection = AnyConnection::connect(&fresh).await.expect("it opens");
    let mut before = sqlx::migrate!("src/edge/store/migrations");
    before.migrations = Cow::Owned(before.migrations[..1].to_vec());
    before
        .run_direct(None, &mut connection, false)
        .await
        .expect("as it was");
    let rows = ROWS.replace("HEAD", &"a".repeat(40));
    for row in rows.split(";\n") {
        connection
            .execute(sqlx::AssertSqlSafe(row.to_owned()))
            .await
            .expect(row);
    }
    connection.close().await.expect("closed");

    let store = database.open().await;
    let deliveries = store.deliveries_left().await.expect("a list");
    assert_eq!(deliveries, ["queued", "at-work"]);
    let dead = store.delivery("dead").await.expect("ok").expect("there");
    assert_eq!(dead.1, DeliveryState::Failed, "it can be sent again");
    let places = store.places_left().await.expect("a list");
    let expected = ["octo/app#1", "octo/app#2", "octo/app#3", "octo/app#5"];
    assert_eq!(
        places, expected,
        "the fourth is done and told, the last is local"
    );

    let run = |last: char| -> RunId { format!("00000000000{last}").parse().expect("a run") };
    for (place, next, told) in [
        ("octo/app#1", Some('a'), false),
        ("octo/app#2", Some('b'), true),
        ("octo/app#3", None, false),
        ("octo/app#4", None, true),
        ("octo/app#5", Some('e'), true),
    ] {
        let found = store.next_run(place).await.expect("ok");
        assert_eq!(found, next.map(run), "{place}");
        let untold = store.untold(place).await.expect("a list");
        assert_eq!(untold.is_empty(), told, "{place}: {untold:?}");
    }
    let reason = store.cancel_of(&run('b')).await.expect("ok");
    assert_eq!(reason, Some(CancelReason::PullRequestClosed));
    let taken = store.take_up(&run('e')).await.expect("ok").expect("left");
    assert_eq!(taken.tries, 1, "it is tried anew");
    assert_eq!(taken.fault.as_deref(), Some("the disk is full"));
}
