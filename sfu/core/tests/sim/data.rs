//! Data channels, opened by either side.

use bytes::Bytes;
use sfu_core::{Command, Delivery, DtlsRole, Event, PeerId, Refused};

use super::call::{ROOM, join, peer};
use super::net::Link;
use super::world::World;

const RELIABLE: &str = "_reliable";
const LOSSY: &str = "_lossy";

/// A peer that opens two channels; with `ours` the SFU does instead.
fn meeting(
    role: DtlsRole,
    ours: bool,
) -> (World, std::rc::Rc<std::cell::RefCell<super::webrtc::Log>>) {
    let mut world = World::new(3);
    world.command(Command::OpenRoom(ROOM));
    let mut joiner = peer(&mut world, 1);
    joiner.role = role;
    if !ours {
        joiner.open_channel(RELIABLE, true);
        joiner.open_channel(LOSSY, false);
    }
    let log = join(&mut world, joiner, 1);
    if ours {
        for (label, delivery) in [(RELIABLE, Delivery::Reliable), (LOSSY, Delivery::Lossy)] {
            let label = label.to_owned();
            world.command(Command::OpenChannel { peer: PeerId(1), label, delivery });
        }
    }
    (world, log)
}

fn long(byte: u8) -> Vec<u8> {
    vec![byte; 60_000]
}

fn send(world: &mut World, label: &str, data: &[u8]) {
    let data = Bytes::copy_from_slice(data);
    world.command(Command::SendData { peer: PeerId(1), label: label.to_owned(), data });
}

fn received(world: &World, wanted: &str) -> Vec<Bytes> {
    let data = world.events.iter().filter_map(|(_, event)| match event {
        Event::Data { label, data, .. } if label == wanted => Some(data.clone()),
        _ => None,
    });
    data.collect()
}

#[test]
fn messages_go_both_ways_on_channels_of_either_side() {
    for role in [DtlsRole::PeerStarts, DtlsRole::WeStart] {
        for ours in [false, true] {
            let (mut world, log) = meeting(role, ours);
            // This one waits until the channel is open.
            send(&mut world, RELIABLE, b"first");
            log.borrow_mut().to_send = vec![
                (RELIABLE.to_owned(), b"up".to_vec()),
                (LOSSY.to_owned(), b"quick".to_vec()),
                (RELIABLE.to_owned(), long(7)),
            ];
            world.run_ms(3_000);
            send(&mut world, LOSSY, b"down");
            send(&mut world, RELIABLE, &long(9));
            send(&mut world, RELIABLE, b"");
            world.run_ms(2_000);
            let case = format!("{role:?} ours {ours}");
            let opened = |(_, e): &&(_, Event)| matches!(e, Event::ChannelOpened { .. });
            assert_eq!(world.events.iter().filter(opened).count(), 2, "{case}");
            assert_eq!(received(&world, RELIABLE), [&b"up"[..], &long(7)], "{case}");
            assert_eq!(received(&world, LOSSY), [&b"quick"[..]], "{case}");
            let log = log.borrow();
            let messages = |label: &str| -> Vec<_> {
                log.data.iter().filter(|(l, _)| l == label).map(|(_, d)| d.as_slice()).collect()
            };
            assert_eq!(messages(RELIABLE), [&b"first"[..], &long(9), b""], "{case}");
            assert_eq!(messages(LOSSY), [b"down"], "{case}");
        }
    }
}

#[test]
fn reliable_messages_come_whole_and_in_order_over_a_lossy_line() {
    let (mut world, log) = meeting(DtlsRole::PeerStarts, true);
    world.run_ms(1_000);
    let lossy = Link { delay_ms: 20, jitter_ms: 10, loss: 0.05, repeat: 0.02 };
    (world.net.up, world.net.down) = (lossy, lossy);
    for number in 0..200_u32 {
        send(&mut world, RELIABLE, &number.to_be_bytes().repeat(100));
        let up = (RELIABLE.to_owned(), number.to_be_bytes().repeat(100));
        log.borrow_mut().to_send.push(up);
        world.run_ms(20);
    }
    world.run_ms(20_000);
    let expected: Vec<_> = (0..200_u32).map(|number| number.to_be_bytes().repeat(100)).collect();
    assert_eq!(received(&world, RELIABLE), expected);
    let came: Vec<_> = log.borrow().data.iter().map(|(_, data)| data.clone()).collect();
    assert_eq!(came, expected);
}

#[test]
fn who_takes_nothing_is_reported_once_and_refused() {
    let (mut world, _log) = meeting(DtlsRole::PeerStarts, true);
    world.run_ms(1_000);
    world.net.down = Link { loss: 1.0, ..Link::GOOD };
    for _ in 0..60 {
        send(&mut world, RELIABLE, &long(1));
    }
    let stalled = |(_, e): &&(_, Event)| matches!(e, Event::DataStalled(_));
    assert_eq!(world.events.iter().filter(stalled).count(), 1);
    let refused = |(_, e): &&(_, Event)| {
        matches!(e, Event::Refused { command: "SendData", reason: Refused::Limit })
    };
    assert!(world.events.iter().filter(refused).count() > 10);
}
