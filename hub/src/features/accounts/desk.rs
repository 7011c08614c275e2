//! The officers' desk: a second factor over a session, closed after half an hour without use.

use signaling::event::EventKind;
use signaling::event::people::{Notice, NoticeKind};
use signaling::http::desk::{Desk, SecondFactor};
use signaling::limits::{
    DESK_IDLE_S_MAX, FRESH_SIGN_IN_S_MAX, PROOF_AGE_S_MAX, SECOND_FACTOR_FAILURES_MAX,
    SECOND_FACTOR_REST_S,
};
use signaling::{OrganisationId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{desk_queries as queries, devices, rules, sign_in, totp};
use crate::app::App;
use crate::auth::{Session, Visitor};
use crate::error::{Error, Fault, Result};
use crate::features::organisations;
use crate::keys::{Keys, secret};
use crate::security_log::{self, Action, Outcome};
use crate::timeline::{Append, Locked};

/// Whether the caller's desk is open, and until when.
pub async fn desk(app: &App, session: &Session) -> Result<Desk> {
    let mut connection = app.db.acquire().await?;
    let person = session.caller.person;
    let has_post = organisations::has_desk(&mut connection, person).await?;
    let factor = queries::second_factor(&mut connection, person).await?;
    let at = queries::desk_of(&mut connection, session.caller.device).await?;
    let now = app.clock.now();
    let until = |from: Option<OffsetDateTime>, seconds: i64| {
        from.map(|from| from + Duration::seconds(seconds)).filter(|until| *until > now)
    };
    Ok(Desk {
        needed: has_post || session.administrator,
        has_second_factor: factor.is_some_and(|factor| factor.confirmed),
        open_until: until(at.seen_at, DESK_IDLE_S_MAX),
        proven_until: until(at.proven_at, PROOF_AGE_S_MAX),
        administrator: session.administrator,
    })
}

/// Refuses a session that did not prove lately who it is: by the second factor, or by a sign-in with a
/// one-time code.
pub async fn check_fresh(
    connection: &mut PgConnection,
    session: &Session,
    now: OffsetDateTime,
) -> Result<()> {
    if session.is_proven(now) || session.is_fresh(now, FRESH_SIGN_IN_S_MAX) {
        return Ok(());
    }
    let person = session.caller.person;
    let factor = queries::second_factor(connection, person).await?;
    if factor.is_some_and(|factor| factor.confirmed) {
        let sentence = "give the code of your authenticator application first";
        return Err(Error::refuse(RefusalCode::SecondFactorRequired, sentence));
    }
    let sentence = "sign in again with a one-time code first";
    Err(Error::refuse(RefusalCode::FreshSignInRequired, sentence))
}

/// Makes a secret for an officer who has none that counts.
pub async fn begin_second_factor(app: &App, session: &Session) -> Result<SecondFactor> {
    let now = app.clock.now();
    let person = session.caller.person;
    if !session.is_fresh(now, FRESH_SIGN_IN_S_MAX) {
        let sentence = "sign in with a one-time code first; then set the second factor up";
        return Err(Error::refuse(RefusalCode::FreshSignInRequired, sentence));
    }
    let mut transaction = app.db.begin().await?;
    let has_post = organisations::has_desk(&mut transaction, person).await?;
    if !has_post && !session.administrator {
        return Err(Error::refuse(RefusalCode::NotFound, "there is no desk for you"));
    }
    let masked = devices::masked(&app.keys, &mut transaction, person).await?;
    let made = make_second_factor(&app.keys, &mut transaction, person, (now, false)).await?;
    transaction.commit().await?;
    let uri = totp::uri(&made, &masked);
    Ok(SecondFactor { secret: totp::base32(&made), qr_svg: super::picture(&uri)?, uri })
}

/// Stores a new secret; `confirmed` where it is handed over in another way. Refuses where one
/// counts already.
pub async fn make_second_factor(
    keys: &Keys,
    connection: &mut PgConnection,
    person: PersonId,
    (now, confirmed): (OffsetDateTime, bool),
) -> Result<[u8; totp::SECRET_BYTES]> {
    let made = secret::<{ totp::SECRET_BYTES }>().map_err(Fault::new)?;
    store_second_factor(keys, connection, (person, &made), (now, confirmed)).await?;
    Ok(made)
}

/// Stores a given secret, as [`make_second_factor`].
pub async fn store_second_factor(
    keys: &Keys,
    connection: &mut PgConnection,
    (person, made): (PersonId, &[u8; totp::SECRET_BYTES]),
    (now, confirmed): (OffsetDateTime, bool),
) -> Result<()> {
    let sealed = keys.data.seal(&place(person), made).map_err(Fault::new)?;
    let confirmed_at = confirmed.then_some(now);
    if !queries::put_second_factor(connection, person, &sealed, (now, confirmed_at)).await? {
        let sentence = "a second factor is set up; the administrator can remove it";
        return Err(Error::refuse(RefusalCode::Conflict, sentence));
    }
    Ok(())
}

/// What a wrong second factor is answered with.
fn wrong() -> Error {
    let sentence = "the code is wrong or was used before; wait for the next one";
    Error::refuse(RefusalCode::SecondFactorWrong, sentence)
}

/// What a code of the second factor is given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeFor {
    /// To open the desk, or to prove the second factor anew.
    Desk,
    /// To show that the application has a new secret; the desk opens too.
    NewSecret,
}

/// Opens the desk with a code.
pub async fn open_desk(
    app: &App,
    session: &Session,
    (given, purpose): (&str, CodeFor),
    visitor: &Visitor,
) -> Result<Desk> {
    let now = app.clock.now();
    let caller = session.caller;
    let confirm = purpose == CodeFor::NewSecret;
    let mut transaction = app.db.begin().await?;
    let mut locked = Locked::rooms(&mut transaction, &[caller.person.inbox()]).await?;
    let factor = queries::lock_second_factor(&mut transaction, caller.person).await?;
    let factor = factor.filter(|factor| factor.confirmed != confirm).ok_or_else(wrong)?;
    if factor.locked_until.is_some_and(|until| until > now) {
        let rest = Error::refuse_for(
            RefusalCode::TooManyRequests,
            "too many wrong codes; wait five minutes",
            SECOND_FACTOR_REST_S,
        );
        return Err(rest);
    }
    let opened = app.keys.data.open(&place(caller.person), &factor.sealed).map_err(Fault::new)?;
    let given = rules::code(given).unwrap_or_default();
    let step = totp::step_of(&opened, &given, now.unix_timestamp(), factor.last_step);
    let person = Some(caller.person);
    let Some(step) = step else {
        let failures = factor.failures.saturating_add(1);
        let rests = failures >= SECOND_FACTOR_FAILURES_MAX;
        let until = rests.then(|| now + Duration::seconds(SECOND_FACTOR_REST_S));
        let failures = if rests { 0 } else { failures };
        queries::failed(&mut transaction, caller.person, (failures, until)).await?;
        let entry = (Action::OpenDesk, Outcome::CodeWrong);
        let entry = sign_in::entry(person, Some(caller.device), entry.0, entry.1, visitor);
        security_log::record(&mut transaction, now, entry).await?;
        transaction.commit().await?;
        return Err(wrong());
    };
    queries::succeeded(&mut transaction, caller.person, (step, now)).await?;
    queries::open_desk(&mut transaction, caller.device, now).await?;
    if confirm {
        tell(
            &mut locked,
            &mut transaction,
            caller.person,
            NoticeKind::SecondFactorSet,
            app.ids.next(),
        )
        .await?;
    }
    let action = if confirm { Action::SetSecondFactor } else { Action::OpenDesk };
    let entry = sign_in::entry(person, Some(caller.device), action, Outcome::Done, visitor);
    security_log::record(&mut transaction, now, entry).await?;
    transaction.commit().await?;
    app.timeline.publish(locked.into_events()).await;
    desk(app, session).await
}

/// Closes the desk of this device.
pub async fn close_desk(app: &App, session: &Session) -> Result<()> {
    let mut connection = app.db.acquire().await?;
    queries::close_desk(&mut connection, session.caller.device).await?;
    Ok(())
}

/// Writes into a person's inbox that something about the account changed.
pub(super) async fn tell(
    locked: &mut Locked,
    connection: &mut PgConnection,
    person: PersonId,
    kind: NoticeKind,
    id: Uuid,
) -> Result<()> {
    let notice = Notice {
        notice: kind,
        organisation: OrganisationId(Uuid::nil()),
        title: String::new(),
        join: None,
        person: None,
        name: None,
        reason: None,
        answer_by: None,
        meeting: None,
        starts_at: None,
    };
    let append = Append {
        room: person.inbox(),
        author: PersonId::SYSTEM,
        cid: format!("notice-{}", id.simple()),
        kind: EventKind::InboxNotice,
        reference: None,
        body: serde_json::to_string(&notice).map_err(Fault::new)?,
    };
    locked.append(connection, append).await?;
    Ok(())
}

/// What a sealed secret is bound to.
fn place(person: PersonId) -> Vec<u8> {
    [b"second factor".as_slice(), person.uuid().as_bytes()].concat()
}
