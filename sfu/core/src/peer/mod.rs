//! One peer's transport. This file alone names the libraries of WebRTC.

use aws_lc_rs::digest;

use crate::api::transport::Fingerprint;

/// The certificate of our side of DTLS, made at start and shared by all peers.
#[derive(Debug, Clone)]
pub struct Certificate {
    dtls: dimpl::DtlsCertificate,
}

/// A certificate could not be made: the system has no randomness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("certificate could not be made")]
pub struct CertificateFault;

impl Certificate {
    /// A new self-signed one (ECDSA P-256, a year).
    pub fn generate() -> Result<Self, CertificateFault> {
        dimpl::certificate::generate_self_signed_certificate()
            .map(|dtls| Self { dtls })
            .map_err(|_| CertificateFault)
    }

    /// What our SDP says of it.
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint_of(&self.dtls.certificate)
    }
}

fn fingerprint_of(certificate_der: &[u8]) -> Fingerprint {
    let mut bytes = [0; 32];
    let hash = digest::digest(&digest::SHA256, certificate_der);
    for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Fingerprint(bytes)
}
