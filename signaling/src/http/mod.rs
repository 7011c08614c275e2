//! Request and response bodies over HTTP, one file per capability: `snake_case` fields, times as
//! RFC 3339 in UTC.

pub mod accounts;
pub mod administration;
pub mod calls;
pub mod desk;
pub mod joining;
pub mod leading;
pub mod meetings;
pub mod organisations;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::refusal::RefusalCode;

/// Body of every refusal.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    pub code: RefusalCode,
    /// A sentence that says what to do, for developers; clients show their own text for `code`.
    pub message: String,
    /// Seconds after which the same request may succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
    /// Number to tell the operator when the service itself failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}
