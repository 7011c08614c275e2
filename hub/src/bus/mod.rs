//! Hints between the hubs of one installation.
//!
//! A hint says what a node has just committed or ended, so that other nodes need not wait for
//! their next comparison with the store. Nothing depends on it: a hint may be lost, repeated or
//! reordered, and a node that hears none for minutes is late by the interval of the comparison and
//! misses nothing. Publishing therefore never waits and never fails.
//!
//! Hints carry a code under the installation's bus key; whoever can write to the bus can at most
//! repeat them. [`MemoryBus`] connects nodes of one process, [`RedisBus`] processes. Start reading
//! in [`Hint`].

mod hint;
mod memory;
mod redis;

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;

pub use self::hint::{Hint, Sealed, Share};
pub use self::memory::{Ether, MemoryBus};
pub use self::redis::RedisBus;

use crate::config::BusConfig;

/// The way to the other nodes.
pub trait Bus: Debug + Send + Sync + 'static {
    /// Hands a sealed hint to every other node, if it gets through. Never waits.
    fn publish(&self, sealed: Bytes);

    /// Whether there can be other nodes at all; if not, nothing needs to be sealed.
    fn reaches_others(&self) -> bool;

    /// Whether it is known that hints get lost at the moment, so that the node has to look for itself.
    fn is_away(&self) -> bool;
}

/// Sealed hints of other nodes; a node may hear its own as well.
pub type Incoming = mpsc::Receiver<Bytes>;

/// A node's end of a bus.
#[derive(Debug)]
pub struct Joined {
    pub bus: Arc<dyn Bus>,
    pub incoming: Incoming,
}

/// Why there is no bus.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    #[error("bus.redis_url is not an address of a Redis: {0}")]
    Address(::redis::RedisError),
}

/// The bus of the configuration. A Redis that does not answer is no error: the node works without
/// hints until it does.
pub fn join(config: &BusConfig) -> Result<Joined, BusError> {
    if config.redis_url.is_empty() {
        return Ok(Arc::new(Ether::default()).join());
    }
    RedisBus::start(&config.redis_url)
}

#[cfg(test)]
mod tests;
