//! The words between the edge and the core: commands in, events and datagrams out. Values only;
//! nothing here decides. Start with [`command::Command`] and [`event::Event`].

pub mod command;
pub mod event;
pub mod media;
pub mod transmit;
pub mod transport;
