//! Sockets that have not signed in: how many, from where, and what they make the hub keep.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use signaling::limits::{
    SOCKET_BYTES_WITHOUT_MESSAGE_MAX, SOCKET_READ_BUFFER_BYTES, UNAUTHENTICATED_BYTES_MAX,
    UNAUTHENTICATED_SOCKETS_MAX,
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Where sockets are until they have signed in.
#[derive(Debug)]
pub struct Lobby {
    per_address_max: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sockets: usize,
    bytes: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The lobby, or an address's share of it, is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// One socket in the lobby; it leaves with this value.
#[derive(Debug)]
pub struct Guest {
    lobby: Arc<Lobby>,
    address: IpAddr,
    bytes: AtomicUsize,
}

impl Lobby {
    /// An empty lobby. One address may have `per_address_max` sockets in it; this machine itself
    /// any number.
    #[must_use]
    pub fn new(per_address_max: usize) -> Self {
        Self { per_address_max, state: Mutex::default() }
    }

    /// Lets a socket in, or not.
    pub fn enter(self: &Arc<Self>, address: IpAddr) -> Result<Guest, Full> {
        let mut state = self.state();
        let of_address = state.by_address.get(&address).copied().unwrap_or_default();
        let bytes = state.bytes.saturating_add(SOCKET_READ_BUFFER_BYTES);
        if state.sockets >= UNAUTHENTICATED_SOCKETS_MAX
            || bytes > UNAUTHENTICATED_BYTES_MAX
            || (of_address >= self.per_address_max && !address.is_loopback())
        {
            return Err(Full);
        }
        state.sockets = state.sockets.saturating_add(1);
        state.bytes = bytes;
        state.by_address.insert(address, of_address.saturating_add(1));
        let bytes = AtomicUsize::new(SOCKET_READ_BUFFER_BYTES);
        Ok(Guest { lobby: Arc::clone(self), address, bytes })
    }

    /// Sockets in the lobby, and the bytes they count for.
    #[must_use]
    pub fn load(&self) -> (usize, usize) {
        let state = self.state();
        (state.sockets, state.bytes)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guest {
    /// Counts bytes that this socket sent; `false` when the lobby has no room for them.
    fn bring(&self, bytes: usize) -> bool {
        let mut state = self.lobby.state();
        let all = state.bytes.saturating_add(bytes);
        if all > UNAUTHENTICATED_BYTES_MAX {
            return false;
        }
        state.bytes = all;
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        true
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let mut state = self.lobby.state();
        state.sockets = state.sockets.saturating_sub(1);
        state.bytes = state.bytes.saturating_sub(self.bytes.load(Ordering::Relaxed));
        if let Some(count) = state.by_address.get_mut(&self.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                state.by_address.remove(&self.address);
            }
        }
    }
}

/// What a connection has read, shared between its stream and its task.
#[derive(Debug)]
pub struct Meter {
    /// Present until the sign-in.
    guest: Mutex<Option<Guest>>,
    /// Since the last complete message: fragments without end are cut here.
    without_message: AtomicUsize,
}

impl Meter {
    /// A meter of a socket in the lobby.
    #[must_use]
    pub fn new(guest: Guest) -> Arc<Self> {
        Arc::new(Self { guest: Mutex::new(Some(guest)), without_message: AtomicUsize::new(0) })
    }

    /// The socket has signed in and leaves the lobby.
    pub fn signed_in(&self) {
        self.guest.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// A complete message was taken.
    pub fn message(&self) {
        self.without_message.store(0, Ordering::Relaxed);
    }

    fn read(&self, bytes: usize) -> io::Result<()> {
        let pending = self.without_message.fetch_add(bytes, Ordering::Relaxed);
        let guest = self.guest.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = guest.as_ref().is_none_or(|guest| guest.bring(bytes));
        if fits && pending.saturating_add(bytes) <= SOCKET_BYTES_WITHOUT_MESSAGE_MAX {
            return Ok(());
        }
        Err(io::Error::from(io::ErrorKind::QuotaExceeded))
    }
}

/// A stream whose reads are counted; it fails where they are too many.
#[derive(Debug)]
pub struct Metered<S> {
    stream: S,
    meter: Arc<Meter>,
}

impl<S> Metered<S> {
    /// Counts the reads of `stream`.
    pub const fn new(stream: S, meter: Arc<Meter>) -> Self {
        Self { stream, meter }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if matches!(polled, Poll::Ready(Ok(()))) {
            let read = buffer.filled().len().saturating_sub(before);
            self.meter.read(read)?;
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn one_address_can_not_fill_the_lobby_and_makes_room_when_it_goes() {
        let lobby = Arc::new(Lobby::new(2));
        let first = lobby.enter(address(1)).expect("room");
        let _second = lobby.enter(address(1)).expect("room");
        assert!(lobby.enter(address(1)).is_err());
        let _other = lobby.enter(address(2)).expect("room for others");
        drop(first);
        let _third = lobby.enter(address(1)).expect("room again");
        let here = IpAddr::from([127, 0, 0, 1]);
        let many: Vec<_> = (0..10).map(|_| lobby.enter(here).expect("exempt")).collect();
        assert_eq!(lobby.load().0, 13);
        drop(many);
        assert_eq!(lobby.load(), (3, 3 * SOCKET_READ_BUFFER_BYTES));
    }

    #[test]
    fn the_bytes_of_all_guests_together_are_bounded_and_the_newest_is_refused() {
        let lobby = Arc::new(Lobby::new(usize::MAX));
        let meter = Meter::new(lobby.enter(address(1)).expect("room"));
        let left = UNAUTHENTICATED_BYTES_MAX - SOCKET_READ_BUFFER_BYTES;
        for _ in 0..left / 1_024 - 1 {
            meter.message();
            meter.read(1_024).expect("fits");
        }
        assert!(lobby.enter(address(2)).is_err(), "no room for another");
        meter.message();
        assert!(meter.read(2_048).is_err(), "no room for more");
        meter.signed_in();
        assert_eq!(lobby.load(), (0, 0));
        meter.message();
        meter.read(2_048).expect("counts no longer");
    }

    #[test]
    fn fragments_without_end_are_cut() {
        let lobby = Arc::new(Lobby::new(1));
        let meter = Meter::new(lobby.enter(address(1)).expect("room"));
        meter.signed_in();
        for _ in 0..4 {
            meter.read(SOCKET_BYTES_WITHOUT_MESSAGE_MAX).expect("one message");
            meter.message();
        }
        meter.read(SOCKET_BYTES_WITHOUT_MESSAGE_MAX).expect("as much as a message has");
        assert!(meter.read(1).is_err());
    }
}
