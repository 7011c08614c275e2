//! Backups of the embedded database, and the proof that they can be used.
//!
//! `<folder>/base/<time>/` holds a whole copy of the cluster in `cluster/` and, in `rooms.json`, what
//! every room's log held when the copy began; `<folder>/wal/` holds the log since. Keys never go
//! there. Start reading in [`take`]; [`verify`] restores into a scratch cluster and compares.

mod checksums;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use time::OffsetDateTime;
use time::macros::format_description;

use self::checksums::RoomSum;
use super::embedded::{self, EmbeddedError, Profile};
use crate::config::BackupConfig;

/// Names of base backups; they sort by age.
const NAME: &[time::format_description::BorrowedFormatItem<'_>] =
    format_description!("[year][month][day]T[hour][minute][second]Z");
const CLUSTER: &str = "cluster";
const ROOMS: &str = "rooms.json";
/// Longest name of a file of the write-ahead log: timeline, then place.
const SEGMENT_DIGITS: usize = 24;
/// Where the place begins in it.
const PLACE_AT: usize = 8;

/// Why there is no backup or no restore. Each sentence says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("backup.folder is not set; name a folder for backups in the configuration")]
    NoFolder,
    #[error("there is no base backup in {}; run `hub backup` first", folder.display())]
    NoBase { folder: PathBuf },
    #[error("the oldest base backup is of {oldest}; a restore can not go back further")]
    TooEarly { oldest: OffsetDateTime },
    #[error("{what} {}: {source}", path.display())]
    Io { what: &'static str, path: PathBuf, source: std::io::Error },
    #[error("read {}: {source}", path.display())]
    Record { path: PathBuf, source: serde_json::Error },
    #[error("the backup does not hold what it should: {0}")]
    Differs(String),
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    #[error("read the rooms: {0}")]
    Database(#[from] sqlx::Error),
}

/// What stands beside the copy.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    #[serde(with = "time::serde::rfc3339")]
    begun_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    ended_at: OffsetDateTime,
    rooms: Vec<RoomSum>,
}

/// What a backup or its proof covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    pub base: PathBuf,
    pub rooms: usize,
    pub events: i64,
}

/// Copies the running database of `data_dir` and removes what `keep` leaves no room for.
pub async fn take(
    data_dir: &Path,
    config: &BackupConfig,
    clock: impl Fn() -> OffsetDateTime,
) -> Result<Covered, BackupError> {
    let bases = config.bases().ok_or(BackupError::NoFolder)?;
    let mut connection = PgConnection::connect_with(&embedded::running(data_dir)?).await?;
    let begun_at = clock();
    let rooms = checksums::of_all(&mut connection).await?;
    connection.close().await?;
    let name = begun_at.format(NAME).unwrap_or_default();
    let (part, whole) = (bases.join(format!("{name}.part")), bases.join(&name));
    let covered = Covered {
        base: whole.clone(),
        rooms: rooms.len(),
        events: rooms.iter().map(|room| room.events).sum(),
    };
    embedded::base_backup(data_dir, &part.join(CLUSTER)).await?;
    let record = Record { begun_at, ended_at: clock(), rooms };
    write_synced(&part.join(ROOMS), &record)?;
    fs::rename(&part, &whole).map_err(io("rename", &part))?;
    prune(&bases, config)?;
    Ok(covered)
}

/// Restores the newest base backup with its log into a scratch folder, compares every room with
/// what was recorded, and removes the scratch. `spoil` changes one event first, so that the
/// comparison must fail.
pub async fn verify(
    data_dir: &Path,
    config: &BackupConfig,
    spoil: bool,
) -> Result<Covered, BackupError> {
    let (base, record) = newest(config, None)?;
    let scratch = data_dir.join(format!("verify-{}", std::process::id()));
    let archive = config.archive();
    let from = (base.join(CLUSTER), archive.as_deref());
    let restored = embedded::restore(&scratch, (&from.0, from.1), None, Profile::Scratch).await;
    let compared = match restored {
        Ok(embedded) => {
            let compared = compare(&embedded.options(), &record, spoil).await;
            embedded.stop().await?;
            compared
        }
        Err(error) => Err(error.into()),
    };
    embedded::remove(&scratch)?;
    compared?;
    let events = record.rooms.iter().map(|room| room.events).sum();
    Ok(Covered { base, rooms: record.rooms.len(), events })
}

/// Makes the database of `data_dir`, which must not have one, as it was at `to` or at the end of
/// the log, and leaves it stopped for the next `hub run`.
pub async fn restore(
    data_dir: &Path,
    config: &BackupConfig,
    to: Option<OffsetDateTime>,
) -> Result<PathBuf, BackupError> {
    let (base, _) = newest(config, to)?;
    let archive = config.archive();
    let from = base.join(CLUSTER);
    let embedded =
        embedded::restore(data_dir, (&from, archive.as_deref()), to, Profile::Durable).await?;
    embedded.stop().await?;
    Ok(base)
}

async fn compare(
    options: &sqlx::postgres::PgConnectOptions,
    record: &Record,
    spoil: bool,
) -> Result<(), BackupError> {
    let mut connection = PgConnection::connect_with(options).await?;
    if spoil {
        sqlx::query!("UPDATE event SET ts = ts + interval '1 second' WHERE seq = 1")
            .execute(&mut connection)
            .await?;
    }
    let found = checksums::of(&mut connection, &record.rooms).await?;
    connection.close().await?;
    match checksums::difference(&record.rooms, &found) {
        Some(difference) => Err(BackupError::Differs(difference)),
        None => Ok(()),
    }
}

/// When the newest base backup was made.
pub fn newest_at(config: &BackupConfig) -> Result<OffsetDateTime, BackupError> {
    Ok(newest(config, None)?.1.ended_at)
}

/// The newest whole base backup that ended before `to`.
fn newest(
    config: &BackupConfig,
    to: Option<OffsetDateTime>,
) -> Result<(PathBuf, Record), BackupError> {
    let folder = config.bases().ok_or(BackupError::NoFolder)?;
    let mut oldest = None;
    for base in bases_in(&folder).into_iter().rev() {
        let record = read_record(&base)?;
        if to.is_none_or(|to| record.ended_at <= to) {
            return Ok((base, record));
        }
        oldest = Some(record.ended_at);
    }
    Err(oldest.map_or(BackupError::NoBase { folder }, |oldest| BackupError::TooEarly { oldest }))
}

fn read_record(base: &Path) -> Result<Record, BackupError> {
    let path = base.join(ROOMS);
    let text = fs::read(&path).map_err(io("read", &path))?;
    serde_json::from_slice(&text).map_err(|source| BackupError::Record { path, source })
}

fn write_synced(path: &Path, record: &Record) -> Result<(), BackupError> {
    let text = serde_json::to_vec(record)
        .map_err(|source| BackupError::Record { path: path.to_owned(), source })?;
    let write = || {
        let mut file = fs::File::create(path)?;
        file.write_all(&text)?;
        file.sync_all()
    };
    write().map_err(io("write", path))
}

/// Whole base backups, the oldest first.
fn bases_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut bases: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_none() && path.join(ROOMS).is_file())
        .collect();
    bases.sort();
    bases
}

/// Removes old base backups, unfinished ones, and the log that only they needed.
fn prune(folder: &Path, config: &BackupConfig) -> Result<(), BackupError> {
    let bases = bases_in(folder);
    let (old, kept) = bases.split_at(bases.len().saturating_sub(usize::from(config.keep)));
    for path in old {
        fs::remove_dir_all(path).map_err(io("remove", path))?;
    }
    let entries = fs::read_dir(folder).map_err(io("read", folder))?.flatten();
    for part in entries.map(|entry| entry.path()).filter(|path| path.extension().is_some()) {
        fs::remove_dir_all(&part).map_err(io("remove", &part))?;
    }
    let needed = kept.first().and_then(|base| first_segment(&base.join(CLUSTER)));
    let (Some(needed), Some(archive)) = (needed, config.archive()) else { return Ok(()) };
    for entry in fs::read_dir(&archive).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if name.to_str().and_then(place).is_some_and(|place| place < needed.as_str()) {
            fs::remove_file(entry.path()).map_err(io("remove", &entry.path()))?;
        }
    }
    Ok(())
}

/// The place in the log where the replay of a base backup begins.
fn first_segment(cluster: &Path) -> Option<String> {
    let label = fs::read_to_string(cluster.join("backup_label")).ok()?;
    let name = label.lines().next()?.split("(file ").nth(1)?.split(')').next()?;
    place(name).map(str::to_owned)
}

/// The part of a log file's name that tells its place; `None` for other files.
fn place(name: &str) -> Option<&str> {
    let digits = name.len() == SEGMENT_DIGITS && name.bytes().all(|b| b.is_ascii_hexdigit());
    digits.then(|| name.get(PLACE_AT..)).flatten()
}

fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> BackupError {
    let path = path.to_owned();
    move |source| BackupError::Io { what, path, source }
}

#[cfg(test)]
mod tests;
