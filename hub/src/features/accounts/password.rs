//! The password: a second way in beside the one-time code.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use signaling::event::people::NoticeKind;
use signaling::http::desk::{PasswordSignIn, SetPassword};
use signaling::limits::{
    FRESH_SIGN_IN_S_MAX, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PASSWORD_MEMORY_KIB,
    PASSWORD_PASSES, PASSWORDS_PER_ADDRESS_HOUR_MAX, PASSWORDS_PER_PHONE_QUARTER_MAX,
};
use signaling::{PersonId, RefusalCode};

use super::desk_queries as queries;
use super::desk_queries::PasswordRow;
use super::sign_in::{self, Opening, SignedIn};
use super::{desk, queries as account_queries, rules};
use crate::app::App;
use crate::auth::{Session, Visitor};
use crate::error::{Error, Fault, Result};
use crate::keys::secret;
use crate::security_log::{self, Action, Outcome};
use crate::timeline::Locked;

/// Signs in with a number and a password. Known and unknown numbers take the same steps.
pub async fn sign_in_by_password(
    app: &App,
    visitor: &Visitor,
    request: &PasswordSignIn,
    device_name: String,
) -> Result<SignedIn> {
    let now = app.clock.now();
    let phone = rules::phone(&request.phone)?;
    let lookups: Vec<Vec<u8>> =
        sign_in::lookups(app, &phone).iter().map(|lookup| lookup.to_vec()).collect();
    let address = app.keys.session.sign(&[b"password", &sign_in::network(visitor)]);
    let mut connection = app.db.acquire().await?;
    let (by_phone, by_address) = queries::tried(&mut connection, (&lookups, &address), now).await?;
    if by_phone >= PASSWORDS_PER_PHONE_QUARTER_MAX || by_address >= PASSWORDS_PER_ADDRESS_HOUR_MAX {
        let sentence = "too many passwords were tried; sign in with a code, or wait";
        return Err(Error::refuse_for(RefusalCode::TooManyRequests, sentence, 900));
    }
    // The try is counted before it is judged.
    let lookup = lookups.first().cloned().unwrap_or_default();
    queries::insert_try(&mut connection, app.ids.next(), (&lookup, &address), now).await?;
    let keyed = sign_in::lookups(app, &phone);
    let person = account_queries::person_by_phone(&mut connection, &keyed).await?;
    let stored = match person {
        Some(person) => queries::password(&mut connection, person).await?,
        None => None,
    };
    drop(connection);
    let right = matches(app, &request.password, stored).await?;
    let mut transaction = app.db.begin().await?;
    let Some(person) = person.filter(|_| right) else {
        let entry = sign_in::entry(person, None, Action::SignIn, Outcome::PasswordWrong, visitor);
        security_log::record(&mut transaction, now, entry).await?;
        transaction.commit().await?;
        return Err(wrong());
    };
    queries::forget_tries(&mut transaction, &lookups).await?;
    let opening = Opening { person, name: device_name, by_code: false };
    sign_in::open(app, transaction, opening, visitor).await
}

/// Sets the caller's password and ends the other devices.
pub async fn set_password(
    app: &App,
    session: &Session,
    visitor: &Visitor,
    request: &SetPassword,
) -> Result<()> {
    let now = app.clock.now();
    let caller = session.caller;
    let length = request.password.chars().count();
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&length) {
        let sentence =
            format!("a password has {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters");
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    if !session.is_fresh(now, FRESH_SIGN_IN_S_MAX) {
        check_present(app, caller.person, request.present.as_deref()).await?;
    }
    let row = hashed(app, &request.password).await?;
    let mut transaction = app.db.begin().await?;
    let mut locked = Locked::rooms(&mut transaction, &[caller.person.inbox()]).await?;
    queries::set_password(&mut transaction, caller.person, &row, now).await?;
    let ended =
        queries::end_other_sessions(&mut transaction, (caller.person, caller.device), now).await?;
    for device in &ended {
        let out = (*device, false);
        sign_in::append_device(&mut locked, &mut transaction, caller.person, out).await?;
        account_queries::tell_nodes(&mut transaction, caller.person, *device).await?;
    }
    let id = app.ids.next();
    desk::tell(&mut locked, &mut transaction, caller.person, NoticeKind::PasswordSet, id).await?;
    let device = Some(caller.device);
    let entry =
        sign_in::entry(Some(caller.person), device, Action::SetPassword, Outcome::Done, visitor);
    security_log::record(&mut transaction, now, entry).await?;
    transaction.commit().await?;
    for device in ended {
        app.fanout.end_device(caller.person, device);
    }
    app.timeline.publish(locked.into_events()).await;
    Ok(())
}

async fn check_present(app: &App, person: PersonId, present: Option<&str>) -> Result<()> {
    let mut connection = app.db.acquire().await?;
    let stored = queries::password(&mut connection, person).await?;
    drop(connection);
    match (present, stored) {
        (Some(present), Some(stored)) => {
            let right = matches(app, present, Some(stored)).await?;
            if right { Ok(()) } else { Err(wrong()) }
        }
        _ => {
            let sentence = "sign in with a one-time code first, or give the present password";
            Err(Error::refuse(RefusalCode::FreshSignInRequired, sentence))
        }
    }
}

fn wrong() -> Error {
    Error::refuse(RefusalCode::PasswordWrong, "the number or the password is wrong")
}

/// Whether a password is the stored one. Without one the same work is done.
pub async fn matches(app: &App, password: &str, stored: Option<PasswordRow>) -> Result<bool> {
    let known = stored.is_some();
    let row = stored.unwrap_or_else(|| PasswordRow {
        salt: vec![0; 16],
        hash: vec![0; 32],
        memory_kib: i32::try_from(PASSWORD_MEMORY_KIB).unwrap_or(i32::MAX),
        passes: i16::try_from(PASSWORD_PASSES).unwrap_or(i16::MAX),
    });
    let hash = hash(app, password.to_owned(), row.clone()).await?;
    Ok(known && verify_slices_are_equal(&hash, &row.hash).is_ok())
}

/// A secret as it is stored: salt, hash and what it cost.
pub async fn hashed(app: &App, password: &str) -> Result<PasswordRow> {
    let salt = secret::<16>().map_err(Fault::new)?.to_vec();
    let row = PasswordRow {
        salt,
        hash: Vec::new(),
        memory_kib: i32::try_from(PASSWORD_MEMORY_KIB).unwrap_or(i32::MAX),
        passes: i16::try_from(PASSWORD_PASSES).unwrap_or(i16::MAX),
    };
    let hash = hash(app, password.to_owned(), row.clone()).await?;
    Ok(PasswordRow { hash, ..row })
}

/// The hash, made on a thread that may block; a few at once, since each takes memory.
async fn hash(app: &App, password: String, row: PasswordRow) -> Result<Vec<u8>> {
    let Ok(place) = app.hashes.clone().try_acquire_owned() else {
        let sentence = "many people sign in just now; try again";
        return Err(Error::refuse_for(RefusalCode::TooManyRequests, sentence, 2));
    };
    let work = move || {
        let memory = u32::try_from(row.memory_kib).unwrap_or(PASSWORD_MEMORY_KIB);
        let passes = u32::try_from(row.passes).unwrap_or(PASSWORD_PASSES);
        let params = Params::new(memory, passes, 1, Some(32)).map_err(|e| e.to_string())?;
        let mut out = vec![0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(password.as_bytes(), &row.salt, &mut out)
            .map_err(|e| e.to_string())?;
        drop(place);
        Ok::<_, String>(out)
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(Fault::new)?;
    Ok(done.map_err(Fault::new)?)
}
