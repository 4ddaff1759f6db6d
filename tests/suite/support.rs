//! What the suite shares with the other tests.

#![allow(
    dead_code,
    reason = "the suite uses a part of what the other tests share"
)]

#[path = "../it/support/checkout.rs"]
pub mod checkout;
#[path = "../it/support/tools.rs"]
pub mod tools;
