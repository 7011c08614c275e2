//! Sign-in by telephone number and one-time code.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use signaling::event::EventKind;
use signaling::event::chat::InboxDevice;
use signaling::http::accounts::{Challenge, FinishSignIn, Me, StartSignIn};
use signaling::limits::{CODE_AGE_S_MAX, CODE_RESEND_S_MIN};
use signaling::{DeviceId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::types::{NewChallenge, OpenSession, Phone, Tried};
use super::{NewAccount, devices, queries, rules};
use crate::app::App;
use crate::auth::{Caller, Visitor};
use crate::error::{Error, Fault, Result};
use crate::features::{joining, organisations};
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
pub async fn ask_code(app: &App, visitor: &Visitor, ask: &StartSignIn) -> Result<Challenge> {
    ask_code_for(app, visitor, (ask, false)).await
}

/// As [`ask_code`], for public pages: a number without an account gets a code and an account too.
pub async fn ask_code_public(app: &App, visitor: &Visitor, ask: &StartSignIn) -> Result<Challenge> {
    ask_code_for(app, visitor, (ask, true)).await
}

async fn ask_code_for(
    app: &App,
    visitor: &Visitor,
    (ask, public): (&StartSignIn, bool),
) -> Result<Challenge> {
    let (phone, by) = (rules::phone(&ask.phone)?, ask.by);
    let place = app.delivery.reserve(by)?;
    let now = app.clock.now();
    let lookups = lookups(app, &phone);
    let code = new_code()?;
    let invitation = match &ask.invitation {
        Some(code) => joining::open_invitation(app, code).await?,
        None => None,
    };
    let mut transaction = app.db.begin().await?;
    let lookup = lookups.first().copied().unwrap_or_default();
    queries::lock_number(&mut transaction, lookup).await?;
    let person = queries::person_by_phone(&mut transaction, &lookups).await?;
    let id = Uuid::from_bytes(secret().map_err(Fault::new)?);
    let challenge = NewChallenge {
        id,
        phone_lookup: lookup,
        person,
        enrols: match (person, public, invitation) {
            (None, true, _) | (None, _, Some(_)) => {
                Some((invitation, sealed_number(app, id, &phone)?))
            }
            _ => None,
        },
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
    if person.is_some() || challenge.enrols.is_some() {
        app.delivery.send(place, by, &phone, &code);
    }
    Ok(Challenge {
        challenge: challenge.id,
        phone_masked: rules::mask(&phone),
        expires_at: now + Duration::seconds(CODE_AGE_S_MAX),
        resend_after_s: u32::try_from(CODE_RESEND_S_MIN).unwrap_or_default(),
    })
}

/// The number of somebody without an account, for the account to be made.
fn sealed_number(app: &App, challenge: Uuid, phone: &Phone) -> Result<Vec<u8>> {
    let digits = phone.digits().as_bytes();
    Ok(app.keys.data.seal(&challenge_place(challenge), digits).map_err(Fault::new)?)
}

/// What a number sealed in a challenge is bound to.
fn challenge_place(challenge: Uuid) -> Vec<u8> {
    [b"challenge".as_slice(), challenge.as_bytes()].concat()
}

/// Trades a code for a session. A wrong, expired, used or never sent code are one answer. A number
/// without an account that came with an invitation gets one, by the name it gives.
pub async fn sign_in(
    app: &App,
    visitor: &Visitor,
    finish: &FinishSignIn,
    device_name: String,
) -> Result<SignedIn> {
    let (now, challenge) = (app.clock.now(), finish.challenge);
    let mut transaction = app.db.begin().await?;
    // The try is counted before it is judged, and stays counted.
    let tried = queries::try_challenge(&mut transaction, challenge, now).await?;
    let code = rules::code(&finish.code).unwrap_or_default();
    let owner = tried.as_ref().and_then(|tried| tried.person);
    let right = tried.filter(|tried| {
        let macs = code_mac(app, challenge, &code);
        macs.iter().any(|mac| verify_slices_are_equal(mac, &tried.code).is_ok())
    });
    let person = match right {
        Some(Tried { person: Some(person), .. }) => Some(person),
        Some(Tried { enrols: Some(sealed), .. }) => {
            let Some(name) = finish.name.as_deref() else {
                transaction.commit().await?;
                let sentence = "this number is new here; give your name";
                return Err(Error::refuse(RefusalCode::NameRequired, sentence));
            };
            Some(enrol(app, &mut transaction, (challenge, &sealed), name).await?)
        }
        _ => None,
    };
    let Some(person) = person else {
        let entry = entry(owner, None, Action::SignIn, Outcome::CodeWrong, visitor);
        security_log::record(&mut transaction, now, entry).await?;
        transaction.commit().await?;
        return Err(wrong_code());
    };
    queries::use_challenge(&mut transaction, challenge, now).await?;
    let opening = Opening { person, name: device_name, by_code: true };
    open(app, transaction, opening, visitor).await
}

/// Makes an account for a number that has none; another request may have made it just now.
async fn enrol(
    app: &App,
    connection: &mut PgConnection,
    (challenge, sealed): (Uuid, &[u8]),
    name: &str,
) -> Result<PersonId> {
    let opened = app.keys.data.open(&challenge_place(challenge), sealed).map_err(Fault::new)?;
    let phone = rules::phone(&String::from_utf8(opened).unwrap_or_default())?;
    let known = lookups(app, &phone);
    let lookup = known.first().copied().unwrap_or_default();
    queries::lock_number(connection, lookup).await?;
    if let Some(person) = queries::person_by_phone(connection, &known).await? {
        return Ok(person);
    }
    let name = organisations::text(name, 100, "a name")?;
    let account = NewAccount { person: PersonId(app.ids.next()), name, phone };
    let mut locked = Locked::rooms(connection, &[]).await?;
    super::make_account(&app.keys, connection, &mut locked, (&account, app.clock.now())).await?;
    Ok(account.person)
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

/// Writes the session, its line in the inbox and in the security log, and commits. What the browser
/// held before, of whomever, ends: its cookie is gone, so nobody could ever use or end it.
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
    let people = [Some(person), visitor.caller.map(|before| before.person)];
    let inboxes: Vec<_> = people.into_iter().flatten().map(PersonId::inbox).collect();
    let mut locked = Locked::rooms(&mut transaction, &inboxes).await?;
    let mut ended = Vec::new();
    if let Some(Caller { person, device }) = visitor.caller
        && queries::end_session(&mut transaction, person, device, now).await?
    {
        let entry = entry(Some(person), Some(device), Action::SignOut, Outcome::Done, visitor);
        security_log::record(&mut transaction, now, entry).await?;
        ended.push((person, device));
    }
    queries::insert_session(&mut transaction, device, &mac, (opening, now)).await?;
    let surplus = queries::end_surplus_sessions(&mut transaction, person, now).await?;
    ended.extend(surplus.into_iter().map(|old| (person, old)));
    append_device(&mut locked, &mut transaction, person, (device, true)).await?;
    for (person, old) in ended {
        append_device(&mut locked, &mut transaction, person, (old, false)).await?;
        queries::tell_nodes(&mut transaction, person, old).await?;
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
pub fn network(visitor: &Visitor) -> Vec<u8> {
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
