//! ICE over TCP, the passive side (RFC 6544): connections whose frames (RFC 4571: two bytes of
//! length, then a datagram) go to the core as datagrams do.
//!
//! A connection is believed from the moment the core writes to it, which it does in answer to a
//! proved check alone. Before that it has a few seconds, few bytes and few places, and the oldest
//! one makes room for the next.

use std::collections::HashMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use nix::sys::epoll::{Epoll, EpollEvent, EpollFlags};
use sfu_core::{Path, Received, Slot, Via};
use signaling::limits::{
    DATAGRAMS_MAX, MEDIA_STREAM_IDLE_S_MAX, MEDIA_STREAM_OUT_BYTES_MAX,
    MEDIA_STREAM_STRANGE_BYTES_MAX, MEDIA_STREAM_STRANGE_S_MAX, MEDIA_STREAMS_MAX,
    MEDIA_STREAMS_STRANGE_MAX, MEDIA_STREAMS_STRANGE_PER_ADDRESS_MAX,
};

use super::udp::DATAGRAM_BYTES_MAX;

/// The token of the listening socket; those of connections are the numbers of their [`Via`].
pub const LISTENER: u64 = 2;
/// The first number of a connection; smaller ones are the sockets of the loop.
const FIRST: u32 = 16;
/// Connections taken in before packets get their turn.
const ACCEPTS_PER_TURN: usize = 16;
/// Bytes read at once.
const READ_BYTES: usize = 16 * 1024;
/// Bytes of a frame's length.
const HEAD: usize = 2;

/// Binds a socket that never blocks.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// The listening socket and its connections.
#[derive(Debug)]
pub struct Streams {
    listener: TcpListener,
    open: HashMap<u32, Stream>,
    next: u32,
    /// Connections with something to write.
    waiting: Vec<u32>,
    arena: Vec<u8>,
    /// The system had no place for another connection; asked again later.
    resting: bool,
    /// Frames that a connection had no room for.
    pub dropped: u64,
}

#[derive(Debug)]
struct Stream {
    socket: TcpStream,
    remote: SocketAddr,
    /// The beginning of a frame.
    partial: Vec<u8>,
    out: Vec<u8>,
    /// The socket is full; the loop says when it takes more.
    full: bool,
    believed: bool,
    /// Bytes that came before it was believed.
    strange_bytes: usize,
    opened: Duration,
    heard: Duration,
}

/// A connection is over.
struct Ended;

impl Streams {
    /// Listens; `epoll` tells of new connections under [`LISTENER`].
    pub fn new(listener: TcpListener, epoll: &Epoll) -> std::io::Result<Self> {
        epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
        Ok(Self {
            listener,
            open: HashMap::new(),
            next: FIRST,
            waiting: Vec::new(),
            arena: vec![0; READ_BYTES],
            resting: false,
            dropped: 0,
        })
    }

    /// Takes in new connections. `now` is time since any fixed point.
    pub fn accept(&mut self, epoll: &Epoll, now: Duration) {
        for _ in 0..ACCEPTS_PER_TURN {
            match self.listener.accept() {
                Ok((socket, remote)) => {
                    if self.make_room(remote.ip()) {
                        // A connection that can not be set up is closed, as is one beyond the cap.
                        let _ = self.admit(socket, remote, epoll, now);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => {
                    self.resting = epoll.delete(&self.listener).is_ok();
                    return;
                }
            }
        }
    }

    fn admit(
        &mut self,
        socket: TcpStream,
        remote: SocketAddr,
        epoll: &Epoll,
        now: Duration,
    ) -> std::io::Result<()> {
        socket.set_nonblocking(true)?;
        socket.set_nodelay(true)?;
        let via = self.next;
        self.next = self.next.checked_add(1).unwrap_or(FIRST);
        epoll.add(&socket, EpollEvent::new(EpollFlags::EPOLLIN, u64::from(via)))?;
        let stream = Stream {
            socket,
            remote,
            partial: Vec::new(),
            out: Vec::new(),
            full: false,
            believed: false,
            strange_bytes: 0,
            opened: now,
            heard: now,
        };
        self.open.insert(via, stream);
        Ok(())
    }

    /// Makes room for one more of this address; `false` where only believed ones are left.
    fn make_room(&mut self, address: IpAddr) -> bool {
        let strange = || self.open.iter().filter(|(_, stream)| !stream.believed);
        let ours = || strange().filter(|(_, stream)| stream.remote.ip() == address);
        let oldest = if ours().count() >= MEDIA_STREAMS_STRANGE_PER_ADDRESS_MAX {
            ours().min_by_key(|(_, stream)| stream.opened)
        } else if self.open.len() >= MEDIA_STREAMS_MAX
            || strange().count() >= MEDIA_STREAMS_STRANGE_MAX
        {
            strange().min_by_key(|(_, stream)| stream.opened)
        } else {
            return true;
        };
        let oldest = oldest.map(|(via, _)| *via);
        oldest.is_some_and(|via| self.open.remove(&via).is_some())
    }

    /// Reads a connection and hands its datagrams to `take`, in batches.
    pub fn receive(&mut self, token: u64, now: Duration, mut take: impl FnMut(Received<'_>)) {
        let Ok(via) = u32::try_from(token) else { return };
        let Some(stream) = self.open.get_mut(&via) else { return };
        if stream.receive(Via(via), now, &mut self.arena, &mut take).is_err() {
            self.open.remove(&via);
        }
    }

    /// Adds a datagram to what its connection writes; dropped where that is far behind or gone.
    pub fn push(&mut self, path: Path, datagram: &[u8]) {
        let length = u16::try_from(datagram.len());
        let (Some(stream), Ok(length)) = (self.open.get_mut(&path.via.0), length) else { return };
        stream.believed = true;
        if stream.out.len() + HEAD + datagram.len() > MEDIA_STREAM_OUT_BYTES_MAX {
            self.dropped += 1;
            return;
        }
        if stream.out.is_empty() {
            self.waiting.push(path.via.0);
        }
        stream.out.extend_from_slice(&length.to_be_bytes());
        stream.out.extend_from_slice(datagram);
    }

    /// Writes what was added.
    pub fn flush(&mut self, epoll: &Epoll) {
        for via in std::mem::take(&mut self.waiting) {
            let Some(stream) = self.open.get_mut(&via).filter(|stream| !stream.full) else {
                continue;
            };
            if stream.write(via, epoll).is_err() {
                self.open.remove(&via);
            }
        }
    }

    /// A connection takes more again.
    pub fn writable(&mut self, token: u64, epoll: &Epoll) {
        let Ok(via) = u32::try_from(token) else { return };
        let Some(stream) = self.open.get_mut(&via) else { return };
        if stream.write(via, epoll).is_err() {
            self.open.remove(&via);
        }
    }

    /// Closes what has not proved itself in time and what is silent. Call about once a second.
    pub fn sweep(&mut self, epoll: &Epoll, now: Duration) {
        self.open.retain(|_, stream| {
            let (since, limit) = if stream.believed {
                (stream.heard, MEDIA_STREAM_IDLE_S_MAX)
            } else {
                (stream.opened, MEDIA_STREAM_STRANGE_S_MAX)
            };
            now.saturating_sub(since) < Duration::from_secs(limit)
        });
        if self.resting {
            let event = EpollEvent::new(EpollFlags::EPOLLIN, LISTENER);
            self.resting = epoll.add(&self.listener, event).is_err();
        }
    }
}

impl Stream {
    fn receive(
        &mut self,
        via: Via,
        now: Duration,
        arena: &mut [u8],
        take: &mut impl FnMut(Received<'_>),
    ) -> Result<(), Ended> {
        let kept = self.partial.len();
        // The rest of one frame, which is far shorter than the arena.
        arena.get_mut(..kept).ok_or(Ended)?.copy_from_slice(&self.partial);
        let read = match self.socket.read(arena.get_mut(kept..).unwrap_or_default()) {
            Ok(0) => return Err(Ended),
            Ok(read) => read,
            Err(error) if is_passing(&error) => return Ok(()),
            Err(_) => return Err(Ended),
        };
        if self.believed {
            self.heard = now;
        } else {
            self.strange_bytes += read;
            if self.strange_bytes > MEDIA_STREAM_STRANGE_BYTES_MAX {
                return Err(Ended);
            }
        }
        let end = kept + read;
        let mut at = 0;
        let path = Path { via, remote: self.remote };
        while let Some(bytes) = arena.get_mut(..end) {
            let mut slots = [Slot { path, start: 0, len: 0 }; DATAGRAMS_MAX];
            let (count, next) = frames(bytes, at, &mut slots)?;
            at = next;
            match slots.get(..count) {
                Some(slots) if count > 0 => take(Received { slots, bytes }),
                _ => break,
            }
        }
        self.partial.clear();
        self.partial.extend_from_slice(arena.get(at..end).unwrap_or_default());
        Ok(())
    }

    fn write(&mut self, via: u32, epoll: &Epoll) -> Result<(), Ended> {
        let mut written = 0;
        let mut full = false;
        while let Some(rest) = self.out.get(written..).filter(|rest| !rest.is_empty()) {
            match self.socket.write(rest) {
                Ok(0) => return Err(Ended),
                Ok(count) => written += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_passing(&error) => {
                    full = true;
                    break;
                }
                Err(_) => return Err(Ended),
            }
        }
        self.out.drain(..written);
        if full != self.full {
            self.full = full;
            let more = if full { EpollFlags::EPOLLOUT } else { EpollFlags::empty() };
            let mut event = EpollEvent::new(EpollFlags::EPOLLIN | more, u64::from(via));
            epoll.modify(&self.socket, &mut event).map_err(|_| Ended)?;
        }
        Ok(())
    }
}

fn is_passing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Finds whole frames from `at` on, as many as there are slots: their number, and where the next
/// one begins. An error where a frame is longer than any datagram. Empty ones are passed over.
fn frames(bytes: &[u8], mut at: usize, slots: &mut [Slot]) -> Result<(usize, usize), Ended> {
    let mut count = 0;
    while let Some(slot) = slots.get_mut(count) {
        let head = bytes.get(at..at + HEAD).and_then(|head| head.try_into().ok());
        let Some(len) = head.map(|head| usize::from(u16::from_be_bytes(head))) else { break };
        if len > DATAGRAM_BYTES_MAX {
            return Err(Ended);
        }
        let start = at + HEAD;
        if start + len > bytes.len() {
            break;
        }
        at = start + len;
        if len > 0 {
            (slot.start, slot.len) = (start, len);
            count += 1;
        }
    }
    Ok((count, at))
}

#[cfg(test)]
mod tests {
    use nix::sys::epoll::{EpollCreateFlags, EpollTimeout};

    use super::*;

    struct Site {
        streams: Streams,
        epoll: Epoll,
        address: SocketAddr,
    }

    impl Site {
        fn open() -> Self {
            let epoll = Epoll::new(EpollCreateFlags::empty()).expect("epoll");
            let listener = bind("127.0.0.1:0".parse().expect("address")).expect("bound");
            let address = listener.local_addr().expect("address");
            let streams = Streams::new(listener, &epoll).expect("listening");
            Self { streams, epoll, address }
        }

        /// A connection that was taken in.
        fn connect(&mut self, now: Duration) -> TcpStream {
            let before = self.streams.next;
            let stream = TcpStream::connect(self.address).expect("connected");
            while self.streams.next == before {
                self.streams.accept(&self.epoll, now);
            }
            stream
        }

        /// Takes in what is ready until `done`; the datagrams that came, with their ways.
        fn turn_until(&mut self, now: Duration, done: impl Fn(&Streams, usize) -> bool) -> Came {
            let mut came = Vec::new();
            while !done(&self.streams, came.len()) {
                let mut ready = [EpollEvent::empty(); 8];
                let count = self.epoll.wait(&mut ready, EpollTimeout::from(50_u8)).expect("waited");
                for event in &ready[..count] {
                    self.streams.receive(event.data(), now, |batch| {
                        for slot in batch.slots {
                            let bytes = batch.bytes[slot.start..slot.start + slot.len].to_vec();
                            came.push((slot.path, bytes));
                        }
                    });
                    if event.events().contains(EpollFlags::EPOLLOUT) {
                        self.streams.writable(event.data(), &self.epoll);
                    }
                }
            }
            came
        }
    }

    type Came = Vec<(Path, Vec<u8>)>;

    const START: Duration = Duration::from_secs(100);

    fn framed(datagram: &[u8]) -> Vec<u8> {
        let length = u16::try_from(datagram.len()).expect("short");
        [length.to_be_bytes().as_slice(), datagram].concat()
    }

    #[test]
    fn frames_arrive_as_datagrams_however_the_stream_is_cut() {
        let mut site = Site::open();
        let mut stream = site.connect(START);
        let sent: Vec<Vec<u8>> = (0..90).map(|n| vec![n; 1 + usize::from(n)]).collect();
        let bytes: Vec<u8> = sent.iter().flat_map(|datagram| framed(datagram)).collect();
        let mut came = Vec::new();
        for piece in bytes.chunks(61) {
            stream.write_all(piece).expect("written");
            let more = site.turn_until(START, |streams, came| {
                came > 0 || streams.open.values().any(|stream| !stream.partial.is_empty())
            });
            came.extend(more);
        }
        came.extend(site.turn_until(START, |_, more| came.len() + more >= sent.len()));
        let (paths, datagrams): (Vec<Path>, Vec<Vec<u8>>) = came.into_iter().unzip();
        assert_eq!(datagrams, sent);
        let remote = stream.local_addr().expect("address");
        assert!(paths.iter().all(|path| *path == Path { via: Via(FIRST), remote }));
    }

    #[test]
    fn many_frames_at_once_go_over_in_batches() {
        let mut site = Site::open();
        let mut stream = site.connect(START);
        let bytes: Vec<u8> = (0..200_u8).flat_map(|n| framed(&[n])).collect();
        stream.write_all(&bytes).expect("written");
        let came = site.turn_until(START, |_, came| came >= 200);
        let came: Vec<u8> = came.into_iter().flat_map(|(_, bytes)| bytes).collect();
        assert_eq!(came, (0..200).collect::<Vec<u8>>());
    }

    #[test]
    fn a_frame_longer_than_any_datagram_ends_the_connection() {
        let mut site = Site::open();
        let mut stream = site.connect(START);
        stream.write_all(&framed(&vec![7; DATAGRAM_BYTES_MAX + 1])).expect("written");
        let came = site.turn_until(START, |streams, _| streams.open.is_empty());
        assert!(came.is_empty());
    }

    #[test]
    fn a_stranger_may_send_little_and_not_for_long() {
        let mut site = Site::open();
        let mut talker = site.connect(START);
        let frame = framed(&[9; 1_000]);
        let frames = MEDIA_STREAM_STRANGE_BYTES_MAX / frame.len() + 1;
        talker.write_all(&frame.repeat(frames)).expect("written");
        site.turn_until(START, |streams, _| streams.open.is_empty());

        let _silent = site.connect(START);
        site.streams.sweep(&site.epoll, START + Duration::from_secs(1));
        assert_eq!(site.streams.open.len(), 1);
        let late = START + Duration::from_secs(MEDIA_STREAM_STRANGE_S_MAX);
        site.streams.sweep(&site.epoll, late);
        assert!(site.streams.open.is_empty());
    }

    #[test]
    fn the_oldest_stranger_of_an_address_makes_room_and_the_believed_stay() {
        let mut site = Site::open();
        let believed = site.connect(START);
        let remote = believed.local_addr().expect("address");
        site.streams.push(Path { via: Via(FIRST), remote }, &[1]);
        let mut strangers = Vec::new();
        for n in 0..=MEDIA_STREAMS_STRANGE_PER_ADDRESS_MAX {
            let opened = START + Duration::from_millis(u64::try_from(n).expect("small"));
            strangers.push(site.connect(opened));
        }
        let open = &site.streams.open;
        assert_eq!(open.len(), 1 + MEDIA_STREAMS_STRANGE_PER_ADDRESS_MAX);
        assert!(open.contains_key(&FIRST) && !open.contains_key(&(FIRST + 1)));
        // It is only closed when nothing comes from it for long.
        let idle = Duration::from_secs(MEDIA_STREAM_IDLE_S_MAX);
        let late = START + idle;
        site.streams.sweep(&site.epoll, START + idle.saturating_sub(Duration::from_millis(1)));
        assert!(site.streams.open.contains_key(&FIRST));
        site.streams.sweep(&site.epoll, late);
        assert!(site.streams.open.is_empty());
    }

    #[test]
    fn a_reader_that_stops_costs_a_bounded_buffer_and_gets_whole_frames_later() {
        let mut site = Site::open();
        let mut reader = site.connect(START);
        let path = Path { via: Via(FIRST), remote: reader.local_addr().expect("address") };
        let mut pushed = 0_u32;
        while site.streams.dropped == 0 {
            let mut datagram = vec![0; 1_200];
            datagram[..4].copy_from_slice(&pushed.to_be_bytes());
            site.streams.push(path, &datagram);
            site.streams.flush(&site.epoll);
            pushed += 1;
            assert!(site.streams.open[&FIRST].out.len() <= MEDIA_STREAM_OUT_BYTES_MAX);
        }
        let reading = std::thread::spawn(move || {
            let mut numbers = Vec::new();
            while u32::try_from(numbers.len()).expect("small") < pushed - 1 {
                let mut head = [0; HEAD];
                reader.read_exact(&mut head).expect("read");
                let mut datagram = vec![0; usize::from(u16::from_be_bytes(head))];
                reader.read_exact(&mut datagram).expect("read");
                numbers.push(u32::from_be_bytes(datagram[..4].try_into().expect("four")));
            }
            numbers
        });
        site.turn_until(START, |streams, _| streams.open[&FIRST].out.is_empty());
        let numbers = reading.join().expect("read");
        assert_eq!(numbers, (0..pushed - 1).collect::<Vec<u32>>());
    }
}
