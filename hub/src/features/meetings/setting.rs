//! Where a meeting takes place in the tree, and the numbers that hold there on a day.

use signaling::OrganisationId;
use signaling::http::organisations::{JointKind, OrganisationKind};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::quorum::{Host, Numbers};
use super::rules::Spans;
use crate::error::Result;
use crate::features::organisations::{self, Organisation};
use crate::features::policies::{self, PolicyKey, day_of};

/// What surrounds a meeting.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    /// Who meets.
    pub organisation: Organisation,
    /// The branch of those who meet: of a group the one above it, else the same.
    pub branch: Organisation,
    pub host: Host,
    pub numbers: Numbers,
    pub spans: Spans,
    /// Days before a meeting at which its notice has to be out.
    pub notice_days: u32,
}

/// Reads it as it holds at a moment.
pub(super) async fn setting(
    connection: &mut PgConnection,
    of: OrganisationId,
    at: OffsetDateTime,
) -> Result<Setting> {
    let organisation = organisations::found_organisation(connection, of).await?;
    let branch = organisations::found_organisation(connection, organisation.branch()).await?;
    let keys = [
        PolicyKey::MeetingQuorum,
        PolicyKey::MeetingAdmission,
        PolicyKey::MeetingElection,
        PolicyKey::MeetingPass,
        PolicyKey::ElectionOfEntitled,
        PolicyKey::PresenceGrace,
        PolicyKey::PresenceLag,
        PolicyKey::JointFormalMin,
        PolicyKey::TemporaryCounts,
        PolicyKey::AwayExempt,
        PolicyKey::MeetingNotice,
        PolicyKey::MeetingSignIn,
        PolicyKey::MeetingWait,
    ];
    let [
        quorum,
        admission,
        election,
        pass,
        of_entitled,
        grace,
        lag,
        formal_min,
        temporary,
        away,
        notice,
        sign_in,
        wait,
    ] = policies::values(connection, keys, of, day_of(at)).await?;
    let numbers = Numbers {
        quorum_percent: quorum,
        admission_percent: admission,
        election_percent: election,
        pass_percent: pass,
        election_of_entitled: of_entitled != 0,
        grace: Duration::seconds(i64::from(grace)),
        lag: Duration::seconds(i64::from(lag)),
        formal_full_min: formal_min,
        temporary_counts: temporary != 0,
        away_exempt: away != 0,
    };
    let spans = Spans {
        notice: Duration::days(i64::from(notice)),
        sign_in: Duration::minutes(i64::from(sign_in)),
        wait: Duration::minutes(i64::from(wait)),
    };
    let host = match (branch.kind, branch.joint) {
        (OrganisationKind::JointBranch, Some(JointKind::Network)) => Host::Network,
        (OrganisationKind::TemporaryBranch, _) => Host::Temporary,
        _ => Host::Home,
    };
    Ok(Setting { organisation, branch, host, numbers, spans, notice_days: notice })
}
