//! The HTTP client's settings, bodies of bounded size, and errors in plain words.

use std::error::Error;
use std::fmt;
use std::sync::LazyLock;

use reqwest::{Certificate, ClientBuilder, NoProxy, Proxy};
use serde::{Deserialize, Serialize};

use crate::options::Settings;

/// The settings of the one HTTP client that a program (or a worker process) makes and shares
/// between all its fetches, as `requests.Session` does: connections are kept open and the
/// certificates are loaded once.
///
/// - `--timeout` is a budget for each request as a whole, a slow body included.
/// - `https://` trusts Mozilla's root certificates, which are built in, so that no machine
///   lacks them, and those of the file that `SSL_CERT_FILE` names.
/// - `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` hold, but loopback addresses
///   never go through a proxy.
///
/// A blocking client is `reqwest::blocking::ClientBuilder::from(client_builder())`.
pub fn client_builder() -> ClientBuilder {
    // Fails when it was installed already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok());
    let added = EXTRA_ROOTS.iter().flatten().cloned();
    let client = reqwest::Client::builder()
        .timeout(Settings::get().timeout)
        .tls_certs_only(bundled.chain(added))
        .no_proxy();
    proxies().fold(client, ClientBuilder::proxy)
}

/// The certificates of the file that `SSL_CERT_FILE` names, or what is wrong with it.
static EXTRA_ROOTS: LazyLock<Result<Vec<Certificate>, String>> = LazyLock::new(|| {
    let Some(file) = std::env::var_os("SSL_CERT_FILE") else {
        return Ok(Vec::new());
    };
    let pem = std::fs::read(&file).map_err(|error| error.to_string());
    pem.and_then(|pem| Certificate::from_pem_bundle(&pem).map_err(|e| describe(&e)))
        .map_err(|cause| format!("SSL_CERT_FILE {}: {cause}", file.display()))
});

/// Says what is wrong with the surroundings that a client would take its settings from.
pub(crate) fn check_environment() -> Result<(), String> {
    EXTRA_ROOTS.as_ref().map(drop).map_err(String::clone)
}

/// The proxies that the environment names, made to leave loopback addresses alone.
fn proxies() -> impl Iterator<Item = Proxy> {
    let variable = |name: &str| {
        let value = std::env::var(name).or_else(|_| std::env::var(name.to_uppercase()));
        value.ok().filter(|value| !value.is_empty())
    };
    let direct = variable("no_proxy").unwrap_or_default();
    let direct = NoProxy::from_string(&format!("localhost,127.0.0.0/8,::1,{direct}"));
    let http = variable("http_proxy").and_then(|proxy| Proxy::http(proxy).ok());
    let https = variable("https_proxy").and_then(|proxy| Proxy::https(proxy).ok());
    let all = variable("all_proxy").and_then(|proxy| Proxy::all(proxy).ok());
    [http, https, all]
        .into_iter()
        .flatten()
        .map(move |proxy| proxy.no_proxy(direct.clone()))
}

/// Reads a response's whole body, up to `--max-bytes`.
///
/// # Errors
///
/// The body ends early, does not come in time, or is longer than `--max-bytes`.
pub async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        check_length(&body)?;
    }
    Ok(body)
}

/// The same for the blocking client.
pub mod blocking {
    use std::io::Read;

    use super::{FetchError, Settings, check_length, describe};

    /// Reads a response's whole body, up to `--max-bytes`.
    ///
    /// # Errors
    ///
    /// The body ends early, does not come in time, or is longer than `--max-bytes`.
    pub fn read_body(
        response: reqwest::blocking::Response,
    ) -> Result<Vec<u8>, FetchError> {
        let mut body = Vec::new();
        // One byte more than allowed tells a body that is too long from one that just fits.
        let most = Settings::get().max_bytes.saturating_add(1);
        let read = response.take(most).read_to_end(&mut body);
        read.map_err(|error| match error.downcast::<reqwest::Error>() {
            Ok(error) => FetchError::from(error),
            Err(error) => FetchError(describe(&error)),
        })?;
        check_length(&body)?;
        Ok(body)
    }
}

fn check_length(body: &[u8]) -> Result<(), FetchError> {
    let most = Settings::get().max_bytes;
    if body.len() as u64 > most {
        return Err(FetchError(format!(
            "body is longer than {most} bytes (--max-bytes)"
        )));
    }
    Ok(())
}

/// Why a URL could not be fetched, in words; the URL itself is named by whoever reports it.
///
/// It can travel between processes, which a [`reqwest::Error`] cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchError(String);

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for FetchError {}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        Self(describe(&error))
    }
}

/// An error and its causes as one phrase that says what happened and why, each once.
///
/// reqwest and hyper wrap a cause four or five times; the first layers say no more than that
/// sending or reading failed, so it is the last one that tells a person something.
fn describe(error: &(dyn Error + 'static)) -> String {
    let causes: Vec<_> = anyhow::Chain::new(error).collect();
    let reqwest = causes
        .iter()
        .filter_map(|cause| cause.downcast_ref::<reqwest::Error>())
        .collect::<Vec<_>>();
    if reqwest.iter().any(|error| error.is_timeout()) {
        let budget = Settings::get().timeout.as_secs_f64();
        return format!("timed out after {budget} s (--timeout)");
    }
    let step = match reqwest.first() {
        Some(error) if error.is_connect() => "cannot connect: ",
        Some(error) if error.is_redirect() => "",
        Some(error) if error.is_body() || error.is_decode() => "cannot read the body: ",
        _ => "",
    };
    let cause = causes.last().map(ToString::to_string).unwrap_or_default();
    format!("{step}{cause}")
}
