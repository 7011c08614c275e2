//! Sign-in by telephone number and one-time code.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use signaling::event::EventKind;
use signaling::event::chat::InboxDevice;
use signaling::http::accounts::{Challenge, CodeBy, Me};
use signaling::limits::{CODE_AGE_S_MAX, CODE_RESEND_S_MIN};
use signaling::{DeviceId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::types::{NewChallenge, OpenSession, Phone};
use super::{devices, queries, rules};
use crate::app::App;
use crate::auth::{Caller, Visitor};
use crate::error::{Error, Fault, Result};
use crate::keys::secret;
use crate::security_log::{self, Action, Entry, Outcome};
use crate::timeline::{Append, Locked};

/// A session that was just begun.
pub struct SignedIn {
    pub me: Me,
    /// What the cookie carries.
    pub secret: [u8; 32],
}

/// A session to begin.
pub(super) struct Opening {
    pub person: PersonId,
    /// What the device is called.
    pub name: String,
    /// By a one-time code, not by the password.
    pub by_code: bool,
}

/// Asks for a one-time code. Known and unknown numbers take the same steps; only the code of a
/// known one is sent, and nobody waits for that.
pub async fn ask_code(app: &App, visitor: &Visitor, phone: &str, by: CodeBy) -> Result<Challenge> {
    let phone = rules::phone(phone)?;
    let place = app.delivery.reserve(by)?;
    let now = app.clock.now();
    let lookups = lookups(app, &phone);
    let code = new_code()?;
    let mut transaction = app.db.begin().await?;
    let lookup = lookups.first().copied().unwrap_or_default();
    queries::lock_number(&mut transaction, lookup).await?;
    let person = queries::person_by_phone(&mut transaction, &lookups).await?;
    let id = Uuid::from_bytes(secret().map_err(Fault::new)?);
    let challenge = NewChallenge {
        id,
        phone_lookup: lookup,
        person,
        code: code_mac(app, id, &code).first().copied().unwrap_or_default(),
        address: app.keys.session.sign(&[b"address", &network(visitor)]),
        visitor: visitor_mark(app, visitor),
        created_at: now,
    };
    let asked = queries::asked(&mut transaction, &lookups, &challenge).await?;
    let allowed = if is_own_console(app, visitor) {
        Ok(())
    } else {
        rules::may_ask(&asked, now, app.config.sign_in.codes_per_hour_max)
    };
    let result = if allowed.is_ok() { Outcome::Done } else { Outcome::TooMany };
    if allowed.is_ok() {
        queries::insert_challenge(&mut transaction, &challenge).await?;
        queries::forget_challenges(&mut transaction, now - Duration::days(1)).await?;
    }
    let entry = entry(person, None, Action::AskCode, result, visitor);
    security_log::record(&mut transaction, now, entry).await?;
    transaction.commit().await?;
    allowed?;
    if person.is_some() {
        app.delivery.send(place, by, &phone, &code);
    }
    Ok(Challenge {
        challenge: challenge.id,
        phone_masked: rules::mask(&phone),
        expires_at: now + Duration::seconds(CODE_AGE_S_MAX),
        resend_after_s: u32::try_from(CODE_RESEND_S_MIN).unwrap_or_default(),
    })
}

/// Trades a code for a session. A wrong, expired, used or never sent code are one answer.
pub async fn sign_in(
    app: &App,
    visitor: &Visitor,
    (challenge, code): (Uuid, &str),
    device_name: String,
) -> Result<SignedIn> {
    let now = app.clock.now();
    let mut transaction = app.db.begin().await?;
    // The try is counted before it is judged, and stays counted.
    let tried = queries::try_challenge(&mut transaction, challenge, now).await?;
    let person = tried.as_ref().and_then(|tried| tried.person);
    let code = rules::code(code).unwrap_or_default();
    let right = tried.is_some_and(|tried| {
        code_mac(app, challenge, &code)
            .iter()
            .any(|mac| verify_slices_are_equal(mac, &tried.code).is_ok())
    });
    let Some(person) = person.filter(|_| right) else {
        let entry = entry(person, None, Action::SignIn, Outcome::CodeWrong, visitor);
        security_log::record(&mut transaction, now, entry).await?;
        transaction.commit().await?;
        return Err(wrong_code());
    };
    queries::use_challenge(&mut transaction, challenge, now).await?;
    let opening = Opening { person, name: device_name, by_code: true };
    open(app, transaction, opening, visitor).await
}

/// Begins a session for a person who has proven to be that person, and commits.
pub(super) async fn open(
    app: &App,
    mut transaction: sqlx::Transaction<'_, sqlx::Postgres>,
    opening: Opening,
    visitor: &Visitor,
) -> Result<SignedIn> {
    let (now, person) = (app.clock.now(), opening.person);
    let account = queries::account(&mut transaction, person).await?;
    if account.disabled_at.is_some() {
        let entry = entry(Some(person), None, Action::SignIn, Outcome::AccountDisabled, visitor);
        security_log::record(&mut transaction, now, entry).await?;
        transaction.commit().await?;
        let sentence = "this account is closed; ask your group leader";
        return Err(Error::refuse(RefusalCode::AccountDisabled, sentence));
    }
    let (device, secret) = begin_session(app, transaction, &opening, visitor).await?;
    let me = devices::me(app, Caller { person, device }).await?;
    Ok(SignedIn { me, secret })
}

/// The open session behind a cookie's secret, its use recorded about once an hour.
pub async fn open_session(app: &App, secret: &[u8; 32]) -> Result<Option<OpenSession>> {
    let now = app.clock.now();
    let macs = app.keys.session.sign_all(&[b"session", secret]);
    let mut connection = app.db.acquire().await?;
    let Some(found) = queries::session(&mut connection, &macs, now).await? else {
        return Ok(None);
    };
    let (session, seen_at) = found;
    let renewed = queries::is_due(seen_at, now);
    if renewed {
        queries::see_session(&mut connection, session.caller.device, now).await?;
    }
    Ok(Some(OpenSession { session, renewed }))
}

/// Writes the session, its line in the inbox and in the security log, and commits.
async fn begin_session(
    app: &App,
    mut transaction: sqlx::Transaction<'_, sqlx::Postgres>,
    opening: &Opening,
    visitor: &Visitor,
) -> Result<(DeviceId, [u8; 32])> {
    let now = app.clock.now();
    let person = opening.person;
    let device = DeviceId(app.ids.next());
    let secret = secret::<32>().map_err(Fault::new)?;
    let mac = app.keys.session.sign(&[b"session", &secret]);
    let mut locked = Locked::rooms(&mut transaction, &[person.inbox()]).await?;
    queries::insert_session(&mut transaction, device, &mac, (opening, now)).await?;
    let ended = queries::end_surplus_sessions(&mut transaction, person, now).await?;
    append_device(&mut locked, &mut transaction, person, (device, true)).await?;
    for old in &ended {
        append_device(&mut locked, &mut transaction, person, (*old, false)).await?;
        queries::tell_nodes(&mut transaction, person, *old).await?;
    }
    let entry = entry(Some(person), Some(device), Action::SignIn, Outcome::Done, visitor);
    security_log::record(&mut transaction, now, entry).await?;
    transaction.commit().await?;
    app.timeline.publish(locked.into_events()).await;
    Ok((device, secret))
}

/// Writes into the inbox that a device was signed in or revoked.
pub(super) async fn append_device(
    locked: &mut Locked,
    connection: &mut PgConnection,
    person: PersonId,
    (device, signed_in): (DeviceId, bool),
) -> Result<()> {
    let body = serde_json::to_string(&InboxDevice { device, signed_in }).map_err(Fault::new)?;
    let state = if signed_in { "in" } else { "out" };
    let append = Append {
        room: person.inbox(),
        author: PersonId::SYSTEM,
        cid: format!("device-{}-{state}", device.uuid().simple()),
        kind: EventKind::InboxDevice,
        reference: None,
        body,
    };
    locked.append(connection, append).await?;
    Ok(())
}

pub(super) fn entry(
    person: Option<PersonId>,
    device: Option<DeviceId>,
    action: Action,
    result: Outcome,
    visitor: &Visitor,
) -> Entry {
    Entry { person, device, action, result, address: Some(visitor.address) }
}

/// The keyed hashes under which a number may be stored, newest key first.
pub(super) fn lookups(app: &App, phone: &Phone) -> Vec<[u8; 32]> {
    app.keys.lookup.sign_all(&[b"phone", phone.digits().as_bytes()])
}

fn code_mac(app: &App, challenge: Uuid, code: &str) -> Vec<[u8; 32]> {
    app.keys.session.sign_all(&[b"code", challenge.as_bytes(), code.as_bytes()])
}

fn new_code() -> Result<String> {
    loop {
        let random = secret().map_err(Fault::new)?;
        if let Some(code) = rules::draw_code(random) {
            return Ok(code);
        }
    }
}

/// What an address counts as: of IPv6 the network, since a phone draws a new one every day.
pub(super) fn network(visitor: &Visitor) -> Vec<u8> {
    match visitor.address {
        std::net::IpAddr::V4(v4) => v4.octets().to_vec(),
        std::net::IpAddr::V6(v6) => v6.octets().into_iter().take(8).collect(),
    }
}

/// A browser without a mark counts together with the others of its address.
fn visitor_mark(app: &App, visitor: &Visitor) -> [u8; 32] {
    match &visitor.mark {
        Some(mark) => app.keys.session.sign(&[b"visitor", mark]),
        None => app.keys.session.sign(&[b"no mark", &network(visitor)]),
    }
}

/// Codes on the console cost nothing, and whoever is on this machine reads them anyway.
fn is_own_console(app: &App, visitor: &Visitor) -> bool {
    app.delivery.console().is_some() && visitor.address.is_loopback()
}

fn wrong_code() -> Error {
    let sentence = "the code is wrong or no longer valid; look again or ask for a new one";
    Error::refuse(RefusalCode::CodeWrong, sentence)
}

/// When the cookie's session was last recorded before `now` by more than this, it is due.
pub(super) fn session_ends_before(now: OffsetDateTime) -> OffsetDateTime {
    now - Duration::seconds(signaling::limits::SESSION_AGE_S_MAX)
}
