//! What tests of every crate stand on: a database of their own each.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test that can not be set up ends"
)]

mod browser;
mod client;
mod database;
mod hub;
mod people;
mod redis;

pub use browser::{TestAnswer, TestBrowser};
pub use client::TestClient;
pub use database::TestDatabase;
pub use hub::{TestHub, TestPerson};
pub use people::{SECOND_FACTOR, found};
pub use redis::TestRedis;
