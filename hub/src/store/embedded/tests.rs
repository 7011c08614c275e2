//! On real clusters, each in a folder of its own, so that they can be killed.

use rustix::process::{Pid, Signal, kill_process};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tempfile::TempDir;

use super::*;

fn data_dir() -> TempDir {
    tempfile::Builder::new().prefix("lianxin-store-").tempdir().expect("temporary folder")
}

fn server_pid(data_dir: &Path) -> Pid {
    let folder = Folder::prepare(data_dir).expect("folder");
    let setup = Setup::find(folder, Profile::Durable.into()).expect("setup");
    setup.running().expect("a running server")
}

async fn text(options: &PgConnectOptions, sql: &'static str) -> String {
    let mut connection = PgConnection::connect_with(options).await.expect("connected");
    sqlx::query_scalar(sql).fetch_one(&mut connection).await.expect("answered")
}

#[tokio::test]
async fn a_first_start_makes_a_durable_cluster_that_knows_chinese() {
    let home = data_dir();
    let embedded = Embedded::start(home.path(), Profile::Durable).await.expect("started");
    let options = embedded.options();
    let settings = "SELECT concat_ws(' ', current_setting('fsync'), \
         current_setting('synchronous_commit'), current_setting('full_page_writes'), \
         current_setting('data_checksums'), current_setting('server_encoding'), \
         '[' || current_setting('listen_addresses') || ']')";
    assert_eq!(text(&options, settings).await, "on on on on UTF8 []");
    let mut connection = PgConnection::connect_with(&options).await.expect("connected");
    sqlx::raw_sql("CREATE EXTENSION pg_trgm").execute(&mut connection).await.expect("made");
    drop(connection);
    assert_ne!(text(&options, "SELECT show_trgm('党员会议')::text").await, "{}");
    embedded.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_server_outlives_its_hub_and_the_next_hub_adopts_it() {
    let home = data_dir();
    let first = Embedded::start(home.path(), Profile::Durable).await.expect("started");
    let pid = server_pid(home.path());
    drop(first);
    let second = Embedded::start(home.path(), Profile::Durable).await.expect("adopted");
    assert_eq!(server_pid(home.path()), pid);
    assert_eq!(text(&second.options(), "SELECT 'here'").await, "here");
    second.stop().await.expect("stopped");
    assert!(!stop(home.path()).await.expect("asked"), "nothing runs any more");
}

#[tokio::test]
async fn a_first_start_that_was_killed_is_begun_again() {
    let home = data_dir();
    let folder = Folder::prepare(home.path()).expect("folder");
    let unfinished = folder.home().join("cluster.new.1");
    std::fs::create_dir(&unfinished).expect("left behind");
    let embedded = Embedded::start(home.path(), Profile::Durable).await.expect("started");
    assert!(!unfinished.exists());
    embedded.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_server_with_weaker_promises_is_started_anew() {
    let home = data_dir();
    drop(Embedded::start(home.path(), Profile::Control).await.expect("started"));
    let embedded = Embedded::start(home.path(), Profile::Durable).await.expect("started");
    let setting = text(&embedded.options(), "SELECT current_setting('synchronous_commit')").await;
    assert_eq!(setting, "on");
    embedded.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_second_hub_on_the_same_data_directory_is_refused() {
    let home = data_dir();
    let embedded = Embedded::start(home.path(), Profile::Durable).await.expect("started");
    let error = Embedded::start(home.path(), Profile::Durable).await.expect_err("refused");
    assert!(matches!(error, EmbeddedError::InUse { .. }), "{error}");
    embedded.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_killed_server_comes_up_again_by_itself() {
    let home = data_dir();
    let embedded = Embedded::start(home.path(), Profile::Durable).await.expect("started");
    let mut connection = PgConnection::connect_with(&embedded.options()).await.expect("connected");
    sqlx::raw_sql("CREATE TABLE kept AS SELECT 'kept' AS word")
        .execute(&mut connection)
        .await
        .expect("written");
    let pid = server_pid(home.path());
    kill_process(pid, Signal::KILL).expect("killed");
    let word = loop {
        let Ok(mut connection) = PgConnection::connect_with(&embedded.options()).await else {
            tokio::task::yield_now().await;
            continue;
        };
        let answer: Result<String, _> =
            sqlx::query_scalar("SELECT word FROM kept").fetch_one(&mut connection).await;
        if let (Ok(word), true) = (answer, embedded.setup.running() != Some(pid)) {
            break word;
        }
    };
    assert_eq!(word, "kept");
    embedded.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_pid_file_whose_number_belongs_to_another_program_is_removed() {
    let home = data_dir();
    let embedded = Embedded::start(home.path(), Profile::Durable).await.expect("started");
    let cluster = Folder::prepare(home.path()).expect("folder").cluster();
    let file = cluster.join("postmaster.pid");
    let content = std::fs::read_to_string(&file).expect("pid file");
    embedded.stop().await.expect("stopped");
    let (_, rest) = content.split_once('\n').expect("lines");
    let ours = std::process::id();
    std::fs::write(&file, format!("{ours}\n{rest}")).expect("forged");
    let embedded = Embedded::start(home.path(), Profile::Durable).await.expect("started");
    assert_eq!(text(&embedded.options(), "SELECT 'up'").await, "up");
    embedded.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_data_directory_deep_in_the_tree_has_its_socket_elsewhere() {
    let home = data_dir();
    let deep = home.path().join("d".repeat(60)).join("e".repeat(60));
    let embedded = Embedded::start(&deep, Profile::Durable).await.expect("started");
    assert_eq!(text(&embedded.options(), "SELECT 'reached'").await, "reached");
    embedded.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_cluster_of_another_major_version_is_refused_with_the_remedy() {
    let home = data_dir();
    let cluster = Folder::prepare(home.path()).expect("folder").cluster();
    std::fs::create_dir_all(&cluster).expect("made");
    std::fs::write(cluster.join("PG_VERSION"), "9\n").expect("written");
    let error = Embedded::start(home.path(), Profile::Durable).await.expect_err("refused");
    assert!(error.to_string().contains("pg_dump"), "{error}");
}

#[tokio::test]
async fn a_damaged_cluster_is_never_replaced_by_an_empty_one() {
    let home = data_dir();
    let cluster = Folder::prepare(home.path()).expect("folder").cluster();
    std::fs::create_dir_all(cluster.join("base")).expect("made");
    std::fs::write(cluster.join("base/1"), "rows").expect("written");
    Embedded::start(home.path(), Profile::Durable).await.expect_err("no version, no start");
    assert_eq!(std::fs::read_to_string(cluster.join("base/1")).expect("still there"), "rows");
}

#[tokio::test]
async fn kills_of_hub_and_server_at_once_never_change_the_epoch() {
    let home = data_dir();
    let first = Embedded::start(home.path(), Profile::Durable).await.expect("started");
    let pool = sqlx::PgPool::connect_with(first.options()).await.expect("connected");
    crate::store::MIGRATOR.run(&pool).await.expect("migrated");
    pool.close().await;
    let epoch = text(&first.options(), "SELECT epoch::text FROM store").await;
    drop(first);
    for round in 0..5 {
        // Dead, dying or alive: the next hub comes while the server is on its way down or up.
        if round % 2 == 0 {
            kill_process(server_pid(home.path()), Signal::KILL).expect("killed");
        } else {
            kill_process(server_pid(home.path()), Signal::INT).expect("asked to end");
        }
        let next = Embedded::start(home.path(), Profile::Durable).await.expect("started");
        let pool = sqlx::PgPool::connect_with(next.options()).await.expect("connected");
        crate::store::MIGRATOR.run(&pool).await.expect("migrated");
        pool.close().await;
        assert_eq!(text(&next.options(), "SELECT epoch::text FROM store").await, epoch);
        drop(next);
    }
    stop(home.path()).await.expect("stopped");
}
