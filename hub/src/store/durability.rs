//! The promise that an acknowledged event is on the disk, checked where it can break.

use sqlx::postgres::PgConnection;

/// Whether this hub may serve a database that loses acknowledged commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Refuse such a database.
    Required,
    /// Serve it, and say so: a negative control of the crash tests.
    Waived,
}

/// What the server says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServerFacts {
    pub(super) version: i32,
    pub(super) fsync: String,
    pub(super) synchronous_commit: String,
    pub(super) full_page_writes: String,
    pub(super) data_checksums: String,
    pub(super) encoding: String,
    pub(super) in_recovery: bool,
}

impl ServerFacts {
    /// Asks the server, in a session like those that will write.
    pub(super) async fn of(
        server: impl sqlx::Executor<'_, Database = sqlx::Postgres>,
    ) -> Result<Self, sqlx::Error> {
        sqlx::query_as!(
            Self,
            r#"SELECT current_setting('server_version_num')::integer AS "version!",
                      current_setting('fsync') AS "fsync!",
                      current_setting('synchronous_commit') AS "synchronous_commit!",
                      current_setting('full_page_writes') AS "full_page_writes!",
                      current_setting('data_checksums') AS "data_checksums!",
                      current_setting('server_encoding') AS "encoding!",
                      pg_is_in_recovery() AS "in_recovery!""#
        )
        .fetch_one(server)
        .await
    }

    /// Why this server can not keep the promise, in a sentence with the remedy; `None` when it
    /// can.
    pub(super) fn objection(&self, durability: Durability) -> Option<String> {
        if self.version < 150_000 {
            return Some(format!(
                "Postgres {}.{} is too old; use version 15 or newer",
                self.version / 10_000,
                self.version % 10_000
            ));
        }
        if self.encoding != "UTF8" {
            return Some(format!(
                "the database is encoded in {}; make one with ENCODING 'UTF8'",
                self.encoding
            ));
        }
        if self.in_recovery {
            return Some("the database is a standby; connect to the primary".to_owned());
        }
        if durability == Durability::Waived {
            return None;
        }
        let settings = [
            ("fsync", &self.fsync, ["on", "on"]),
            ("synchronous_commit", &self.synchronous_commit, ["on", "remote_apply"]),
            ("full_page_writes", &self.full_page_writes, ["on", "on"]),
        ];
        settings.iter().find(|(_, value, good)| !good.contains(&value.as_str())).map(
            |(name, value, _)| {
                format!(
                    "the database runs with {name} = {value}, so a crash could lose what was \
                     acknowledged; run `ALTER SYSTEM SET {name} = 'on'`, then `SELECT \
                     pg_reload_conf()`, and look for ALTER ROLE and ALTER DATABASE settings"
                )
            },
        )
    }

    /// What is not refused but should be known.
    pub(super) fn warning(&self) -> Option<&'static str> {
        (self.data_checksums != "on").then_some(
            "the database has no data checksums, so damage on the disk would go unnoticed; stop \
             Postgres and run `pg_checksums --enable -D <its data directory>`",
        )
    }
}

/// Why a hub would refuse the server behind `connection`, in a sentence with the remedy.
pub async fn objection_of(connection: &mut PgConnection) -> Result<Option<String>, sqlx::Error> {
    Ok(ServerFacts::of(connection).await?.objection(Durability::Required))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> ServerFacts {
        ServerFacts {
            version: 150_018,
            fsync: "on".into(),
            synchronous_commit: "on".into(),
            full_page_writes: "on".into(),
            data_checksums: "on".into(),
            encoding: "UTF8".into(),
            in_recovery: false,
        }
    }

    #[test]
    fn a_durable_server_is_accepted_and_each_weak_setting_refused_by_name() {
        assert_eq!(good().objection(Durability::Required), None);
        let stricter = ServerFacts { synchronous_commit: "remote_apply".into(), ..good() };
        assert_eq!(stricter.objection(Durability::Required), None);
        let weak = [
            ("fsync", ServerFacts { fsync: "off".into(), ..good() }),
            ("synchronous_commit", ServerFacts { synchronous_commit: "off".into(), ..good() }),
            ("synchronous_commit", ServerFacts { synchronous_commit: "local".into(), ..good() }),
            ("full_page_writes", ServerFacts { full_page_writes: "off".into(), ..good() }),
        ];
        for (name, facts) in weak {
            let objection = facts.objection(Durability::Required).expect("refused");
            assert!(objection.contains(name), "{objection}");
            assert_eq!(facts.objection(Durability::Waived), None);
        }
    }

    #[test]
    fn an_unusable_server_is_refused_even_to_a_control_run() {
        let unusable = [
            ServerFacts { version: 140_009, ..good() },
            ServerFacts { encoding: "SQL_ASCII".into(), ..good() },
            ServerFacts { in_recovery: true, ..good() },
        ];
        for facts in unusable {
            assert!(facts.objection(Durability::Waived).is_some(), "{facts:?}");
        }
    }

    #[test]
    fn missing_checksums_are_only_a_warning() {
        let facts = ServerFacts { data_checksums: "off".into(), ..good() };
        assert_eq!(facts.objection(Durability::Required), None);
        assert!(facts.warning().is_some());
        assert!(good().warning().is_none());
    }
}
