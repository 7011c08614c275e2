//! One UDP socket read and written in batches (recvmmsg, sendmmsg).
//!
//! All memory is made once; a batch allocates nothing.

use std::io::{IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::AsRawFd as _;

use nix::errno::Errno;
use nix::sys::socket::{
    ControlMessage, MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg, setsockopt,
    sockopt,
};
use sfu_core::{Path, Received, Slot, Transmits, Via};
use signaling::limits::{DATAGRAMS_MAX, TRANSMITS_MAX};

/// Bytes kept of one datagram; no Ethernet path carries more, a longer one is cut and fails its
/// check.
pub(super) const DATAGRAM_BYTES_MAX: usize = 2_048;
/// Bytes the kernel may queue in each direction, where the system allows so many.
const SOCKET_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// The number of the one socket.
pub const VIA: Via = Via(0);

/// Binds a socket that never blocks.
pub fn bind(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = UdpSocket::bind(address)?;
    socket.set_nonblocking(true)?;
    // The system's cap may be lower; then its cap holds.
    let _ = setsockopt(&socket, sockopt::RcvBuf, &SOCKET_BUFFER_BYTES);
    let _ = setsockopt(&socket, sockopt::SndBuf, &SOCKET_BUFFER_BYTES);
    Ok(socket)
}

/// One bound socket with its arena.
pub struct Port {
    socket: UdpSocket,
    arena: Vec<u8>,
    received: MultiHeaders<SockaddrStorage>,
    sent: MultiHeaders<SockaddrStorage>,
    /// Datagrams that the kernel had no room for.
    pub dropped: u64,
}

impl std::fmt::Debug for Port {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Port").field("socket", &self.socket).finish_non_exhaustive()
    }
}

impl Port {
    /// The arena for a bound socket; it stays on the thread that made it.
    #[must_use]
    pub fn new(socket: UdpSocket) -> Self {
        Self {
            socket,
            arena: vec![0; DATAGRAMS_MAX * DATAGRAM_BYTES_MAX],
            received: MultiHeaders::preallocate(DATAGRAMS_MAX, None),
            sent: MultiHeaders::preallocate(TRANSMITS_MAX, None),
            dropped: 0,
        }
    }

    /// Reads one batch and hands it to `take`. Gives the number of datagrams; 0 when none waits.
    pub fn receive(&mut self, take: impl FnOnce(Received<'_>)) -> usize {
        let nowhere = Path { via: VIA, remote: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)) };
        let mut slots = [Slot { path: nowhere, start: 0, len: 0 }; DATAGRAMS_MAX];
        let mut count = 0;
        {
            let mut rest = self.arena.chunks_exact_mut(DATAGRAM_BYTES_MAX);
            let mut slices: [[IoSliceMut<'_>; 1]; DATAGRAMS_MAX] =
                std::array::from_fn(|_| [IoSliceMut::new(rest.next().unwrap_or(&mut []))]);
            let results = recvmmsg(
                self.socket.as_raw_fd(),
                &mut self.received,
                slices.iter_mut(),
                MsgFlags::MSG_DONTWAIT,
                None,
            );
            let Ok(results) = results else { return 0 };
            for (place, (slot, message)) in slots.iter_mut().zip(results).enumerate() {
                slot.start = place * DATAGRAM_BYTES_MAX;
                if let Some(remote) = message.address.as_ref().and_then(address_of) {
                    slot.path.remote = remote;
                    slot.len = message.bytes.min(DATAGRAM_BYTES_MAX);
                }
                count += 1;
            }
        }
        if let Some(slots) = slots.get(..count).filter(|slots| !slots.is_empty()) {
            take(Received { slots, bytes: &mut self.arena });
        }
        count
    }

    /// Sends what of a batch leaves by this socket. What the kernel has no room for is dropped, as a
    /// network would.
    pub fn send(&mut self, transmits: Transmits<'_>) {
        let mut slices = [[IoSlice::new(&[])]; TRANSMITS_MAX];
        let mut addresses: [Option<SockaddrStorage>; TRANSMITS_MAX] = [None; TRANSMITS_MAX];
        let mut count = 0;
        let ours = transmits.iter().filter(|(path, _)| path.via == VIA);
        for ((path, bytes), (slice, address)) in
            ours.zip(slices.iter_mut().zip(addresses.iter_mut()))
        {
            *slice = [IoSlice::new(bytes)];
            *address = Some(SockaddrStorage::from(path.remote));
            count += 1;
        }
        let mut first = 0;
        while first < count {
            let (Some(slices), Some(addresses)) =
                (slices.get(first..count), addresses.get(first..count))
            else {
                return;
            };
            let none: [ControlMessage<'_>; 0] = [];
            let sent = sendmmsg(
                self.socket.as_raw_fd(),
                &mut self.sent,
                slices,
                addresses,
                none,
                MsgFlags::MSG_DONTWAIT,
            )
            .map(Iterator::count);
            match sent {
                Ok(sent) if sent > 0 => first += sent,
                Err(Errno::EINTR) => {}
                // The first one of the rest can not be sent: a full buffer or an unreachable
                // address. Later ones may go elsewhere.
                Ok(_) | Err(_) => {
                    self.dropped += 1;
                    first += 1;
                }
            }
        }
    }
}

fn address_of(storage: &SockaddrStorage) -> Option<SocketAddr> {
    if let Some(v4) = storage.as_sockaddr_in() {
        return Some(SocketAddr::from((v4.ip(), v4.port())));
    }
    storage.as_sockaddr_in6().map(|v6| SocketAddr::from((v6.ip(), v6.port())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_arrives_whole_and_with_its_sender() {
        let open = || bind("127.0.0.1:0".parse().expect("address")).expect("bound");
        let (here, there) = (open(), open());
        let from = here.local_addr().expect("address");
        let path = Path { via: Via(0), remote: there.local_addr().expect("address") };
        let (mut here, mut there) = (Port::new(here), Port::new(there));
        let entries: Vec<Slot> = (0..40).map(|n| Slot { path, start: n * 10, len: 10 }).collect();
        let bytes: Vec<u8> = (0..400).map(|n| u8::try_from(n / 10).expect("small")).collect();
        here.send(Transmits { slots: &entries, bytes: &bytes });
        let mut seen = Vec::new();
        there.receive(|batch| {
            for slot in batch.slots {
                assert_eq!((slot.path.remote, slot.len), (from, 10));
                seen.push(batch.bytes[slot.start]);
            }
        });
        assert_eq!(seen, (0..40).collect::<Vec<u8>>());
        assert_eq!(there.receive(|_| panic!("nothing waits")), 0);
    }
}
