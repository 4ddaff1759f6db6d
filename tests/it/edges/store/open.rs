//! Databases, as they are opened.

use countersign::edge::store::{Store, StoreError};

use super::{begin, request};
use crate::support::database::Database;

on_both! {
    two_processes_open_a_new_database_at_once
}

async fn two_processes_open_a_new_database_at_once(database: Database) {
    let (first, second) = tokio::join!(database.open(), database.open());
    begin(&first, &request(7, 'a')).await;
    first.close().await;
    assert_eq!(second.places_left().await.expect("a list"), ["octo/app#7"]);
    second.ping().await.expect("it answers");
    assert!(first.ping().await.is_err());
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_being_shown() {
    let now = || -> countersign::os::clock::Now { std::sync::Arc::new(|| 0) };
    let error = Store::open("mysql://u:hunter2@h/db", now()).await.err();
    assert!(matches!(error, Some(StoreError::Scheme)), "{error:?}");
    let closed = "postgres://u:hunter2@127.0.0.1:1/db";
    let error = Store::open(closed, now()).await.err().expect("refused");
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
}
