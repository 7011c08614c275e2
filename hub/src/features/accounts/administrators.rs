//! Administrators of the installation. The first one, and any later one, is made on the machine
//! itself: nobody becomes an administrator through the door.

use signaling::{PersonId, RefusalCode};
use sqlx::PgPool;
use time::OffsetDateTime;

use super::types::Phone;
use super::{NewAccount, desk_queries as queries, totp};
use crate::app::Ids;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::security_log::{self, Action, Entry, Outcome};
use crate::timeline::Locked;

/// What was made.
#[derive(Clone, Debug)]
pub struct Administrator {
    pub person: PersonId,
    /// Secret of a second factor that was made now; `None` where one counted already.
    pub second_factor: Option<[u8; totp::SECRET_BYTES]>,
    /// The person administered the installation already.
    pub already: bool,
}

/// Makes whoever has the number an administrator, with an account where there was none, and a
/// second factor where none counted. Refuses a number that is known under another name.
pub async fn appoint_administrator(
    db: &PgPool,
    keys: &Keys,
    ids: &Ids,
    (name, phone, now): (&str, Phone, OffsetDateTime),
) -> Result<Administrator> {
    let mut transaction = db.begin().await?;
    let mut locked = Locked::rooms(&mut transaction, &[]).await?;
    let person = match super::person_by_phone(keys, &mut transaction, &phone).await? {
        Some(person) => {
            let known = super::queries::account(&mut transaction, person).await?.name;
            if known != name {
                let sentence = "this number is registered under another name";
                return Err(Error::refuse(RefusalCode::NameDiffers, sentence));
            }
            person
        }
        None => {
            let person = PersonId(ids.next());
            let account = NewAccount { person, name: name.to_owned(), phone };
            super::make_account(keys, &mut transaction, &mut locked, (&account, now)).await?;
            person
        }
    };
    let already = !queries::make_administrator(&mut transaction, person, now).await?;
    let factor = queries::second_factor(&mut transaction, person).await?;
    let second_factor = if factor.is_some_and(|factor| factor.confirmed) {
        None
    } else {
        Some(super::make_second_factor(keys, &mut transaction, person, (now, true)).await?)
    };
    let (action, result) = (Action::GiveRole, Outcome::Done);
    let entry = Entry { person: Some(person), device: None, action, result, address: None };
    security_log::record(&mut transaction, now, entry).await?;
    transaction.commit().await?;
    Ok(Administrator { person, second_factor, already })
}
