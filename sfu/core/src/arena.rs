//! Things in numbered places. A key is good for one thing only, also when its place is used again.

/// A place and the how-manieth thing in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key {
    place: u32,
    turn: u32,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Arena<T> {
    places: Vec<(u32, Option<T>)>,
    free: Vec<u32>,
}

impl<T> Default for Arena<T> {
    fn default() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }
}

impl<T> Arena<T> {
    /// `None` when all places are taken.
    pub(crate) fn insert(&mut self, thing: T) -> Option<Key> {
        if let Some(place) = self.free.pop() {
            let (turn, empty) = self.places.get_mut(usize::try_from(place).ok()?)?;
            *empty = Some(thing);
            return Some(Key { place, turn: *turn });
        }
        let place = u32::try_from(self.places.len()).ok()?;
        self.places.push((0, Some(thing)));
        Some(Key { place, turn: 0 })
    }

    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        let (turn, thing) = self.places.get(usize::try_from(key.place).ok()?)?;
        thing.as_ref().filter(|_| *turn == key.turn)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let (turn, thing) = self.places.get_mut(usize::try_from(key.place).ok()?)?;
        thing.as_mut().filter(|_| *turn == key.turn)
    }

    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        let (turn, thing) = self.places.get_mut(usize::try_from(key.place).ok()?)?;
        if *turn != key.turn {
            return None;
        }
        let thing = thing.take()?;
        // A place that was used four thousand million times is left empty.
        if let Some(next) = turn.checked_add(1) {
            *turn = next;
            self.free.push(key.place);
        }
        Some(thing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_good_for_one_thing_only() {
        let mut arena = Arena::default();
        let first = arena.insert("first").expect("room");
        assert_eq!(arena.remove(first), Some("first"));
        let second = arena.insert("second").expect("room");
        assert_eq!((arena.get(first), arena.get(second)), (None, Some(&"second")));
        assert_eq!((arena.remove(first), arena.get_mut(second)), (None, Some(&mut "second")));
    }
}
