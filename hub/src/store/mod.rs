//! The database: which one, whether it keeps its promises, and its tables.
//!
//! [`Store::open`] is the way in. It takes the database that the configuration names, or brings up
//! an [`embedded`] Postgres in the data directory; refuses one that would lose an acknowledged
//! commit; and migrates. Nothing here knows what the tables mean.

pub mod backup;
mod durability;
pub mod embedded;
mod gathered;
mod pool;

pub use durability::{Durability, objection_of};
pub use gathered::Gathered;
pub use pool::{BY_KEY_ALONE, MIGRATOR, Store, StoreError, pool_options};
