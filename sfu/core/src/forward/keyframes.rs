//! Asking the sender of one stream for a key frame: many receivers may want one, it is asked for
//! once, and again only when none came.

use crate::time::Micros;

/// An encoder makes no two within this time.
const INTERVAL_MS: u64 = 300;
const INTERVAL_MS_MAX: u64 = 1_200;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct KeyFrames {
    wanted: bool,
    asked_at: Option<Micros>,
    /// Times asked since the last one came.
    unanswered: u32,
    /// Times asked in all.
    pub(crate) asked: u64,
}

impl KeyFrames {
    /// Somebody cannot go on without one.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// One begins.
    pub(crate) fn came(&mut self) {
        self.wanted = false;
        self.unanswered = 0;
    }

    /// When to ask.
    pub(crate) fn due(&self) -> Micros {
        match (self.wanted, self.asked_at) {
            (false, _) => Micros::NEVER,
            (true, None) => Micros(0),
            (true, Some(at)) => {
                let doubled = INTERVAL_MS.checked_shl(self.unanswered.saturating_sub(1));
                at.plus_millis(doubled.unwrap_or(INTERVAL_MS_MAX).min(INTERVAL_MS_MAX))
            }
        }
    }

    /// Whether to ask now; if so, it counts as done.
    pub(crate) fn ask(&mut self, now: Micros) -> bool {
        if self.due() > now {
            return false;
        }
        self.asked_at = Some(now);
        self.unanswered = self.unanswered.saturating_add(1);
        self.asked = self.asked.saturating_add(1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_who_want_one_ask_once_and_again_only_when_none_comes() {
        let mut frames = KeyFrames::default();
        let mut asked = Vec::new();
        for ms in 0..2_000 {
            if ms < 100 {
                frames.want();
            }
            if frames.ask(Micros::from_millis(ms)) {
                asked.push(ms);
            }
            if ms == 1_000 {
                frames.came();
            }
        }
        assert_eq!(asked, [0, 300, 900]);
        assert_eq!(frames.due(), Micros::NEVER);
    }
}
