//! The hub: the WebSocket and HTTP server of Lianxin, and the owner of its Postgres.
//!
//! A message is stored first and shown afterwards; nothing here tells a client otherwise. Start
//! reading in [`app`] for what a running hub holds, in `door` for how bytes come in, in
//! `timeline` for the durable log and in `fanout` for how committed events reach sockets.

pub mod app;
pub mod auth;
pub mod bus;
pub mod cli;
pub mod config;
pub mod conformance;
pub mod door;
pub mod error;
pub mod fanout;
pub mod features;
pub mod keys;
pub mod metrics;
pub mod node;
pub mod security_log;
pub mod server;
pub mod store;
pub mod testing;
pub mod timeline;
