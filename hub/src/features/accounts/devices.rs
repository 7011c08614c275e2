//! The caller's own account and devices.

use signaling::http::accounts::{Device, DeviceList, Me};
use signaling::{DeviceId, PersonId, RefusalCode};

use super::{phone_place, queries, rules, sign_in};
use crate::app::App;
use crate::auth::{Caller, Visitor};
use crate::error::{Error, Fault, InconsistentRow, Result};
use crate::security_log::{self, Action, Outcome};
use crate::timeline::Locked;

/// Who is signed in.
pub async fn me(app: &App, caller: Caller) -> Result<Me> {
    let mut connection = app.db.acquire().await?;
    let account = queries::account(&mut connection, caller.person).await?;
    let opened = app.keys.data.open(&phone_place(caller.person), &account.phone_sealed);
    let digits = String::from_utf8(opened.map_err(Fault::new)?).unwrap_or_default();
    let phone = rules::phone(&digits).map_err(|_| InconsistentRow {
        table: "account",
        column: "phone_sealed",
        id: caller.person.to_string(),
    })?;
    Ok(Me {
        person: caller.person,
        name: account.name,
        device: caller.device,
        phone_masked: rules::mask(&phone),
        places: Vec::new(),
        home: None,
        consents_due: Vec::new(),
        has_desk: false,
        administrator: false,
    })
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
    app.timeline.publish(locked.into_events()).await;
    Ok(true)
}
