//! How a command of the hub fails: an expected [`Refusal`] that the client may see, or a
//! [`Fault`] that only the operator may see.

use std::fmt;

use signaling::{Refusal, RefusalCode};

/// The result of every command.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Expected; part of the contract; counted, not logged as an error.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Unexpected; the client sees `unavailable` and an incident number.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Something unexpected, with its cause.
#[derive(Debug)]
pub struct Fault(Box<dyn std::error::Error + Send + Sync>);

impl Fault {
    /// A fault caused by `source`.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// A stored row that contradicts an invariant.
#[derive(Debug, thiserror::Error)]
#[error("row {id} of {table}: {column} breaks an invariant")]
pub struct InconsistentRow {
    pub table: &'static str,
    pub column: &'static str,
    pub id: String,
}

impl Error {
    /// A refusal with its sentence and the seconds after which to try again.
    pub fn refuse_for(code: RefusalCode, detail: impl Into<String>, seconds: i64) -> Self {
        let refusal = Refusal::new(code, detail);
        Self::Refused(refusal.retry_after(u32::try_from(seconds).unwrap_or(u32::MAX)))
    }

    /// A refusal with its sentence.
    pub fn refuse(code: RefusalCode, detail: impl Into<String>) -> Self {
        Self::Refused(Refusal::new(code, detail))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Fault(Fault::new(error))
    }
}

impl From<InconsistentRow> for Error {
    fn from(error: InconsistentRow) -> Self {
        Self::Fault(Fault::new(error))
    }
}
