//! Which certificates `https://` trusts.

use std::sync::{Arc, LazyLock};

use anyhow::{Context, ensure};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use rustls::{ClientConfig, RootCertStore};

/// The settings of a client's encrypted connections.
pub(crate) fn config() -> ClientConfig {
    let config = ClientConfig::builder_with_provider(PROVIDER.clone())
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions");
    // Not as dangerous as rustls fears: the verifier is its own, but made late.
    let verifier = config
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Late));
    verifier.with_no_client_auth()
}

/// Says what is wrong with the file that `SSL_CERT_FILE` names.
pub(crate) fn check_environment() -> Result<(), String> {
    VERIFIER.as_ref().map(drop).map_err(String::clone)
}

static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(ring::default_provider()));

/// rustls' verifier, or why there is none.
static VERIFIER: LazyLock<Result<Arc<WebPkiServerVerifier>, String>> =
    LazyLock::new(|| verifier().map_err(|error| format!("{error:#}")));

fn verifier() -> anyhow::Result<Arc<WebPkiServerVerifier>> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.to_vec());
    let file = std::env::var_os("SSL_CERT_FILE").filter(|file| !file.is_empty());
    if let Some(file) = file {
        let setting = || format!("SSL_CERT_FILE {}", file.display());
        let pem = std::fs::read(&file).with_context(setting)?;
        // Some bundles hold a certificate that rustls cannot use among those that it can.
        let certificates = CertificateDer::pem_slice_iter(&pem).flatten();
        let (added, _) = roots.add_parsable_certificates(certificates);
        ensure!(added > 0, "{}: no certificate in it", setting());
    }
    let verifier =
        WebPkiServerVerifier::builder_with_provider(roots.into(), PROVIDER.clone());
    Ok(verifier.build()?)
}

/// Loads the root certificates for the first certificate that it has to verify, so that
/// `http://` does not pay for them.
#[derive(Debug)]
struct Late;

impl Late {
    fn verifier(&self) -> Result<&WebPkiServerVerifier, Error> {
        let verifier = VERIFIER.as_deref();
        verifier.map_err(|problem| Error::General(problem.clone()))
    }
}

impl ServerCertVerifier for Late {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verifier()?
            .verify_server_cert(end_entity, intermediates, server, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?
            .verify_tls12_signature(message, cert, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?
            .verify_tls13_signature(message, cert, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// What is wrong with an encrypted connection. rustls puts most of it in names of its own.
pub(crate) fn describe(error: &Error) -> String {
    use CertificateError::*;
    let text = match error {
        Error::InvalidCertificate(error) => match error {
            UnknownIssuer => {
                "the certificate's issuer is not trusted (see SSL_CERT_FILE)"
            }
            Expired | ExpiredContext { .. } => "the certificate has expired",
            NotValidYet | NotValidYetContext { .. } => "the certificate is not valid yet",
            NotValidForName | NotValidForNameContext { .. } => {
                "the certificate is for another host"
            }
            Other(cause) => return format!("the certificate is not valid: {cause}"),
            other => return format!("the certificate is not valid: {other}"),
        },
        Error::InvalidMessage(_) => "the server does not speak TLS",
        other => return other.to_string(),
    };
    text.to_owned()
}
