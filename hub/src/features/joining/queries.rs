//! All SQL of invitations and cases, one function per statement.

use signaling::http::joining::{JoinGround, JoinState};
use signaling::{InvitationId, JoinId, OrganisationId, PersonId, RoomId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::rules::Case;
use crate::error::InconsistentRow;

type Done<T> = Result<T, sqlx::Error>;

/// An invitation as it lies in the store.
#[derive(Clone, Debug)]
pub(super) struct InvitationRow {
    pub id: Uuid,
    pub code: String,
    pub organisation: Uuid,
    pub made_by_name: String,
    pub made_at: OffsetDateTime,
    pub valid_until: OffsetDateTime,
    pub uses: i16,
    pub uses_max: i16,
    pub revoked: bool,
}

/// An invitation by its code.
pub(super) async fn invitation_by_code(
    connection: &mut PgConnection,
    code: &str,
) -> Done<Option<InvitationRow>> {
    sqlx::query_as!(
        InvitationRow,
        r#"SELECT i.id, i.code, i.organisation, p.name AS made_by_name, i.made_at, i.valid_until,
                  i.uses, i.uses_max, i.revoked_at IS NOT NULL AS "revoked!"
           FROM invitation i JOIN person p ON p.id = i.made_by WHERE i.code = $1"#,
        code
    )
    .fetch_optional(connection)
    .await
}

/// The newest invitations of an organisation.
pub(super) async fn invitations_of(
    connection: &mut PgConnection,
    organisation: OrganisationId,
) -> Done<Vec<InvitationRow>> {
    sqlx::query_as!(
        InvitationRow,
        r#"SELECT i.id, i.code, i.organisation, p.name AS made_by_name, i.made_at, i.valid_until,
                  i.uses, i.uses_max, i.revoked_at IS NOT NULL AS "revoked!"
           FROM invitation i JOIN person p ON p.id = i.made_by
           WHERE i.organisation = $1 ORDER BY i.made_at DESC, i.id DESC LIMIT 50"#,
        organisation.uuid()
    )
    .fetch_all(connection)
    .await
}

/// Writes an invitation.
pub(super) async fn insert_invitation(
    connection: &mut PgConnection,
    row: &InvitationRow,
    by: PersonId,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO invitation (id, code, organisation, made_by, made_at, valid_until, uses_max)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        row.id,
        row.code,
        row.organisation,
        by.uuid(),
        row.made_at,
        row.valid_until,
        row.uses_max
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Revokes an invitation of an organisation; `false` where there is none that is not revoked.
pub(super) async fn revoke_invitation(
    connection: &mut PgConnection,
    (invitation, of): (InvitationId, OrganisationId),
    (by, now): (PersonId, OffsetDateTime),
) -> Done<bool> {
    let done = sqlx::query!(
        "UPDATE invitation SET revoked_at = $4, revoked_by = $3
         WHERE id = $1 AND organisation = $2 AND revoked_at IS NULL",
        invitation.uuid(),
        of.uuid(),
        by.uuid(),
        now
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Counts a use by a person who did not use it before; `false` where the invitation is not open.
pub(super) async fn use_invitation(
    connection: &mut PgConnection,
    invitation: Uuid,
    (person, now): (PersonId, OffsetDateTime),
) -> Done<bool> {
    let counted = sqlx::query!(
        "UPDATE invitation i SET uses = uses + 1
         WHERE id = $1 AND revoked_at IS NULL AND valid_until > $3 AND uses < uses_max
           AND NOT EXISTS (SELECT 1 FROM invitation_use u
                           WHERE u.invitation = i.id AND u.person = $2)",
        invitation,
        person.uuid(),
        now
    )
    .execute(&mut *connection)
    .await?;
    if counted.rows_affected() > 0 {
        sqlx::query!(
            "INSERT INTO invitation_use (invitation, person, used_at) VALUES ($1, $2, $3)",
            invitation,
            person.uuid(),
            now
        )
        .execute(connection)
        .await?;
        return Ok(true);
    }
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM invitation_use u JOIN invitation i ON i.id = u.invitation
                          WHERE i.id = $1 AND u.person = $2 AND i.revoked_at IS NULL
                            AND i.valid_until > $3) AS "again!""#,
        invitation,
        person.uuid(),
        now
    )
    .fetch_one(connection)
    .await
}

/// A case as it lies in the store.
#[derive(Clone, Debug)]
pub(super) struct CaseRow {
    pub id: JoinId,
    pub person: PersonId,
    pub person_name: String,
    pub organisation: OrganisationId,
    pub home: Option<OrganisationId>,
    pub home_name: String,
    pub note: Option<String>,
    pub submitted_at: OffsetDateTime,
    pub answered_at: Option<OffsetDateTime>,
    pub reason: Option<String>,
    pub case: Case,
}

struct Raw {
    id: Uuid,
    person: Uuid,
    person_name: String,
    organisation: Uuid,
    home: Option<Uuid>,
    home_name: String,
    note: Option<String>,
    submitted_at: OffsetDateTime,
    answered_at: Option<OffsetDateTime>,
    reason: Option<String>,
    state: String,
    ground: Option<String>,
    host_due: OffsetDateTime,
    home_due: Option<OffsetDateTime>,
    inactive_due: Option<OffsetDateTime>,
    reminded: bool,
    superior_told: bool,
    inactive: bool,
}

impl Raw {
    fn row(self) -> Done<CaseRow> {
        Ok(CaseRow {
            id: JoinId(self.id),
            person: PersonId(self.person),
            person_name: self.person_name,
            organisation: OrganisationId(self.organisation),
            home: self.home.map(OrganisationId),
            home_name: self.home_name,
            note: self.note,
            submitted_at: self.submitted_at,
            answered_at: self.answered_at,
            reason: self.reason,
            case: Case {
                state: state_of(&self.state)?,
                ground: self.ground.as_deref().map(ground_of),
                host_due: self.host_due,
                home_due: self.home_due,
                inactive_due: self.inactive_due,
                reminded: self.reminded,
                superior_told: self.superior_told,
                inactive: self.inactive,
            },
        })
    }
}

/// The word of a state in the store.
pub(super) const fn state_word(state: JoinState) -> &'static str {
    match state {
        JoinState::Submitted => "submitted",
        JoinState::Provisional => "provisional",
        JoinState::Participating => "participating",
        JoinState::Home => "home",
        JoinState::Refused => "refused",
        JoinState::Withdrawn => "withdrawn",
        JoinState::Ended => "ended",
    }
}

fn state_of(word: &str) -> Done<JoinState> {
    Ok(match word {
        "submitted" => JoinState::Submitted,
        "provisional" => JoinState::Provisional,
        "participating" => JoinState::Participating,
        "home" => JoinState::Home,
        "refused" => JoinState::Refused,
        "withdrawn" => JoinState::Withdrawn,
        "ended" => JoinState::Ended,
        _ => {
            let row = InconsistentRow { table: "join_case", column: "state", id: word.to_owned() };
            return Err(sqlx::Error::Decode(Box::new(row)));
        }
    })
}

const fn ground_word(ground: JoinGround) -> &'static str {
    match ground {
        JoinGround::Mobile => "mobile",
        JoinGround::Unit => "unit",
    }
}

fn ground_of(word: &str) -> JoinGround {
    if word == "unit" { JoinGround::Unit } else { JoinGround::Mobile }
}

/// Which cases a reading takes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cases {
    pub id: Option<JoinId>,
    pub person: Option<PersonId>,
    pub organisation: Option<OrganisationId>,
    /// Only those that go on.
    pub open: bool,
}

/// Cases, the newest first, at most 200.
pub(super) async fn cases(connection: &mut PgConnection, which: Cases) -> Done<Vec<CaseRow>> {
    let rows = sqlx::query_as!(
        Raw,
        "SELECT c.id, c.person, p.name AS person_name, c.organisation, c.home, c.home_name, c.note,
                c.submitted_at, c.answered_at, c.reason, c.state, c.ground, c.host_due, c.home_due,
                c.inactive_due, c.reminded, c.superior_told, c.inactive
         FROM join_case c JOIN person p ON p.id = c.person
         WHERE ($1::uuid IS NULL OR c.id = $1) AND ($2::uuid IS NULL OR c.person = $2)
           AND ($3::uuid IS NULL OR c.organisation = $3) AND (NOT $4 OR c.open)
         ORDER BY c.submitted_at DESC, c.id DESC LIMIT 200",
        which.id.map(JoinId::uuid),
        which.person.map(PersonId::uuid),
        which.organisation.map(OrganisationId::uuid),
        which.open
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Raw::row).collect()
}

/// A case; nobody else changes it meanwhile.
pub(super) async fn lock_case(connection: &mut PgConnection, id: JoinId) -> Done<Option<CaseRow>> {
    let row = sqlx::query_as!(
        Raw,
        "SELECT c.id, c.person, p.name AS person_name, c.organisation, c.home, c.home_name, c.note,
                c.submitted_at, c.answered_at, c.reason, c.state, c.ground, c.host_due, c.home_due,
                c.inactive_due, c.reminded, c.superior_told, c.inactive
         FROM join_case c JOIN person p ON p.id = c.person
         WHERE c.id = $1 FOR UPDATE OF c",
        id.uuid()
    )
    .fetch_optional(connection)
    .await?;
    row.map(Raw::row).transpose()
}

/// Cases whose home branch, or whose host with a home elsewhere, is one where the person keeps the
/// roster, and those below an organisation that the person leads.
pub(super) async fn cases_at_desk(
    connection: &mut PgConnection,
    person: PersonId,
) -> Done<Vec<CaseRow>> {
    let rows = sqlx::query_as!(
        Raw,
        r#"WITH RECURSIVE mine (organisation) AS (
               SELECT organisation FROM post WHERE person = $1 AND in_force
                 AND kind IN ('secretary', 'deputy_secretary', 'organization_officer')
               UNION
               SELECT v.parent FROM post p
               JOIN organisation_version v ON v.organisation = p.organisation AND v.in_force
               WHERE p.person = $1 AND p.in_force AND p.kind = 'department_officer'
                 AND v.parent IS NOT NULL
               UNION
               SELECT v.organisation FROM mine m
               JOIN organisation_version v ON v.parent = m.organisation AND v.in_force
           )
           SELECT c.id, c.person, p.name AS person_name, c.organisation, c.home, c.home_name,
                  c.note, c.submitted_at, c.answered_at, c.reason, c.state, c.ground, c.host_due,
                  c.home_due, c.inactive_due, c.reminded, c.superior_told, c.inactive
           FROM join_case c JOIN person p ON p.id = c.person
           WHERE coalesce(c.home, c.organisation) IN (SELECT organisation FROM mine)
              OR c.organisation IN (SELECT organisation FROM mine)
           ORDER BY (c.state = 'provisional') DESC, c.submitted_at DESC, c.id DESC LIMIT 200"#,
        person.uuid()
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Raw::row).collect()
}

/// A case to be written.
pub(super) struct NewCase<'a> {
    pub id: JoinId,
    pub person: PersonId,
    pub organisation: OrganisationId,
    pub invitation: Option<Uuid>,
    pub home: Option<OrganisationId>,
    pub home_name: &'a str,
    pub note: Option<&'a str>,
    pub host_due: OffsetDateTime,
}

/// Writes a case that begins.
pub(super) async fn insert_case(
    connection: &mut PgConnection,
    new: &NewCase<'_>,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO join_case (id, person, organisation, state, invitation, home, home_name, note,
                                submitted_at, host_due, due_at)
         VALUES ($1, $2, $3, 'submitted', $4, $5, $6, $7, $8, $9, $9)",
        new.id.uuid(),
        new.person.uuid(),
        new.organisation.uuid(),
        new.invitation,
        new.home.map(OrganisationId::uuid),
        new.home_name,
        new.note,
        now,
        new.host_due
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// What a step makes of a case.
pub(super) struct Changed<'a> {
    pub id: JoinId,
    pub case: &'a Case,
    pub due_at: Option<OffsetDateTime>,
    /// The leader answered now.
    pub answered: bool,
    pub home: Option<OrganisationId>,
    pub reason: Option<&'a str>,
}

/// Writes a case after a step.
pub(super) async fn update_case(
    connection: &mut PgConnection,
    changed: &Changed<'_>,
    now: OffsetDateTime,
) -> Done<()> {
    let case = changed.case;
    sqlx::query!(
        "UPDATE join_case
         SET state = $2, ground = $3, home_due = $4, inactive_due = $5, reminded = $6,
             superior_told = $7, inactive = $8, due_at = $9,
             answered_at = CASE WHEN $10 THEN $11 ELSE answered_at END,
             home = coalesce($12, home), reason = coalesce($13, reason)
         WHERE id = $1",
        changed.id.uuid(),
        state_word(case.state),
        case.ground.map(ground_word),
        case.home_due,
        case.inactive_due,
        case.reminded,
        case.superior_told,
        case.inactive,
        changed.due_at,
        changed.answered,
        now,
        changed.home.map(OrganisationId::uuid),
        changed.reason
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A line of the history.
pub(super) struct Line<'a> {
    pub id: Uuid,
    pub case: JoinId,
    pub by: Option<PersonId>,
    pub step: &'a str,
    pub from: Option<JoinState>,
    pub to: JoinState,
    pub reason: Option<&'a str>,
}

/// Adds to the history.
pub(super) async fn insert_line(
    connection: &mut PgConnection,
    line: &Line<'_>,
    now: OffsetDateTime,
) -> Done<()> {
    sqlx::query!(
        "INSERT INTO join_history (id, join_case, at, by_person, step, from_state, to_state, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        line.id,
        line.case.uuid(),
        now,
        line.by.map(PersonId::uuid),
        line.step,
        line.from.map(state_word),
        state_word(line.to),
        line.reason
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Cases at which the clock has to look.
pub(super) async fn due(connection: &mut PgConnection, now: OffsetDateTime) -> Done<Vec<JoinId>> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM join_case WHERE due_at <= $1 ORDER BY due_at LIMIT 100",
        now
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(JoinId).collect())
}

/// Requests of a place that wait for its leader.
pub(super) async fn waiting(connection: &mut PgConnection, of: OrganisationId) -> Done<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "waiting!" FROM join_case
           WHERE organisation = $1 AND state = 'submitted'"#,
        of.uuid()
    )
    .fetch_one(connection)
    .await
}

/// Cases whose answer is overdue.
pub(super) async fn overdue(connection: &mut PgConnection) -> Done<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "overdue!" FROM join_case
           WHERE (state = 'submitted' AND reminded) OR (state = 'provisional' AND superior_told)"#
    )
    .fetch_one(connection)
    .await
}

/// Open cases of a person at a branch or at a group below it.
pub(super) async fn open_at_branch(
    connection: &mut PgConnection,
    person: PersonId,
    branch: OrganisationId,
) -> Done<Vec<JoinId>> {
    let ids = sqlx::query_scalar!(
        "SELECT c.id FROM join_case c
         JOIN organisation_version v ON v.organisation = c.organisation AND v.in_force
         WHERE c.person = $1 AND c.open AND (c.organisation = $2 OR
               (v.parent = $2 AND v.kind = 'party_group'))
         ORDER BY c.id",
        person.uuid(),
        branch.uuid()
    )
    .fetch_all(connection)
    .await?;
    Ok(ids.into_iter().map(JoinId).collect())
}

/// Whether a person is in a room.
pub(super) async fn is_in_room(
    connection: &mut PgConnection,
    room: RoomId,
    person: PersonId,
) -> Done<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM member WHERE room = $1 AND person = $2) AS "in!""#,
        room.uuid(),
        person.uuid()
    )
    .fetch_one(connection)
    .await
}
