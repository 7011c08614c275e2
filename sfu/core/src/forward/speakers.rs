//! Who speaks: loudness of a window is loud packets' share and mean, told in steps, and only when
//! it changes.

/// Packets at least this loud count, in −dBov.
const LOUD_MAX: u8 = 35;
/// A speaker is loud in more than this share of the window, in hundredths.
const SHARE_MIN: u32 = 40;
/// A packet of sound lasts this long as a rule.
const PACKET_MS: u32 = 20;
/// Who stops has this many windows to go on.
const QUIET_WINDOWS: u8 = 2;

/// One track's sound.
#[derive(Debug, Default)]
pub(crate) struct Loudness {
    loud: u32,
    /// Sum of the loud packets' levels.
    sum: u32,
    told: u8,
    quiet: u8,
}

impl Loudness {
    /// A packet of level 0 (loudest) to 127, in −dBov.
    pub(crate) fn note(&mut self, level: u8) {
        if level <= LOUD_MAX {
            self.loud = self.loud.saturating_add(1);
            self.sum = self.sum.saturating_add(level.into());
        }
    }

    /// Ends a window of `window_ms`: the new level, 0 (does not speak) to 8, when it changed.
    pub(crate) fn end_window(&mut self, window_ms: u32) -> Option<u8> {
        let packets = (window_ms / PACKET_MS).max(1);
        let share = self.loud.saturating_mul(100).checked_div(packets).unwrap_or(0);
        let mean = self.sum.checked_div(self.loud).unwrap_or(127);
        (self.loud, self.sum) = (0, 0);
        let mut level = if share > SHARE_MIN { eighths(mean) } else { 0 };
        if level == 0 && self.told > 0 && self.quiet < QUIET_WINDOWS {
            self.quiet = self.quiet.saturating_add(1);
            level = self.told;
        } else {
            self.quiet = 0;
        }
        let changed = level != self.told;
        self.told = level;
        changed.then_some(level)
    }
}

/// 10^(−level/20), rounded up to eighths.
fn eighths(level: u32) -> u8 {
    // Levels at which the amplitude falls below n/8.
    const BELOW: [u32; 7] = [2, 3, 5, 7, 9, 13, 19];
    let steps = BELOW.iter().filter(|bound| level >= **bound).count();
    8_u8.saturating_sub(u8::try_from(steps).unwrap_or(7))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(loudness: &mut Loudness, loud: usize, level: u8) -> Option<u8> {
        for n in 0..20 {
            loudness.note(if n < loud { level } else { 90 });
        }
        loudness.end_window(400)
    }

    #[test]
    fn who_is_loud_for_long_enough_speaks_and_stops_after_a_while() {
        let mut loudness = Loudness::default();
        assert_eq!(window(&mut loudness, 8, 10), None, "40 % is not more than 40 %");
        assert_eq!(window(&mut loudness, 9, 10), Some(3));
        assert_eq!(window(&mut loudness, 20, 10), None, "no change");
        assert_eq!(window(&mut loudness, 20, 0), Some(8));
        assert_eq!(window(&mut loudness, 0, 0), None, "a breath");
        assert_eq!(window(&mut loudness, 0, 0), None);
        assert_eq!(window(&mut loudness, 0, 0), Some(0));
        assert_eq!(window(&mut loudness, 20, 36), None, "too quiet");
    }

    #[test]
    fn steps_follow_the_amplitude() {
        for level in 0..36_u32 {
            let exact = 10_f64.powf(-f64::from(level) / 20.0) * 8.0;
            let steps = f64::from(eighths(level));
            assert!((steps - exact).abs() <= 1.0, "{level}: {steps} for {exact}");
        }
    }
}
