//! The looks themselves. Each takes a moment at most and leaves nothing behind.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::Connection as _;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use time::OffsetDateTime;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Finding;
use crate::app::{Clock as _, SystemClock};
use crate::config::{CodeAdapterConfig, Config, Mode};
use crate::door::{ListenError, Listener};
use crate::keys::{KeyFile, Purpose};
use crate::store::backup;
use crate::store::{embedded, objection_of};

/// How long one look may take.
const LOOK_MAX: Duration = Duration::from_secs(5);
/// Free space below which a database soon stops taking commits.
const FREE_BYTES_MIN: u64 = 2 * 1024 * 1024 * 1024;
/// Difference between two clocks above which people see wrong times and tokens are refused.
const CLOCK_DRIFT_S_MAX: i64 = 5;
/// Age of the newest base backup above which a restore replays for long.
const BACKUP_AGE_DAYS_MAX: i64 = 8;

/// Everything, in the order in which a start would trip over it.
pub(super) async fn all(config: &Config) -> Vec<Finding> {
    let now = SystemClock::start().now();
    let mut findings = vec![mode(config), keys(config), disk(&config.data_dir)];
    findings.push(door(config).await);
    let (database, clock) = database(config, now).await;
    findings.push(database);
    findings.extend(clock);
    findings.push(redis(config).await);
    findings.push(adapter("sms", &config.sign_in.sms, config).await);
    findings.push(adapter("voice call", &config.sign_in.call, config).await);
    findings.push(backups(config, now));
    findings
}

fn mode(config: &Config) -> Finding {
    match config.mode {
        Mode::Production if config.loopback() && config.http.origins.is_empty() => Finding::ill(
            "mode",
            "production, but nobody outside this machine can reach the door",
            "set http.origins to the public address, and a proxy or http.listen to reach it",
        ),
        Mode::Production => Finding::well("mode", "production"),
        Mode::Dev => Finding::well("mode", "dev: for trying out, not for real people"),
    }
}

fn keys(config: &Config) -> Finding {
    let subject = "keys";
    for &purpose in Purpose::ALL {
        if let Err(error) = KeyFile::load(&config.data_dir, purpose) {
            return match config.mode {
                Mode::Dev => Finding::well(subject, "made at the first start"),
                Mode::Production => Finding::ill(
                    subject,
                    error.to_string(),
                    "run `hub keys make`, or put the files of your copy back",
                ),
            };
        }
    }
    let folder = config.data_dir.join("keys");
    let open =
        fs::read_dir(&folder).into_iter().flatten().flatten().find(|entry| {
            entry.metadata().is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
        });
    match open {
        Some(entry) => Finding::ill(
            subject,
            format!("{} can be read by others", entry.path().display()),
            format!("chmod 600 {}", entry.path().display()),
        ),
        None => Finding::well(subject, "all there and private; keep a copy apart"),
    }
}

fn disk(data_dir: &Path) -> Finding {
    let existing = data_dir.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(existing) {
        Ok(found) => free_space(found.f_bavail.saturating_mul(found.f_frsize)),
        Err(error) => Finding::ill("disk", error.to_string(), "set data_dir to a folder of a disk"),
    }
}

fn free_space(bytes: u64) -> Finding {
    let state = format!("{} MiB free", bytes / (1024 * 1024));
    if bytes < FREE_BYTES_MIN {
        let remedy = "make room; a full disk stops every message until there is some";
        return Finding::ill("disk", state, remedy);
    }
    Finding::well("disk", state)
}

/// The port, and the certificate where the door speaks TLS.
async fn door(config: &Config) -> Finding {
    let subject = "door";
    if let Ok(Ok(_)) = timeout(LOOK_MAX, TcpStream::connect(config.http.listen)).await {
        let state = format!("something serves on {} already", config.http.listen);
        return Finding::well(subject, state);
    }
    match Listener::bind(&config.http).await {
        Ok(_) => Finding::well(subject, format!("{} is free", config.http.listen)),
        Err(ListenError::Bind { address, source }) => {
            let remedy = if source.kind() == io::ErrorKind::PermissionDenied {
                "use a port above 1023 behind a proxy, or grant CAP_NET_BIND_SERVICE"
            } else {
                "set http.listen to an address and a free port of this machine"
            };
            Finding::ill(subject, format!("{address}: {source}"), remedy)
        }
        Err(error) => {
            let remedy = "name readable PEM files of one certificate and its key";
            Finding::ill(subject, error.to_string(), remedy)
        }
    }
}

/// The database and, where it answers, its clock beside ours.
async fn database(config: &Config, now: OffsetDateTime) -> (Finding, Option<Finding>) {
    let subject = "database";
    let options = if config.database.url.is_empty() {
        match embedded::running(&config.data_dir) {
            Ok(options) => options,
            Err(embedded::EmbeddedError::NotRunning { .. }) => {
                return (
                    Finding::well(subject, "embedded, not running; `hub run` starts it"),
                    None,
                );
            }
            Err(error) => {
                return (Finding::ill(subject, "embedded, can not run", error.to_string()), None);
            }
        }
    } else {
        match PgConnectOptions::from_str(&config.database.url) {
            Ok(options) => options,
            Err(error) => {
                let remedy = "write database.url as postgres://user@host/name";
                return (Finding::ill(subject, error.to_string(), remedy), None);
            }
        }
    };
    match timeout(LOOK_MAX, asked(&options)).await {
        Ok(Ok((None, at))) => {
            (Finding::well(subject, "keeps what it commits"), Some(clocks(now, at)))
        }
        Ok(Ok((Some(why), at))) => {
            (Finding::ill(subject, "would be refused", why), Some(clocks(now, at)))
        }
        Ok(Err(error)) => {
            let remedy = "start it, and check address, name and password";
            (Finding::ill(subject, error.to_string(), remedy), None)
        }
        Err(_) => {
            (Finding::ill(subject, "does not answer", "start it, or open the way to it"), None)
        }
    }
}

async fn asked(
    options: &PgConnectOptions,
) -> Result<(Option<String>, OffsetDateTime), sqlx::Error> {
    let mut connection = PgConnection::connect_with(options).await?;
    let why = objection_of(&mut connection).await?;
    let at = sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "at!""#)
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok((why, at))
}

fn clocks(ours: OffsetDateTime, theirs: OffsetDateTime) -> Finding {
    let drift = (theirs - ours).whole_seconds();
    if drift.abs() > CLOCK_DRIFT_S_MAX {
        return Finding::ill(
            "clock",
            format!("{drift} seconds apart from the database's"),
            "let both machines take the time from one server (chrony, systemd-timesyncd)",
        );
    }
    Finding::well("clock", "agrees with the database's")
}

async fn redis(config: &Config) -> Finding {
    let subject = "bus";
    if config.bus.redis_url.is_empty() {
        return Finding::well(subject, "one hub, no Redis");
    }
    let ping = async {
        let client = redis::Client::open(config.bus.redis_url.as_str())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        redis::cmd("PING").query_async::<String>(&mut connection).await
    };
    let remedy = "start Redis or mend bus.redis_url; until then messages of other hubs are up to \
                  3 seconds late";
    match timeout(LOOK_MAX, ping).await {
        Ok(Ok(_)) => Finding::well(subject, "Redis answers"),
        Ok(Err(error)) => Finding::ill(subject, error.to_string(), remedy),
        Err(_) => Finding::ill(subject, "Redis does not answer", remedy),
    }
}

/// Whether the host of an adapter can be reached; no message is sent.
async fn adapter(subject: &'static str, adapter: &CodeAdapterConfig, config: &Config) -> Finding {
    if adapter.url.is_empty() {
        let needed = config.mode == Mode::Production && config.sign_in.sms.url.is_empty();
        if needed && subject == "sms" {
            let remedy = "set sign_in.sms to your message service; nobody can sign in without";
            return Finding::ill(subject, "not set", remedy);
        }
        return Finding::well(subject, "not set");
    }
    let remedy = "open the way to it, or mend the address in the configuration";
    let Ok(url) = reqwest::Url::parse(&adapter.url.replace(['{', '}'], "")) else {
        return Finding::ill(subject, "its url is no address", remedy);
    };
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Finding::ill(subject, "its url names no host", remedy);
    };
    match timeout(LOOK_MAX, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => Finding::well(subject, format!("{host} answers")),
        Ok(Err(error)) => Finding::ill(subject, format!("{host}: {error}"), remedy),
        Err(_) => Finding::ill(subject, format!("{host} does not answer"), remedy),
    }
}

fn backups(config: &Config, now: OffsetDateTime) -> Finding {
    let subject = "backup";
    let remedy = "run `hub backup` every night (the shipped timer does)";
    if !config.database.url.is_empty() {
        return Finding::well(subject, "a database of your own keeps its own");
    }
    match backup::newest_at(&config.backup) {
        Ok(at) if (now - at).whole_days() > BACKUP_AGE_DAYS_MAX => {
            Finding::ill(subject, format!("the newest is of {}", at.date()), remedy)
        }
        Ok(at) => Finding::well(subject, format!("the newest is of {}", at.date())),
        Err(backup::BackupError::NoFolder) if config.mode == Mode::Dev => {
            Finding::well(subject, "none")
        }
        Err(error) => Finding::ill(subject, error.to_string(), remedy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_space_and_clocks_apart_are_named_with_a_remedy() {
        assert!(free_space(FREE_BYTES_MIN).remedy.is_none());
        assert!(free_space(FREE_BYTES_MIN - 1).remedy.is_some());
        let now = OffsetDateTime::UNIX_EPOCH;
        assert!(clocks(now, now + time::Duration::seconds(5)).remedy.is_none());
        let behind = clocks(now, now - time::Duration::seconds(6));
        assert!(behind.state.contains("-6 seconds"), "{behind:?}");
    }

    #[tokio::test]
    async fn a_machine_without_anything_gets_a_remedy_for_each_thing_it_lacks() {
        let home = tempfile::tempdir().expect("a folder");
        let mut config = Config::load(None).expect("defaults");
        config.data_dir = home.path().to_owned();
        config.database.url = "postgres://nobody@127.0.0.1:1/none".to_owned();
        config.bus.redis_url = "redis://127.0.0.1:1".to_owned();
        config.http.listen = "192.0.2.77:1".parse().expect("an address");
        let findings = all(&config).await;
        let ill: Vec<&str> =
            findings.iter().filter(|f| f.remedy.is_some()).map(|f| f.subject).collect();
        assert_eq!(ill, ["keys", "door", "database", "bus", "sms"], "{findings:#?}");
    }
}
