//! Which certificates `https://` trusts.

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use webpki_roots::TLS_SERVER_ROOTS;

/// Trusts Mozilla's root certificates, which are built in so that no machine lacks them, and
/// those of the file that `SSL_CERT_FILE` names.
///
/// # Errors
///
/// The file cannot be read, or there is no certificate in it.
pub(super) fn config() -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::from_iter(TLS_SERVER_ROOTS.iter().cloned());
    let file = std::env::var_os("SSL_CERT_FILE").filter(|file| !file.is_empty());
    if let Some(file) = file {
        let named =
            |problem: &str| format!("SSL_CERT_FILE {}: {problem}", file.display());
        let pem = std::fs::read(&file).map_err(|error| named(&error.to_string()))?;
        // Some bundles hold a certificate that rustls cannot use among those that it can.
        let certificates = CertificateDer::pem_slice_iter(&pem).flatten();
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(named("no certificate in it"));
        }
    }
    // ring, because it needs nothing but a C compiler.
    let config = ClientConfig::builder_with_provider(ring::default_provider().into());
    let config = config
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions");
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
