//! On real clusters: what was committed before a backup, after it and after a chosen moment.

use sqlx::PgPool;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::app::{Clock as _, SystemClock};
use crate::config::Config;
use crate::store::{Durability, Store};

fn home() -> (TempDir, Config) {
    let home = tempfile::Builder::new().prefix("lianxin-backup-").tempdir().expect("a folder");
    let mut config = Config::load(None).expect("defaults");
    config.data_dir = home.path().join("data");
    config.database.url.clear();
    config.backup.folder = home.path().join("backup");
    // The server's user must be able to pass.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o711);
    fs::set_permissions(home.path(), open).expect("opened");
    (home, config)
}

async fn write(pool: &PgPool, first: i32, last: i32) {
    for seq in first..=last {
        sqlx::query!(
            "INSERT INTO event (room, author, seq, nth, ts, kind, cid, body)
             SELECT id, id, $1, $1, now(), 1, $1::bigint::text, 'text' FROM room",
            i64::from(seq)
        )
        .execute(pool)
        .await
        .expect("written");
        sqlx::query!("UPDATE room_head SET last_seq = $1, countable = $1", i64::from(seq))
            .execute(pool)
            .await
            .expect("counted");
    }
}

async fn room(pool: &PgPool) {
    let id = Uuid::from_u128(7);
    sqlx::query!("INSERT INTO room VALUES ($1, 'party_group', 'r', NULL, now())", id)
        .execute(pool)
        .await
        .expect("a room");
    sqlx::query!("INSERT INTO room_head (room) VALUES ($1)", id).execute(pool).await.expect("head");
}

/// Events, and the epoch under which they are shown.
async fn state(config: &Config) -> (i64, i64) {
    let store = Store::open(config, Durability::Required).await.expect("opened");
    let state = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM event) AS "events!", (SELECT epoch FROM store) AS "epoch!""#
    )
    .fetch_one(&store.pool)
    .await
    .expect("read");
    store.close().await;
    (state.events, state.epoch)
}

#[tokio::test]
async fn a_backup_is_proved_and_a_chosen_moment_comes_back() {
    let (_home, config) = home();
    let clock = SystemClock::start();
    let store = Store::open(&config, Durability::Required).await.expect("opened");
    room(&store.pool).await;
    write(&store.pool, 1, 20).await;
    let epoch = sqlx::query_scalar!("SELECT epoch FROM store").fetch_one(&store.pool).await;
    let epoch = epoch.expect("an epoch");

    let taken = take(&config.data_dir, &config.backup, || clock.now()).await.expect("taken");
    assert_eq!((taken.rooms, taken.events), (1, 20));
    write(&store.pool, 21, 30).await;
    let moment = sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#)
        .fetch_one(&store.pool)
        .await
        .expect("the time");
    write(&store.pool, 31, 40).await;
    finish_the_log(&store.pool).await;
    store.close().await;

    let proved = verify(&config.data_dir, &config.backup, false).await.expect("proved");
    assert_eq!(proved, taken);
    let spoilt = verify(&config.data_dir, &config.backup, true).await.expect_err("spoilt");
    assert!(matches!(spoilt, BackupError::Differs(_)), "{spoilt}");

    let occupied = restore(&config.data_dir, &config.backup, None).await.expect_err("occupied");
    assert!(occupied.to_string().contains("never overwrites"), "{occupied}");
    embedded::stop(&config.data_dir).await.expect("stopped");
    let mut elsewhere = config.clone();
    elsewhere.data_dir = config.data_dir.with_file_name("restored");
    restore(&elsewhere.data_dir, &config.backup, Some(moment)).await.expect("restored");
    elsewhere.backup.folder = PathBuf::new();
    assert_eq!(state(&elsewhere).await, (30, epoch + 1), "up to the moment, under a new epoch");
    embedded::stop(&elsewhere.data_dir).await.expect("stopped");
}

/// Ends the file of the log that is being written; the server tells when it is in the archive.
async fn finish_the_log(pool: &PgPool) {
    let file =
        sqlx::query_scalar!(r#"SELECT pg_walfile_name(at) AS "file!" FROM pg_switch_wal() AS at"#)
            .fetch_one(pool)
            .await
            .expect("switched");
    loop {
        let done = sqlx::query_scalar!(
            r#"SELECT coalesce(last_archived_wal >= $1, false) AS "done!" FROM pg_stat_archiver"#,
            file
        )
        .fetch_one(pool)
        .await
        .expect("asked");
        if done {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[test]
fn only_files_of_the_log_have_a_place() {
    assert_eq!(place("000000010000000000000002"), Some("0000000000000002"));
    assert_eq!(place("00000002.history"), None);
    assert_eq!(place("000000010000000000000002.00000028.backup"), None);
    assert!(place("000000020000000000000003") > place("000000010000000000000002"));
}
