//! What the benchmark shares with the tests.

#![allow(
    dead_code,
    reason = "the benchmark uses a part of what the tests share"
)]

#[path = "../it/support/checkout.rs"]
pub mod checkout;
#[path = "../it/support/tools.rs"]
pub mod tools;
