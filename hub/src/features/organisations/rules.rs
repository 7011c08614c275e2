//! Decisions about organisations: what a tree allows beyond its constraints, and what is shown as
//! unusual.

use signaling::http::organisations::{
    JointKind, JointUnit, OrganisationKind, OrganisationWarning, PostKind,
};
use signaling::{Refusal, RefusalCode};
use time::Date;

use super::types::NewOrganisation;
use crate::auth::Role;
use crate::error::Error;

/// Characters of a reason.
pub(super) const REASON_CHARS_MAX: usize = 200;
/// Characters of an organisation's name.
pub(super) const NAME_CHARS_MAX: usize = 60;
/// Full members from which a unit should have a branch of its own.
const UNIT_FULL_MEMBERS_MAX: u16 = 3;
/// Full members that a joint branch needs in all.
const JOINT_FULL_MEMBERS_MIN: u32 = 3;

/// A text of 1 to `chars_max` characters without line breaks.
pub fn text(text: &str, chars_max: usize, what: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > chars_max || text.chars().any(char::is_control) {
        let sentence = format!("{what} has 1 to {chars_max} characters");
        return Err(Refusal::new(RefusalCode::InvalidInput, sentence));
    }
    Ok(text.to_owned())
}

/// A reason of a decision.
pub fn reason(given: &str) -> Result<String, Refusal> {
    if given.trim().is_empty() {
        return Err(Refusal::new(RefusalCode::ReasonRequired, "say what the decision rests on"));
    }
    text(given, REASON_CHARS_MAX, "a reason")
}

/// Refuses what can not be founded so.
pub(super) fn found(new: &NewOrganisation) -> Result<(), Refusal> {
    let bad = |sentence: &str| Err(Refusal::new(RefusalCode::InvalidInput, sentence));
    text(&new.name, NAME_CHARS_MAX, "a name")?;
    if let Some(code) = &new.code
        && (code.len() != 12 || !code.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return bad("a code has 12 digits");
    }
    match (new.kind, &new.joint) {
        (OrganisationKind::JointBranch, Some((kind, units))) => joint(*kind, units),
        (OrganisationKind::JointBranch, None) => bad("say of which kind the joint branch is"),
        (_, Some(_)) => bad("only a joint branch covers units"),
        (_, None) => Ok(()),
    }
}

/// A joint branch names the units it covers, each once; one that is the home of its members needs
/// three full members in all.
fn joint(kind: JointKind, units: &[JointUnit]) -> Result<(), Refusal> {
    let bad = |sentence: &str| Err(Refusal::new(RefusalCode::InvalidInput, sentence));
    if units.is_empty() {
        return bad("a joint branch names the units it covers");
    }
    let mut names = std::collections::BTreeSet::new();
    for unit in units {
        text(&unit.name, NAME_CHARS_MAX, "a unit's name")?;
        if !names.insert(unit.name.trim()) {
            return bad("each unit is named once");
        }
    }
    let full: u32 = units.iter().map(|unit| u32::from(unit.full_members)).sum();
    if kind == JointKind::Home && full < JOINT_FULL_MEMBERS_MIN {
        return bad("its units have fewer than three full members in all");
    }
    Ok(())
}

/// What an organisation has, for its warnings.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    pub home: i64,
    pub full: i64,
    pub group_members: i64,
    pub has_head: bool,
    pub earliest_term_end: Option<Date>,
    pub units: Vec<JointUnit>,
}

/// Bounds from the policies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub branch_members_max: i64,
    pub branch_full_min: i64,
    pub group_min: i64,
    pub units_max: i64,
}

/// What is unusual about an organisation on a day. Nothing is blocked by it.
pub(super) fn warnings(
    kind: OrganisationKind,
    joint: Option<JointKind>,
    figures: &Figures,
    bounds: Bounds,
    today: Date,
) -> Vec<OrganisationWarning> {
    use OrganisationKind as Kind;
    let homes = matches!(kind, Kind::Branch | Kind::MobileBranch) || joint == Some(JointKind::Home);
    let units = i64::try_from(figures.units.len()).unwrap_or(i64::MAX);
    let large = figures.units.iter().any(|unit| unit.full_members >= UNIT_FULL_MEMBERS_MAX);
    let group = kind == Kind::PartyGroup;
    let headed = group || homes || joint.is_some();
    let term_over = figures.earliest_term_end.is_some_and(|end| end < today);
    [
        (homes && figures.home > bounds.branch_members_max, OrganisationWarning::BranchOverSize),
        (homes && figures.full < bounds.branch_full_min, OrganisationWarning::BranchUnderSize),
        (joint.is_some() && units > bounds.units_max, OrganisationWarning::TooManyUnits),
        (joint.is_some() && large, OrganisationWarning::UnitLargeEnough),
        (group && figures.group_members < bounds.group_min, OrganisationWarning::GroupUnderSize),
        (headed && !figures.has_head, OrganisationWarning::NoHead),
        (term_over, OrganisationWarning::TermOver),
    ]
    .into_iter()
    .filter_map(|(holds, warning)| holds.then_some(warning))
    .collect()
}

/// A post that somebody holds at an organisation or above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeldPost {
    pub kind: PostKind,
    pub of: OrganisationKind,
    /// 0: at the organisation itself, 1: at the one directly above, and so on.
    pub distance: i32,
}

/// What a person is over an organisation of a kind, by the posts that he or she holds at it and
/// above it. Committees lead what is below them; a department acts for the committee above it.
pub(super) fn roles(of: OrganisationKind, posts: &[HeldPost]) -> Vec<Role> {
    use PostKind as Post;
    let mut roles = Vec::new();
    for post in posts {
        let leads = matches!(post.kind, Post::Secretary | Post::DeputySecretary);
        let keeps_roster = leads || post.kind == Post::OrganizationOfficer;
        let of_branch = is_branch(post.of);
        let at_or_above_group =
            post.distance == 0 || (post.distance == 1 && of == OrganisationKind::PartyGroup);
        if post.distance == 0 && (leads && of_branch || post.kind == Post::GroupLeader) {
            roles.push(Role::Leader);
        }
        if of_branch && keeps_roster && at_or_above_group {
            roles.push(Role::Secretary);
        }
        let of_committee = !of_branch && post.of != OrganisationKind::PartyGroup;
        if of_committee && (keeps_roster || post.kind == Post::DepartmentOfficer) {
            roles.push(Role::Superior);
        }
    }
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// Whether members belong to organisations of this kind directly.
pub(super) const fn is_branch(kind: OrganisationKind) -> bool {
    matches!(
        kind,
        OrganisationKind::Branch
            | OrganisationKind::JointBranch
            | OrganisationKind::MobileBranch
            | OrganisationKind::TemporaryBranch
    )
}

/// Posts whose holders sit at a desk.
pub(super) const DESK_POSTS: &[&str] =
    &["secretary", "deputy_secretary", "organization_officer", "department_officer"];

/// What a broken constraint means to the person who caused it.
pub(super) fn broken(error: sqlx::Error) -> Error {
    let constraint = match &error {
        sqlx::Error::Database(error) => error.constraint().unwrap_or_default(),
        _ => return error.into(),
    };
    let (code, sentence) = match constraint {
        "organisation_version_place" => {
            (RefusalCode::PlaceNotAllowed, "an organisation of this kind has no place there")
        }
        "organisation_version_parent_open" | "organisation_version_one" => {
            (RefusalCode::OrganisationInUse, "there are organisations below it")
        }
        "affiliation_organisation_open" | "group_member_group_open" => {
            (RefusalCode::OrganisationInUse, "it has members, or is dissolved")
        }
        "post_organisation_open" => {
            (RefusalCode::OrganisationInUse, "somebody holds a post there, or it is dissolved")
        }
        "organisation_code" => (RefusalCode::Conflict, "this code is given to another one"),
        "affiliation_one_home" | "party_member_one_home" => {
            (RefusalCode::Conflict, "a member has exactly one home")
        }
        "affiliation_once" => (RefusalCode::Conflict, "the person belongs to it already"),
        "affiliation_place_allowed" => {
            (RefusalCode::PlaceNotAllowed, "members do not belong to such an organisation so")
        }
        "group_member_once" => (RefusalCode::Conflict, "the person is in a group of this branch"),
        "group_member_of_branch" => {
            (RefusalCode::NotOfBranch, "the person does not belong to the branch of this group")
        }
        "post_once" => (RefusalCode::Conflict, "the person holds this post already"),
        "post_sole" => (RefusalCode::Conflict, "somebody else holds this post; end that first"),
        "post_place_allowed" => {
            (RefusalCode::PlaceNotAllowed, "there is no such post in this organisation")
        }
        _ => return error.into(),
    };
    Error::refuse(code, sentence)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const BOUNDS: Bounds =
        Bounds { branch_members_max: 50, branch_full_min: 3, group_min: 3, units_max: 5 };

    fn unit(name: &str, full_members: u16) -> JointUnit {
        JointUnit { name: name.to_owned(), full_members }
    }

    #[test]
    fn a_branch_of_51_is_over_its_size_and_one_of_50_or_of_3_is_not() {
        let today = date!(2026 - 11 - 24);
        let at = |home, full| {
            let figures = Figures { home, full, has_head: true, ..Figures::default() };
            warnings(OrganisationKind::Branch, None, &figures, BOUNDS, today)
        };
        assert_eq!(at(51, 51), [OrganisationWarning::BranchOverSize]);
        assert_eq!(at(50, 50), []);
        assert_eq!(at(3, 3), []);
        assert_eq!(at(3, 2), [OrganisationWarning::BranchUnderSize]);
    }

    #[test]
    fn a_joint_branch_warns_of_large_units_and_of_many() {
        let today = date!(2026 - 11 - 24);
        let units: Vec<_> = (0..6).map(|n| unit(&n.to_string(), n)).collect();
        let figures = Figures { units, ..Figures::default() };
        let kind = OrganisationKind::JointBranch;
        let found = warnings(kind, Some(JointKind::Network), &figures, BOUNDS, today);
        assert_eq!(
            found,
            [
                OrganisationWarning::TooManyUnits,
                OrganisationWarning::UnitLargeEnough,
                OrganisationWarning::NoHead
            ]
        );
    }

    #[test]
    fn a_joint_branch_names_its_units_once_each_and_as_a_home_has_three_full_members() {
        let refused = |kind, units: &[JointUnit]| joint(kind, units).is_err();
        assert!(refused(JointKind::Network, &[]));
        assert!(refused(JointKind::Network, &[unit("甲", 1), unit("甲", 1)]));
        assert!(!refused(JointKind::Network, &[unit("甲", 1)]));
        assert!(refused(JointKind::Home, &[unit("甲", 2)]));
        assert!(!refused(JointKind::Home, &[unit("甲", 2), unit("乙", 1)]));
    }

    #[test]
    fn posts_give_roles_over_what_is_below_them_and_nothing_beside() {
        use OrganisationKind as Kind;
        let held = |kind, of, distance| HeldPost { kind, of, distance };
        let cases: &[(Kind, HeldPost, &[Role])] = &[
            (Kind::PartyGroup, held(PostKind::GroupLeader, Kind::PartyGroup, 0), &[Role::Leader]),
            (Kind::PartyGroup, held(PostKind::Secretary, Kind::Branch, 1), &[Role::Secretary]),
            (
                Kind::JointBranch,
                held(PostKind::Secretary, Kind::JointBranch, 0),
                &[Role::Leader, Role::Secretary],
            ),
            (
                Kind::Branch,
                held(PostKind::OrganizationOfficer, Kind::Branch, 0),
                &[Role::Secretary],
            ),
            (Kind::Branch, held(PostKind::PublicityOfficer, Kind::Branch, 0), &[]),
            (
                Kind::PartyGroup,
                held(PostKind::Secretary, Kind::GrassrootsCommittee, 2),
                &[Role::Superior],
            ),
            (Kind::Branch, held(PostKind::CommitteeMember, Kind::GrassrootsCommittee, 1), &[]),
            (
                Kind::Branch,
                held(PostKind::DepartmentOfficer, Kind::OrganizationDepartment, 2),
                &[Role::Superior],
            ),
        ];
        for (of, post, expected) in cases {
            assert_eq!(roles(*of, &[*post]), *expected, "{post:?} over {of:?}");
        }
    }
}
