//! Configuration: the defaults in `config/sfu.default.toml`, then the operator's file, then the
//! environment (`SFU__SECTION__KEY`). Parsed and checked once; passed on as values.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format as _, Toml};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use signaling::media::plane::Candidate;

/// The defaults, as an operator reads them.
pub const DEFAULTS: &str = include_str!("../../config/sfu.default.toml");

/// What `sfu --dev` sets beside the defaults; public SDK suites and load tools expect these.
const DEV: &str = r#"
mode = "dev"
[http]
listen = "127.0.0.1:7880"
[media]
listen = "127.0.0.1:7882"
tcp_listen = "127.0.0.1:7881"
[rooms]
auto_create = true
simulate = true
remote_unmute = false
[keys]
devkey = "devsecretdevsecretdevsecretdevsecret"
[log]
format = "text"
"#;

/// Characters of the shortest secret that production takes.
const SECRET_CHARS_MIN: usize = 32;

/// The whole configuration of an sfu.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub mode: Mode,
    pub http: HttpConfig,
    pub media: MediaConfig,
    pub rooms: RoomsConfig,
    /// API keys with their secrets.
    pub keys: BTreeMap<String, String>,
    #[serde(default)]
    pub ice_servers: Vec<IceServer>,
    pub log: LogConfig,
}

/// What the sfu demands of its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Production,
    Dev,
}

/// The door.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    pub listen: SocketAddr,
    /// PEM file with the certificate chain; empty: no TLS at the clients' door.
    pub tls_certificate: PathBuf,
    /// PEM file with the private key of the certificate.
    pub tls_key: PathBuf,
    /// Doors for the administrator's calls alone, without TLS; empty: they are served beside the
    /// clients.
    pub administration: Vec<SocketAddr>,
}

impl HttpConfig {
    /// Whether the clients' door speaks TLS.
    #[must_use]
    pub fn speaks_tls(&self) -> bool {
        !self.tls_certificate.as_os_str().is_empty()
    }
}

/// The media sockets.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MediaConfig {
    pub listen: SocketAddr,
    /// For clients whose network lets no UDP through.
    pub tcp_listen: SocketAddr,
    /// Addresses that clients are told; empty: those of `listen` and `tcp_listen`.
    pub addresses: Vec<IpAddr>,
}

/// What rooms allow.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoomsConfig {
    pub auto_create: bool,
    pub simulate: bool,
    pub remote_unmute: bool,
    /// Rooms that are there before the door opens.
    pub open: Vec<String>,
}

/// A STUN or TURN server.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IceServer {
    pub urls: Vec<String>,
    #[serde(default)]
    pub username: String,
    #[serde(default)]
    pub credential: String,
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
        read(Figment::from(Toml::string(DEFAULTS)), file)?.checked()
    }

    /// As [`Self::load`] with the known keys and addresses of development. A file that says
    /// production is refused: it would be served under a key that everybody knows.
    pub fn dev(file: Option<&Path>) -> Result<Self, ConfigError> {
        if let Some(path) = file {
            let given = read(Figment::from(Toml::string(DEFAULTS)), Some(path))?;
            if given.mode == Mode::Production {
                return Err(ConfigError::Refused(format!(
                    "--dev serves under a key that everybody knows and {} is a production \
                     configuration; leave one of the two out",
                    path.display()
                )));
            }
        }
        read(Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(DEV)), file)?.checked()
    }

    /// What clients are told of the media sockets: the public addresses, where there are any, with
    /// the ports of the bound sockets.
    #[must_use]
    pub fn candidates(&self, udp: SocketAddr, tcp: SocketAddr) -> Vec<Candidate> {
        let told = |bound: SocketAddr| match self.media.addresses.as_slice() {
            [] => vec![bound],
            public => public.iter().map(|ip| SocketAddr::new(*ip, bound.port())).collect(),
        };
        let over_udp = told(udp).into_iter().map(Candidate::Udp);
        over_udp.chain(told(tcp).into_iter().map(Candidate::Tcp)).collect()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let sockets = [self.media.listen, self.media.tcp_listen];
        if self.media.addresses.is_empty() && sockets.iter().any(|s| s.ip().is_unspecified()) {
            return Err(ConfigError::Refused(
                "media.addresses is empty and media.listen or media.tcp_listen names no address: \
                 clients would not know where to send; name the addresses that they reach"
                    .to_owned(),
            ));
        }
        if self.http.speaks_tls() == self.http.tls_key.as_os_str().is_empty() {
            return Err(ConfigError::Refused(
                "http.tls_certificate and http.tls_key go together: set both or neither".to_owned(),
            ));
        }
        if self.keys.is_empty() {
            return Err(ConfigError::Refused(
                "keys is empty: nobody could join; add a key with its secret".to_owned(),
            ));
        }
        if self.mode == Mode::Production {
            if let Some((key, _)) =
                self.keys.iter().find(|(_, secret)| secret.len() < SECRET_CHARS_MIN)
            {
                return Err(ConfigError::Refused(format!(
                    "keys.{key}: the secret has fewer than {SECRET_CHARS_MIN} characters"
                )));
            }
            if self.keys.contains_key("devkey") || self.rooms.simulate {
                return Err(ConfigError::Refused(
                    "keys.devkey and rooms.simulate are for development only".to_owned(),
                ));
            }
        }
        Ok(self)
    }
}

fn read(mut figment: Figment, file: Option<&Path>) -> Result<Config, ConfigError> {
    if let Some(path) = file {
        if !path.exists() {
            return Err(ConfigError::Missing(path.to_owned()));
        }
        figment = figment.merge(Toml::file_exact(path));
    }
    figment
        .merge(Env::prefixed("SFU__").split("__"))
        .extract()
        .map_err(|error| ConfigError::Unreadable(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::with_suffix(".toml").expect("temporary file");
        std::fs::write(file.path(), text).expect("written");
        file
    }

    #[test]
    fn development_has_the_keys_and_ports_that_tools_expect() {
        let config = Config::dev(None).expect("loads");
        assert_eq!(config.http.listen.to_string(), "127.0.0.1:7880");
        let [udp, tcp] = ["127.0.0.1:7882", "127.0.0.1:7881"].map(|a| a.parse().expect("address"));
        assert_eq!((config.media.listen, config.media.tcp_listen), (udp, tcp));
        assert!(config.keys.contains_key("devkey") && config.rooms.auto_create);
    }

    #[test]
    fn clients_are_told_the_public_addresses_with_the_ports_that_were_bound() {
        let mut config = Config::dev(None).expect("loads");
        let [udp, tcp] = ["127.0.0.1:40", "127.0.0.1:50"].map(|a| a.parse().expect("address"));
        assert_eq!(config.candidates(udp, tcp), [Candidate::Udp(udp), Candidate::Tcp(tcp)]);
        config.media.addresses = vec!["192.0.2.1".parse().expect("address")];
        let [udp_told, tcp_told] =
            ["192.0.2.1:40", "192.0.2.1:50"].map(|a| a.parse().expect("address"));
        let told = [Candidate::Udp(udp_told), Candidate::Tcp(tcp_told)];
        assert_eq!(config.candidates(udp, tcp), told);
    }

    #[test]
    fn development_is_refused_with_a_production_file() {
        let file = file("mode = \"production\"\n");
        let error = Config::dev(Some(file.path())).expect_err("refused");
        assert!(error.to_string().contains("--dev"), "{error}");
    }

    #[test]
    fn production_needs_keys_and_addresses() {
        let error = Config::load(None).expect_err("no address");
        assert!(error.to_string().contains("media.addresses"), "{error}");
        let short = file("[media]\naddresses = [\"192.0.2.1\"]\n[keys]\na = \"short\"\n");
        let error = Config::load(Some(short.path())).expect_err("short secret");
        assert!(error.to_string().contains("keys.a"), "{error}");
    }
}
