//! Copies of a running cluster, and clusters made from copies.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use time::OffsetDateTime;
use time::macros::format_description;
use tokio::time::sleep;

use super::folder::Folder;
use super::server::Setup;
use super::{DATABASE, Embedded, EmbeddedError, Profile, Wish};

/// Pause between two looks at a restore that is still replaying.
const REPLAY_POLL: std::time::Duration = std::time::Duration::from_millis(100);

/// The shell command with which Postgres keeps a finished file of its log: whole or not at all,
/// never over another one.
pub(super) fn archive_command(folder: &Folder, archive: &Path) -> Result<String, EmbeddedError> {
    let path = plain(archive)?;
    folder.hand_over(archive)?;
    Ok(format!(
        "test ! -f '{path}/%f' && cp '%p' '{path}/%f.part' && sync '{path}/%f.part' && \
         mv '{path}/%f.part' '{path}/%f'"
    ))
}

/// A path that stands in a shell command between quotes and in a Postgres setting.
fn plain(path: &Path) -> Result<&str, EmbeddedError> {
    let text = path.to_str().filter(|text| !text.contains(['\'', '"', '%', '\\', '\n']));
    text.ok_or_else(|| EmbeddedError::ArchivePath { path: path.to_owned() })
}

/// Copies the cluster of a running database into `target`, which must not exist, with the log that
/// makes the copy whole. Needs `pg_basebackup` beside the server.
pub async fn base_backup(data_dir: &Path, target: &Path) -> Result<(), EmbeddedError> {
    let setup = Setup::find(Folder::prepare(data_dir)?, Profile::Durable.into())?;
    if setup.running().is_none() {
        return Err(EmbeddedError::NotRunning { data_dir: data_dir.to_owned() });
    }
    if let Some(parent) = target.parent() {
        setup.folder.hand_over(parent)?;
    }
    let mut command = setup.command(&setup.binaries().program("pg_basebackup"));
    command.arg("-h").arg(setup.folder.socket()).args(["-p", "5432", "-U", DATABASE]);
    command.args(["-X", "stream", "-c", "fast", "--no-password", "-D"]).arg(target);
    run("pg_basebackup", command).await
}

/// Makes the cluster of `data_dir` from a base backup and, where given, the archived log, up to
/// `to` or the end. The cluster runs when this returns, under a new store epoch: what was shown
/// after that moment is gone, and clients must learn so.
pub async fn restore(
    data_dir: &Path,
    (base, archive): (&Path, Option<&Path>),
    to: Option<OffsetDateTime>,
    profile: Profile,
) -> Result<Embedded, EmbeddedError> {
    let folder = Folder::prepare(data_dir)?;
    let lock = folder.lock()?;
    let cluster = folder.cluster();
    if cluster.exists() {
        return Err(EmbeddedError::Occupied { path: cluster });
    }
    folder.copy(base, &cluster).await?;
    write_recovery(&folder, archive, to)?;
    drop(lock);
    let embedded = Embedded::start(data_dir, Wish { profile, archive: None }).await?;
    let mut connection = PgConnection::connect_with(&embedded.options()).await?;
    while in_recovery(&mut connection).await? {
        sleep(REPLAY_POLL).await;
    }
    sqlx::query!("UPDATE store SET epoch = (epoch + 1) & 4294967295")
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(embedded)
}

async fn in_recovery(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(r#"SELECT pg_is_in_recovery() AS "recovering!""#)
        .fetch_one(connection)
        .await
}

/// Tells the copy what to replay. Settings of an earlier restore in the copy are overwritten; all
/// of them mean nothing once the signal file is gone.
fn write_recovery(
    folder: &Folder,
    archive: Option<&Path>,
    to: Option<OffsetDateTime>,
) -> Result<(), EmbeddedError> {
    let mut settings = String::new();
    if let Some(archive) = archive {
        let path = plain(archive)?;
        settings.push_str("restore_command = 'cp \"");
        settings.push_str(path);
        settings.push_str("/%f\" \"%p\"'\n");
    }
    if let Some(to) = to {
        let format = format_description!(
            "[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]+00"
        );
        let text = to.to_offset(time::UtcOffset::UTC).format(&format).unwrap_or_default();
        settings.push_str("recovery_target_time = '");
        settings.push_str(&text);
        settings.push_str("'\nrecovery_target_action = 'promote'\n");
    }
    let cluster = folder.cluster();
    folder.write(&cluster.join("postgresql.auto.conf"), &settings)?;
    if archive.is_some() {
        folder.write(&cluster.join("recovery.signal"), "")?;
    }
    Ok(())
}

/// Runs a program to its end; its words are the error's.
pub(super) async fn run(
    program: &'static str,
    mut command: tokio::process::Command,
) -> Result<(), EmbeddedError> {
    let output =
        command.output().await.map_err(EmbeddedError::io("run", &PathBuf::from(program)))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(EmbeddedError::Program { program, text })
}

impl Folder {
    /// Makes a folder outside the data directory that the server's user owns and reaches.
    pub(super) fn hand_over(&self, path: &Path) -> Result<(), EmbeddedError> {
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(EmbeddedError::io("make the folder", parent))?;
        }
        self.own(path)?;
        match self.account.barrier(&path.join("inside")) {
            Some(barrier) => Err(EmbeddedError::Barrier { path: path.to_owned(), barrier }),
            None => Ok(()),
        }
    }

    /// Copies a whole folder as the server's user.
    async fn copy(&self, from: &Path, to: &Path) -> Result<(), EmbeddedError> {
        let mut command =
            super::server::command_as(self.account, Path::new("/bin/cp"), self.home());
        command.arg("-a").arg("--").arg(from).arg(to);
        run("cp", command).await
    }
}
