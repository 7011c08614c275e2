//! What people can do, one folder per capability.

pub mod accounts;
pub mod chat;
pub mod demo;
pub mod organisations;
pub mod policies;
