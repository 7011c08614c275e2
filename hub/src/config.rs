//! Configuration: the defaults in `config/hub.default.toml`, then the operator's file, then the
//! environment (`HUB__SECTION__KEY`). Parsed and checked once; passed on as values.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format as _, Toml};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The defaults, as an operator reads them.
pub const DEFAULTS: &str = include_str!("../../config/hub.default.toml");

/// The whole configuration of a hub.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub mode: Mode,
    /// Where the hub keeps its embedded database, keys and files.
    pub data_dir: PathBuf,
    /// Fill an empty database with invented people; refused in production mode.
    pub demo_data: bool,
    pub http: HttpConfig,
    pub database: DatabaseConfig,
    pub backup: BackupConfig,
    pub bus: BusConfig,
    pub log: LogConfig,
    pub sign_in: SignInConfig,
    pub calls: CallsConfig,
}

/// What the hub demands of its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Keys made beforehand, message adapters set, no demo data.
    Production,
    /// Makes what is missing; codes on the console while the listener is loopback.
    Dev,
}

/// The door.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    pub listen: SocketAddr,
    /// A busy port means the next free one.
    pub port_search: bool,
    /// PEM file with the certificate chain; empty: no TLS at this door.
    pub tls_certificate: PathBuf,
    /// PEM file with the private key of the certificate.
    pub tls_key: PathBuf,
    /// Addresses under which people open the site; the first one is used in links.
    pub origins: Vec<String>,
    /// Proxies whose forwarded address is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Addresses that may read `/metrics`, besides this machine.
    pub metrics_from: Vec<IpAddr>,
    pub unauthenticated_sockets_per_address: usize,
    /// Seconds in which a stopping hub hands its sockets over.
    pub drain_s: u64,
}

impl HttpConfig {
    /// Whether this door speaks TLS itself.
    #[must_use]
    pub fn speaks_tls(&self) -> bool {
        !self.tls_certificate.as_os_str().is_empty()
    }
}

/// The store.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// Empty: the environment's `DATABASE_URL`, else an embedded Postgres.
    pub url: String,
    pub connections_max: u32,
    /// Lanes of the group commit.
    pub lanes: u8,
}

/// Backups of the embedded database.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupConfig {
    /// Empty: none are kept.
    pub folder: PathBuf,
    /// Base backups that `hub backup` leaves, the newest ones.
    pub keep: u16,
}

impl BackupConfig {
    /// The folder of the base backups; `None` where none are kept.
    #[must_use]
    pub fn bases(&self) -> Option<PathBuf> {
        (!self.folder.as_os_str().is_empty()).then(|| self.folder.join("base"))
    }

    /// The folder of the write-ahead log; `None` where none is kept.
    #[must_use]
    pub fn archive(&self) -> Option<PathBuf> {
        (!self.folder.as_os_str().is_empty()).then(|| self.folder.join("wal"))
    }
}

/// The bus between hubs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BusConfig {
    /// Empty: one hub, in-process bus.
    pub redis_url: String,
}

/// Operational logs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    pub filter: String,
    pub format: LogFormat,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Json,
    Text,
}

/// Sign-in by one-time code.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInConfig {
    pub codes_per_hour_max: u32,
    pub console_in_local_network: bool,
    pub sms: CodeAdapterConfig,
    pub call: CodeAdapterConfig,
}

/// An HTTP service that takes one-time codes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeAdapterConfig {
    /// Empty: not offered.
    pub url: String,
    pub content_type: String,
    pub headers: BTreeMap<String, String>,
    /// `{phone}`, `{code}` and `{secret}` are replaced.
    pub body: String,
    /// File whose first line replaces `{secret}`; empty: none.
    pub secret_file: PathBuf,
}

/// Calls.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallsConfig {
    pub media_server: MediaServerKind,
    /// Empty: `sfu` beside the hub's own program.
    pub program: PathBuf,
    /// Its door for clients; port 0: a free one.
    pub listen: SocketAddr,
    /// Its door for the hub's own calls; port 0: a free one.
    pub service_listen: SocketAddr,
    /// Its UDP socket.
    pub media_listen: SocketAddr,
    /// Its TCP socket, for clients whose network lets no UDP through.
    pub media_tcp_listen: SocketAddr,
    /// Addresses that clients reach both under; empty: their own.
    pub media_addresses: Vec<IpAddr>,
    /// Empty: `listen`, as `wss://` where the hub's own door speaks TLS.
    pub url: String,
}

impl CallsConfig {
    /// Whether this installation has calls.
    #[must_use]
    pub fn offered(&self) -> bool {
        self.media_server != MediaServerKind::None
    }

    /// What clients could not use, and what pages over HTTPS (`https`) could not.
    fn complaint(&self, tls: bool, https: bool) -> Option<&'static str> {
        let url_needed = self.url.is_empty() && self.listen.ip().is_unspecified();
        let plain = if self.url.is_empty() { !tls } else { !self.url.starts_with("wss://") };
        if !self.url.is_empty() && !self.url.starts_with("ws://") && plain {
            return Some("calls.url must begin with wss:// or ws://");
        }
        let sockets = [self.media_listen, self.media_tcp_listen];
        if self.media_addresses.is_empty() && sockets.iter().any(|s| s.ip().is_unspecified()) {
            return Some(
                "calls.media_addresses is empty and calls.media_listen or calls.media_tcp_listen \
                 names no address: clients would not know where to send; name the addresses that \
                 they reach",
            );
        }
        if url_needed {
            return Some(
                "calls.url is empty and calls.listen names no address: clients would not know \
                 where to connect; name the address that they reach",
            );
        }
        (https && plain).then_some(
            "pages that come over HTTPS open no ws:// address: give calls.url as wss://, or let \
             the hub's own door speak TLS",
        )
    }
}

/// Who runs the media server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaServerKind {
    /// There is none: no calls.
    None,
    /// This hub starts one that outlives it.
    Own,
}

/// Why a configuration is not usable.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("read the configuration: {0}")]
    Unreadable(Box<figment::Error>),
    #[error("the configuration file {0} does not exist")]
    Missing(PathBuf),
    #[error("{0}")]
    Refused(String),
}

impl Config {
    /// Defaults, then `file`, then the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(path) = file {
            if !path.exists() {
                return Err(ConfigError::Missing(path.to_owned()));
            }
            figment = figment.merge(Toml::file_exact(path));
        }
        let mut config = Self::read(&figment.merge(Env::prefixed("HUB__").split("__")))?;
        if config.database.url.is_empty() {
            config.database.url = std::env::var("DATABASE_URL").unwrap_or_default();
        }
        config.checked()
    }

    /// Defaults, then `text` as it could stand in a file.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let figment = Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(text));
        Self::read(&figment)?.checked()
    }

    fn read(figment: &Figment) -> Result<Self, ConfigError> {
        figment.extract().map_err(|error| ConfigError::Unreadable(Box::new(error)))
    }

    /// Whether only this machine can reach the door.
    #[must_use]
    pub fn loopback(&self) -> bool {
        self.http.listen.ip().is_loopback()
    }

    /// Whether people come over HTTPS, so that cookies may demand it. Only a door that is open to
    /// this machine alone may do without.
    #[must_use]
    pub fn secure_cookies(&self) -> bool {
        let https = self.http.origins.iter().any(|origin| origin.starts_with("https://"));
        https || self.http.speaks_tls() || !self.loopback()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        if self.database.connections_max < 4 {
            return Err(ConfigError::Refused(
                "database.connections_max must be at least 4: the lane, the reads and the \
                 comparison of rooms each need one"
                    .to_owned(),
            ));
        }
        if self.backup.keep == 0 {
            return Err(ConfigError::Refused("backup.keep must be at least 1".to_owned()));
        }
        if self.demo_data && self.mode == Mode::Production {
            return Err(ConfigError::Refused("demo_data is refused in production mode".to_owned()));
        }
        if self.database.lanes == 0 || self.database.lanes > 16 {
            return Err(ConfigError::Refused("database.lanes must be 1 to 16".to_owned()));
        }
        if self.http.speaks_tls() == self.http.tls_key.as_os_str().is_empty() {
            return Err(ConfigError::Refused(
                "http.tls_certificate and http.tls_key go together: set both or neither".to_owned(),
            ));
        }
        let https = self.http.speaks_tls()
            || self.http.origins.iter().any(|origin| origin.starts_with("https://"));
        if self.calls.offered()
            && let Some(complaint) = self.calls.complaint(self.http.speaks_tls(), https)
        {
            return Err(ConfigError::Refused(complaint.to_owned()));
        }
        if let Some(origin) = self.http.origins.iter().find(|origin| !is_origin(origin)) {
            return Err(ConfigError::Refused(format!(
                "http.origins: {origin:?} is not an origin; write scheme and host without a path, \
                 e.g. \"https://lianxin.example.org\""
            )));
        }
        Ok(self)
    }
}

fn is_origin(text: &str) -> bool {
    let Some(host) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else {
        return false;
    };
    !host.is_empty() && !host.contains(['/', '?', '#', '@']) && !host.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_complete_and_in_production_mode() {
        let config = Config::load(None).expect("defaults load");
        assert_eq!(config.mode, Mode::Production);
        assert!(config.loopback());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let file = tempfile::NamedTempFile::with_suffix(".toml").expect("temporary file");
        std::fs::write(file.path(), "[http]\nlisten_to = \"x\"\n").expect("written");
        let error = Config::load(Some(file.path())).expect_err("unknown key");
        assert!(error.to_string().contains("listen_to"), "{error}");
    }

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        assert!(is_origin("https://lianxin.example.org"));
        assert!(is_origin("http://127.0.0.1:8080"));
        for bad in ["lianxin.example.org", "https://", "https://a/b", "ftp://a", "https://u@a"] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
