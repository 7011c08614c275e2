//! The rules of attendance and votes, written from the text of the design and nothing else: a story
//! of a meeting is told again from its beginning, person by person, and fractions are compared as
//! products of whole numbers.

/// A day's numbers, as the text has them.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// Half of E is enough to hold a meeting: 50 of 100.
    pub hold: i128,
    /// An admission needs more than this part of E.
    pub admit: i128,
    /// An election needs this part of E.
    pub elect: i128,
    /// Votes in favour have to be more than this part of the base.
    pub pass: i128,
    pub elect_of_entitled: bool,
    pub grace_s: i64,
    pub lag_s: i64,
    pub formal_full: usize,
    pub temporary: bool,
    pub exempt: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gathering {
    Members,
    Committee,
    Group,
    Life,
    ThemeDay,
    Lesson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    Ordinary,
    NetworkJoint,
    Temporary,
}

/// A person as the register knows him or her.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own about a person")]
pub struct Human {
    pub probationary: bool,
    pub suspended: bool,
    pub from_elsewhere: bool,
    pub exempted: bool,
    pub in_committee: bool,
    pub looks_on: bool,
}

/// What happened, in the order of time.
#[derive(Clone, Copy, Debug)]
pub enum Happening {
    SignsIn(Way),
    /// A sign of life of the device.
    Heard,
    SignsOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Device,
    Hall,
    Venue,
}

/// One line: second, who, what.
pub type Line = (i64, usize, Happening);

/// Entitled, by the sentence “E excludes …”.
pub fn entitled(who: Human, gathering: Gathering, branch: Branch, law: &Law) -> bool {
    if gathering == Gathering::ThemeDay || gathering == Gathering::Lesson {
        return false;
    }
    let mut excluded = false;
    excluded |= who.probationary;
    excluded |= who.suspended;
    excluded |= who.looks_on;
    excluded |= law.exempt && who.exempted;
    if gathering == Gathering::Committee {
        excluded |= !who.in_committee;
    } else if branch == Branch::Temporary {
        excluded |= !law.temporary;
    } else {
        excluded |= who.from_elsewhere;
    }
    !excluded
}

/// Asked for an opinion: participating members of a network joint branch, who are never added.
pub fn asked(who: Human, gathering: Gathering, branch: Branch) -> bool {
    branch == Branch::NetworkJoint
        && matches!(gathering, Gathering::Members | Gathering::Group | Gathering::Life)
        && who.from_elsewhere
        && !who.probationary
        && !who.suspended
        && !who.looks_on
}

/// For how many seconds somebody has been silent; `None`: is not there at all.
pub fn silence(lines: &[Line], who: usize, at: i64) -> Option<i64> {
    let mut standing: Option<(Way, i64)> = None;
    for (second, person, what) in lines {
        if *person != who || *second > at {
            continue;
        }
        standing = match (what, standing) {
            (Happening::SignsIn(way), _) => Some((*way, *second)),
            (Happening::Heard, Some((Way::Device, _))) => Some((Way::Device, *second)),
            (Happening::Heard, other) => other,
            (Happening::SignsOut, _) => None,
        };
    }
    match standing? {
        (Way::Device, heard) => Some(at - heard),
        _ => Some(0),
    }
}

/// What an oracle says of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub expected: usize,
    pub present: usize,
    pub connected: usize,
    pub needed: Option<usize>,
    pub asked: usize,
    pub asked_present: usize,
}

pub fn verdict(
    people: &[Human],
    lines: &[Line],
    (gathering, branch): (Gathering, Branch),
    at: i64,
    law: &Law,
) -> Verdict {
    let mut said =
        Verdict { expected: 0, present: 0, connected: 0, needed: None, asked: 0, asked_present: 0 };
    let mut home_full = 0;
    for (number, &who) in people.iter().enumerate() {
        let silent = silence(lines, number, at);
        let there = silent.is_some_and(|seconds| seconds <= law.grace_s);
        let heard = there && silent.is_some_and(|seconds| seconds <= law.lag_s);
        if !who.probationary && !who.from_elsewhere && !who.looks_on {
            home_full += 1;
        }
        if entitled(who, gathering, branch, law) {
            said.expected += 1;
            said.present += usize::from(there);
            said.connected += usize::from(heard);
        } else if asked(who, gathering, branch) {
            said.asked += 1;
            said.asked_present += usize::from(there);
        }
    }
    let network = branch == Branch::NetworkJoint && gathering != Gathering::Committee;
    let formal = said.expected > 0 && !(network && home_full < law.formal_full);
    if formal {
        // The least number that fulfils the sentence, found by trying.
        said.needed = (0..=said.expected).find(|present| may_hold(*present, said.expected, law));
    }
    said
}

/// 2P ≥ E, with the half written as 50 of 100.
pub fn may_hold(present: usize, expected: usize, law: &Law) -> bool {
    100 * wide(present) >= law.hold * wide(expected)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    Resolution,
    Committee,
    Admission,
    Election,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Result {
    Carried,
    Lost,
    Half,
    Void,
}

/// The table of votes, row by row.
pub fn decide(matter: Matter, expected: usize, present: usize, yes: usize, law: &Law) -> Result {
    let (e, p, y) = (wide(expected), wide(present), wide(yes));
    let held = match matter {
        Matter::Resolution | Matter::Committee => 100 * p >= law.hold * e,
        Matter::Admission => 100 * p > law.admit * e,
        Matter::Election => 100 * p >= law.elect * e,
    };
    if e == 0 || !held {
        return Result::Void;
    }
    let of = if matter == Matter::Election && !law.elect_of_entitled { p } else { e };
    let (favour, bar) = (100 * y, law.pass * of);
    if favour > bar {
        return Result::Carried;
    }
    if favour == bar { Result::Half } else { Result::Lost }
}

fn wide(count: usize) -> i128 {
    i128::try_from(count).expect("small")
}
