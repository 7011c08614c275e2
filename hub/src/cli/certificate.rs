//! `hub certificate`: a certificate for trying the system in a local network.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::Context as _;
use rcgen::{CertificateParams, DnType, KeyPair};
use time::Duration;

use crate::app::{Clock as _, SystemClock};
use crate::config::Config;

/// Days a local certificate is valid: phones refuse more than 825.
const VALID_DAYS: i64 = 365;

/// Names and addresses that the certificate is for.
#[derive(Debug, clap::Args)]
pub(super) struct CertificateArguments {
    /// Host names and IP addresses under which the hub is opened.
    #[arg(required = true)]
    names: Vec<String>,
}

/// Writes `tls/certificate.pem` and `tls/key.pem` into the data directory and prints their paths.
pub(super) fn certificate(
    config: Option<&Path>,
    arguments: &CertificateArguments,
) -> anyhow::Result<()> {
    let folder = Config::load(config)?.data_dir.join("tls");
    fs::create_dir_all(&folder).with_context(|| format!("make {}", folder.display()))?;
    let now = SystemClock::start().now();
    let mut params = CertificateParams::new(arguments.names.clone())?;
    params.not_before = now - Duration::days(1);
    params.not_after = now + Duration::days(VALID_DAYS);
    params.distinguished_name.push(DnType::CommonName, "Lianxin, local network");
    let key = KeyPair::generate()?;
    let made = params.self_signed(&key)?;
    let (certificate, secret) = (folder.join("certificate.pem"), folder.join("key.pem"));
    fs::write(&certificate, made.pem())
        .with_context(|| format!("write {}", certificate.display()))?;
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&secret)
        .and_then(|mut file| file.write_all(key.serialize_pem().as_bytes()))
        .with_context(|| format!("write {}", secret.display()))?;
    println!("{}\n{}", certificate.display(), secret.display());
    Ok(())
}
