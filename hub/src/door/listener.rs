//! The listening socket: TLS where a certificate is configured, and the bounds of a connection
//! before any of our code has seen a request. Start at [`Listener::serve`].

use std::fs::File;
use std::io::{self, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use signaling::limits::{
    DOOR_CONNECTIONS_MAX, HTTP_HEADER_BYTES_MAX, HTTP_HEADER_WAIT_MS_MAX, PORTS_TRIED_MAX,
    TLS_HANDSHAKE_MS_MAX,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use crate::config::HttpConfig;

/// Pause after the system refused to hand out another socket (no file descriptor left, say).
const ACCEPT_PAUSE_MS: u64 = 100;

/// Why the door does not open.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is in use or not ours.
    #[error("listen on {address}: {source}")]
    Bind { address: SocketAddr, source: io::Error },
    /// A file of the certificate is missing or holds something else.
    #[error("read {}: {reason}", path.display())]
    Certificate { path: PathBuf, reason: String },
    /// Certificate and key do not belong together.
    #[error("use the certificate: {0}")]
    Tls(#[from] rustls::Error),
}

/// A bound door that does not serve yet.
pub struct Listener {
    socket: TcpListener,
    tls: Option<TlsAcceptor>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Listener {
    /// Binds the configured address, or the next free port where the configuration allows it.
    pub async fn bind(config: &HttpConfig) -> Result<Self, ListenError> {
        let tls = if config.speaks_tls() {
            Some(acceptor(&config.tls_certificate, &config.tls_key)?)
        } else {
            None
        };
        let socket = bind(config)
            .await
            .map_err(|source| ListenError::Bind { address: config.listen, source })?;
        let address = socket
            .local_addr()
            .map_err(|source| ListenError::Bind { address: config.listen, source })?;
        Ok(Self { socket, tls, address })
    }

    /// Serves until `stopping`; then takes nobody new and returns when the last request ended.
    /// A connection above the bound waits in the system's queue.
    pub async fn serve(self, router: Router, stopping: CancellationToken) {
        let room = Arc::new(Semaphore::new(DOOR_CONNECTIONS_MAX));
        let connections = TaskTracker::new();
        while let Some((stream, peer, permit)) = self.accept(&room, &stopping).await {
            let (router, tls) = (router.clone(), self.tls.clone());
            let stopping = stopping.clone();
            connections.spawn(async move {
                let _permit: OwnedSemaphorePermit = permit;
                match tls {
                    None => converse(stream, peer, router, stopping).await,
                    Some(tls) => {
                        let limit = Duration::from_millis(TLS_HANDSHAKE_MS_MAX);
                        if let Ok(Ok(stream)) = timeout(limit, tls.accept(stream)).await {
                            converse(stream, peer, router, stopping).await;
                        }
                    }
                }
            });
        }
        connections.close();
        connections.wait().await;
    }

    async fn accept(
        &self,
        room: &Arc<Semaphore>,
        stopping: &CancellationToken,
    ) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let next = async {
            let permit = Arc::clone(room).acquire_owned().await.ok()?;
            loop {
                match self.socket.accept().await {
                    Ok((stream, peer)) => {
                        let _ = stream.set_nodelay(true);
                        return Some((stream, peer, permit));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                    }
                }
            }
        };
        tokio::select! {
            next = next => next,
            () = stopping.cancelled() => None,
        }
    }
}

/// Speaks HTTP on one connection. A peer that does not finish its header in time is cut.
async fn converse<S>(stream: S, peer: SocketAddr, router: Router, stopping: CancellationToken)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_millis(HTTP_HEADER_WAIT_MS_MAX))
        .max_buf_size(HTTP_HEADER_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let stopped = tokio::select! {
        _ = connection.as_mut() => false,
        () = stopping.cancelled() => true,
    };
    if stopped {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

async fn bind(config: &HttpConfig) -> io::Result<TcpListener> {
    let wanted = config.listen;
    let tries = if config.port_search && wanted.port() != 0 { PORTS_TRIED_MAX } else { 1 };
    let mut busy = io::Error::from(io::ErrorKind::AddrInUse);
    for step in 0..tries {
        let Some(port) = wanted.port().checked_add(step) else { break };
        match TcpListener::bind(SocketAddr::new(wanted.ip(), port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => busy = error,
            Err(error) => return Err(error),
        }
    }
    Err(busy)
}

/// TLS 1.2 and 1.3 with the certificate chain and key of two PEM files.
fn acceptor(certificate: &Path, key: &Path) -> Result<TlsAcceptor, ListenError> {
    let unusable = |path: &Path, reason: &dyn std::fmt::Display| ListenError::Certificate {
        path: path.to_owned(),
        reason: reason.to_string(),
    };
    let file = File::open(certificate).map_err(|error| unusable(certificate, &error))?;
    let chain = CertificateDer::pem_reader_iter(BufReader::new(file))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| unusable(certificate, &error))?;
    if chain.is_empty() {
        return Err(unusable(certificate, &"it holds no certificate in PEM form"));
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable(key, &error))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    server.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(server)))
}
