//! The HTTP client of all pages, and its errors.

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

/// Many sites refuse a request without a user agent.
const USER_AGENT: &str = concat!("concurrency-models/", env!("CARGO_PKG_VERSION"));

/// The default of reqwest.
const MAX_REDIRECTS: usize = 10;

/// Makes an HTTP client, like `httpx.AsyncClient`. A program (or a worker process) makes one
/// and shares it between all its fetches, because it keeps connections open.
pub fn client() -> Client {
    client_builder().build().expect(NO_CLIENT)
}

const NO_CLIENT: &str = "these settings make a client";

/// The settings of [`client`] and [`blocking::client`]:
///
/// - `--timeout` is for the whole request, including redirects and a slow body.
/// - A request is sent again, twice at most, if its connection closed before the whole head of
///   the response arrived.
/// - `https://` trusts Mozilla's root certificates, which are built in, and those of the file
///   that `SSL_CERT_FILE` names.
/// - `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are used as reqwest reads them.
pub fn client_builder() -> ClientBuilder {
    let settings = Settings::get();
    let mut client = Client::builder()
        .user_agent(USER_AGENT)
        .timeout(settings.timeout)
        .redirect(Policy::custom(follow))
        .retry(retry())
        .tls_backend_preconfigured(tls::config());
    if settings.no_proxy {
        client = client.no_proxy();
    }
    if !settings.keep_alive {
        client = client.pool_max_idle_per_host(0);
    }
    client
}

/// Follows a redirect. The error of one too many names its address.
fn follow(attempt: Attempt) -> Action {
    let to = shown(attempt.url().as_str());
    if !is_http(attempt.url()) {
        attempt.error(format!(
            "redirected to {to}, which is not http:// or https://"
        ))
    } else if attempt.previous().len() > MAX_REDIRECTS {
        // The first of the previous addresses is the requested one.
        attempt.error(format!("too many redirects, the last one to {to}"))
    } else {
        attempt.follow()
    }
}

/// Sends a request again, twice at most, if its connection closed before the whole head of the
/// response arrived.
///
/// A server may close an idle connection at any moment. If the next request has been sent by
/// then, it gets no response although nothing is wrong. Only an idempotent request is sent
/// again, because the server may have received the first one.
fn retry() -> retry::Builder {
    retry::for_host(AnyHost)
        .max_retries_per_request(2)
        .no_budget()
        .classify_fn(|attempt| {
            let is_safe = attempt.method().is_idempotent();
            if is_safe && attempt.error().is_some_and(is_closed_connection) {
                attempt.retryable()
            } else {
                // No retry, also if the request failed.
                attempt.success()
            }
        })
}

/// Whether an error is a closed connection. reqwest calls this only for errors before the body.
fn is_closed_connection(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(is_close)
}

fn is_close(cause: &(dyn Error + 'static)) -> bool {
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

/// Equals every host. reqwest retries only for hosts that are equal to a given one.
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

    use super::{FetchError, NO_CLIENT, client_builder, error};
    use crate::settings::Settings;

    /// Makes a blocking client, like `requests.Session`.
    pub fn client() -> Client {
        // Removes the blocking client's own timeout. The one of `client_builder` stays.
        let builder = ClientBuilder::from(client_builder()).timeout(None);
        builder.build().expect(NO_CLIENT)
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
        // Reads one byte more than allowed, to tell a body that is too long from one that just
        // fits.
        let limit = Settings::get().max_bytes.saturating_add(1);
        response
            .take(limit)
            .read_to_end(&mut body)
            .map_err(|error| FetchError::new(&error, &url))?;
        error::check_length(&body, &url)?;
        Ok(body)
    }
}
