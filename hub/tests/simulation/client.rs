//! A member with one device: sends with client ids until each is answered, follows every room, and
//! comes back to where it was, over a network that does what the seed says.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use hub::features::accounts::make_chat_token;
use prost::Message as _;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use signaling::chat::Encoding;
use signaling::chat::command::{Command, ConnectRequest, RpcRequest, SubscribeRequest};
use signaling::chat::frame::{self, Frame};
use signaling::chat::push::{Publication, Push};
use signaling::chat::reply::{Reply, SubscribeResult, WireError};
use signaling::{DeviceId, PersonId, RoomId};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use super::history::{Entry, Key};
use super::nodes::{Line, Nodes};
use super::world::World;

const NODES: usize = 3;

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Writes and reads.
    Talks,
    /// Only reads, at times so slowly that the hub has to wait for it.
    Lags,
    /// Only reads; is removed from a room some time.
    Leaves,
}

pub struct Client {
    world: Arc<World>,
    nodes: Arc<Nodes>,
    number: usize,
    habit: Habit,
    pub person: PersonId,
    device: DeviceId,
    encoding: Encoding,
    rng: StdRng,
    /// Where it stands in each room.
    positions: BTreeMap<RoomId, (String, u64)>,
    /// Since when it has listened to a room without a break, reading whatever came.
    listening: HashMap<RoomId, Instant>,
    /// Unanswered messages by number, with what is sent.
    waiting: BTreeMap<u64, (Key, Bytes)>,
    written: u64,
    commands: u32,
    asked: HashMap<u32, Asked>,
    /// The connect was accepted on this line.
    connected: bool,
    /// Put off by the hub, to be sent again.
    put_off: Vec<u64>,
    /// Time between two frames it reads, and when it reads the next one.
    pace: Duration,
    reads_at: Instant,
}

enum Asked {
    Connect,
    Subscribe(RoomId),
    Send(u64),
}

/// Why a line was left.
enum Gone {
    /// The hub or the network ended it.
    Ended,
    /// The client hung up.
    HungUp,
    /// The network vanished.
    Vanished,
}

impl Client {
    pub fn new(world: &Arc<World>, nodes: &Arc<Nodes>, number: usize, habit: Habit) -> Self {
        let id = |kind: u128| Uuid::from_u128((kind << 64) + number as u128);
        let encoding = if number.is_multiple_of(2) { Encoding::Json } else { Encoding::Protobuf };
        Self {
            world: Arc::clone(world),
            nodes: Arc::clone(nodes),
            number,
            habit,
            person: PersonId(id(0xa)),
            device: DeviceId(id(0xd)),
            encoding,
            rng: StdRng::seed_from_u64(world.below(u64::MAX)),
            positions: BTreeMap::new(),
            listening: HashMap::new(),
            waiting: BTreeMap::new(),
            written: 0,
            commands: 0,
            asked: HashMap::new(),
            connected: false,
            put_off: Vec::new(),
            pace: Duration::ZERO,
            reads_at: Instant::now(),
        }
    }

    /// Until the world is quiet and nothing is missing.
    pub async fn run(mut self) {
        while !self.is_done() {
            let node = self.rng.random_range(0..NODES);
            if let Some(line) = self.nodes.connect(&self.world, node, self.encoding) {
                self.on(line).await;
            }
            let pause = if self.world.is_quiet() { 100 } else { 1_500 };
            sleep(Duration::from_millis(self.rng.random_range(5..pause))).await;
        }
    }

    fn is_done(&self) -> bool {
        self.world.is_quiet()
            && self.world.unanswered.load(Ordering::Relaxed) == 0
            && self.world.rooms.iter().all(|room| {
                let Some((_, offset)) = self.positions.get(room) else { return false };
                match self.world.left_at(*room, self.person) {
                    Some(_) => !self.listening.contains_key(room) && *offset == u64::MAX,
                    None => *offset >= self.world.top(*room).unsigned_abs(),
                }
            })
    }

    async fn on(&mut self, mut line: Line) {
        self.asked.clear();
        self.listening.clear();
        self.connected = false;
        self.put_off.clear();
        self.pace = Duration::ZERO;
        self.reads_at = Instant::now();
        match self.talk(&mut line).await {
            Gone::Ended => self.world.count("lines ended"),
            Gone::HungUp => self.world.count("hung up"),
            Gone::Vanished => {
                self.world.count("vanished");
                line.freeze();
            }
        }
    }

    async fn talk(&mut self, line: &mut Line) -> Gone {
        let token = make_chat_token(&line.app, self.person, self.device).expect("a token").0;
        let connect = ConnectRequest { token, ..ConnectRequest::default() };
        let mut first = vec![self.command(Asked::Connect, |command| {
            command.connect = Some(connect);
        })];
        for room in self.world.rooms.clone() {
            first.extend(self.subscribe(room));
        }
        if !line.send(self.frame(&first)).await {
            return Gone::Ended;
        }
        let stay = self.rng.random_range(200..15_000);
        let leave = Instant::now() + Duration::from_millis(stay);
        let mut next = Instant::now();
        while !self.is_done() {
            let patient = self.world.is_quiet();
            next = next.max(Instant::now());
            let read = next_message(line, self.reads_at);
            tokio::select! {
                biased;
                message = read => {
                    self.reads_at = Instant::now() + self.pace;
                    let Some(message) = message else { return Gone::Ended };
                    if !self.take(line, &message).await {
                        return Gone::Ended;
                    }
                }
                () = sleep_until(leave), if !patient => {
                    return if self.rng.random_bool(0.3) { Gone::Vanished } else { Gone::HungUp };
                }
                () = sleep_until(next), if self.connected => {
                    next += Duration::from_millis(self.rng.random_range(40..1_200));
                    if !self.act(line).await {
                        return Gone::Ended;
                    }
                }
            }
        }
        Gone::HungUp
    }

    /// Something of its own accord.
    async fn act(&mut self, line: &mut Line) -> bool {
        let again = std::mem::take(&mut self.put_off);
        if !self.send(line, &again).await {
            return false;
        }
        if self.world.is_quiet() {
            self.pace = Duration::ZERO;
            self.reads_at = self.reads_at.min(Instant::now());
            return true;
        }
        match self.habit {
            Habit::Talks if self.waiting.len() < 20 => {
                let count = if self.rng.random_bool(0.2) { self.rng.random_range(2..8) } else { 1 };
                let numbers: Vec<u64> = (0..count).map(|_| self.compose()).collect();
                self.send(line, &numbers).await
            }
            Habit::Lags => {
                let slow = self.rng.random_bool(0.5);
                let ms = if slow { self.rng.random_range(200..6_000) } else { 0 };
                self.pace = Duration::from_millis(ms);
                if slow {
                    self.listening.clear();
                }
                true
            }
            Habit::Talks | Habit::Leaves => true,
        }
    }

    fn compose(&mut self) -> u64 {
        let rooms = &self.world.rooms;
        let room = rooms[self.rng.random_range(0..rooms.len())];
        self.written += 1;
        let cid = format!("p{}-{}", self.number, self.written);
        let data = json!({ "room": room, "cid": cid, "text": "在\n线" }).to_string();
        let key = Key { room, author: self.person, cid };
        self.waiting.insert(self.written, (key, Bytes::from(data)));
        self.world.unanswered.fetch_add(1, Ordering::Relaxed);
        self.written
    }

    /// Sends messages in one frame, in their order.
    async fn send(&mut self, line: &mut Line, numbers: &[u64]) -> bool {
        let mut commands = Vec::new();
        for number in numbers {
            let Some((key, data)) = self.waiting.get(number).cloned() else { continue };
            self.world.saw(Entry::Sent(key));
            let rpc = RpcRequest { method: "msg.send".to_owned(), data };
            commands.push(self.command(Asked::Send(*number), |command| command.rpc = Some(rpc)));
        }
        commands.is_empty() || line.send(self.frame(&commands)).await
    }

    fn subscribe(&mut self, room: RoomId) -> Option<Command> {
        let position = self.positions.get(&room).cloned();
        if position.as_ref().is_some_and(|(_, offset)| *offset == u64::MAX) {
            return None;
        }
        let (epoch, offset) = position.clone().unwrap_or_default();
        let channel = format!("room:{room}");
        let recover = position.is_some();
        let request =
            SubscribeRequest { channel, recover, epoch, offset, ..SubscribeRequest::default() };
        Some(self.command(Asked::Subscribe(room), |command| command.subscribe = Some(request)))
    }

    fn command(&mut self, asked: Asked, fill: impl FnOnce(&mut Command)) -> Command {
        self.commands += 1;
        self.asked.insert(self.commands, asked);
        let mut command = Command { id: self.commands, ..Command::default() };
        fill(&mut command);
        command
    }

    fn frame(&self, commands: &[Command]) -> Message {
        match self.encoding {
            Encoding::Json => {
                let lines = commands.iter().map(|one| serde_json::to_string(one).expect("JSON"));
                Message::text(lines.collect::<Vec<_>>().join("\n"))
            }
            Encoding::Protobuf => {
                let all = commands.iter().flat_map(Command::encode_length_delimited_to_vec);
                Message::binary(all.collect::<Vec<u8>>())
            }
        }
    }

    async fn take(&mut self, line: &mut Line, message: &Message) -> bool {
        let replies = match message {
            // The hub writes its frames itself.
            Message::Frame(frame) => match self.encoding {
                Encoding::Json => self.read(Frame::Text(frame.to_text().expect("UTF-8"))),
                Encoding::Protobuf => self.read(Frame::Binary(frame.payload())),
            },
            Message::Close(_) => return false,
            _ => return true,
        };
        for reply in replies {
            if !self.reply(line, reply).await {
                return false;
            }
        }
        true
    }

    fn read(&self, frame: Frame<'_>) -> Vec<Reply> {
        let messages = frame::messages(self.encoding, frame).expect("a frame");
        let read = |bytes: &[u8]| match self.encoding {
            Encoding::Json => serde_json::from_slice(bytes).expect("a reply"),
            Encoding::Protobuf => Reply::decode(bytes).expect("a reply"),
        };
        messages.map(|message| read(message.expect("a message"))).collect()
    }

    async fn reply(&mut self, line: &mut Line, reply: Reply) -> bool {
        if let Some(push) = reply.push {
            return self.push(line, push).await;
        }
        if reply.id == 0 {
            let pong = match self.encoding {
                Encoding::Json => Message::text("{}"),
                Encoding::Protobuf => Message::binary([0_u8].as_slice()),
            };
            return line.send(pong).await;
        }
        match self.asked.remove(&reply.id) {
            Some(Asked::Connect) if reply.error.is_none() => {
                // Everything unanswered again, in its order, before anything new.
                self.connected = true;
                let numbers: Vec<u64> = self.waiting.keys().copied().collect();
                self.send(line, &numbers).await
            }
            Some(Asked::Subscribe(room)) => match (reply.error, reply.subscribe) {
                (None, Some(result)) => {
                    self.subscribed(room, result);
                    true
                }
                (Some(error), _) => self.refused(line, room, &error).await,
                (None, None) => panic!("a subscribe reply without a result"),
            },
            Some(Asked::Send(number)) => {
                let data = reply.rpc.map(|rpc| rpc.data);
                self.answered(number, data, reply.error);
                true
            }
            Some(Asked::Connect) => false,
            None => panic!("a reply to nothing: {}", reply.id),
        }
    }

    fn subscribed(&mut self, room: RoomId, result: SubscribeResult) {
        let (reader, epoch) = (self.number, result.epoch.clone());
        let signed = |offset: u64| i64::try_from(offset).expect("small");
        let offset = match self.positions.get(&room) {
            None => {
                let offset = signed(result.offset);
                self.world.saw(Entry::Began { reader, room, epoch, offset });
                result.offset
            }
            Some((_, offset)) if result.recovered => {
                let (last, offset) = (*offset, signed(*offset));
                self.world.saw(Entry::Resumed { reader, room, epoch, offset });
                last
            }
            Some(_) => {
                let offset = signed(result.offset);
                self.world.saw(Entry::Lost { reader, room, epoch, offset });
                result.offset
            }
        };
        self.positions.insert(room, (result.epoch, offset));
        // Who reads a frame now and then is not there: its delay is its own.
        if self.pace.is_zero() {
            self.listening.insert(room, Instant::now());
        }
        self.world.count("subscribed");
        for publication in result.publications {
            self.seen(room, &publication, false);
        }
    }

    async fn refused(&mut self, line: &mut Line, room: RoomId, error: &WireError) -> bool {
        if error.code == 103 {
            self.removed(room);
            return true;
        }
        assert!(error.temporary, "a subscribe was refused for good: {error:?}");
        self.world.count("refused for now");
        sleep(Duration::from_millis(200)).await;
        match self.subscribe(room) {
            Some(again) => line.send(self.frame(&[again])).await,
            None => true,
        }
    }

    fn removed(&mut self, room: RoomId) {
        let seq = self.world.left_at(room, self.person).expect("a member is not refused");
        self.world.saw(Entry::Removed { reader: self.number, room, seq });
        self.listening.remove(&room);
        self.positions.insert(room, (String::new(), u64::MAX));
    }

    fn answered(&mut self, number: u64, data: Option<Bytes>, error: Option<WireError>) {
        let Some((key, _)) = self.waiting.get(&number).cloned() else { return };
        match (data, error) {
            (_, Some(error)) if error.temporary => {
                self.world.saw(Entry::PutOff { key });
                self.put_off.push(number);
                self.world.count("refused for now");
            }
            (_, Some(error)) => {
                self.world.saw(Entry::Refused { key, code: error.code });
                self.settle(number);
            }
            (data, None) => {
                let sent: Value = serde_json::from_slice(&data.unwrap_or_default()).expect("JSON");
                let seq = sent["seq"].as_i64().expect("a place");
                let dup = sent["dup"].as_bool().unwrap_or_default();
                self.world.saw(Entry::Acked { key, seq, dup });
                self.settle(number);
            }
        }
    }

    fn settle(&mut self, number: u64) {
        self.waiting.remove(&number);
        self.world.unanswered.fetch_sub(1, Ordering::Relaxed);
    }

    async fn push(&mut self, line: &mut Line, push: Push) -> bool {
        let room = push.channel.strip_prefix("room:").and_then(|room| room.parse().ok());
        let Some(room) = room else { return true };
        if let Some(publication) = push.publication {
            self.seen(room, &publication, true);
        }
        let Some(end) = push.unsubscribe else { return true };
        self.listening.remove(&room);
        if end.code == 2100 {
            self.removed(room);
            return true;
        }
        self.world.count("subscriptions ended");
        match self.subscribe(room) {
            Some(again) => line.send(self.frame(&[again])).await,
            None => true,
        }
    }

    fn seen(&mut self, room: RoomId, publication: &Publication, live: bool) {
        let seq = i64::try_from(publication.offset).expect("small");
        let data: Value = serde_json::from_slice(&publication.data).expect("an envelope");
        let author = data["from"].as_str().and_then(|from| from.parse().ok()).expect("an author");
        let cid = data["cid"].as_str().unwrap_or_default().to_owned();
        self.world.saw(Entry::Seen { reader: self.number, key: Key { room, author, cid }, seq });
        self.world.count("seen");
        if let Some((_, offset)) = self.positions.get_mut(&room) {
            *offset = publication.offset;
        }
        if live && let Some(since) = self.listening.get(&room) {
            self.world.reached(room, seq, *since);
        }
    }
}

/// The next message, not before `at`.
async fn next_message(line: &mut Line, at: Instant) -> Option<Message> {
    sleep_until(at).await;
    line.recv().await
}
