//! Invented people and the branches they belong to, as plain values from a seed. Nobody of these
//! names and numbers exists: numbers that begin with 100 are given to no one.

use std::collections::HashSet;

use signaling::http::organisations::{JointKind, OrganisationKind, Standing};

use super::Plan;
use super::places::{self, Above, LONG_NAME};
use crate::app::Chance;

/// Members of one party group, at most.
const GROUP_SIZE: usize = 12;
/// Place in the branch of its secretary.
pub(super) const SECRETARY: usize = 2;
/// Of whom the branch or group has officers; they have all rights.
const OFFICERS: usize = 6;
/// Of the joint branch of the kind network: those whose home it is, so that it has a formal vote.
const NETWORK_HOME: usize = 5;
/// Size of the first branch, whose first group is the one that is shown.
const FIRST_BRANCH: usize = 24;
/// Below so many people the sizes at the edges of the rules are left out.
const EDGES_FROM: usize = 400;

const SURNAMES: &[&str] = &["林", "沈", "韩", "江", "苏", "欧阳", "司徒"];
const SYLLABLES: &[&str] = &["一", "禾", "川", "舟", "可", "宁", "朗", "安", "溪", "然"];
/// Names with characters that few fonts and some programs do not know.
const RARE_NAMES: &[(usize, &str)] = &[(14, "林㛃一"), (15, "沈𬱖可")];
/// Twenty equal parts of a log-normal distribution with the median 18.
const SIZES: &[usize] =
    &[6, 8, 9, 10, 11, 13, 14, 15, 16, 17, 19, 20, 22, 24, 26, 28, 32, 36, 43, 58];

/// Somebody to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DemoPerson {
    pub name: String,
    pub phone: String,
    pub standing: Standing,
    /// The right to vote is not suspended.
    pub votes: bool,
    /// Away from home.
    pub mobile: bool,
}

/// A branch with the people whose home it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DemoBranch {
    pub name: String,
    pub kind: OrganisationKind,
    pub joint: Option<JointKind>,
    pub above: Above,
    pub people: Vec<DemoPerson>,
}

impl DemoBranch {
    /// Its people by party group: as few groups as there can be, of nearly the same size.
    pub(super) fn groups(&self) -> Vec<&[DemoPerson]> {
        let count = self.people.len().div_ceil(GROUP_SIZE).max(1);
        let (each, more) = (self.people.len() / count, self.people.len() % count);
        let mut rest = self.people.as_slice();
        (0..count)
            .map(|number| {
                let (group, others) = rest.split_at(each + usize::from(number < more));
                rest = others;
                group
            })
            .collect()
    }
}

/// The number of a serial; 0 is the administrator.
pub(super) fn phone(serial: usize) -> String {
    format!("100{serial:08}")
}

/// Every branch of a plan, the one that is shown first, the joint branch of the kind home second,
/// that of the kind network last.
pub(super) fn branches(plan: &Plan) -> Vec<DemoBranch> {
    let chance = Chance::seeded(plan.seed);
    let mut serial = 0;
    let mut names = HashSet::new();
    let sizes = sizes(&chance, usize::from(plan.members));
    let mut counts = [0; places::PLACES];
    let last = sizes.len().saturating_sub(1);
    let joint = |joint, name: &str, above, people| DemoBranch {
        name: name.to_owned(),
        kind: OrganisationKind::JointBranch,
        joint: Some(joint),
        above,
        people,
    };
    let mut branches: Vec<DemoBranch> = Vec::new();
    for (number, size) in sizes.into_iter().enumerate() {
        let people = (0..size).map(|_| {
            serial += 1;
            person(&chance, serial, &mut names)
        });
        let people = people.collect();
        let branch = match number {
            1 => joint(JointKind::Home, places::HOME_JOINT, Above::Street, people),
            number if number == last => {
                joint(JointKind::Network, places::NETWORK_JOINT, Above::County, people)
            }
            _ => {
                let place = places::place(number.saturating_sub(usize::from(number > 1)));
                let count = counts.get_mut(place.index).map_or(1, |count| {
                    *count += 1;
                    *count
                });
                let long = number == 3 && usize::from(plan.members) >= EDGES_FROM;
                let name = if long { LONG_NAME.to_owned() } else { place.branch_name(count) };
                let (kind, above) = (OrganisationKind::Branch, place.above);
                DemoBranch { name, kind, joint: None, above, people }
            }
        };
        branches.push(branch);
    }
    spread(&mut branches, usize::from(plan.members));
    branches
}

/// Sizes of the branches: together `members`, none below three.
fn sizes(chance: &Chance, members: usize) -> Vec<usize> {
    let joint = (members * 4 / 100).clamp(6, 40);
    let mut sizes = vec![FIRST_BRANCH, joint];
    if members >= EDGES_FROM {
        sizes.extend([3, 50, 51]);
    }
    let mut left = members.saturating_sub(sizes.iter().sum::<usize>() + NETWORK_HOME);
    while left > 0 {
        let drawn = SIZES.get(usize_below(chance, SIZES.len())).copied().unwrap_or(18);
        let size = if left < drawn + 3 { left } else { drawn };
        sizes.push(size);
        left -= size;
    }
    sizes.push(NETWORK_HOME);
    sizes
}

fn usize_below(chance: &Chance, bound: usize) -> usize {
    let bound = u64::try_from(bound).unwrap_or_default();
    usize::try_from(chance.below(bound)).unwrap_or_default()
}

fn person(chance: &Chance, serial: usize, names: &mut HashSet<String>) -> DemoPerson {
    let drawn = name(chance);
    let rare = RARE_NAMES.iter().find(|(at, _)| *at == serial).map(|(_, name)| (*name).to_owned());
    let name = match rare {
        Some(rare) => rare,
        None if names.insert(drawn.clone()) => drawn,
        None => format!("{drawn}{serial:03}"),
    };
    let phone = phone(serial);
    DemoPerson { name, phone, standing: Standing::Full, votes: true, mobile: serial == 2 }
}

fn name(chance: &Chance) -> String {
    let draw = |words: &[&'static str]| {
        words.get(usize_below(chance, words.len())).copied().unwrap_or_default()
    };
    let (surname, first) = (draw(SURNAMES), draw(SYLLABLES));
    let mut second = draw(SYLLABLES);
    while second == first {
        second = draw(SYLLABLES);
    }
    format!("{surname}{first}{second}")
}

/// Of a thousand 21 are probationary, the votes of 19 others are suspended, and 60 are away; none
/// of them an officer, or of the first branch, from which committees above are staffed.
fn spread(branches: &mut [DemoBranch], members: usize) {
    let mut plain: Vec<&mut DemoPerson> = Vec::new();
    for branch in branches.iter_mut().skip(1) {
        plain.extend(branch.people.iter_mut().skip(OFFICERS));
    }
    let count = |per_thousand: usize| members * per_thousand / 1_000;
    every(&mut plain, count(21), |person| person.standing = Standing::Probationary);
    every(&mut plain, count(60), |person| person.mobile = true);
    plain.retain(|person| person.standing == Standing::Full);
    every(&mut plain, count(19), |person| person.votes = false);
}

/// Changes `count` people at even distances.
fn every(people: &mut [&mut DemoPerson], count: usize, change: fn(&mut DemoPerson)) {
    let step = people.len().checked_div(count).unwrap_or_default().max(1);
    for person in people.iter_mut().step_by(step).take(count) {
        change(person);
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn plan(members: u16) -> Plan {
        Plan { seed: 1, start: date!(2026 - 11 - 23), members }
    }

    #[test]
    fn a_plan_has_so_many_people_and_branches_of_every_size_at_the_edges() {
        for members in [40, 60, 399, 400, 1_000, 10_000] {
            let branches = branches(&plan(members));
            let sizes: Vec<usize> = branches.iter().map(|branch| branch.people.len()).collect();
            assert_eq!(sizes.iter().sum::<usize>(), usize::from(members));
            assert!(sizes.iter().all(|size| (3..=61).contains(size)), "{sizes:?}");
            let names: HashSet<_> = branches.iter().map(|branch| &branch.name).collect();
            assert_eq!(names.len(), branches.len());
        }
        let branches = branches(&plan(1_000));
        let has = |size| branches.iter().any(|branch| branch.people.len() == size);
        assert!(has(3) && has(50) && has(51));
        assert!(branches.iter().any(|branch| branch.name.chars().count() == 60));
    }

    #[test]
    fn of_a_thousand_so_many_are_probationary_limited_and_away() {
        let branches = branches(&plan(1_000));
        let count = |which: fn(&DemoPerson) -> bool| {
            branches.iter().flat_map(|branch| &branch.people).filter(|one| which(one)).count()
        };
        assert_eq!(count(|one| one.standing == Standing::Probationary), 21);
        assert_eq!(count(|one| !one.votes), 19);
        assert_eq!(count(|one| one.mobile), 61);
        let officers = branches.iter().flat_map(|branch| branch.people.iter().take(OFFICERS));
        assert!(officers.into_iter().all(|one| one.votes && one.standing == Standing::Full));
    }

    #[test]
    fn groups_of_a_branch_differ_by_one_at_most_and_hold_everyone() {
        let mut branch = branches(&plan(60)).remove(0);
        let groups = |branch: &DemoBranch| {
            branch.groups().iter().map(|group| group.len()).collect::<Vec<_>>()
        };
        assert_eq!(groups(&branch), [12, 12]);
        branch.people.truncate(13);
        assert_eq!(groups(&branch), [7, 6]);
        branch.people.truncate(3);
        assert_eq!(groups(&branch), [3]);
    }
}
