//! Rows and values of organisations, and the words under which they lie in the store.

use signaling::event::chat::RoomRole;
use signaling::http::organisations::{
    AffiliationKind, JointKind, JointUnit, OrganisationKind, PostKind, Standing,
};
use signaling::rpc::chat::RoomKind;
use signaling::{OrganisationId, PersonId, RoomId};

use crate::features::words::stored_words;

stored_words! { kind_word, kind_of, OrganisationKind,
    ProvinceCommittee = "province_committee",
    CityCommittee = "city_committee",
    CountyCommittee = "county_committee",
    OrganizationDepartment = "organization_department",
    WorkCommittee = "work_committee",
    GrassrootsCommittee = "grassroots_committee",
    GeneralBranch = "general_branch",
    Branch = "branch",
    JointBranch = "joint_branch",
    MobileBranch = "mobile_branch",
    TemporaryBranch = "temporary_branch",
    PartyGroup = "party_group",
}
stored_words! { joint_word, joint_of, JointKind, Home = "home", Network = "network", }
stored_words! { affiliation_word, affiliation_of, AffiliationKind,
    Home = "home", Participating = "participating",
}
stored_words! { standing_word, standing_of, Standing, Full = "full", Probationary = "probationary", }
stored_words! { post_word, post_of, PostKind,
    Secretary = "secretary",
    DeputySecretary = "deputy_secretary",
    OrganizationOfficer = "organization_officer",
    PublicityOfficer = "publicity_officer",
    DisciplineOfficer = "discipline_officer",
    CommitteeMember = "committee_member",
    GroupLeader = "group_leader",
    DepartmentOfficer = "department_officer",
}

/// An organisation as commands look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    pub kind: OrganisationKind,
    pub name: String,
    pub joint: Option<JointKind>,
    pub room: Option<RoomId>,
    pub parent: Option<OrganisationId>,
    pub parent_kind: Option<OrganisationKind>,
    pub parent_name: Option<String>,
    /// Not dissolved.
    pub open: bool,
}

impl Organisation {
    /// The branch to which its members belong: of a party group the one above, else itself.
    #[must_use]
    pub fn branch(&self) -> OrganisationId {
        match (self.kind, self.parent) {
            (OrganisationKind::PartyGroup, Some(parent)) => parent,
            _ => self.id,
        }
    }

    /// Title of its room.
    #[must_use]
    pub fn title(&self) -> String {
        match (self.kind, &self.parent_name) {
            (OrganisationKind::PartyGroup, Some(branch)) => format!("{branch} {}", self.name),
            _ => self.name.clone(),
        }
    }
}

/// An organisation to be made.
#[derive(Clone, Debug)]
pub struct NewOrganisation {
    pub id: OrganisationId,
    pub kind: OrganisationKind,
    /// 1–60 characters.
    pub name: String,
    pub parent: Option<OrganisationId>,
    /// 12 digits.
    pub code: Option<String>,
    /// Of a joint branch, with the units it covers.
    pub joint: Option<(JointKind, Vec<JointUnit>)>,
}

/// A member to be registered.
#[derive(Clone, Debug)]
pub struct NewMember {
    pub person: PersonId,
    pub standing: Standing,
    pub home: Home,
    /// Away from home since this day.
    pub mobile_since: Option<time::Date>,
}

/// Where a member has the home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    Here(OrganisationId),
    /// Name of a branch outside this installation.
    Elsewhere(String),
}

/// A person as a member.
#[derive(Clone, Debug)]
pub struct MemberRecord {
    pub standing: Standing,
    /// The right to vote is not suspended.
    pub votes: bool,
    pub mobile_since: Option<time::Date>,
    pub home: Option<OrganisationId>,
    pub home_name: String,
}

/// What the room of an organisation is.
pub(super) const fn room_kind(kind: OrganisationKind) -> Option<RoomKind> {
    match kind {
        OrganisationKind::PartyGroup => Some(RoomKind::PartyGroup),
        OrganisationKind::JointBranch => Some(RoomKind::JointBranch),
        OrganisationKind::MobileBranch => Some(RoomKind::Branch),
        _ => None,
    }
}

/// What a person is in a room that follows the tree; `None`: nothing.
pub(super) fn role_from(leads: Option<bool>) -> Option<RoomRole> {
    leads.map(|leads| if leads { RoomRole::Leader } else { RoomRole::Member })
}
