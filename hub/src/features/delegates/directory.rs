//! The directory: who is a delegate, signed links per delegate and station, ends of terms.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use signaling::limits::THREAD_CLOCK_ROWS_MAX;
use signaling::{OrganisationId, PersonId, RefusalCode};
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::directory_queries as directory;
use super::rules::Step;
use super::steps::{self, Given, Taker};
use super::types::Actor;
use super::{no_delegate, queries};
use crate::app::App;
use crate::error::{Error, Result};
use crate::features::text;
use crate::keys::Keys;

const AREA_CHARS_MAX: usize = 60;
const DUTIES_CHARS_MAX: usize = 1_000;
const CONTACT_CHARS_MAX: usize = 200;
const STATION_CHARS_MAX: usize = 60;
const REASON_CHARS_MAX: usize = 400;

/// A delegate to be entered.
#[derive(Clone, Debug)]
pub struct NewDelegate {
    pub person: PersonId,
    /// Of whose congress.
    pub organisation: OrganisationId,
    pub area: String,
    pub duties: String,
    pub contact_days: String,
    pub term_from: Date,
    pub term_until: Date,
}

/// Enters a delegate, in a transaction of the caller; `by` is `None` for the hub's own command.
pub async fn appoint_in(
    connection: &mut PgConnection,
    id: Uuid,
    new: &NewDelegate,
    by: Option<PersonId>,
) -> Result<()> {
    if new.term_until < new.term_from {
        let sentence = "a term ends after it begins";
        return Err(Error::refuse(RefusalCode::InvalidInput, sentence));
    }
    let checked = NewDelegate {
        area: text::line(&new.area, (1, AREA_CHARS_MAX), "an area")?,
        duties: text::line(&new.duties, (1, DUTIES_CHARS_MAX), "a text of duties")?,
        contact_days: text::line(&new.contact_days, (1, CONTACT_CHARS_MAX), "a text")?,
        ..new.clone()
    };
    match directory::insert_delegate(connection, id, &checked, by).await {
        Ok(()) => Ok(()),
        Err(sqlx::Error::Database(error)) if error.constraint() == Some("delegate_once") => {
            let sentence = "this person is a delegate here already";
            Err(Error::refuse(RefusalCode::Conflict, sentence))
        }
        Err(error) => Err(error.into()),
    }
}

/// Puts a person into the liaison office of an organisation's delegates.
pub async fn give_liaison(
    connection: &mut PgConnection,
    id: Uuid,
    who: (OrganisationId, PersonId),
    when: (Option<PersonId>, OffsetDateTime),
) -> Result<()> {
    Ok(directory::insert_liaison(connection, id, who, when).await?)
}

/// Enters a station of an organisation.
pub async fn make_station(
    connection: &mut PgConnection,
    id: Uuid,
    (organisation, name): (OrganisationId, &str),
    by: Option<PersonId>,
) -> Result<()> {
    let name = text::line(name, (1, STATION_CHARS_MAX), "a name")?;
    Ok(directory::insert_station(connection, id, (organisation, &name), by).await?)
}

fn link_parts<'a>(delegate: &'a Uuid, station: &'a Uuid) -> [&'a [u8]; 3] {
    [b"delegate at a station", delegate.as_bytes(), station.as_bytes()]
}

/// The signed end of a link to a delegate at a station. It tells who prints no code of their own
/// where it was read, and opens nothing.
#[must_use]
pub fn code_of(keys: &Keys, delegate: Uuid, station: Uuid) -> String {
    let mac = keys.lookup.sign(&link_parts(&delegate, &station));
    let bytes = [delegate.as_bytes().as_slice(), station.as_bytes(), &mac].concat();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Delegate and station of a link, where this installation signed it.
pub(super) fn read_code(keys: &Keys, code: &str) -> Option<(Uuid, Uuid)> {
    let bytes = URL_SAFE_NO_PAD.decode(code).ok()?;
    let (delegate, rest) = bytes.split_first_chunk::<16>()?;
    let (station, mac) = rest.split_first_chunk::<16>()?;
    let (delegate, station) = (Uuid::from_bytes(*delegate), Uuid::from_bytes(*station));
    keys.lookup.verify(&link_parts(&delegate, &station), mac).then_some((delegate, station))
}

/// Ends a term; the open threads go to the successor or the liaison office.
pub async fn end_term(
    app: &App,
    by: Option<PersonId>,
    (delegate, reason): (Uuid, &str),
) -> Result<()> {
    let reason = text::line(reason, (1, REASON_CHARS_MAX), "a reason")?;
    let mut connection = app.db.acquire().await?;
    let when = (by, app.clock.now());
    if !directory::end_delegate(&mut connection, (delegate, &reason), when).await? {
        return Err(no_delegate());
    }
    drop(connection);
    succeed(app, delegate).await
}

/// Gives the open threads of a delegate whose term is over to whoever comes next.
pub(super) async fn succeed(app: &App, delegate: Uuid) -> Result<()> {
    let mut connection = app.db.acquire().await?;
    let successor = directory::successor(&mut connection, delegate).await?;
    let open = queries::open_of(&mut connection, (delegate, THREAD_CLOCK_ROWS_MAX)).await?;
    drop(connection);
    let clock = Taker { actor: Actor::Clock, person: None };
    for thread in open {
        let given = Given { delegate: successor, ..Given::default() };
        let found = Step::Succeed { found: successor.is_some() };
        let done = steps::take(app, clock, (thread, found), given).await;
        match done {
            // A successor may not be the constituent: the liaison office finds another one.
            Err(Error::Refused(refusal)) if refusal.code == RefusalCode::InvalidInput => {
                let alone = Step::Succeed { found: false };
                steps::take(app, clock, (thread, alone), Given::default()).await?;
            }
            // It was closed meanwhile.
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}
