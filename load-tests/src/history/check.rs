//! The promises C1–C6 and C8, each by its own rule.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use signaling::limits::RECOVERY_EVENTS_MAX;
use signaling::{PersonId, RoomId};

use super::{Entry, Key, Rooms, Stored};

/// How a promise was broken, one word each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// C1: acknowledged, and not in the log at that place.
    Lost,
    /// C2: in the log twice, or acknowledged with two places.
    Doubled,
    /// C3: a number is missing in the log.
    Gap,
    /// C3: sent after another one was acknowledged, and placed before it.
    Reordered,
    /// C3: sent by one author before another one, and placed behind it.
    OutOfTurn,
    /// C7: a reader was shown something behind the end of its membership.
    SeenAfterRemoval,
    /// C5: a reader was shown something twice or backwards.
    SeenTwice,
    /// C5: a reader was not shown something.
    Missed,
    /// C6: a reader was shown what the log does not hold at that place.
    ShownNotStored,
    /// C6: a plain restart changed an epoch.
    EpochChanged,
    /// C5: a position of the right epoch, not too old, was worth nothing.
    PositionRefused,
    /// C8: neither acknowledged nor refused.
    Unanswered,
    /// A member was refused.
    Refused,
}

/// What a history shows.
#[derive(Debug, Default)]
pub struct Report {
    pub sent: usize,
    pub acked: usize,
    pub repeats: usize,
    pub seen: usize,
    pub rows: usize,
    /// Counts by kind.
    pub broken: BTreeMap<Broken, usize>,
    /// The first few, in words.
    pub examples: Vec<String>,
}

const EXAMPLES_MAX: usize = 12;

impl Report {
    /// Whether every promise was kept.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.broken.is_empty()
    }

    fn add(&mut self, broken: Broken, detail: impl fmt::Display) {
        *self.broken.entry(broken).or_default() += 1;
        if self.examples.len() < EXAMPLES_MAX {
            self.examples.push(format!("{broken:?}: {detail}"));
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "sent {}, acked {} (repeats {}), shown {}, rows compared {}",
            self.sent, self.acked, self.repeats, self.seen, self.rows
        )?;
        for (broken, count) in &self.broken {
            write!(f, "\n  {broken:?}: {count}")?;
        }
        for example in &self.examples {
            write!(f, "\n    {example}")?;
        }
        Ok(())
    }
}

/// Compares what clients saw with what the store holds.
#[must_use]
pub fn check(entries: &[Entry], rooms: &Rooms) -> Report {
    let mut report =
        Report { rows: rooms.values().map(|room| room.rows.len()).sum(), ..Report::default() };
    let places = stored_places(rooms, &mut report);
    answers(entries, &places, &mut report);
    order(entries, &mut report);
    turns(entries, &places, &mut report);
    for ((reader, room), seen) in by_reader(entries) {
        readers_view(reader, room, &seen, rooms, &mut report);
    }
    report
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {} in {}", self.cid, short(self.author), short_room(self.room))
    }
}

fn short(person: PersonId) -> String {
    person.to_string().chars().skip(24).collect()
}

fn short_room(room: RoomId) -> String {
    room.to_string().chars().skip(24).collect()
}

/// C2, C3 in the store: numbers 1, 2, 3, … and every message once. Returns where each one lies.
fn stored_places(rooms: &Rooms, report: &mut Report) -> BTreeMap<Key, i64> {
    let mut places = BTreeMap::new();
    for (room, stored) in rooms {
        let mut expected = 1;
        for Stored { seq, author, cid } in &stored.rows {
            let key = Key { room: *room, author: *author, cid: cid.clone() };
            if *seq != expected {
                report.add(Broken::Gap, format!("{key} has {seq}, expected {expected}"));
            }
            expected = seq + 1;
            if let Some(first) = places.insert(key.clone(), *seq) {
                report.add(Broken::Doubled, format!("{key} lies at {first} and {seq}"));
            }
        }
    }
    places
}

/// C1, C2, C8: every answer is true and every send has one.
fn answers(entries: &[Entry], places: &BTreeMap<Key, i64>, report: &mut Report) {
    let mut sent = BTreeSet::new();
    let mut acked: BTreeMap<&Key, i64> = BTreeMap::new();
    let mut refused = BTreeSet::new();
    for entry in entries {
        match entry {
            Entry::Sent(key) => {
                sent.insert(key);
            }
            Entry::Acked { key, seq, dup } => {
                report.acked += 1;
                report.repeats += usize::from(*dup);
                match places.get(key) {
                    Some(stored) if stored == seq => {}
                    Some(stored) => report.add(
                        Broken::Lost,
                        format!("{key} was promised {seq} and lies at {stored}"),
                    ),
                    None => report.add(Broken::Lost, format!("{key} was promised {seq}")),
                }
                if let Some(first) = acked.insert(key, *seq)
                    && first != *seq
                {
                    report.add(Broken::Doubled, format!("{key} was promised {first} and {seq}"));
                }
            }
            Entry::Refused { key, code } => {
                refused.insert(key);
                report.add(Broken::Refused, format!("{key} with {code}"));
            }
            Entry::PutOff { .. }
            | Entry::Began { .. }
            | Entry::Resumed { .. }
            | Entry::Lost { .. }
            | Entry::Removed { .. }
            | Entry::Seen { .. } => {}
        }
    }
    report.sent = sent.len();
    for key in sent {
        if !acked.contains_key(key) && !refused.contains(key) {
            report.add(Broken::Unanswered, key);
        }
    }
}

/// C3 in time: what was sent after an answer lies after what was answered.
fn order(entries: &[Entry], report: &mut Report) {
    let mut first_sent: BTreeMap<&Key, i64> = BTreeMap::new();
    let mut highest: BTreeMap<RoomId, i64> = BTreeMap::new();
    for entry in entries {
        match entry {
            Entry::Sent(key) => {
                let before = highest.get(&key.room).copied().unwrap_or_default();
                first_sent.entry(key).or_insert(before);
            }
            Entry::Acked { key, seq, .. } => {
                let before = first_sent.get(key).copied().unwrap_or_default();
                if *seq <= before {
                    report.add(
                        Broken::Reordered,
                        format!("{key} got {seq} although {before} had been acknowledged"),
                    );
                }
                let top = highest.entry(key.room).or_default();
                *top = (*top).max(*seq);
            }
            Entry::Refused { .. }
            | Entry::PutOff { .. }
            | Entry::Began { .. }
            | Entry::Resumed { .. }
            | Entry::Lost { .. }
            | Entry::Removed { .. }
            | Entry::Seen { .. } => {}
        }
    }
}

/// C3 per author: what one author sends to a room is placed in the order in which it was first
/// sent, but for messages that the hub has put off.
fn turns(entries: &[Entry], places: &BTreeMap<Key, i64>, report: &mut Report) {
    let put_off = entries.iter().filter_map(|entry| match entry {
        Entry::PutOff { key } => Some(key),
        _ => None,
    });
    let put_off: BTreeSet<&Key> = put_off.collect();
    let mut seen = BTreeSet::new();
    let mut highest: BTreeMap<(RoomId, PersonId), i64> = BTreeMap::new();
    for entry in entries {
        let Entry::Sent(key) = entry else { continue };
        if !seen.insert(key) || put_off.contains(key) {
            continue;
        }
        let Some(place) = places.get(key) else { continue };
        let before = highest.entry((key.room, key.author)).or_default();
        if place < before {
            let detail = format!("{key} lies at {place}, an earlier one at {before}");
            report.add(Broken::OutOfTurn, detail);
        }
        *before = (*before).max(*place);
    }
}

/// The entries of each reader in each room, in their order.
fn by_reader(entries: &[Entry]) -> BTreeMap<(usize, RoomId), Vec<&Entry>> {
    let mut views: BTreeMap<(usize, RoomId), Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        let place = match entry {
            Entry::Began { reader, room, .. }
            | Entry::Resumed { reader, room, .. }
            | Entry::Lost { reader, room, .. }
            | Entry::Removed { reader, room, .. } => (*reader, *room),
            Entry::Seen { reader, key, .. } => (*reader, key.room),
            Entry::Sent(_) | Entry::Acked { .. } | Entry::Refused { .. } | Entry::PutOff { .. } => {
                continue;
            }
        };
        views.entry(place).or_default().push(entry);
    }
    views
}

/// C5, C6: one reader of one room saw every event once, in order, and only stored ones.
fn readers_view(reader: usize, room: RoomId, seen: &[&Entry], rooms: &Rooms, report: &mut Report) {
    let empty = super::StoredRoom::default();
    let stored = rooms.get(&room).unwrap_or(&empty);
    let who = format!("reader {reader} in {}", short_room(room));
    let (mut cursor, mut removed) = (None, None);
    for entry in seen {
        match entry {
            Entry::Began { epoch, offset, .. } => {
                if cursor.is_some() {
                    report.add(Broken::EpochChanged, format!("{who} began twice"));
                }
                same_epoch(&who, epoch, &stored.epoch, report);
                cursor = Some(*offset);
            }
            Entry::Resumed { epoch, offset, .. } => {
                same_epoch(&who, epoch, &stored.epoch, report);
                if cursor != Some(*offset) {
                    report
                        .add(Broken::Missed, format!("{who} resumed at {offset}, not {cursor:?}"));
                }
            }
            // Away for too long: the client was told, and reads pages.
            Entry::Lost { epoch, offset, .. }
                if *epoch == stored.epoch
                    && cursor.is_some_and(|at| offset - at > RECOVERY_EVENTS_MAX.cast_signed()) =>
            {
                cursor = Some(*offset);
            }
            Entry::Lost { epoch, offset, .. } => {
                let same = *epoch == stored.epoch;
                let broken = if same { Broken::PositionRefused } else { Broken::EpochChanged };
                report.add(broken, format!("{who} at {cursor:?}, now {offset} of {epoch}"));
                cursor = Some(*offset);
            }
            Entry::Seen { key, seq, .. } => {
                report.seen += 1;
                let last = cursor.unwrap_or_default();
                if *seq <= last {
                    report.add(Broken::SeenTwice, format!("{who}: {seq} after {last}"));
                } else if *seq > last + 1 {
                    report.add(Broken::Missed, format!("{who}: {seq} after {last}"));
                }
                cursor = Some((*seq).max(last));
                if !holds(&stored.rows, *seq, key) {
                    report.add(Broken::ShownNotStored, format!("{who}: {key} at {seq}"));
                }
            }
            Entry::Removed { seq, .. } => removed = Some(*seq),
            Entry::Sent(_) | Entry::Acked { .. } | Entry::Refused { .. } | Entry::PutOff { .. } => {
            }
        }
    }
    if let Some(end) = removed {
        if cursor.is_some_and(|cursor| cursor > end) {
            let detail = format!("{who} ended at {end} and saw up to {cursor:?}");
            report.add(Broken::SeenAfterRemoval, detail);
        }
        return;
    }
    let top = stored.rows.last().map_or(0, |row| row.seq);
    if cursor.is_none_or(|cursor| cursor < top) {
        report.add(Broken::Missed, format!("{who} ended at {cursor:?}, the log at {top}"));
    }
}

fn same_epoch(who: &str, seen: &str, stored: &str, report: &mut Report) {
    if seen != stored {
        report.add(Broken::EpochChanged, format!("{who} was told {seen}, the store has {stored}"));
    }
}

fn holds(rows: &[Stored], seq: i64, key: &Key) -> bool {
    let index = rows.binary_search_by_key(&seq, |row| row.seq);
    index.is_ok_and(|index| {
        rows.get(index).is_some_and(|row| row.author == key.author && row.cid == key.cid)
    })
}
