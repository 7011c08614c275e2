//! Invitations: made, shown, used, revoked.

use signaling::http::joining::{
    Invitation, InvitationCard, InvitationList, InvitationState, MakeInvitation,
};
use signaling::http::organisations::OrganisationName;
use signaling::{InvitationId, OrganisationId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::Duration;
use uuid::Uuid;

use super::queries::{self, InvitationRow};
use super::rules;
use crate::app::App;
use crate::error::{Error, Fault, Result};
use crate::features::accounts;
use crate::features::organisations::{self, Change, Organisation};
use crate::features::policies::{self, PolicyKey, day_of};
use crate::keys::secret;

fn invalid(sentence: &str) -> Error {
    Error::refuse(RefusalCode::InvitationInvalid, sentence)
}

fn state_of(row: &InvitationRow, app: &App) -> InvitationState {
    let uses = (row.uses, row.uses_max);
    rules::invitation_state(row.revoked, row.valid_until, uses, app.clock.now())
}

async fn by_code(connection: &mut PgConnection, code: &str) -> Result<InvitationRow> {
    let code = code.trim().to_ascii_lowercase();
    let found = queries::invitation_by_code(connection, &code).await?;
    found.ok_or_else(|| invalid("nobody made this invitation; ask for a new link"))
}

/// What stands behind a link.
pub(super) async fn card(app: &App, code: &str) -> Result<InvitationCard> {
    let mut connection = app.db.acquire().await?;
    let row = by_code(&mut connection, code).await?;
    let of = organisations::found_organisation(&mut connection, OrganisationId(row.organisation))
        .await?;
    let head = organisations::heads(&mut connection, of.id).await?.into_iter().next();
    let ask = match head {
        Some(head) => organisations::name_of(&mut connection, head).await?,
        None => row.made_by_name.clone(),
    };
    Ok(InvitationCard {
        state: state_of(&row, app),
        organisation: OrganisationName {
            organisation: of.id,
            kind: of.kind,
            name: of.name.clone(),
        },
        of: of.parent_name.clone().unwrap_or_default(),
        joint: of.joint,
        invited_by: row.made_by_name,
        valid_until: row.valid_until,
        ask,
    })
}

/// An invitation that was not revoked and is not over. One that is used up lets those in who used
/// it before; the count decides.
pub(super) async fn usable(app: &App, code: &str) -> Result<InvitationRow> {
    let mut connection = app.db.acquire().await?;
    let row = by_code(&mut connection, code).await?;
    match state_of(&row, app) {
        InvitationState::Open | InvitationState::UsedUp => Ok(row),
        InvitationState::Expired => Err(invalid("the invitation is over; ask for a new link")),
        InvitationState::Revoked => Err(invalid("the invitation was revoked; ask for a new link")),
    }
}

/// The invitation behind a code, where somebody new may use it.
pub async fn open_invitation(app: &App, code: &str) -> Result<Option<Uuid>> {
    let mut connection = app.db.acquire().await?;
    let code = code.trim().to_ascii_lowercase();
    let found = queries::invitation_by_code(&mut connection, &code).await?;
    Ok(found.filter(|row| state_of(row, app) == InvitationState::Open).map(|row| row.id))
}

/// Counts a use in the transaction of what it leads to.
pub(super) async fn count(change: &mut Change, invitation: Uuid, person: PersonId) -> Result<()> {
    let now = change.now;
    if queries::use_invitation(change.connection(), invitation, (person, now)).await? {
        return Ok(());
    }
    Err(invalid("the invitation is used up; ask for a new link"))
}

/// Makes an invitation with a code from `random`, in a transaction of the caller; returns the code.
pub async fn invite(
    change: &mut Change,
    (by, of): (PersonId, &Organisation),
    random: [u8; 12],
    (days, uses_max): (i64, i16),
) -> Result<String> {
    let row = InvitationRow {
        id: change.ids.next(),
        code: rules::invitation_code(random),
        organisation: of.id.uuid(),
        made_by_name: organisations::name_of(change.connection(), by).await?,
        made_at: change.now,
        valid_until: change.now + Duration::days(days),
        uses: 0,
        uses_max,
        revoked: false,
    };
    queries::insert_invitation(change.connection(), &row, by).await?;
    Ok(row.code)
}

/// Makes an invitation.
pub(super) async fn make(
    app: &App,
    by: PersonId,
    of: &Organisation,
    request: &MakeInvitation,
) -> Result<Invitation> {
    let now = app.clock.now();
    let mut connection = app.db.acquire().await?;
    let today = day_of(now);
    let days = match request.days {
        Some(days) => i64::from(days),
        None => policies::value(&mut connection, PolicyKey::InvitationDays, of.id, today).await?,
    };
    let uses = match request.uses_max {
        Some(uses) => i64::from(uses),
        None => policies::value(&mut connection, PolicyKey::InvitationUses, of.id, today).await?,
    };
    PolicyKey::InvitationDays.check(days)?;
    PolicyKey::InvitationUses.check(uses)?;
    let row = InvitationRow {
        id: app.ids.next(),
        code: rules::invitation_code(secret().map_err(Fault::new)?),
        organisation: of.id.uuid(),
        made_by_name: organisations::name_of(&mut connection, by).await?,
        made_at: now,
        valid_until: now + Duration::days(days),
        uses: 0,
        uses_max: i16::try_from(uses).unwrap_or(i16::MAX),
        revoked: false,
    };
    queries::insert_invitation(&mut connection, &row, by).await?;
    Ok(shown(app, row))
}

fn shown(app: &App, row: InvitationRow) -> Invitation {
    let state = state_of(&row, app);
    let count = |uses: i16| u16::try_from(uses).unwrap_or_default();
    Invitation {
        invitation: InvitationId(row.id),
        url: link(app, &row.code),
        code: row.code,
        state,
        made_by: row.made_by_name,
        made_at: row.made_at,
        valid_until: row.valid_until,
        uses: count(row.uses),
        uses_max: count(row.uses_max),
    }
}

/// The link; without a configured address of the site, its path.
fn link(app: &App, code: &str) -> String {
    let site = app.config.http.origins.first().map_or("", |origin| origin.trim_end_matches('/'));
    format!("{site}/join/{code}")
}

/// The newest invitations of a group or branch.
pub(super) async fn list(app: &App, of: &Organisation) -> Result<InvitationList> {
    let mut connection = app.db.acquire().await?;
    let rows = queries::invitations_of(&mut connection, of.id).await?;
    Ok(InvitationList { invitations: rows.into_iter().map(|row| shown(app, row)).collect() })
}

/// Revokes an invitation.
pub(super) async fn revoke(
    app: &App,
    by: PersonId,
    of: &Organisation,
    invitation: InvitationId,
) -> Result<()> {
    let mut connection = app.db.acquire().await?;
    let revoked = (by, app.clock.now());
    if queries::revoke_invitation(&mut connection, (invitation, of.id), revoked).await? {
        return Ok(());
    }
    Err(Error::refuse(RefusalCode::NotFound, "there is no such invitation"))
}

/// The link of an invitation as a picture. `site` stands in front where no address is configured.
pub(super) async fn picture(
    app: &App,
    of: &Organisation,
    (invitation, site): (InvitationId, &str),
) -> Result<String> {
    let mut connection = app.db.acquire().await?;
    let rows = queries::invitations_of(&mut connection, of.id).await?;
    let row = rows.into_iter().find(|row| row.id == invitation.uuid());
    let row =
        row.ok_or_else(|| Error::refuse(RefusalCode::NotFound, "there is no such invitation"))?;
    let link = link(app, &row.code);
    let link = if link.starts_with('/') { format!("{site}{link}") } else { link };
    accounts::picture(&link)
}
