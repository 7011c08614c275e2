//! Meetings by chance: the program counts the roll as it stands, the oracle tells the story again.

use std::env;

use hub::features::meetings::{
    Attendee, Figures, Host, Numbers, Place, Votes, figures, needed, outcome,
};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use signaling::http::meetings::{LampState, MeetingKind, VoteCase, VoteOutcome};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::oracle::{self, Branch, Gathering, Happening, Human, Law, Line, Matter, Way};
use crate::{first_seed, number};

const START: OffsetDateTime = datetime!(2026-11-25 19:30 +8);

/// A rule that the program's side breaks on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Control {
    No,
    /// Probationary members count.
    Probationary,
    /// Members from elsewhere count as if at home.
    Added,
    /// Half is not enough.
    Half,
    /// Whoever signed in counts for ever.
    Grace,
    /// More than half of those present passes.
    OfPresent,
}

const CONTROLS: [(&str, Control); 5] = [
    ("probationary", Control::Probationary),
    ("added", Control::Added),
    ("half", Control::Half),
    ("grace", Control::Grace),
    ("of_present", Control::OfPresent),
];

const GATHERINGS: [(Gathering, MeetingKind); 6] = [
    (Gathering::Members, MeetingKind::MembersMeeting),
    (Gathering::Committee, MeetingKind::CommitteeMeeting),
    (Gathering::Group, MeetingKind::GroupMeeting),
    (Gathering::Life, MeetingKind::OrganisationLife),
    (Gathering::ThemeDay, MeetingKind::ThemeDay),
    (Gathering::Lesson, MeetingKind::PartyLesson),
];
const BRANCHES: [(Branch, Host); 3] = [
    (Branch::Ordinary, Host::Home),
    (Branch::NetworkJoint, Host::Network),
    (Branch::Temporary, Host::Temporary),
];
const MATTERS: [(Matter, VoteCase); 4] = [
    (Matter::Resolution, VoteCase::Ordinary),
    (Matter::Committee, VoteCase::Committee),
    (Matter::Admission, VoteCase::Admission),
    (Matter::Election, VoteCase::Election),
];

/// The numbers of most installations, and now and then others.
fn any_law(rng: &mut StdRng) -> Law {
    let usual = rng.random_bool(0.7);
    let other = |rng: &mut StdRng, usual_is, others: &[i128]| {
        if usual { usual_is } else { others[rng.random_range(0..others.len())] }
    };
    Law {
        hold: other(rng, 50, &[34, 50, 67, 80]),
        admit: other(rng, 50, &[50, 66]),
        elect: other(rng, 80, &[50, 67, 80]),
        pass: other(rng, 50, &[50, 66, 75]),
        elect_of_entitled: rng.random_bool(0.3),
        grace_s: if usual { 60 } else { rng.random_range(10..300) },
        lag_s: 15,
        formal_full: 3,
        temporary: rng.random_bool(0.3),
        exempt: !rng.random_bool(0.2),
    }
}

fn any_human(rng: &mut StdRng, elsewhere: f64) -> Human {
    Human {
        probationary: rng.random_bool(0.08),
        suspended: rng.random_bool(0.03),
        from_elsewhere: rng.random_bool(elsewhere),
        exempted: rng.random_bool(0.06),
        in_committee: rng.random_bool(0.2),
        looks_on: rng.random_bool(0.04),
    }
}

/// People come, drop out, come back, leave; some never come.
fn any_story(rng: &mut StdRng, people: usize, until: i64) -> Vec<Line> {
    let mut lines = Vec::new();
    let come = [0.3, 0.5, 0.6, 0.9][rng.random_range(0..4)];
    for who in 0..people {
        if !rng.random_bool(come) {
            continue;
        }
        for _ in 0..rng.random_range(1..4) {
            let way = [Way::Device, Way::Device, Way::Device, Way::Hall, Way::Venue]
                [rng.random_range(0..5)];
            let mut at = rng.random_range(0..until);
            lines.push((at, who, Happening::SignsIn(way)));
            for _ in 0..rng.random_range(0..6) {
                at += [5, 14, 15, 16, 59, 60, 61, 200][rng.random_range(0..8)];
                lines.push((at, who, Happening::Heard));
            }
            if rng.random_bool(0.25) {
                at += rng.random_range(1..90);
                lines.push((at, who, Happening::SignsOut));
            }
        }
    }
    lines.sort_by_key(|line| line.0);
    lines
}

/// The roll as the hub would hold it at a second: each line changes one place.
fn roll(people: &[Human], lines: &[Line], at: i64, control: Control) -> Vec<Attendee> {
    let mut roll: Vec<Attendee> = people
        .iter()
        .map(|who| Attendee {
            full: !who.probationary || control == Control::Probationary,
            rights: !who.suspended,
            home: !who.from_elsewhere || control == Control::Added,
            exempt: who.exempted,
            committee: who.in_committee,
            observer: who.looks_on,
            place: Place::Away,
        })
        .collect();
    for (second, who, what) in lines.iter().filter(|line| line.0 <= at) {
        let when = START + Duration::seconds(*second);
        let place = &mut roll[*who].place;
        *place = match (what, *place) {
            (Happening::SignsIn(Way::Device), _) | (Happening::Heard, Place::Online(_)) => {
                Place::Online(when)
            }
            (Happening::SignsIn(Way::Hall), _) => Place::OnSite,
            (Happening::SignsIn(Way::Venue), _) => Place::Venue,
            (Happening::Heard, stays) => stays,
            (Happening::SignsOut, _) => Place::Away,
        };
    }
    roll
}

fn numbers(law: &Law, control: Control) -> Numbers {
    let small = |number: i128| u32::try_from(number).expect("a percentage");
    Numbers {
        quorum_percent: small(law.hold) + u32::from(control == Control::Half),
        admission_percent: small(law.admit),
        election_percent: small(law.elect),
        pass_percent: small(law.pass),
        election_of_entitled: law.elect_of_entitled,
        grace: if control == Control::Grace {
            Duration::MAX
        } else {
            Duration::seconds(law.grace_s)
        },
        lag: Duration::seconds(law.lag_s),
        formal_full_min: u32::try_from(law.formal_full).expect("small"),
        temporary_counts: law.temporary,
        away_exempt: law.exempt,
    }
}

fn compare(counted: &Figures, told: &oracle::Verdict) -> Result<(), String> {
    let small = |number: usize| u32::try_from(number).expect("small");
    let same = counted.expected == small(told.expected)
        && counted.present == small(told.present)
        && counted.connected == small(told.connected)
        && counted.needed == told.needed.map(small)
        && counted.consulted == small(told.asked)
        && counted.consulted_present == small(told.asked_present);
    let lamp = match told.needed {
        None => LampState::NotNeeded,
        Some(needed) if told.present >= needed => LampState::Reached,
        Some(_) => LampState::Missing,
    };
    let may_vote = told.needed.is_some_and(|needed| told.connected >= needed);
    if same && counted.lamp() == lamp && counted.may_vote() == may_vote {
        return Ok(());
    }
    Err(format!("{counted:?}, and told {told:?}"))
}

/// What was seen, so that a run that tries nothing is not taken for a good one.
#[derive(Default)]
struct Seen {
    moments: u64,
    reached: u64,
    missing: u64,
    no_formal: u64,
    apart: u64,
    half: u64,
}

fn meeting(seed: u64, control: Control, seen: &mut Seen) -> Result<(), String> {
    let mut rng = StdRng::seed_from_u64(seed);
    let (branch, host) = BRANCHES[rng.random_range(0..3)];
    let (gathering, kind) = GATHERINGS[[0, 0, 0, 1, 2, 3, 4, 5][rng.random_range(0..8)]];
    let elsewhere = match branch {
        Branch::Ordinary => 0.1,
        Branch::NetworkJoint => [0.76, 0.95, 1.0][rng.random_range(0..3)],
        Branch::Temporary => 1.0,
    };
    let law = any_law(&mut rng);
    let numbers = numbers(&law, control);
    let people: Vec<Human> =
        (0..rng.random_range(0..52)).map(|_| any_human(&mut rng, elsewhere)).collect();
    let until = 1_200;
    let lines = any_story(&mut rng, people.len(), until);
    let say = |what: String| format!("SEED={seed}: {what}\n{kind:?} {host:?} {law:?}");
    for _ in 0..3 {
        let at = rng.random_range(0..until + 600);
        let now = START + Duration::seconds(at);
        let counted = figures(&roll(&people, &lines, at, control), (kind, host), now, &numbers);
        let told = oracle::verdict(&people, &lines, (gathering, branch), at, &law);
        compare(&counted, &told).map_err(|what| say(format!("at {at} s: {what}")))?;
        seen.moments += 1;
        seen.reached += u64::from(counted.lamp() == LampState::Reached);
        seen.missing += u64::from(counted.lamp() == LampState::Missing);
        seen.no_formal += u64::from(counted.lamp() == LampState::NotNeeded);
        seen.apart += u64::from(counted.consulted > 0 && counted.needed.is_some());
        vote(&mut rng, &told, (&law, &numbers, control), seen).map_err(say)?;
    }
    Ok(())
}

/// A vote of any case on these figures: votes are at most as many as people.
fn vote(
    rng: &mut StdRng,
    told: &oracle::Verdict,
    (law, numbers, control): (&Law, &Numbers, Control),
    seen: &mut Seen,
) -> Result<(), String> {
    let (matter, case) = MATTERS[rng.random_range(0..4)];
    let (expected, present) = (told.expected, told.present);
    let yes = if rng.random_bool(0.3) { expected / 2 } else { rng.random_range(0..=expected) };
    let yes = yes.min(present);
    let no = rng.random_range(0..=present - yes);
    let small = |number: usize| u32::try_from(number).expect("small");
    let votes = Votes { yes: small(yes), no: small(no), abstain: small(present - yes - no) };
    let base = if control == Control::OfPresent { present } else { expected };
    let came = outcome(case, (small(base), small(present)), votes, numbers);
    let said = match oracle::decide(matter, expected, present, yes, law) {
        oracle::Result::Carried => VoteOutcome::Passed,
        oracle::Result::Lost => VoteOutcome::NotPassed,
        oracle::Result::Half => VoteOutcome::HalfExactly,
        oracle::Result::Void => VoteOutcome::NoQuorum,
    };
    seen.half += u64::from(said == VoteOutcome::HalfExactly);
    if votes.cast() != small(present) {
        return Err(format!("{votes:?} are not {present}"));
    }
    if came == said {
        return Ok(());
    }
    Err(format!("{case:?} of {expected}, {present} present, {yes} in favour: {came:?}, {said:?}"))
}

fn run(control: Control, first: u64, count: u64) -> Result<Seen, String> {
    let mut seen = Seen::default();
    for seed in first..first + count {
        meeting(seed, control, &mut seen)?;
    }
    Ok(seen)
}

#[test]
fn every_meeting_is_counted_as_the_text_says() {
    let (first, count) = (first_seed(), number("QUORUM_MEETINGS", 20_000));
    let control = match env::var("QUORUM_CONTROL") {
        Err(_) => Control::No,
        Ok(word) => {
            let found = CONTROLS.iter().find(|(name, _)| *name == word);
            found.expect("QUORUM_CONTROL is probationary, added, half, grace or of_present").1
        }
    };
    println!("{count} meetings, SEED={first}");
    let seen = run(control, first, count).unwrap_or_else(|what| panic!("{what}"));
    println!(
        "{} moments: quorum reached {}, missing {}, no formal vote {}; opinions apart {}; \
         {} votes at exactly half; every figure the same",
        seen.moments, seen.reached, seen.missing, seen.no_formal, seen.apart, seen.half
    );
    let tried = [seen.reached, seen.missing, seen.no_formal, seen.apart, seen.half];
    assert!(tried.iter().all(|times| *times > count / 1_000), "something was hardly tried");
}

#[test]
fn each_rule_that_is_broken_on_purpose_is_found() {
    for (name, control) in CONTROLS {
        assert!(run(control, first_seed(), 2_000).is_err(), "{name} was not found");
    }
}

/// The usual numbers, as the policies come with the program.
fn usual() -> Law {
    Law {
        hold: 50,
        admit: 50,
        elect: 80,
        pass: 50,
        elect_of_entitled: false,
        grace_s: 60,
        lag_s: 15,
        formal_full: 3,
        temporary: false,
        exempt: true,
    }
}

#[test]
fn the_cases_of_the_text_come_out_as_written() {
    let numbers = numbers(&usual(), Control::No);
    let yes = |yes| Votes { yes, no: 0, abstain: 0 };
    // 应到23 实到19, 15 in favour, 2 against, 2 abstain: 30 > 23.
    let votes = Votes { yes: 15, no: 2, abstain: 2 };
    assert_eq!(outcome(VoteCase::Ordinary, (23, 19), votes, &numbers), VoteOutcome::Passed);
    // 应到24 实到12 赞成12: held, not passed, for 24 = 24.
    assert_eq!(needed(VoteCase::Ordinary, 24, &numbers), 12);
    assert_eq!(outcome(VoteCase::Ordinary, (24, 12), yes(12), &numbers), VoteOutcome::HalfExactly);
    // 应到23 实到11: not held.
    assert_eq!(needed(VoteCase::Ordinary, 23, &numbers), 12);
    assert_eq!(outcome(VoteCase::Ordinary, (23, 11), yes(11), &numbers), VoteOutcome::NoQuorum);
    // An admission needs more than half, an election four fifths.
    assert_eq!(needed(VoteCase::Admission, 24, &numbers), 13);
    assert_eq!(needed(VoteCase::Election, 24, &numbers), 20);
    assert_eq!(needed(VoteCase::Election, 25, &numbers), 20);
}

#[test]
fn a_network_joint_branch_counts_its_two_groups_apart() {
    let numbers = numbers(&usual(), Control::No);
    let one = |home| Attendee {
        full: true,
        rights: true,
        home,
        exempt: false,
        committee: false,
        observer: false,
        place: Place::OnSite,
    };
    let of = |elsewhere: usize, home: usize| {
        let roll: Vec<_> = (0..elsewhere + home).map(|n| one(n >= elsewhere)).collect();
        figures(&roll, (MeetingKind::MembersMeeting, Host::Network), START, &numbers)
    };
    let both = of(16, 5);
    assert_eq!((both.expected, both.consulted, both.needed), (5, 16, Some(3)));
    let none = of(16, 0);
    assert_eq!((none.expected, none.consulted, none.needed), (0, 16, None));
    assert_eq!(none.lamp(), LampState::NotNeeded);
    assert_eq!(of(16, 2).needed, None);
}
