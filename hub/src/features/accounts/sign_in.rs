//! Sign-in by telephone number and one-time code, and the sessions that follow.

use std::net::IpAddr;

use signaling::http::accounts::{Challenge, Device, DeviceList, FinishSignIn, Me, StartSignIn};
use signaling::limits::{CODE_AGE_S_MAX, CODE_RESEND_S_MIN, SESSION_AGE_S_MAX, SESSION_SEEN_S_MIN};
use signaling::{DeviceId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

use super::security_log::{self, Entry};
use super::types::{NewChallenge, NewDevice, OpenSession, Phone};
use super::{queries, rules};
use crate::app::App;
use crate::auth::Caller;
use crate::error::{Error, Fault, Result};
use crate::fanout::Close;
use crate::keys;

/// What a closed device's sockets are told; final.
const SIGNED_OUT: Close = Close { code: 4500, reason: "signed out" };

/// Who asks, as far as the limits look at it.
pub(super) struct Asker {
    pub address: IpAddr,
    pub mark: [u8; 16],
}

/// Starts a sign-in: stores a code and sends it on its way. The answer is the same for numbers
/// with and without an account.
pub(super) async fn start(app: &App, asker: &Asker, request: &StartSignIn) -> Result<Challenge> {
    let phone = rules::phone(&request.phone)?;
    let now = app.clock.now();
    let id = app.ids.next();
    let code = draw_code()?;
    let lookups = lookups(app, &phone);
    let mut transaction = app.db.begin().await?;
    let person = queries::person_by_phone(&mut transaction, &lookups).await?;
    let address = asker.address.to_string();
    let challenge = NewChallenge {
        id,
        phone_lookup: phone_lookup(app, &phone),
        person,
        code: app.keys.session.sign(&[b"code", id.as_bytes(), code.as_bytes()]),
        address: app.keys.lookup.sign(&[b"address", address.as_bytes()]),
        visitor: app.keys.lookup.sign(&[b"visitor", &asker.mark]),
        created_at: now,
    };
    queries::lock_phone(&mut transaction, &challenge.phone_lookup).await?;
    let asked = queries::asked(&mut transaction, &challenge).await?;
    rules::may_ask(&asked, now, app.config.sign_in.codes_per_hour_max)?;
    let expires_at = now + Duration::seconds(CODE_AGE_S_MAX);
    queries::insert_challenge(&mut transaction, &challenge, expires_at).await?;
    transaction.commit().await?;
    if person.is_some() {
        app.codes.send(&phone, &code, request.by);
    }
    Ok(Challenge {
        challenge: id,
        phone_masked: rules::mask(&phone),
        expires_at,
        resend_after_s: u32::try_from(CODE_RESEND_S_MIN).unwrap_or_default(),
    })
}

/// Ends a sign-in: a right code signs the device in. Returns the session's secret for the cookie.
pub(super) async fn finish(
    app: &App,
    address: IpAddr,
    request: &FinishSignIn,
    user_agent: &str,
) -> Result<(Me, [u8; 32])> {
    let now = app.clock.now();
    let mut connection = app.db.acquire().await?;
    // The try is counted and kept whatever follows.
    let tried = queries::try_challenge(&mut connection, request.challenge, now).await?;
    let code = rules::code(&request.code).unwrap_or_default();
    let parts: [&[u8]; 3] = [b"code", request.challenge.as_bytes(), code.as_bytes()];
    let right = tried.filter(|tried| app.keys.session.verify(&parts, &tried.code));
    let Some(person) = right.and_then(|tried| tried.person) else {
        let entry =
            Entry { person: None, device: None, action: "sign_in", result: "code_wrong", address };
        let mut transaction = app.db.begin().await?;
        security_log::record(&mut transaction, &entry, now).await?;
        transaction.commit().await?;
        let detail = "the code is wrong or no longer valid; ask for a new one";
        return Err(Error::refuse(RefusalCode::CodeWrong, detail));
    };
    drop(connection);
    let device = DeviceId(app.ids.next());
    let secret: [u8; 32] = keys::secret().map_err(Fault::new)?;
    let name = rules::device_name(request.device_name.as_deref(), user_agent);
    let mut transaction = app.db.begin().await?;
    if !queries::use_challenge(&mut transaction, request.challenge, now).await? {
        let detail = "the code was just used; ask for a new one";
        return Err(Error::refuse(RefusalCode::CodeWrong, detail));
    }
    let new = NewDevice { id: device, person, secret: session_mac(app, &secret), name: &name };
    let revoked = queries::insert_device(&mut transaction, &new, now).await?;
    let me = profile(app, &mut transaction, Caller { person, device }).await?;
    let entry = Entry {
        person: Some(person),
        device: Some(device),
        action: "sign_in",
        result: "done",
        address,
    };
    security_log::record(&mut transaction, &entry, now).await?;
    transaction.commit().await?;
    for device in revoked {
        app.fanout.people.end(person, Some(device), SIGNED_OUT);
    }
    Ok((me, secret))
}

/// The session behind a cookie's secret, if it is open. Its use is recorded once an hour.
pub async fn open_session(app: &App, secret: &[u8; 32]) -> Result<Option<OpenSession>> {
    let now = app.clock.now();
    let secrets = macs(app.keys.session.sign_all(&[b"session", secret]));
    let mut connection = app.db.acquire().await?;
    let seen_after = now - Duration::seconds(SESSION_AGE_S_MAX);
    let session = queries::session(&mut connection, &secrets, seen_after).await?;
    let Some((person, device, seen_at)) = session else { return Ok(None) };
    let renewed = now - seen_at >= Duration::seconds(SESSION_SEEN_S_MIN);
    if renewed {
        queries::seen(&mut connection, device, now).await?;
    }
    Ok(Some(OpenSession { caller: Caller { person, device }, renewed }))
}

/// Who the caller is.
pub(super) async fn me(app: &App, caller: Caller) -> Result<Me> {
    let mut connection = app.db.acquire().await?;
    profile(app, &mut connection, caller).await
}

async fn profile(app: &App, connection: &mut PgConnection, caller: Caller) -> Result<Me> {
    let account = queries::account(connection, caller.person).await?;
    let account = account.filter(|account| account.disabled_at.is_none()).ok_or_else(|| {
        Error::refuse(RefusalCode::AccountDisabled, "the account is closed; ask your branch")
    })?;
    let place = phone_place(caller.person);
    let digits = app.keys.data.open(&place, &account.phone_sealed).map_err(Fault::new)?;
    let phone = Phone(String::from_utf8(digits).map_err(Fault::new)?);
    Ok(Me {
        person: caller.person,
        name: account.name,
        device: caller.device,
        phone_masked: rules::mask(&phone),
    })
}

/// The caller's devices.
pub(super) async fn devices(app: &App, caller: Caller) -> Result<DeviceList> {
    let mut connection = app.db.acquire().await?;
    let devices = queries::devices_of(&mut connection, caller.person).await?;
    let devices = devices.into_iter().map(|(device, name, signed_in_at, last_seen_at)| Device {
        device,
        name,
        signed_in_at,
        last_seen_at,
        current: device == caller.device,
    });
    Ok(DeviceList { devices: devices.collect() })
}

/// Signs one of the caller's devices out; its sockets are closed at once.
pub(super) async fn revoke(
    app: &App,
    caller: Caller,
    device: DeviceId,
    address: IpAddr,
) -> Result<()> {
    let now = app.clock.now();
    let mut transaction = app.db.begin().await?;
    if !queries::revoke(&mut transaction, caller.person, device, now).await? {
        return Err(Error::refuse(RefusalCode::NotFound, "no such device of yours"));
    }
    let action = if device == caller.device { "sign_out" } else { "device_revoke" };
    let entry = Entry {
        person: Some(caller.person),
        device: Some(device),
        action,
        result: "done",
        address,
    };
    security_log::record(&mut transaction, &entry, now).await?;
    transaction.commit().await?;
    app.fanout.people.end(caller.person, Some(device), SIGNED_OUT);
    Ok(())
}

/// Stores an account with its telephone number for a person that exists.
pub async fn add_account(
    app: &App,
    connection: &mut PgConnection,
    person: PersonId,
    phone: &Phone,
    now: OffsetDateTime,
) -> Result<()> {
    let sealed = app.keys.data.seal(&phone_place(person), phone.digits().as_bytes());
    let sealed = sealed.map_err(Fault::new)?;
    let lookup = phone_lookup(app, phone);
    Ok(queries::insert_account(connection, person, (&lookup, &sealed), now).await?)
}

fn draw_code() -> Result<String> {
    loop {
        if let Some(code) = rules::draw_code(keys::secret().map_err(Fault::new)?) {
            return Ok(code);
        }
    }
}

fn phone_place(person: PersonId) -> Vec<u8> {
    [b"phone".as_slice(), person.uuid().as_bytes()].concat()
}

fn phone_lookup(app: &App, phone: &Phone) -> [u8; 32] {
    app.keys.lookup.sign(&[b"phone", phone.digits().as_bytes()])
}

fn lookups(app: &App, phone: &Phone) -> Vec<Vec<u8>> {
    macs(app.keys.lookup.sign_all(&[b"phone", phone.digits().as_bytes()]))
}

fn session_mac(app: &App, secret: &[u8; 32]) -> [u8; 32] {
    app.keys.session.sign(&[b"session", secret])
}

fn macs(macs: Vec<[u8; 32]>) -> Vec<Vec<u8>> {
    macs.into_iter().map(Vec::from).collect()
}
