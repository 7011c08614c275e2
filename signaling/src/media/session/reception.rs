//! How a participant receives: on a transport of its own that we offer, or in the sections of its
//! single connection that it offers.

use super::super::negotiation::{Sent, Single, Subscriber};
use super::super::plane::{PeerId, TrackId};
use super::Participant;

/// The receiving half of a participant.
#[derive(Debug)]
pub(super) enum Reception {
    /// We offer, on the second transport.
    Offered(Subscriber),
    /// The client offers.
    Single(Single),
}

impl Reception {
    pub(super) fn add(&mut self, sent: Sent) {
        match self {
            Self::Offered(subscriber) => subscriber.add(sent),
            Self::Single(single) => single.add(sent),
        }
    }

    pub(super) fn remove(&mut self, track: TrackId) {
        match self {
            Self::Offered(subscriber) => {
                subscriber.remove(track);
            }
            Self::Single(single) => single.remove(track),
        }
    }

    pub(super) const fn single(&self) -> Option<&Single> {
        match self {
            Self::Offered(_) => None,
            Self::Single(single) => Some(single),
        }
    }
}

impl Participant {
    /// The transport on which media and data go to the participant.
    pub(super) fn receiving_peer(&self) -> PeerId {
        self.subscriber.as_ref().unwrap_or(&self.publisher).peer
    }
}
