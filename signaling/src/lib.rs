//! The contract of Lianxin: every message that crosses a process border, and the pure state
//! machines that answer them.
//!
//! This crate never opens a socket, never reads a clock and never draws a random number; time and
//! chance come in as arguments. Start reading in [`chat`] for the chat socket, in [`event`] for
//! what a room's log carries, in [`rpc`] for the calls a client makes over that socket, and in
//! [`http`] for request and response bodies.

pub mod chat;
pub mod event;
pub mod http;
pub mod ids;
pub mod limits;
pub mod media;
pub mod refusal;
pub mod rpc;

pub use ids::{
    CallId, DeviceId, InvitationId, JoinId, MeetingId, OrganisationId, PersonId, PostId, RoomId,
    VoteId,
};
pub use refusal::{Refusal, RefusalCode};
