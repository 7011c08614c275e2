//! A room: who is in it, and what is looked at from time to time.

use crate::api::event::{Event, Speaker};
use crate::api::media::Kind;
use crate::arena::Key;
use crate::ids::RoomId;
use crate::sfu::Sfu;
use crate::time::Micros;
use crate::timers::Timer;

/// Layers that died or came back are noticed within this time.
const REVIEW_MS: u64 = 200;
/// A window of sound is this many reviews long.
const REVIEWS_PER_WINDOW: u8 = 2;
const WINDOW_MS: u32 = 400;

/// See the module.
#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) id: RoomId,
    pub(crate) participants: Vec<Key>,
    /// Tracks of all its participants.
    pub(crate) tracks: Vec<Key>,
    /// Its timer is set.
    pub(crate) ticks: bool,
    reviews: u8,
}

impl Room {
    pub(crate) fn new(id: RoomId) -> Self {
        Self { id, participants: Vec::new(), tracks: Vec::new(), ticks: false, reviews: 0 }
    }
}

impl Sfu {
    /// Sees to it that a room with tracks is looked at.
    pub(crate) fn wake_room(&mut self, key: Key, now: Micros) {
        let Some(room) = self.rooms.get_mut(key).filter(|room| !room.ticks) else { return };
        room.ticks = true;
        self.timers.set(now.plus_millis(REVIEW_MS), Timer::Room(key));
    }

    pub(crate) fn tick_room(&mut self, key: Key, now: Micros) {
        let Some(room) = self.rooms.get_mut(key) else { return };
        room.ticks = !room.tracks.is_empty();
        if !room.ticks {
            return;
        }
        room.reviews = room.reviews.wrapping_add(1);
        let window_ends = room.reviews % REVIEWS_PER_WINDOW == 0;
        self.timers.set(now.plus_millis(REVIEW_MS), Timer::Room(key));
        let mut at = 0;
        while let Some(track) = self.rooms.get(key).and_then(|room| room.tracks.get(at)).copied() {
            self.review_track(track, now);
            at = at.saturating_add(1);
        }
        if window_ends {
            self.tell_speakers(key);
        }
    }

    /// Ends the window of each voice and tells the changes.
    fn tell_speakers(&mut self, key: Key) {
        let Some(room) = self.rooms.get(key) else { return };
        let mut speakers: Vec<Speaker> = Vec::new();
        for track in &room.tracks {
            let Some(track) = self.tracks.get_mut(*track).filter(|t| t.kind == Kind::Audio) else {
                continue;
            };
            let Some(level) = track.loudness.end_window(WINDOW_MS) else { continue };
            let speaker = self
                .connections
                .get(track.owner)
                .and_then(|owner| self.participants.get(owner.participant));
            if let Some(speaker) = speaker {
                speakers.push(Speaker {
                    participant: speaker.id,
                    level: f32::from(level) / 8.0,
                    active: level > 0,
                });
            }
        }
        if speakers.is_empty() {
            return;
        }
        speakers.sort_by(|a, b| b.level.total_cmp(&a.level));
        let room = room.id;
        self.tell(Event::Speakers { room, speakers });
    }
}
