//! Which devices may have a socket: as the store knows it, or, without accounts, all of them.

use std::fmt::Debug;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};
use signaling::{DeviceId, PersonId};
use sqlx::PgPool;
use time::OffsetDateTime;

use super::queries;
use crate::store::Gathered;

/// A device that was closed, or (`None`) a person with all of them.
pub type Closed = (PersonId, Option<DeviceId>);

/// What the chat socket asks about devices.
pub trait DeviceRegister: Debug + Send + Sync + 'static {
    /// Whether a device is signed in as this person and neither it nor the account was closed.
    fn is_open(
        &self,
        person: PersonId,
        device: DeviceId,
    ) -> BoxFuture<'_, Result<bool, sqlx::Error>>;

    /// Devices, or people with all of theirs, that were closed after `moment`.
    fn closed_after(
        &self,
        moment: OffsetDateTime,
    ) -> BoxFuture<'_, Result<Vec<Closed>, sqlx::Error>>;
}

/// The register of the product.
#[derive(Clone, Debug)]
pub struct StoredDevices {
    pool: PgPool,
    open: Gathered<(PersonId, DeviceId), bool>,
}

impl StoredDevices {
    /// The register in the database of `pool`. Devices that ask together are looked up together.
    #[must_use]
    pub fn start(pool: PgPool) -> Self {
        let open = Gathered::start(pool.clone(), |connection, asked| {
            queries::devices_open(connection, asked).boxed()
        });
        Self { pool, open }
    }
}

impl DeviceRegister for StoredDevices {
    fn is_open(
        &self,
        person: PersonId,
        device: DeviceId,
    ) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        self.open.ask((person, device)).boxed()
    }

    fn closed_after(
        &self,
        moment: OffsetDateTime,
    ) -> BoxFuture<'_, Result<Vec<Closed>, sqlx::Error>> {
        async move {
            let mut connection = self.pool.acquire().await?;
            queries::revoked_after(&mut connection, moment).await
        }
        .boxed()
    }
}

/// Every device is open: the conformance mode and the simulation have no accounts.
#[derive(Clone, Copy, Debug)]
pub struct AllDevices;

impl DeviceRegister for AllDevices {
    fn is_open(&self, _: PersonId, _: DeviceId) -> BoxFuture<'_, Result<bool, sqlx::Error>> {
        ready(Ok(true)).boxed()
    }

    fn closed_after(&self, _: OffsetDateTime) -> BoxFuture<'_, Result<Vec<Closed>, sqlx::Error>> {
        ready(Ok(Vec::new())).boxed()
    }
}
