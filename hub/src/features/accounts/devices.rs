//! The caller's own account and devices.

use std::collections::HashMap;

use signaling::http::accounts::{Device, DeviceList, Me};
use signaling::{DeviceId, PersonId, RefusalCode};

use sqlx::PgConnection;

use super::types::Phone;
use super::{consents, desk_queries, phone_place, queries, rules, sign_in};
use crate::app::App;
use crate::auth::{Caller, Visitor};
use crate::bus::Hint;
use crate::error::{Error, Fault, InconsistentRow, Result};
use crate::features::organisations;
use crate::keys::Keys;
use crate::security_log::{self, Action, Outcome};
use crate::timeline::Locked;

/// Who is signed in.
pub async fn me(app: &App, caller: Caller) -> Result<Me> {
    let mut connection = app.db.acquire().await?;
    let account = queries::account(&mut connection, caller.person).await?;
    let (places, home) = organisations::places(&mut connection, caller.person).await?;
    let pages = consents(&mut connection, caller.person).await?.consents;
    let due = pages.into_iter().filter(|one| one.agreed_at.is_none()).map(|one| one.document);
    let administrator = queries::is_administrator(&mut connection, caller.person).await?;
    let has_post = organisations::has_desk(&mut connection, caller.person).await?;
    let phone = open_phone(&app.keys, caller.person, &account.phone_sealed)?;
    Ok(Me {
        person: caller.person,
        name: account.name,
        device: caller.device,
        phone_masked: rules::mask(&phone),
        places,
        home,
        consents_due: due.collect(),
        has_desk: has_post || administrator,
        administrator,
    })
}

fn open_phone(keys: &Keys, person: PersonId, sealed: &[u8]) -> Result<Phone> {
    let opened = keys.data.open(&phone_place(person), sealed).map_err(Fault::new)?;
    let digits = String::from_utf8(opened).unwrap_or_default();
    let broken =
        |_| InconsistentRow { table: "account", column: "phone_sealed", id: person.to_string() };
    Ok(rules::phone(&digits).map_err(broken)?)
}

/// The whole number of a person; the caller of this has checked who may see it and why.
pub async fn whole_phone(
    keys: &Keys,
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<Option<Phone>> {
    let found = desk_queries::sealed_phones(connection, &[person.uuid()]).await?;
    found.first().map(|(_, sealed)| open_phone(keys, person, sealed)).transpose()
}

/// The numbers of people with their middle digits masked.
pub async fn masked_phones(
    keys: &Keys,
    connection: &mut PgConnection,
    people: &[PersonId],
) -> Result<HashMap<PersonId, String>> {
    let ids: Vec<_> = people.iter().map(|person| person.uuid()).collect();
    let sealed = desk_queries::sealed_phones(connection, &ids).await?;
    sealed
        .into_iter()
        .map(|(id, sealed)| {
            let person = PersonId(id);
            Ok((person, rules::mask(&open_phone(keys, person, &sealed)?)))
        })
        .collect()
}

/// The number of a person, masked; empty where there is no account.
pub(super) async fn masked(
    keys: &Keys,
    connection: &mut PgConnection,
    person: PersonId,
) -> Result<String> {
    let mut found = masked_phones(keys, connection, &[person]).await?;
    Ok(found.remove(&person).unwrap_or_default())
}

/// The caller's signed-in devices, last used first.
pub async fn devices(app: &App, caller: Caller) -> Result<DeviceList> {
    let mut connection = app.db.acquire().await?;
    let ends = sign_in::session_ends_before(app.clock.now());
    let rows = queries::devices(&mut connection, caller.person, ends).await?;
    let devices =
        rows.into_iter().map(|row| Device { current: row.device == caller.device, ..row });
    Ok(DeviceList { devices: devices.collect() })
}

/// Ends a device of the caller: its session, its tokens and its sockets on every node.
pub async fn revoke(app: &App, caller: Caller, device: DeviceId, visitor: &Visitor) -> Result<()> {
    let action = if device == caller.device { Action::SignOut } else { Action::RevokeDevice };
    if end(app, caller.person, device, (action, visitor)).await? {
        return Ok(());
    }
    Err(Error::refuse(RefusalCode::NotFound, "there is no such device"))
}

/// Ends a device; `false` where the person has no such open one.
async fn end(
    app: &App,
    person: PersonId,
    device: DeviceId,
    (action, visitor): (Action, &Visitor),
) -> Result<bool> {
    let now = app.clock.now();
    let mut transaction = app.db.begin().await?;
    let mut locked = Locked::rooms(&mut transaction, &[person.inbox()]).await?;
    if !queries::end_session(&mut transaction, person, device, now).await? {
        return Ok(false);
    }
    queries::tell_nodes(&mut transaction, person, device).await?;
    sign_in::append_device(&mut locked, &mut transaction, person, (device, false)).await?;
    let entry = sign_in::entry(Some(person), Some(device), action, Outcome::Done, visitor);
    security_log::record(&mut transaction, now, entry).await?;
    transaction.commit().await?;
    app.fanout.end_device(person, device);
    app.tell(&Hint::Revoked { person, device: Some(device) });
    app.timeline.publish(locked.into_events()).await;
    Ok(true)
}
