//! The latest page of each room as it was last read, for the many who open the same room. A page is
//! given only to who may see the same part of a room that still stands where it stood: everything
//! that changes a page moves its room's top, except a name, for which its age is bounded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use signaling::RoomId;
use signaling::chat::session::Millis;
use signaling::limits::{PAGE_KEPT_BYTES_MAX, PAGE_KEPT_MS_MAX, PAGES_KEPT_MAX};
use signaling::rpc::chat::MessagePage;

use super::rpc::json;
use crate::error::Result;
use crate::timeline::{Epoch, Standing};

/// A page that was read for nobody in particular.
#[derive(Debug)]
pub(super) struct Kept {
    /// What it was read for: where the room stood, from where it may be seen, how many lines.
    of: (Epoch, i64, i64, usize),
    read_at: Millis,
    /// The whole answer.
    pub json: Bytes,
    /// The page itself where each reader's own reactions must be marked in it.
    pub marked: Option<MessagePage>,
}

/// Where a room stood, from where it may be seen, how many lines.
const fn of(standing: &Standing, limit: usize) -> (Epoch, i64, i64, usize) {
    (standing.top.epoch, standing.top.seq, standing.visible_from, limit)
}

impl Kept {
    /// `page`, read after `standing` at `now`.
    pub fn new(
        page: MessagePage,
        standing: &Standing,
        limit: usize,
        now: Millis,
    ) -> Result<Arc<Self>> {
        let json = json(&page)?;
        let marked = page.items.iter().any(|item| !item.reactions.is_empty()).then_some(page);
        Ok(Arc::new(Self { of: of(standing, limit), read_at: now, json, marked }))
    }

    fn is_young(&self, now: Millis) -> bool {
        now.since(self.read_at) <= PAGE_KEPT_MS_MAX
    }
}

/// Latest pages by room.
#[derive(Debug, Default)]
pub struct LatestPages(Mutex<HashMap<RoomId, Arc<Kept>>>);

impl LatestPages {
    /// The page of `room`, where it is the one to read now.
    pub(super) fn find(
        &self,
        room: RoomId,
        standing: &Standing,
        limit: usize,
        now: Millis,
    ) -> Option<Arc<Kept>> {
        let pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = pages.get(&room)?;
        (kept.of == of(standing, limit) && kept.is_young(now)).then(|| Arc::clone(kept))
    }

    /// Keeps a page, where it is small and there is room for it.
    pub(super) fn keep(&self, room: RoomId, page: &Arc<Kept>) {
        if page.json.len() > PAGE_KEPT_BYTES_MAX {
            return;
        }
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pages.len() >= PAGES_KEPT_MAX && !pages.contains_key(&room) {
            pages.retain(|_, kept| kept.is_young(page.read_at));
        }
        if pages.len() < PAGES_KEPT_MAX || pages.contains_key(&room) {
            pages.insert(room, Arc::clone(page));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use signaling::event::chat::RoomRole;
    use uuid::Uuid;

    use super::*;
    use crate::timeline::Top;

    fn room(number: usize) -> RoomId {
        RoomId(Uuid::from_u128(number as u128))
    }

    fn standing(seq: i64, visible_from: i64) -> Standing {
        let top = Top { seq, countable: seq, epoch: Epoch { store: 1, room: 1 } };
        Standing { role: RoomRole::Member, visible_from, top }
    }

    fn page(standing: &Standing, limit: usize, now: Millis) -> Arc<Kept> {
        let page = MessagePage {
            items: Vec::new(),
            people: BTreeMap::new(),
            older: false,
            newer: false,
            top: standing.top.seq,
            epoch: standing.top.epoch.to_string(),
            visible_from: standing.visible_from,
        };
        Kept::new(page, standing, limit, now).expect("a page")
    }

    #[test]
    fn a_page_is_given_only_while_its_room_stands_and_to_who_may_see_the_same() {
        let (pages, now) = (LatestPages::default(), Millis(1_000));
        let stands = standing(7, 1);
        pages.keep(room(1), &page(&stands, 50, now));
        assert!(pages.find(room(1), &stands, 50, now).is_some());
        assert!(pages.find(room(2), &stands, 50, now).is_none(), "another room");
        assert!(pages.find(room(1), &standing(8, 1), 50, now).is_none(), "the room moved");
        assert!(pages.find(room(1), &standing(7, 3), 50, now).is_none(), "seen from elsewhere");
        assert!(pages.find(room(1), &stands, 40, now).is_none(), "another length");
        let mut restored = stands;
        restored.top.epoch.store = 2;
        assert!(pages.find(room(1), &restored, 50, now).is_none(), "another epoch");
        let old = Millis(now.0 + PAGE_KEPT_MS_MAX + 1);
        assert!(pages.find(room(1), &stands, 50, old).is_none(), "a name may have changed");
    }

    #[test]
    fn the_pages_kept_are_bounded_and_old_ones_make_room() {
        let (pages, now) = (LatestPages::default(), Millis(1_000));
        let stands = standing(7, 1);
        for number in 0..=PAGES_KEPT_MAX {
            pages.keep(room(number), &page(&stands, 50, now));
        }
        assert!(pages.find(room(PAGES_KEPT_MAX), &stands, 50, now).is_none(), "no room for it");
        assert!(pages.find(room(0), &stands, 50, now).is_some());
        let later = Millis(now.0 + PAGE_KEPT_MS_MAX + 1);
        pages.keep(room(PAGES_KEPT_MAX), &page(&stands, 50, later));
        assert!(pages.find(room(PAGES_KEPT_MAX), &stands, 50, later).is_some());
    }
}
