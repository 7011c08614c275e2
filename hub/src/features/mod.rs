//! What people can do, one folder per capability.

pub mod accounts;
pub mod audit;
pub mod boards;
pub mod calls;
pub mod chat;
pub mod delegates;
pub mod demo;
pub mod health;
pub mod joining;
pub mod leading;
pub mod meetings;
pub mod moderation;
pub mod organisations;
pub(crate) mod pages;
pub mod pictures;
pub mod policies;
mod text;
mod words;
