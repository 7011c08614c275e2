//! A fresh, migrated database per test, copied from a template in one cluster that all test
//! processes share. The cluster lies below the build's target folder, never syncs, and stays up
//! for the next run; tests that kill servers bring up clusters of their own.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use aws_lc_rs::digest::{Context, SHA256};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, query_scalar};
use tokio::sync::OnceCell;

use crate::store::embedded::{self, Profile};
use crate::store::{MIGRATOR, pool_options};

/// Connections of one test's pool.
const CONNECTIONS: u32 = 6;
/// Templates of other migration sets that are kept.
const TEMPLATES_KEPT: usize = 12;

/// The shared cluster as seen by this process.
struct Shared {
    admin: PgConnectOptions,
    template: String,
}

static SHARED: OnceCell<Shared> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database that is dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    pub pool: PgPool,
    options: PgConnectOptions,
    admin: PgConnectOptions,
    name: String,
}

impl TestDatabase {
    /// A new database with all tables and no rows but the store's own.
    pub async fn new() -> Self {
        let shared = SHARED.get_or_init(share).await;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}{number}", prefix(std::process::id()));
        let mut admin = connect(&shared.admin).await;
        // Copying the files is faster than logging their blocks where nothing is synced.
        run(
            &mut admin,
            format!("CREATE DATABASE {name} TEMPLATE {} STRATEGY file_copy", shared.template),
        )
        .await;
        close(admin).await;
        let options = shared.admin.clone().database(&name);
        let pool = pool_options(CONNECTIONS)
            .connect_with(options.clone())
            .await
            .expect("connect to the test database");
        Self { pool, options, admin: shared.admin.clone(), name }
    }

    /// How to connect to this database.
    #[must_use]
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The address of this database, for another process.
    #[must_use]
    pub fn url(&self) -> String {
        let socket = self.options.get_socket().map(|path| path.display().to_string());
        format!(
            "postgres:///{}?host={}&user={}",
            self.name,
            socket.unwrap_or_default(),
            self.options.get_username()
        )
    }

    /// A second pool, as another hub would have.
    pub async fn another_pool(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect_with(self.options())
            .await
            .expect("connect to the test database")
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = PgConnection::connect_with(&admin).await?;
                let drop = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
                sqlx::raw_sql(drop).execute(&mut admin).await
            })?;
            Ok::<_, anyhow::Error>(())
        });
        // What is left behind is dropped by the next test process.
        let _ = dropped.join();
    }
}

fn prefix(process: u32) -> String {
    format!("test_{process}_")
}

/// Starts or adopts the shared cluster and its template, one process at a time.
async fn share() -> Shared {
    let folder = folder();
    fs::create_dir_all(&folder).expect("make the folder of the test cluster");
    let lock = File::create(folder.join("starting.lock")).expect("open the lock");
    lock.lock().expect("lock the test cluster");
    let admin = embedded::share(&folder, Profile::Scratch, "postgres")
        .await
        .expect("start the test cluster");
    let mut connection = connect(&admin).await;
    drop_leftovers(&mut connection).await;
    let template = template(&mut connection, &admin).await;
    close(connection).await;
    Shared { admin, template }
}

/// The folder of the shared cluster: below the target folder this test was built in.
fn folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    target
        .map_or_else(|| std::env::temp_dir().join("lianxin-tests"), |found| found.join("postgres"))
}

/// The template of this set of migrations; made if it is missing.
async fn template(connection: &mut PgConnection, admin: &PgConnectOptions) -> String {
    let name = format!("template_{}", migrations_hash());
    let known = query_scalar!("SELECT 1 FROM pg_database WHERE datname = $1", name)
        .fetch_optional(&mut *connection)
        .await
        .expect("look for the template");
    if known.is_some() {
        return name;
    }
    let unfinished = format!("unfinished_{}", std::process::id());
    run(connection, format!("CREATE DATABASE {unfinished}")).await;
    let mut inside = connect(&admin.clone().database(&unfinished)).await;
    MIGRATOR.run_direct(None, &mut inside, false).await.expect("migrate the template");
    close(inside).await;
    run(connection, format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await;
    name
}

/// Drops databases of test processes that are gone, and templates of old migration sets.
async fn drop_leftovers(connection: &mut PgConnection) {
    let names =
        query_scalar!(r#"SELECT datname::text AS "name!" FROM pg_database ORDER BY oid DESC"#)
            .fetch_all(&mut *connection)
            .await
            .expect("list the databases");
    let abandoned = names.iter().filter(|name| is_abandoned(name)).cloned();
    let old = names.iter().filter(|name| name.starts_with("template_")).skip(TEMPLATES_KEPT);
    for name in abandoned.chain(old.cloned()) {
        // Another build may be using a template right now; then it stays.
        let _ = sqlx::raw_sql(AssertSqlSafe(format!("DROP DATABASE {name}")))
            .execute(&mut *connection)
            .await;
    }
}

/// Whether a database belongs to a test process that is gone, or to an earlier one with our id.
fn is_abandoned(name: &str) -> bool {
    let mut parts = name.split('_');
    let kind = parts.next();
    let Some(process) = parts.next().and_then(|part| part.parse::<u32>().ok()) else {
        return false;
    };
    matches!(kind, Some("test" | "unfinished"))
        && (process == std::process::id() || !Path::new(&format!("/proc/{process}")).exists())
}

fn migrations_hash() -> String {
    let mut hash = Context::new(&SHA256);
    for migration in MIGRATOR.iter() {
        hash.update(&migration.version.to_be_bytes());
        hash.update(&migration.checksum);
    }
    let bytes = hash.finish().as_ref().first_chunk().copied().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(bytes))
}

async fn connect(options: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(options).await.expect("connect to the test cluster")
}

async fn close(connection: PgConnection) {
    connection.close().await.expect("close the connection");
}

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .expect("run an administrative command");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_test_has_a_migrated_database_of_its_own() {
        let (one, two) = tokio::join!(TestDatabase::new(), TestDatabase::new());
        assert_ne!(one.name, two.name);
        sqlx::query!(
            "INSERT INTO person (id, name, created_at) VALUES ($1, $2, now())",
            uuid::Uuid::nil(),
            "甲"
        )
        .execute(&one.pool)
        .await
        .expect("written");
        let count =
            |pool| query_scalar!(r#"SELECT count(*) AS "count!" FROM person"#).fetch_one(pool);
        assert_eq!(count(&one.pool).await.expect("counted"), 1);
        assert_eq!(count(&two.pool).await.expect("counted"), 0);
        assert_eq!(count(&one.another_pool().await).await.expect("counted"), 1);
    }

    #[tokio::test]
    async fn a_database_goes_with_its_test() {
        let database = TestDatabase::new().await;
        let (admin, name) = (database.admin.clone(), database.name.clone());
        drop(database);
        let mut connection = connect(&admin).await;
        let found = query_scalar!("SELECT 1 FROM pg_database WHERE datname = $1", name)
            .fetch_optional(&mut connection)
            .await
            .expect("asked");
        assert_eq!(found, None);
    }

    #[test]
    fn only_databases_of_dead_processes_are_abandoned() {
        assert!(is_abandoned(&format!("test_{}_3", std::process::id())));
        assert!(is_abandoned("test_4194999_0"));
        assert!(is_abandoned("unfinished_4194999"));
        assert!(!is_abandoned("test_1_0"), "process 1 lives");
        assert!(!is_abandoned("template_00ff"));
        assert!(!is_abandoned("hub"));
    }
}
