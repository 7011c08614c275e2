//! A session under a stream of inputs read from bytes: the first byte chooses the encoding, then
//! each input is one byte for its kind and what the kind needs.

use std::collections::BTreeMap;

use signaling::chat::Encoding;
use signaling::chat::codes::{Disconnect, ErrorCode, Unsubscribe};
use signaling::chat::frame::Frame;
use signaling::chat::reply::SubscribeResult;
use signaling::chat::session::{
    Answer, Ask, AskId, Connected, Input, Millis, Output, Session, SessionSettings,
};

struct Stream<'a>(&'a [u8]);

impl<'a> Stream<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Bytes behind their length in two bytes, as many as there are.
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.byte()?) * 256 + usize::from(self.byte()?);
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        Some(taken)
    }
}

struct Driver {
    session: Session,
    now: Millis,
    asks: Vec<(AskId, Ask)>,
    /// Granted channels, and whether they were started.
    attached: BTreeMap<String, bool>,
    closed: bool,
}

/// The promises that need no knowledge of the commands: nothing after a close, what was granted is
/// started or stopped, questions are bounded, and a tick moves the deadline on.
pub fn session_stream(bytes: &[u8]) {
    let mut stream = Stream(bytes);
    let binary = stream.byte().is_some_and(|byte| byte % 2 == 1);
    let encoding = if binary { Encoding::Protobuf } else { Encoding::Json };
    let mut driver = Driver {
        session: Session::new(SessionSettings::default(), encoding, Millis(0)),
        now: Millis(0),
        asks: Vec::new(),
        attached: BTreeMap::new(),
        closed: false,
    };
    while driver.next(&mut stream, encoding).is_some() {}
}

impl Driver {
    fn next(&mut self, stream: &mut Stream<'_>, encoding: Encoding) -> Option<()> {
        match stream.byte()? % 8 {
            0..=2 => {
                let bytes = stream.bytes()?;
                match encoding {
                    Encoding::Json => {
                        let text = std::str::from_utf8(bytes).ok()?;
                        self.give(Input::Frame(Frame::Text(text)));
                    }
                    Encoding::Protobuf => self.give(Input::Frame(Frame::Binary(bytes))),
                }
            }
            3 | 4 => self.answer(stream.byte()?),
            5 => self.wait(u64::from(stream.byte()?) * 100),
            6 => {
                let channel = String::from_utf8_lossy(stream.bytes()?).into_owned();
                self.give(Input::EndSubscription { channel, why: Unsubscribe::REMOVED });
            }
            _ => match stream.byte()? {
                0 => self.give(Input::Disconnect(Disconnect::SHUTDOWN)),
                _ => self.give(Input::Message("{}".into())),
            },
        }
        Some(())
    }

    fn answer(&mut self, how: u8) {
        if self.asks.is_empty() {
            return;
        }
        let (id, ask) = self.asks.remove(usize::from(how / 8) % self.asks.len());
        let answer = match (&ask, how % 8) {
            (_, 0) => Answer::Refused(ErrorCode::PermissionDenied.into()),
            (_, 1) => Answer::Published,
            (Ask::Connect { .. }, _) => Answer::Connected(Connected {
                version: "v".to_owned(),
                ttl_s: Some(90),
                ..Connected::default()
            }),
            (Ask::Subscribe(request), kind) => self.grant(&request.channel, kind),
            (Ask::Refresh { .. } | Ask::SubRefresh { .. }, _) => {
                Answer::Refreshed { ttl_s: Some(9) }
            }
            (_, kind) => Answer::Rpc(if kind == 7 { "\u{0}".into() } else { "{}".into() }),
        };
        self.give(Input::Answer { ask: id, answer });
    }

    fn grant(&mut self, channel: &str, kind: u8) -> Answer {
        let expires = kind == 2;
        let result = SubscribeResult {
            recovered: kind == 3,
            expires,
            ttl: u32::from(expires),
            ..SubscribeResult::default()
        };
        if !self.closed {
            let before = self.attached.insert(channel.to_owned(), false);
            assert_eq!(before, None, "granted twice");
        }
        Answer::Subscribed { result, next: 1 }
    }

    fn wait(&mut self, ms: u64) {
        let until = self.now.after(ms);
        while let Some(at) = self.session.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.give(Input::Tick);
            assert!(self.session.deadline().is_none_or(|next| next > self.now), "time stands");
        }
        self.now = until;
    }

    fn give(&mut self, input: Input<'_>) {
        self.session.handle(input, self.now);
        while let Some(output) = self.session.poll() {
            assert!(!self.closed, "an output after the close");
            match output {
                Output::Send(message) => assert!(!message.is_empty()),
                Output::Ask { ask: Ask::Send { .. }, .. } => {}
                Output::Ask { id, ask } => self.asks.push((id, ask)),
                Output::Started(started) => {
                    let before = self.attached.insert(started.channel, true);
                    assert_eq!(before, Some(false), "only what was granted starts");
                }
                Output::Stopped { channel } => {
                    assert!(self.attached.remove(&channel).is_some(), "stopped twice");
                }
                Output::Close(_) => self.closed = true,
            }
        }
        let silent = self.attached.values().any(|started| !started);
        assert!(self.closed || !silent, "granted, and neither started nor stopped");
        assert!(self.session.under_way() <= SessionSettings::default().commands_under_way_max);
    }
}
