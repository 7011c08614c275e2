//! A session and what it said, in words.

use signaling::chat::Encoding;
use signaling::chat::frame::Frame;
use signaling::chat::reply::SubscribeResult;
use signaling::chat::session::{
    Answer, Ask, AskId, Connected, Input, Millis, Output, Session, SessionSettings,
};

pub const ROOM: &str = "room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e0f";
pub const OTHER_ROOM: &str = "room:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e10";
pub const INBOX: &str = "user:0192f0c1-2a6b-7c3d-8e4f-5a6b7c8d9e11";

pub struct Talk {
    pub session: Session,
    pub now: Millis,
    pub asks: Vec<(AskId, Ask)>,
}

impl Talk {
    pub fn new() -> Self {
        Self::with(SessionSettings::default())
    }

    pub fn with(settings: SessionSettings) -> Self {
        let now = Millis(1_000);
        Self { session: Session::new(settings, Encoding::Json, now), now, asks: Vec::new() }
    }

    /// A connected session.
    pub fn open() -> Self {
        Self::open_with(SessionSettings::default())
    }

    pub fn open_with(settings: SessionSettings) -> Self {
        let mut talk = Self::with(settings);
        talk.say(r#"{"id":1,"connect":{"token":"t"}}"#);
        talk.answer(Answer::Connected(connected(Some(600))));
        talk
    }

    pub fn say(&mut self, text: &str) -> Vec<String> {
        self.session.handle(Input::Frame(Frame::Text(text)), self.now);
        self.heard()
    }

    pub fn subscribe(&mut self, id: u32) -> Vec<String> {
        self.say(&format!(r#"{{"id":{id},"subscribe":{{"channel":"{ROOM}"}}}}"#))
    }

    pub fn unsubscribe(&mut self, id: u32) -> Vec<String> {
        self.say(&format!(r#"{{"id":{id},"unsubscribe":{{"channel":"{ROOM}"}}}}"#))
    }

    pub fn after(&mut self, ms: u64) -> Vec<String> {
        self.now = self.now.after(ms);
        self.session.handle(Input::Tick, self.now);
        self.heard()
    }

    pub fn give(&mut self, input: Input<'_>) -> Vec<String> {
        self.session.handle(input, self.now);
        self.heard()
    }

    /// Answers the oldest ask.
    pub fn answer(&mut self, answer: Answer) -> Vec<String> {
        let (ask, _) = self.asks.remove(0);
        self.give(Input::Answer { ask, answer })
    }

    pub fn heard(&mut self) -> Vec<String> {
        let mut heard = Vec::new();
        while let Some(output) = self.session.poll() {
            heard.push(match output {
                Output::Send(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                Output::Ask { id, ask } => {
                    let name = format!("{ask:?}");
                    self.asks.push((id, ask));
                    let end = name.find([' ', '(', '{']).unwrap_or(name.len());
                    format!("ask {}", &name[..end])
                }
                Output::Started(started) => format!("started from {}", started.next),
                Output::Stopped { .. } => "stopped".to_owned(),
                Output::Close(why) => format!("close {} {}", why.code, why.reason),
            });
        }
        heard
    }
}

pub fn connected(ttl_s: Option<u32>) -> Connected {
    Connected { client: "c".to_owned(), version: "v".to_owned(), ttl_s, ..Connected::default() }
}

pub fn standing(offset: u64) -> SubscribeResult {
    SubscribeResult {
        recoverable: true,
        positioned: true,
        epoch: "e".to_owned(),
        offset,
        ..SubscribeResult::default()
    }
}

pub fn subscribed(offset: u64) -> Answer {
    Answer::Subscribed { result: standing(offset), next: offset + 1 }
}
