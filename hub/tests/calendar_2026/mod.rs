//! The working days of 2026 from a table written by hand, and the calendar as the program keeps it.

use hub::features::policies::WorkingDays;
use time::macros::date;
use time::{Date, Duration};

/// Days of 2026 on which people do not work, month by month, written out from the notice on the
/// holidays of 2026 and a printed calendar; the program's calendar is not read here.
const OFF: [&[u8]; 12] = [
    &[1, 2, 3, 10, 11, 17, 18, 24, 25, 31],
    &[1, 7, 8, 15, 16, 17, 18, 19, 20, 21, 22, 23],
    &[1, 7, 8, 14, 15, 21, 22, 28, 29],
    &[4, 5, 6, 11, 12, 18, 19, 25, 26],
    &[1, 2, 3, 4, 5, 10, 16, 17, 23, 24, 30, 31],
    &[6, 7, 13, 14, 19, 20, 21, 27, 28],
    &[4, 5, 11, 12, 18, 19, 25, 26],
    &[1, 2, 8, 9, 15, 16, 22, 23, 29, 30],
    &[5, 6, 12, 13, 19, 25, 26, 27],
    &[1, 2, 3, 4, 5, 6, 7, 11, 17, 18, 24, 25, 31],
    &[1, 7, 8, 14, 15, 21, 22, 28, 29],
    &[5, 6, 12, 13, 19, 20, 26, 27],
];

fn works(day: Date) -> bool {
    assert_eq!(day.year(), 2026, "the table is of 2026");
    !OFF[usize::from(u8::from(day.month())) - 1].contains(&day.day())
}

/// The calendar as the program keeps it: weekends are off unless moved.
pub fn calendar() -> WorkingDays {
    let spans = [
        (date!(2026 - 01 - 01), 3),
        (date!(2026 - 02 - 15), 9),
        (date!(2026 - 04 - 04), 3),
        (date!(2026 - 05 - 01), 5),
        (date!(2026 - 06 - 19), 3),
        (date!(2026 - 09 - 25), 3),
        (date!(2026 - 10 - 01), 7),
    ];
    let off = spans
        .iter()
        .flat_map(|(first, days)| (0..*days).map(|n| (*first + Duration::days(n), false)));
    let on = [
        date!(2026 - 01 - 04),
        date!(2026 - 02 - 14),
        date!(2026 - 02 - 28),
        date!(2026 - 05 - 09),
        date!(2026 - 09 - 20),
        date!(2026 - 10 - 10),
    ];
    WorkingDays(off.chain(on.map(|day| (day, true))).collect())
}

pub fn nth_after(day: Date, count: u32) -> Date {
    let (mut at, mut seen) = (day, 0);
    while seen < count {
        at = at.next_day().expect("a day");
        seen += u32::from(works(at));
    }
    at
}

pub fn count_between(day: Date, until: Date) -> u32 {
    let mut count = 0;
    let mut at = day;
    while at < until {
        at = at.next_day().expect("a day");
        count += u32::from(works(at));
    }
    count
}
