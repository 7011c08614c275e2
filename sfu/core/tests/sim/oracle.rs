//! What must hold of everything that a receiver got.

use sfu_core::{Codec, Micros};

use super::bare::{Got, Incoming};
use super::media::{SeenPicture, identify, read_picture};

/// What stands for sound where there is none.
const SILENCE: [u8; 3] = [0xf8, 0xff, 0xfe];

/// All that is wrong with a stream at the end of a course.
pub fn faults(incoming: &Incoming, codec: Codec, now: Micros) -> Vec<String> {
    let mut faults = incoming.faults.clone();
    if codec == Codec::Vp8 {
        pictures(incoming, &mut faults);
    } else {
        sound(incoming, &mut faults);
    }
    let newest = incoming.got.values().map(|got| got.at).max().unwrap_or_default();
    if now.since(newest) > 300_000 {
        faults.push(format!("nothing since {newest:?}"));
    }
    let stale = incoming.missing.iter().find(|(_, (since, _))| now.since(*since) > 500_000);
    if let Some(stale) = stale {
        faults.push(format!("still missing: {stale:?}"));
    }
    faults
}

fn sound(incoming: &Incoming, faults: &mut Vec<String>) {
    let mut before: Option<(u32, &Got)> = None;
    for (index, got) in &incoming.got {
        if got.rtp.payload == SILENCE {
            continue;
        }
        let Some((_, number)) = identify(&got.rtp.payload) else {
            faults.push(format!("{index} is not whole"));
            continue;
        };
        if let Some((last, earlier)) = before {
            let elapsed = got.rtp.timestamp.wrapping_sub(earlier.rtp.timestamp).cast_signed();
            if number <= last || elapsed <= 0 {
                faults.push(format!("{index}: {number} follows {last}, {elapsed} ticks later"));
            }
        }
        before = Some((number, got));
    }
}

fn pictures(incoming: &Incoming, faults: &mut Vec<String>) {
    let mut before: Option<(u64, SeenPicture, &Got)> = None;
    let mut broken = true;
    for (index, got) in &incoming.got {
        if got.rtp.payload.is_empty() {
            // Padding, which may come between two pictures.
            before = before.map(|(last, seen, got)| {
                (if *index == last + 1 { *index } else { last }, seen, got)
            });
            continue;
        }
        let Some(seen) = read_picture(&got.rtp.payload) else {
            faults.push(format!("{index} is not whole"));
            continue;
        };
        match before {
            Some((last, earlier, its)) if *index == last + 1 => {
                if let Some(fault) = follows(&earlier, its, &seen, got) {
                    faults.push(format!("{index}: {fault}"));
                }
            }
            _ => broken = true,
        }
        broken &= !seen.key;
        before = Some((*index, seen, got));
    }
    if broken {
        faults.push("no key frame after the last gap".to_owned());
    }
}

/// What is wrong with one packet behind another.
fn follows(a: &SeenPicture, first: &Got, b: &SeenPicture, next: &Got) -> Option<String> {
    let elapsed = next.rtp.timestamp.wrapping_sub(first.rtp.timestamp).cast_signed();
    if elapsed == 0 {
        let same = a.picture == b.picture && a.stream == b.stream && b.number == a.number + 1;
        return (!same || b.starts).then(|| format!("one picture, but {a:?} and {b:?}"));
    }
    if b.stream != a.stream && !b.key {
        return Some("another layer without a key frame".to_owned());
    }
    // A send that begins again may begin with a key frame that came late.
    if b.stream == a.stream && b.number <= a.number && !b.key {
        return Some(format!("{} follows {}", b.number, a.number));
    }
    if !(1..90_000 * 10).contains(&elapsed) {
        return Some(format!("{elapsed} ticks later"));
    }
    // Where a layer takes over, the picture before may be cut.
    if !b.starts || !(first.rtp.marker || b.key) {
        return Some(format!("a picture is cut: {a:?} {b:?}"));
    }
    if b.key {
        return None;
    }
    let base = a.base.wrapping_add(u8::from(b.temporal == 0));
    if b.picture != (a.picture + 1) & 0x7fff || b.base != base {
        return Some(format!("{a:?} is followed by {b:?}"));
    }
    None
}
