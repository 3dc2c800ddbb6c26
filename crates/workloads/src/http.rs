//! The HTTP client's settings, and bodies of bounded size.

mod causes;
mod error;
mod journey;
mod proxy;

use std::net::ToSocketAddrs;
use std::sync::Arc;
use std::thread;

use reqwest::ClientBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use crate::settings::Settings;
use crate::tls;

pub use error::FetchError;

/// The one HTTP client that a program (or a worker process) makes and shares between all its
/// fetches, as `httpx.AsyncClient`: connections are kept open and the certificates are loaded
/// once. Its settings are those of [`client_builder`].
pub fn client() -> reqwest::Client {
    client_builder().build().expect(CHECKED)
}

const CHECKED: &str = "the settings were checked with the command line";

/// The settings of [`client`] and [`blocking::client`]:
///
/// - `--timeout` is a budget for each request as a whole: the search for the host, redirects
///   and a slow body included.
/// - `https://` trusts Mozilla's root certificates, which are built in, so that no machine
///   lacks them, and those of the file that `SSL_CERT_FILE` names.
/// - `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` hold, but loopback addresses
///   never go through a proxy.
/// - A request goes out once more when the connection that it was sent on, open from an
///   earlier one, turns out to have been closed meanwhile.
pub fn client_builder() -> ClientBuilder {
    let settings = Settings::get();
    let client = reqwest::Client::builder()
        .timeout(settings.timeout)
        .dns_resolver(Arc::new(Resolver))
        .tls_backend_preconfigured(tls::config())
        .no_proxy();
    let client = if settings.keep_alive {
        client
    } else {
        client.pool_max_idle_per_host(0)
    };
    journey::follow(proxy::proxies().fold(client, ClientBuilder::proxy))
}

/// Says what is wrong with the surroundings that a client for these addresses takes its
/// settings from.
pub(crate) fn check_environment(urls: &[String]) -> Result<(), String> {
    proxy::check_environment()?;
    let mut schemes = urls.iter().filter_map(|url| url.split_once(':'));
    if schemes.any(|(scheme, _)| scheme.eq_ignore_ascii_case("https")) {
        tls::check_environment()?;
    }
    Ok(())
}

/// Looks hosts up on threads that nobody waits for.
///
/// The system's look-up cannot be called off. Left to itself, tokio would have it done on a
/// thread that the end of the runtime waits for, and a program whose name server is silent
/// would go on after `--timeout` and Ctrl-C.
struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, host: Name) -> Resolving {
        Box::pin(async move {
            let (found, addresses) = oneshot::channel();
            let look_up = move || found.send((host.as_str(), 0).to_socket_addrs());
            thread::Builder::new().spawn(look_up)?;
            Ok(Box::new(addresses.await??) as Addrs)
        })
    }
}

/// Reads a response's whole body, up to `--max-bytes`.
///
/// # Errors
///
/// The body ends early, does not come in time, or is longer than `--max-bytes`; or the
/// response is a redirect that leads nowhere.
pub async fn read_body(mut response: reqwest::Response) -> Result<Vec<u8>, FetchError> {
    error::check_redirect(response.status(), response.headers(), response.url())?;
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| FetchError::of(&error, response.url()))?
    {
        body.extend_from_slice(&chunk);
        error::check_length(&body, response.url())?;
    }
    Ok(body)
}

/// The same for the blocking client.
pub mod blocking {
    use std::io::Read;

    use reqwest::blocking::{Client, ClientBuilder};

    use super::{CHECKED, FetchError, Settings, client_builder, error};

    /// The one client of a program, as `requests.Session`.
    pub fn client() -> Client {
        // The builder's timeout is a budget for the whole request. The blocking client would
        // add one of its own for each step.
        let builder = ClientBuilder::from(client_builder()).timeout(None);
        builder.build().expect(CHECKED)
    }

    /// Reads a response's whole body, up to `--max-bytes`.
    ///
    /// # Errors
    ///
    /// The body ends early, does not come in time, or is longer than `--max-bytes`; or the
    /// response is a redirect that leads nowhere.
    pub fn read_body(
        response: reqwest::blocking::Response,
    ) -> Result<Vec<u8>, FetchError> {
        let url = response.url().clone();
        error::check_redirect(response.status(), response.headers(), &url)?;
        let mut body = Vec::new();
        // One byte more than allowed tells a body that is too long from one that just fits.
        let most = Settings::get().max_bytes.saturating_add(1);
        let read = response.take(most).read_to_end(&mut body);
        read.map_err(|error| match error.downcast::<reqwest::Error>() {
            Ok(error) => FetchError::of(&error, &url),
            Err(error) => FetchError::of(&error, &url),
        })?;
        error::check_length(&body, &url)?;
        Ok(body)
    }
}
