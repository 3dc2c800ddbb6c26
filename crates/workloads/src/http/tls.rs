//! Which certificates `https://` trusts.

use std::ffi::OsString;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use webpki_roots::TLS_SERVER_ROOTS;

/// Trusts Mozilla's root certificates and those of the file that `SSL_CERT_FILE` names.
/// Mozilla's are built in, so they are the same on every machine.
pub(super) fn config() -> ClientConfig {
    let mut roots = RootCertStore::from_iter(TLS_SERVER_ROOTS.iter().cloned());
    if let Some(file) = extra_file() {
        add_from(file, &mut roots).unwrap_or_default();
    }
    // ring needs only a C compiler to build.
    ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .expect("ring supports the default versions")
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// Checks the file that `SSL_CERT_FILE` names.
///
/// # Errors
///
/// It cannot be read, or there is no certificate in it that rustls can use.
pub(super) fn check() -> Result<(), String> {
    let Some(file) = extra_file() else {
        return Ok(());
    };
    let in_file = |problem| format!("SSL_CERT_FILE {}: {problem}", file.display());
    match add_from(file.clone(), &mut RootCertStore::empty()) {
        Ok(0) => Err(in_file("no usable certificate".to_owned())),
        Ok(_) => Ok(()),
        Err(error) => Err(in_file(error.to_string())),
    }
}

fn extra_file() -> Option<OsString> {
    std::env::var_os("SSL_CERT_FILE").filter(|file| !file.is_empty())
}

/// Adds the certificates of a file to `roots`, and returns how many were added.
fn add_from(file: OsString, roots: &mut RootCertStore) -> std::io::Result<usize> {
    let pem = std::fs::read(file)?;
    // Bundles often contain a certificate that rustls cannot use.
    let certificates = CertificateDer::pem_slice_iter(&pem).flatten();
    let (added, _) = roots.add_parsable_certificates(certificates);
    Ok(added)
}
