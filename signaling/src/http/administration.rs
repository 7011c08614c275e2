//! Policies, the calendar and the health of an installation.

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};
use utoipa::ToSchema;

use super::organisations::OrganisationName;
use crate::ids::OrganisationId;

/// One number of a rule: where it applies, from when, and what it rests on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Policy {
    /// E.g. `join.home_answer_days`.
    pub key: String,
    /// Absent: the whole installation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<OrganisationName>,
    pub effective_from: Date,
    /// A whole number in the unit of the key.
    pub value: i64,
    /// `days`, `working_days`, `members`, `units`, `years`, `people`.
    pub unit: PolicyUnit,
    pub source: String,
    pub least: i64,
    pub most: i64,
    /// Whether it is the one that applies in its scope today.
    pub in_force: bool,
}

/// What a policy counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PolicyUnit {
    Days,
    WorkingDays,
    Members,
    Units,
    Years,
    People,
    Times,
    /// Of a hundred.
    Percent,
    Seconds,
    Minutes,
    /// 0 no, 1 yes.
    Switch,
}

/// `GET /api/admin/policies`, by key, scope and day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PolicyList {
    pub policies: Vec<Policy>,
}

/// `POST /api/admin/policies`: a value from a day on; the earlier ones stay on record. Answers
/// [`Policy`].
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPolicy {
    pub key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<OrganisationId>,
    /// Today or later.
    pub effective_from: Date,
    pub value: i64,
    /// 1–200 characters.
    pub source: String,
}

/// A day that is not what its weekday says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarDay {
    pub day: Date,
    /// A holiday, or a weekend day on which people work.
    pub working: bool,
    /// E.g. 春节; at most 40 characters.
    pub name: String,
}

/// `GET /api/admin/calendar?year=2026`; `PUT /api/admin/calendar` with one [`CalendarDay`] sets a day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Calendar {
    pub year: i32,
    pub days: Vec<CalendarDay>,
}

/// `GET /api/admin/health`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Version of the program.
    pub version: String,
    #[serde(with = "time::serde::rfc3339")]
    pub now: OffsetDateTime,
    /// This node delivers: its last comparison with the store is fresh.
    pub current: bool,
    /// Version of Postgres.
    pub database: String,
    pub database_bytes: i64,
    /// Sends that wait for a commit.
    pub sends_waiting: i64,
    pub people: i64,
    pub organisations: i64,
    pub rooms: i64,
    pub events: i64,
    /// Devices used within the last day.
    pub devices_today: i64,
    /// Requests to join whose answer is overdue.
    pub joins_overdue: i64,
    /// Years for which the calendar has moved holidays.
    pub calendar_years: Vec<i32>,
}
