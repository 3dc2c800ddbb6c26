//! The HTTP client of all pages, and why a page could not be fetched.

mod environment;
mod error;
mod tls;

use std::error::Error;
use std::io::{self, ErrorKind};

use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Client, ClientBuilder, Response, retry};

use crate::addresses::is_http;
use crate::print::shown;
use crate::settings::Settings;

pub(crate) use environment::{check_environment, is_proxy_off};
pub use error::FetchError;
use error::causes;

/// What a site's log shows of this client. Many sites refuse one that does not name itself.
const USER_AGENT: &str = concat!("concurrency-models/", env!("CARGO_PKG_VERSION"));

/// As many as reqwest follows by itself.
const MOST_REDIRECTS: usize = 10;

/// The one HTTP client of a program (or of a worker process), which all its fetches share, as
/// `httpx.AsyncClient`: connections are kept open and the certificates are loaded once.
pub fn client() -> Client {
    client_builder().build().expect(CHECKED)
}

const CHECKED: &str = "the settings were checked with the command line";

/// The settings of [`client`] and [`blocking::client`]:
///
/// - `--timeout` is for the request as a whole: redirects and a slow body included.
/// - A request is sent again if its connection ended before any answer, twice at most.
/// - `https://` trusts Mozilla's root certificates, which are built in, and those of the file
///   that `SSL_CERT_FILE` names.
/// - `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` hold as reqwest reads them.
pub fn client_builder() -> ClientBuilder {
    let settings = Settings::get();
    let mut client = Client::builder()
        .user_agent(USER_AGENT)
        .timeout(settings.timeout)
        .redirect(Policy::custom(follow))
        .retry(retry())
        .tls_backend_preconfigured(tls::config().expect(CHECKED));
    if settings.no_proxy {
        client = client.no_proxy();
    }
    if !settings.keep_alive {
        client = client.pool_max_idle_per_host(0);
    }
    client
}

/// Follows a redirect, or says where it would have led.
fn follow(attempt: Attempt) -> Action {
    let to = shown(attempt.url().as_str());
    if !is_http(attempt.url()) {
        attempt.error(format!(
            "redirected to {to}, which is not http:// or https://"
        ))
    } else if attempt.previous().len() > MOST_REDIRECTS {
        attempt.error(format!("too many redirects, the last one to {to}"))
    } else {
        attempt.follow()
    }
}

/// Which requests are sent again.
///
/// A server may close a connection that it has kept open at any time. The client may notice
/// only when it has sent the next request on it; then there is no answer, and nothing is
/// wrong. Only an idempotent request is sent again, since the server may have seen the first.
fn retry() -> retry::Builder {
    retry::for_host(AnyHost)
        .max_retries_per_request(2)
        .no_budget()
        .classify_fn(|attempt| {
            let is_safe = attempt.method().is_idempotent();
            if is_safe && attempt.error().is_some_and(has_ended) {
                attempt.retryable()
            } else {
                attempt.success()
            }
        })
}

/// Whether an error is the end of a connection. In the head of an answer it looks the same as
/// before it; in the body it never comes here.
fn has_ended(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(is_end_of_connection)
}

fn is_end_of_connection(cause: &(dyn Error + 'static)) -> bool {
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        error.is_incomplete_message()
    } else if let Some(error) = cause.downcast_ref::<io::Error>() {
        matches!(
            error.kind(),
            ErrorKind::BrokenPipe
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset
                | ErrorKind::UnexpectedEof
        )
    } else {
        false
    }
}

/// The hosts that the retry is for: reqwest asks.
struct AnyHost;

impl PartialEq<&str> for AnyHost {
    fn eq(&self, _: &&str) -> bool {
        true
    }
}

/// Reads a response's whole body, up to `--max-bytes`.
///
/// # Errors
///
/// The body ends early, does not come in time, or is longer than `--max-bytes`; or the
/// response is a redirect that cannot be followed.
pub async fn read_body(mut response: Response) -> Result<Vec<u8>, FetchError> {
    error::check_redirect(response.status(), response.headers(), response.url())?;
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => return Err(FetchError::new(&error, response.url())),
        }
        error::check_length(&body, response.url())?;
    }
}

/// The same for reqwest's blocking client.
pub mod blocking {
    use std::io::Read;

    use reqwest::blocking::{Client, ClientBuilder, Response};

    use super::{CHECKED, FetchError, client_builder, error};
    use crate::settings::Settings;

    /// The one client of a program, as `requests.Session`.
    pub fn client() -> Client {
        // The timeout of `client_builder` is for the request as a whole. The blocking client
        // would add one of its own for each step.
        let builder = ClientBuilder::from(client_builder()).timeout(None);
        builder.build().expect(CHECKED)
    }

    /// Reads a response's whole body, up to `--max-bytes`.
    ///
    /// # Errors
    ///
    /// The body ends early, does not come in time, or is longer than `--max-bytes`; or the
    /// response is a redirect that cannot be followed.
    pub fn read_body(response: Response) -> Result<Vec<u8>, FetchError> {
        let url = response.url().clone();
        error::check_redirect(response.status(), response.headers(), &url)?;
        let mut body = Vec::new();
        // One byte more than allowed tells a body that is too long from one that just fits.
        let most = Settings::get().max_bytes.saturating_add(1);
        let read = response.take(most).read_to_end(&mut body);
        read.map_err(|error| FetchError::new(&error, &url))?;
        error::check_length(&body, &url)?;
        Ok(body)
    }
}
