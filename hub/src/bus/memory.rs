//! The bus between nodes of one process: tests, simulation, and the lone hub.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use signaling::limits::BUS_HINTS_IN_MAX;
use tokio::sync::mpsc;

use super::{Bus, Joined};

/// What nodes of one process have in common.
#[derive(Debug, Default)]
pub struct Ether {
    nodes: Mutex<Vec<mpsc::Sender<Bytes>>>,
}

/// One node's end.
#[derive(Debug)]
pub struct MemoryBus {
    ether: Arc<Ether>,
    own: mpsc::Sender<Bytes>,
}

impl Ether {
    /// Adds a node.
    #[must_use]
    pub fn join(self: &Arc<Self>) -> Joined {
        let (own, incoming) = mpsc::channel(BUS_HINTS_IN_MAX);
        self.nodes().push(own.clone());
        Joined { bus: Arc::new(MemoryBus { ether: Arc::clone(self), own }), incoming }
    }

    fn nodes(&self) -> MutexGuard<'_, Vec<mpsc::Sender<Bytes>>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bus for MemoryBus {
    fn publish(&self, sealed: Bytes) {
        let mut nodes = self.ether.nodes();
        nodes.retain(|node| !node.is_closed());
        for node in nodes.iter().filter(|node| !node.same_channel(&self.own)) {
            // A node that can not keep up finds the event in the store.
            let _ = node.try_send(sealed.clone());
        }
    }

    fn reaches_others(&self) -> bool {
        self.ether.nodes().len() > 1
    }

    fn is_away(&self) -> bool {
        false
    }
}
