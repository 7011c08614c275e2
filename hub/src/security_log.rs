//! The security log: what happened to accounts, apart from the operational log.
//!
//! Rows are only ever added, in the transaction of what they tell, and each carries the hash of
//! the one before. Nothing but ids, words and the address stands in it.

use std::net::IpAddr;

use aws_lc_rs::digest::{Context, SHA256};
use signaling::{DeviceId, PersonId};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// One thing that happened.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub person: Option<PersonId>,
    pub device: Option<DeviceId>,
    pub action: Action,
    pub result: Outcome,
    /// `None` for the hub's own commands.
    pub address: Option<IpAddr>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    AskCode,
    SignIn,
    SignOut,
    RevokeDevice,
    MakeAccount,
    OpenDesk,
    SetSecondFactor,
    SetPassword,
    SeePhone,
    GiveRole,
}

impl Action {
    const fn word(self) -> &'static str {
        match self {
            Self::AskCode => "ask_code",
            Self::SignIn => "sign_in",
            Self::SignOut => "sign_out",
            Self::RevokeDevice => "revoke_device",
            Self::MakeAccount => "make_account",
            Self::OpenDesk => "open_desk",
            Self::SetSecondFactor => "set_second_factor",
            Self::SetPassword => "set_password",
            Self::SeePhone => "see_phone",
            Self::GiveRole => "give_role",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    CodeWrong,
    PasswordWrong,
    TooMany,
    AccountDisabled,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::CodeWrong => "code_wrong",
            Self::PasswordWrong => "password_wrong",
            Self::TooMany => "too_many",
            Self::AccountDisabled => "account_disabled",
        }
    }
}

/// Adds a row. The log's end stays locked until the transaction ends: this is its last statement
/// before the commit.
pub async fn record(
    connection: &mut PgConnection,
    now: OffsetDateTime,
    entry: Entry,
) -> Result<(), sqlx::Error> {
    let head = sqlx::query!("SELECT n, h FROM security_log_head FOR UPDATE")
        .fetch_one(&mut *connection)
        .await?;
    let n = head.n.saturating_add(1);
    // What the store keeps, so that the hash can be computed from the row.
    let micros = now.unix_timestamp_nanos().div_euclid(1_000);
    let at = OffsetDateTime::from_unix_timestamp_nanos(micros.saturating_mul(1_000)).unwrap_or(now);
    let address = entry.address.map(|address| address.to_string()).unwrap_or_default();
    let h = chained(&head.h, n, at, &entry, &address);
    sqlx::query!(
        "INSERT INTO security_log (n, at, person, device, action, result, address, prev, h)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        n,
        at,
        entry.person.map(PersonId::uuid),
        entry.device.map(DeviceId::uuid),
        entry.action.word(),
        entry.result.word(),
        address,
        head.h,
        h.as_slice()
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("UPDATE security_log_head SET n = $1, h = $2", n, h.as_slice())
        .execute(connection)
        .await?;
    Ok(())
}

/// SHA-256 over the fields in the order of the table, each with its length.
fn chained(prev: &[u8], n: i64, at: OffsetDateTime, entry: &Entry, address: &str) -> [u8; 32] {
    let micros = i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or_default();
    let person = entry.person.map(|id| *id.uuid().as_bytes());
    let device = entry.device.map(|id| *id.uuid().as_bytes());
    let fields: [&[u8]; 8] = [
        prev,
        &n.to_be_bytes(),
        &micros.to_be_bytes(),
        person.as_ref().map_or(&[], |id| id.as_slice()),
        device.as_ref().map_or(&[], |id| id.as_slice()),
        entry.action.word().as_bytes(),
        entry.result.word().as_bytes(),
        address.as_bytes(),
    ];
    let mut context = Context::new(&SHA256);
    for field in fields {
        context.update(&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(field);
    }
    context.finish().as_ref().first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestDatabase;

    fn entry(person: u128) -> Entry {
        Entry {
            person: Some(PersonId(uuid::Uuid::from_u128(person))),
            device: None,
            action: Action::SignIn,
            result: Outcome::Done,
            address: "203.0.113.9".parse().ok(),
        }
    }

    #[tokio::test]
    async fn each_row_carries_the_hash_of_the_one_before() {
        let database = TestDatabase::new().await;
        let mut connection = database.pool.acquire().await.expect("connected");
        let now = OffsetDateTime::UNIX_EPOCH + time::Duration::nanoseconds(1_234_567_890_123);
        for person in 1..=3 {
            record(&mut connection, now, entry(person)).await.expect("recorded");
        }
        let rows = sqlx::query!("SELECT n, at, address, prev, h FROM security_log ORDER BY n")
            .fetch_all(&mut *connection)
            .await
            .expect("read");
        let mut prev = vec![0; 32];
        for (row, person) in rows.iter().zip(1_u128..) {
            assert_eq!(row.prev, prev);
            let again = chained(&prev, row.n, row.at, &entry(person), &row.address);
            assert_eq!(row.h, again);
            prev.clone_from(&row.h);
        }
        assert_eq!(rows.len(), 3);
    }

    #[tokio::test]
    async fn a_written_row_can_not_be_changed_or_removed() {
        let database = TestDatabase::new().await;
        let mut connection = database.pool.acquire().await.expect("connected");
        record(&mut connection, OffsetDateTime::UNIX_EPOCH, entry(1)).await.expect("recorded");
        for statement in [
            "UPDATE security_log SET result = 'x'",
            "DELETE FROM security_log",
            "TRUNCATE security_log",
        ] {
            let done = sqlx::query(statement).execute(&mut *connection).await;
            let error = done.expect_err(statement);
            assert!(error.to_string().contains("only ever added"), "{error}");
        }
    }
}
