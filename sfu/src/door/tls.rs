//! TLS at the clients' door. Handshakes go on beside each other, within a bound, so that a slow one
//! keeps nobody out.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::HttpConfig;

/// Handshakes under way at one time; at the cap new connections wait in the system's queue.
const HANDSHAKES_MAX: usize = 256;
/// A handshake that takes longer is given up.
const HANDSHAKE_DELAY_MAX: Duration = Duration::from_secs(10);
/// Pause after a connection that could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

type Accepted = (TlsStream<TcpStream>, std::net::SocketAddr);

/// TLS 1.2 and 1.3 with the certificate chain and key of the configuration.
pub(super) fn acceptor(config: &HttpConfig) -> anyhow::Result<TlsAcceptor> {
    let (certificate, key) = (&config.tls_certificate, &config.tls_key);
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("read {}", certificate.display()))?;
    ensure!(!chain.is_empty(), "{} holds no certificate in PEM form", certificate.display());
    let key =
        PrivateKeyDer::from_pem_file(key).with_context(|| format!("read {}", key.display()))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(server)))
}

/// A listener whose connections have their handshake behind them.
pub(super) struct Handshakes {
    accepted: mpsc::Receiver<Accepted>,
    address: std::io::Result<std::net::SocketAddr>,
    task: tokio::task::JoinHandle<()>,
}

impl Handshakes {
    pub(super) fn start(listener: TcpListener, tls: TlsAcceptor) -> Self {
        let (sender, accepted) = mpsc::channel(HANDSHAKES_MAX);
        let address = listener.local_addr();
        Self { accepted, address, task: tokio::spawn(take(listener, tls, sender)) }
    }
}

impl Drop for Handshakes {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn take(listener: TcpListener, tls: TlsAcceptor, accepted: mpsc::Sender<Accepted>) {
    let places = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (stream, peer) = match listener.accept().await {
            Ok(taken) => taken,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let (tls, accepted) = (tls.clone(), accepted.clone());
        tokio::spawn(async move {
            let _place = place;
            let done = tokio::time::timeout(HANDSHAKE_DELAY_MAX, tls.accept(stream)).await;
            if let Ok(Ok(stream)) = done {
                let _ = accepted.send((stream, peer)).await;
            }
        });
    }
}

impl axum::serve::Listener for Handshakes {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.accepted.recv().await {
            Some(accepted) => accepted,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.address.as_ref().copied().map_err(|error| error.kind().into())
    }
}
