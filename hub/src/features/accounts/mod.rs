//! Who a person is to the hub: sign-in, devices and the token of the chat socket.
//!
//! A signed-in device is one session; everything that acts for a person names it, and nothing acts
//! for it after it was revoked. Telephone numbers are stored as a keyed hash, to find them, and
//! sealed, to show their owner the ends. Start reading in [`sign_in`].

mod administrators;
mod chat_token;
mod consents;
mod delivery;
mod desk;
mod desk_queries;
mod desk_routes;
mod devices;
mod password;
mod queries;
mod register;
mod revocation;
mod routes;
mod rules;
mod sign_in;
mod totp;
mod types;

use signaling::event::chat::RoomRole;
use signaling::rpc::chat::RoomKind;
use signaling::{DeviceId, PersonId};
use sqlx::PgConnection;

pub use self::administrators::{Administrator, appoint_administrator};
pub use self::chat_token::{ChatIdentity, TokenError, make_chat_token, verify_chat_token};
pub use self::consents::{agree, consents};
pub use self::delivery::{Console, Delivery, DeliveryError};
pub use self::desk::{
    CodeFor, begin_second_factor, check_fresh, close_desk, desk, make_second_factor, open_desk,
    store_second_factor,
};
pub use self::desk_queries::PasswordRow;
pub use self::devices::{devices, masked_phones, me, revoke, whole_phone};
pub use self::password::{
    hashed as hashed_secret, matches as secret_matches, set_password, sign_in_by_password,
};
pub use self::register::{AllDevices, DeviceRegister, StoredDevices};
pub use self::revocation::{end_revoked, listen};
pub use self::routes::router;
pub use self::rules::{device_name, mask, phone};
use self::sign_in::Opening;
pub use self::sign_in::{SignedIn, ask_code, ask_code_public, network, open_session, sign_in};
pub use self::totp::{base32, code as second_factor_code, uri as second_factor_uri};
pub use self::types::{OpenSession, Phone};
use crate::app::App;
use crate::error::{Fault, Result};
use crate::keys::Keys;
use crate::timeline::{Locked, NewRoom};
use time::OffsetDateTime;

/// A person to be given an account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub person: PersonId,
    /// As other members see it, 1–100 characters.
    pub name: String,
    pub phone: Phone,
}

/// Makes a person with an account and an inbox; `locked` holds the inbox afterwards.
pub async fn make_account(
    keys: &Keys,
    connection: &mut PgConnection,
    locked: &mut Locked,
    (account, now): (&NewAccount, OffsetDateTime),
) -> Result<()> {
    let person = account.person;
    let digits = account.phone.digits().as_bytes();
    let lookup = keys.lookup.sign(&[b"phone", digits]);
    let sealed = keys.data.seal(&phone_place(person), digits).map_err(Fault::new)?;
    queries::insert_person(connection, person, &account.name, now).await?;
    queries::insert_account(connection, person, lookup, &sealed, now).await?;
    let inbox = NewRoom {
        id: person.inbox(),
        kind: RoomKind::Inbox,
        title: String::new(),
        history_days: None,
        created_at: now,
    };
    locked.create(connection, &inbox).await?;
    locked.admit(connection, inbox.id, (person, RoomRole::Member), now).await?;
    Ok(())
}

/// Writes a session that is over, for what was done at a device by then; nobody can use it.
pub async fn keep_ended_session(
    connection: &mut PgConnection,
    (person, device): (PersonId, DeviceId),
    name: &str,
    now: OffsetDateTime,
) -> Result<()> {
    let opening = Opening { person, name: name.to_owned(), by_code: true };
    let unknown = crate::keys::secret::<32>().map_err(Fault::new)?;
    queries::insert_session(connection, device, &unknown, (&opening, now)).await?;
    queries::end_session(connection, person, device, now).await?;
    Ok(())
}

/// What a sealed number is bound to.
fn phone_place(person: PersonId) -> Vec<u8> {
    [b"phone".as_slice(), person.uuid().as_bytes()].concat()
}

/// Records that the desk of a device was used.
pub async fn see_desk(app: &App, device: DeviceId) -> Result<()> {
    let mut connection = app.db.acquire().await?;
    Ok(desk_queries::see_desk(&mut connection, device, app.clock.now()).await?)
}

/// Makes a person an administrator of the installation; `false` where that was so.
pub async fn make_administrator(
    connection: &mut PgConnection,
    person: PersonId,
    now: OffsetDateTime,
) -> Result<bool> {
    Ok(desk_queries::make_administrator(connection, person, now).await?)
}

/// Whose number it is.
pub async fn person_by_phone(
    keys: &Keys,
    connection: &mut PgConnection,
    phone: &Phone,
) -> Result<Option<PersonId>> {
    let lookups = keys.lookup.sign_all(&[b"phone", phone.digits().as_bytes()]);
    Ok(queries::person_by_phone(connection, &lookups).await?)
}

/// A text as a picture for a camera: an SVG of black on white.
pub fn picture(text: &str) -> Result<String> {
    let code = qrcode::QrCode::new(text.as_bytes()).map_err(Fault::new)?;
    let svg = code.render::<qrcode::render::svg::Color<'_>>().min_dimensions(240, 240).build();
    Ok(svg)
}
