//! One set of tests for every bus, and the form of hints.

use std::time::Duration;

use signaling::event::EventKind;
use time::OffsetDateTime;
use tokio::time::timeout;
use uuid::Uuid;

use super::*;
use crate::keys::{KeyFile, Keys, Missing, Purpose};
use crate::testing::TestRedis;
use crate::timeline::{Committed, Epoch};
use signaling::{DeviceId, PersonId, RoomId};

const MAKE: Missing = Missing::Make { now: OffsetDateTime::UNIX_EPOCH };

fn keys(home: &tempfile::TempDir) -> Keys {
    Keys::load(home.path(), MAKE).expect("keys")
}

fn event(seq: i64, body: Option<&str>) -> Hint {
    Hint::Event(Arc::new(Committed {
        room: RoomId(Uuid::from_u128(7)),
        epoch: Epoch { store: 0xfeed, room: 3 },
        seq,
        nth: seq,
        author: PersonId(Uuid::from_u128(8)),
        cid: format!("c{seq}"),
        ts: 1_790_000_000_000,
        kind: EventKind::Message,
        reference: (seq > 1).then_some(seq - 1),
        body: body.map(str::to_owned),
    }))
}

fn moved(seq: i64) -> Hint {
    match event(seq, Some("{}")) {
        Hint::Event(event) => Hint::Moved(event),
        other => other,
    }
}

fn every_kind() -> Vec<Hint> {
    let person = PersonId(Uuid::from_u128(9));
    let data = Bytes::from_static(br#"{"t":"typing"}"#);
    let (room, node) = (RoomId(Uuid::from_u128(7)), Uuid::from_u128(11));
    let share = Share { node, count: 60, names: vec![person] };
    vec![
        event(1, Some(r#"{"text":"你好\\n"}"#)),
        event(i64::MAX, None),
        Hint::Revoked { person, device: None },
        Hint::Revoked { person, device: Some(DeviceId(Uuid::from_u128(10))) },
        Hint::Ephemeral { room, data: data.clone() },
        Hint::Message { person, data },
        moved(3),
        Hint::Look { room, node },
        Hint::Present { room, share },
    ]
}

#[test]
fn a_hint_opens_under_its_key_and_under_a_rotated_one() {
    let home = tempfile::tempdir().expect("a folder");
    let keys = keys(&home);
    KeyFile::rotate(home.path(), Purpose::Bus, OffsetDateTime::UNIX_EPOCH).expect("rotated");
    let rotated = Keys::load(home.path(), Missing::Refuse).expect("loaded");
    for hint in every_kind() {
        let sealed = Sealed::read(hint.seal(&keys.bus).expect("short")).expect("a hint");
        assert_eq!(sealed.open(&keys.bus).as_ref(), Some(&hint));
        assert_eq!(sealed.open(&rotated.bus).as_ref(), Some(&hint));
    }
    let sealed = Sealed::read(event(5, None).seal(&keys.bus).expect("short")).expect("a hint");
    let claims = (RoomId(Uuid::from_u128(7)), Epoch { store: 0xfeed, room: 3 }, 5);
    assert_eq!(sealed.claims(), Some(claims));
}

#[test]
fn a_hint_with_any_byte_changed_or_cut_is_not_believed() {
    let (home, other) = (tempfile::tempdir().expect("a"), tempfile::tempdir().expect("b"));
    let (keys, foreign) = (keys(&home), keys(&other));
    for hint in every_kind() {
        let good = hint.seal(&keys.bus).expect("short");
        for index in 0..good.len() {
            let mut bad = good.to_vec();
            bad[index] ^= 1;
            let read = Sealed::read(Bytes::from(bad));
            assert_eq!(read.and_then(|sealed| sealed.open(&keys.bus)), None, "byte {index}");
            let cut = Sealed::read(good.slice(..index));
            assert_eq!(cut.and_then(|sealed| sealed.open(&keys.bus)), None, "cut at {index}");
        }
        let sealed = Sealed::read(good).expect("a hint");
        assert_eq!(sealed.open(&foreign.bus), None);
    }
}

#[test]
fn a_hint_that_is_too_long_is_not_sent() {
    let home = tempfile::tempdir().expect("a folder");
    let body = "x".repeat(signaling::limits::HINT_BYTES_MAX);
    assert_eq!(event(1, Some(&body)).seal(&keys(&home).bus), None);
}

/// A bus under test: joins nodes to it.
enum Kind {
    Memory(Arc<Ether>),
    Redis(TestRedis),
}

impl Kind {
    fn both() -> Vec<Self> {
        vec![Self::Memory(Arc::default()), Self::Redis(TestRedis::start())]
    }

    fn join(&self) -> Joined {
        match self {
            Self::Memory(ether) => ether.join(),
            Self::Redis(redis) => RedisBus::start(&redis.url()).expect("an address"),
        }
    }
}

/// Publishes on one node until the other hears it: a bus may lose what is said while it connects.
async fn meet(one: &Joined, other: &mut Joined, mark: &'static [u8]) {
    loop {
        one.bus.publish(Bytes::from_static(mark));
        if let Ok(heard) = timeout(Duration::from_millis(50), other.incoming.recv()).await
            && heard.expect("open") == mark
        {
            return;
        }
    }
}

/// The next hint that is none of `marks`.
async fn next(node: &mut Joined, marks: &[&'static [u8]]) -> Bytes {
    loop {
        let heard = node.incoming.recv().await.expect("open");
        if !marks.contains(&heard.as_ref()) {
            return heard;
        }
    }
}

#[tokio::test]
async fn what_one_node_says_every_other_node_hears_in_order() {
    for kind in Kind::both() {
        let (one, mut two, mut three) = (kind.join(), kind.join(), kind.join());
        meet(&one, &mut two, b"mark two").await;
        meet(&one, &mut three, b"mark three").await;
        for number in 0..200_u8 {
            one.bus.publish(Bytes::copy_from_slice(&[1, number]));
        }
        for node in [&mut two, &mut three] {
            for number in 0..200_u8 {
                let heard = next(node, &[b"mark two", b"mark three"]).await;
                assert_eq!(heard.as_ref(), [1, number]);
            }
        }
    }
}

#[tokio::test]
async fn publishing_never_waits_for_a_node_that_does_not_read() {
    for kind in Kind::both() {
        let (one, _deaf, mut other) = (kind.join(), kind.join(), kind.join());
        meet(&one, &mut other, b"mark").await;
        for _ in 0..signaling::limits::BUS_HINTS_IN_MAX * 3 {
            one.bus.publish(Bytes::from_static(b"many"));
        }
        meet(&one, &mut other, b"after").await;
    }
}

#[tokio::test]
async fn a_bus_that_was_away_carries_again_by_itself() {
    let mut redis = TestRedis::start();
    let (one, mut two) = (
        RedisBus::start(&redis.url()).expect("an address"),
        RedisBus::start(&redis.url()).expect("an address"),
    );
    meet(&one, &mut two, b"before").await;
    while one.bus.is_away() || two.bus.is_away() {
        tokio::task::yield_now().await;
    }
    redis.kill();
    while !(one.bus.is_away() && two.bus.is_away()) {
        tokio::task::yield_now().await;
    }
    for _ in 0..10 {
        one.bus.publish(Bytes::from_static(b"lost"));
    }
    redis.restart();
    meet(&one, &mut two, b"again").await;
    while one.bus.is_away() || two.bus.is_away() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn only_a_lone_node_reaches_nobody() {
    let ether = Arc::new(Ether::default());
    let lone = ether.join();
    assert!(!lone.bus.reaches_others());
    let other = ether.join();
    assert!(lone.bus.reaches_others() && other.bus.reaches_others());
}

#[test]
fn an_address_that_is_none_is_refused_at_the_start() {
    let config = BusConfig { redis_url: "not an address".to_owned() };
    assert!(join(&config).is_err());
}
