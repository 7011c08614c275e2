//! The organisation tree, its members and posts, as officers and administrators see them.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use crate::event::chat::RoomRole;
use crate::ids::{OrganisationId, PersonId, PostId, RoomId};

/// What an organisation is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationKind {
    /// Committee of a province.
    ProvinceCommittee,
    /// Committee of a city or prefecture.
    CityCommittee,
    /// Committee of a county.
    CountyCommittee,
    /// The organisation department of a local committee.
    OrganizationDepartment,
    /// A committee that a local committee sends.
    WorkCommittee,
    /// Committee of a township, a sub-district, a large unit.
    GrassrootsCommittee,
    GeneralBranch,
    Branch,
    /// One branch of several units.
    JointBranch,
    /// A branch of members away from home.
    MobileBranch,
    /// For a task of less than six months; no member's home.
    TemporaryBranch,
    PartyGroup,
}

/// Whether members have their home in a joint branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JointKind {
    /// The members' relation is here.
    Home,
    /// Members participate; their home is elsewhere.
    Network,
}

/// A unit that a joint branch covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JointUnit {
    /// 1–60 characters.
    pub name: String,
    /// Its full members; three or more should have a branch of their own.
    pub full_members: u16,
}

/// An organisation in a few words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrganisationName {
    pub organisation: OrganisationId,
    pub kind: OrganisationKind,
    pub name: String,
}

/// One line of the tree.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrganisationRow {
    pub organisation: OrganisationId,
    pub kind: OrganisationKind,
    pub name: String,
    /// 12 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrganisationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<JointKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// Organisations directly below.
    pub children: i64,
    /// Members whose home is here; of a group, its members.
    pub members: i64,
    /// Members who take part here and have their home elsewhere.
    pub participating: i64,
    /// Who leads it: secretary or group leader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dissolved_on: Option<Date>,
}

/// `GET /api/admin/organisations?parent={organisation}&search={text}`: the children of an
/// organisation, the roots without `parent`, or what bears the text in its name or code.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrganisationList {
    /// From the root down to `parent`.
    pub path: Vec<OrganisationName>,
    /// At most 200.
    pub organisations: Vec<OrganisationRow>,
    /// Whether more match than are listed.
    pub more: bool,
}

/// `GET /api/admin/organisations/{organisation}`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrganisationPage {
    pub row: OrganisationRow,
    pub path: Vec<OrganisationName>,
    pub founded_on: Date,
    /// Of a joint branch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<JointUnit>,
    pub posts: Vec<PostRow>,
    /// Names and places it had, the present one last.
    pub history: Vec<OrganisationVersion>,
    /// What deviates from the usual rule, e.g. `branch_over_size`.
    pub warnings: Vec<OrganisationWarning>,
}

/// Deviations that are shown and block nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationWarning {
    /// A branch of more members than is usual.
    BranchOverSize,
    /// A branch of fewer full members than it needs.
    BranchUnderSize,
    /// A joint branch of more units than is usual.
    TooManyUnits,
    /// A unit has enough full members for a branch of its own.
    UnitLargeEnough,
    /// A party group of fewer members than is usual.
    GroupUnderSize,
    /// Nobody holds the leading post.
    NoHead,
    /// A term has ended and nobody was elected anew.
    TermOver,
}

/// A name and a place of an organisation, and from when to when.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrganisationVersion {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrganisationName>,
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    pub until: Option<OffsetDateTime>,
    pub reason: String,
}

/// `POST /api/admin/organisations`. Answers [`OrganisationPage`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FoundOrganisation {
    pub kind: OrganisationKind,
    /// 1–60 characters.
    pub name: String,
    /// Absent for a root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrganisationId>,
    /// 12 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// For a joint branch, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<JointKind>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<JointUnit>,
    /// The decision it rests on, 1–200 characters.
    pub reason: String,
}

/// `PATCH /api/admin/organisations/{organisation}`: a new name, a new place, or both. Answers
/// [`OrganisationPage`]; the former ones stay in its history.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeOrganisation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OrganisationId>,
    pub reason: String,
}

/// `POST /api/admin/organisations/{organisation}/dissolution`: refused while it has children or
/// members.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveReason {
    /// 1–200 characters.
    pub reason: String,
}

/// A post.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PostKind {
    Secretary,
    DeputySecretary,
    OrganizationOfficer,
    PublicityOfficer,
    DisciplineOfficer,
    CommitteeMember,
    GroupLeader,
    /// Works in an organisation department.
    DepartmentOfficer,
}

/// Who holds a post.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PostRow {
    pub post: PostId,
    pub kind: PostKind,
    pub organisation: OrganisationName,
    pub person: PersonId,
    pub name: String,
    pub from: Date,
    /// Last day of the term; absent for posts without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term_ends_on: Option<Date>,
}

/// `POST /api/admin/organisations/{organisation}/posts`. Answers [`PostRow`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointOfficer {
    pub person: PersonId,
    pub kind: PostKind,
    /// The election or appointment it rests on, 1–200 characters.
    pub reason: String,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Full,
    Probationary,
}

/// How a member belongs to a branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AffiliationKind {
    /// The member's one home.
    Home,
    /// Takes part, the home is elsewhere.
    Participating,
}

/// One member of an organisation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MemberRow {
    pub person: PersonId,
    pub name: String,
    pub standing: Standing,
    pub affiliation: AffiliationKind,
    /// Away from home.
    pub mobile: bool,
    /// The home branch; of a home outside this installation only the name is known.
    pub home: String,
    /// Middle digits masked.
    pub phone_masked: String,
    pub posts: Vec<PostKind>,
}

/// `GET /api/admin/organisations/{organisation}/members?after={person}`: by time of joining.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrganisationMembers {
    /// At most 200.
    pub members: Vec<MemberRow>,
    pub more: bool,
}

/// `POST /api/admin/organisations/{organisation}/members`: registers a person with a home here, or
/// puts a member of the branch into its group. Answers [`MemberRow`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterMember {
    /// 1–100 characters.
    pub name: String,
    /// 11 digits.
    pub phone: String,
    pub standing: Standing,
    pub reason: String,
}

/// `POST /api/admin/people/{person}/home`: moves a member's home in one step, with the groups and
/// rooms that hang on it. Answers [`MemberRow`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveHome {
    pub organisation: OrganisationId,
    /// Number of the letter or decision, 1–200 characters.
    pub reason: String,
}

/// `POST /api/admin/people/{person}/phone` with [`GiveReason`]: the whole number. Needs a second
/// factor given within the last five minutes; the person sees who looked and why.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UnmaskedPhone {
    /// 11 digits.
    pub phone: String,
}

/// What a person is in an organisation, for `GET /api/me`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnPlace {
    pub organisation: OrganisationName,
    /// Absent in a party group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affiliation: Option<AffiliationKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<RoomId>,
    /// What the person is in that room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoomRole>,
    pub posts: Vec<PostKind>,
}
