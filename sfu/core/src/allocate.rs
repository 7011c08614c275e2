//! Who gets what of a narrow downlink: sound always, then of every picture the lowest layer, then
//! layer by layer, dearer pictures first.

use signaling::limits::LAYERS_MAX;

use crate::api::event::Event;
use crate::api::media::Kind;
use crate::arena::Key;
use crate::connection::Pending;
use crate::intake::list;
use crate::sfu::Sfu;
use crate::time::Micros;

/// Time between two divisions, unless the estimate falls.
const INTERVAL_US: u64 = 100_000;
/// A layer is begun only with so much to spare, in percent of its rate.
const SPARE_PERCENT: u64 = 115;
/// and kept while so much of it fits: rates come in bursts, and what is stopped needs a key frame.
/// The queue on the way, not this, says when it is too much.
const KEEP_PERCENT: u64 = 80;

/// A picture that stands still is shown again after so long, then after twice as long each time,
/// whatever the estimate says: its own packets tell best what the way bears.
const TRIAL_WAIT_MIN_US: u64 = 2_000_000;
const TRIAL_WAIT_MAX_US: u64 = 16_000_000;

/// The last picture of all: kept while the way is not full, tried again when it stands still. By the
/// estimate alone a way that is merely uneven (a busy telephone, a weak radio) would stop it for ever.
#[derive(Debug)]
pub(crate) struct LastPicture {
    /// It flows, or stands still, since then.
    since: Micros,
    flows: bool,
    wait_us: u64,
}

impl Default for LastPicture {
    fn default() -> Self {
        Self { since: Micros(0), flows: true, wait_us: TRIAL_WAIT_MIN_US }
    }
}

impl LastPicture {
    /// Whether it flows; `fits`: by the estimate.
    fn flows(&mut self, fits: bool, is_full: bool, now: Micros) -> bool {
        let lasted = now.since(self.since);
        let flows = if self.flows { fits || !is_full } else { fits || lasted >= self.wait_us };
        if self.flows && flows && lasted > TRIAL_WAIT_MAX_US {
            self.wait_us = TRIAL_WAIT_MIN_US;
        }
        if self.flows != flows {
            (self.flows, self.since) = (flows, now);
            if flows && !fits {
                self.wait_us = self.wait_us.saturating_mul(2).min(TRIAL_WAIT_MAX_US);
            }
        }
        flows
    }
}

/// One picture's part.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Share {
    place: u16,
    track: Option<Key>,
    priority: u8,
    layer_max: u8,
    /// Bits per second of each layer; 0: nothing comes of it.
    rates: [u64; LAYERS_MAX],
    before: Option<u8>,
    granted: Option<u8>,
}

impl Share {
    /// The lowest layer of which anything comes.
    fn lowest(&self) -> Option<u8> {
        u8::try_from(self.rates.iter().position(|rate| *rate > 0)?).ok()
    }

    fn rate(&self, layer: Option<u8>) -> u64 {
        layer.and_then(|layer| self.rates.get(usize::from(layer))).copied().unwrap_or(0)
    }
}

/// Grants layers within the budget; whether more was wanted.
fn divide(mut budget: u64, shares: &mut [Share]) -> bool {
    shares.sort_unstable_by_key(|share| (u8::MAX.saturating_sub(share.priority), share.place));
    let mut more = false;
    for layer in 0..u8::try_from(LAYERS_MAX).unwrap_or(0) {
        for share in shares.iter_mut().filter(|share| layer <= share.layer_max) {
            let rate = share.rate(Some(layer));
            if rate == 0 {
                continue;
            }
            let added = rate.saturating_sub(share.rate(share.granted));
            let begins = share.before.is_none_or(|before| layer > before);
            let percent = if begins { SPARE_PERCENT } else { KEEP_PERCENT };
            let needed = added.saturating_mul(percent) / 100;
            if needed <= budget {
                budget = budget.saturating_sub(added);
                share.granted = Some(layer);
            } else {
                more = true;
            }
        }
    }
    more
}

impl Sfu {
    /// Divides a peer's downlink anew, when that is due or `now_please`.
    pub(crate) fn allocate(&mut self, key: Key, fell: bool, now: Micros) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        if !fell && now.since(connection.allocated_at) < INTERVAL_US {
            return;
        }
        connection.allocated_at = now;
        let estimate = connection.estimate.bps();
        let budget = match (estimate, connection.cap_bps) {
            (None, None) => u64::MAX,
            (a, b) => a.unwrap_or(u64::MAX).min(b.unwrap_or(u64::MAX)),
        };
        let mut shares = std::mem::take(&mut self.shares);
        shares.clear();
        let sound = self.gather(key, &mut shares, now);
        let more = divide(budget.saturating_sub(sound), &mut shares);
        if let (Some(connection), Some(share)) = (self.connections.get_mut(key), shares.first_mut())
        {
            let is_capped = connection.cap_bps.is_some_and(|cap| cap <= budget);
            let (fits, is_full) = (share.granted.is_some(), connection.estimate.is_full());
            if connection.last_picture.flows(fits, is_full, now) && !is_capped {
                share.granted = share.granted.or(share.lowest());
            }
        }
        for share in &shares {
            self.grant(key, share, budget, now);
        }
        self.shares = shares;
        if more
            && self.connections.get(key).is_some_and(|c| c.cap_bps.is_none_or(|cap| cap > budget))
        {
            self.probe(key, now);
        }
    }

    /// Collects the pictures' parts; the rate of the sound.
    fn gather(&mut self, key: Key, shares: &mut Vec<Share>, now: Micros) -> u64 {
        let Some(connection) = self.connections.get(key) else { return 0 };
        let mut sound = 0_u64;
        for (place, send) in (0..).zip(&connection.sends) {
            let Some(send) = send else { continue };
            let Some(track) = self.tracks.get_mut(send.track) else { continue };
            let wish = send.media.wish;
            if wish.paused || track.muted {
                continue;
            }
            let mut rates = [0; LAYERS_MAX];
            for (rate, incoming) in rates.iter_mut().zip(&mut track.layers) {
                if let Some(incoming) = incoming {
                    *rate = incoming.meter.bps(now);
                }
            }
            if track.kind == Kind::Audio {
                sound = sound.saturating_add(rates.iter().copied().max().unwrap_or(0));
                continue;
            }
            if rates.iter().all(|rate| *rate == 0) {
                continue;
            }
            shares.push(Share {
                place,
                track: Some(send.track),
                priority: wish.priority,
                layer_max: wish.layer_max,
                rates,
                before: send.granted,
                granted: None,
            });
        }
        sound
    }

    fn grant(&mut self, key: Key, share: &Share, budget: u64, now: Micros) {
        let (Some(connection), Some(track)) = (self.connections.get_mut(key), share.track) else {
            return;
        };
        let peer = connection.id;
        let Some(send) = connection.send_mut(share.place) else { return };
        // The highest of all is no limit: a layer that comes later is granted at once.
        let top = share.rates.iter().rposition(|rate| *rate > 0);
        let is_top = share.granted.map(usize::from) == top;
        let granted = if is_top { Some(u8::MAX) } else { share.granted };
        if send.granted == granted {
            return;
        }
        let paused = granted.is_none();
        let told = (send.granted.is_none() != paused).then_some(send.media.track);
        send.granted = granted;
        // A layer that the way does not bear is not sent until the lower one's key frame comes.
        let current = send.selector.current();
        if current > share.granted && share.rate(current) > budget {
            send.selector.stop();
        }
        if let Some(track) = told {
            self.tell(Event::Stream { peer, track, paused });
        }
        self.review_track(track, now);
    }

    /// Sends the last packets of a picture once more, back to back.
    fn probe(&mut self, key: Key, now: Micros) {
        let Some(connection) = self.connections.get_mut(key) else { return };
        let found = (0..).zip(&connection.sends).find_map(|(place, send)| {
            let send = send.as_ref().filter(|send| send.can_probe())?;
            Some((place, send.last_sequence()))
        });
        let Some((place, last)) = found else { return };
        let Some(count) = connection.estimate.probe(now) else { return };
        let count = u16::try_from(count).unwrap_or(4);
        for back in 0..count {
            let pending = Pending::Repair { send: place, sequence: last.wrapping_sub(back) };
            list(connection, &mut self.listed, key, pending);
        }
        connection.probe_left = count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(place: u16, priority: u8, before: Option<u8>) -> Share {
        let rates = [150_000, 500_000, 1_700_000];
        Share { place, priority, layer_max: 2, rates, before, ..Share::default() }
    }

    fn granted(budget: u64, mut shares: Vec<Share>) -> (Vec<Option<u8>>, bool) {
        let more = divide(budget, &mut shares);
        shares.sort_by_key(|share| share.place);
        (shares.iter().map(|share| share.granted).collect(), more)
    }

    #[test]
    fn every_picture_gets_its_lowest_layer_before_any_gets_more() {
        let three = vec![share(0, 0, None), share(1, 1, None), share(2, 0, None)];
        assert_eq!(granted(100_000, three.clone()), (vec![None, None, None], true));
        assert_eq!(granted(400_000, three.clone()), (vec![Some(0), Some(0), None], true));
        assert_eq!(granted(900_000, three.clone()), (vec![Some(0), Some(1), Some(0)], true));
        assert_eq!(granted(6_000_000, three), (vec![Some(2), Some(2), Some(2)], false));
    }

    #[test]
    fn a_layer_is_kept_with_less_than_it_takes_to_begin_it() {
        assert_eq!(granted(510_000, vec![share(0, 0, Some(0))]).0, [Some(0)]);
        assert_eq!(granted(510_000, vec![share(0, 0, Some(1))]).0, [Some(1)]);
        assert_eq!(granted(600_000, vec![share(0, 0, Some(0))]).0, [Some(1)]);
        assert_eq!(granted(130_000, vec![share(0, 0, Some(0))]).0, [Some(0)], "a burst");
        assert_eq!(granted(110_000, vec![share(0, 0, Some(0))]).0, [None]);
    }
}
