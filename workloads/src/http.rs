//! The HTTP client's settings, bodies of bounded size, and errors in plain words.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::ToSocketAddrs;
use std::sync::{Arc, LazyLock};
use std::thread;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{ClientBuilder, NoProxy, Proxy};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::options::Settings;
use crate::tls;

/// The settings of the one HTTP client that a program (or a worker process) makes and shares
/// between all its fetches, as `requests.Session` does: connections are kept open and the
/// certificates are loaded once.
///
/// - `--timeout` is a budget for each request as a whole: the search for the host, redirects
///   and a slow body included.
/// - `https://` trusts Mozilla's root certificates, which are built in, so that no machine
///   lacks them, and those of the file that `SSL_CERT_FILE` names.
/// - `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` hold, but loopback addresses
///   never go through a proxy.
///
/// A blocking client is `reqwest::blocking::ClientBuilder::from(client_builder())`.
pub fn client_builder() -> ClientBuilder {
    let client = reqwest::Client::builder()
        .timeout(Settings::get().timeout)
        .dns_resolver(Arc::new(Resolver))
        .tls_backend_preconfigured(tls::config())
        .no_proxy();
    // Where they are no proxies, `check_environment` has ended the program.
    let proxies = PROXIES.iter().flatten().cloned();
    proxies.fold(client, ClientBuilder::proxy)
}

/// Says what is wrong with the surroundings that a client for these addresses takes its
/// settings from.
pub(crate) fn check_environment(urls: &[String]) -> Result<(), String> {
    PROXIES.as_ref().map_err(String::clone)?;
    let mut schemes = urls.iter().filter_map(|url| url.split_once(':'));
    if schemes.any(|(scheme, _)| scheme.eq_ignore_ascii_case("https")) {
        tls::check_environment()?;
    }
    Ok(())
}

/// The proxies that the environment names, made to leave loopback addresses alone.
static PROXIES: LazyLock<Result<Vec<Proxy>, String>> = LazyLock::new(|| {
    let direct = variable("no_proxy").map_or_else(String::new, |(_, hosts)| hosts);
    // reqwest takes this for a name, which no address is.
    if direct.split(',').any(|host| host.trim() == "*") {
        return Ok(Vec::new());
    }
    let direct = NoProxy::from_string(&format!("localhost,127.0.0.0/8,::1,{direct}"));
    let proxy = |name, make: fn(String) -> reqwest::Result<Proxy>| {
        let (name, address) = variable(name)?;
        let scheme = address
            .split_once("://")
            .map_or("http", |(scheme, _)| scheme);
        let is_known = matches!(
            scheme,
            "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"
        );
        let proxy = make(address).ok().filter(|_| is_known);
        // The address itself is not shown: there may be a password in it.
        let proxy = proxy.ok_or_else(|| format!("{name}: not the address of a proxy"));
        Some(proxy.map(|proxy| proxy.no_proxy(direct.clone())))
    };
    let http = proxy("http_proxy", Proxy::http);
    let https = proxy("https_proxy", Proxy::https);
    let all = proxy("all_proxy", Proxy::all);
    [http, https, all].into_iter().flatten().collect()
});

/// A variable of the environment with the name that it was found by: in small letters or
/// else, as in Python, in capital ones. One that is empty switches the other off.
fn variable(name: &str) -> Option<(String, String)> {
    let names = [name.to_owned(), name.to_uppercase()];
    let found = |name| Some((std::env::var_os(&name)?, name));
    let (value, name) = names.into_iter().find_map(found)?;
    let value = value.to_string_lossy().into_owned();
    (!value.is_empty()).then_some((name, value))
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
    let causes: Vec<_> = std::iter::successors(Some(error), |&error| {
        // What an `io::Error` is made of, it does not count among its causes.
        match error.downcast_ref().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        }
    })
    .collect();
    let request = find::<reqwest::Error>(&causes);
    let http = find::<hyper::Error>(&causes);
    let system = find::<io::Error>(&causes);

    let is_timeout = request.is_some_and(reqwest::Error::is_timeout);
    // A system that gives up by itself does not know of `--timeout`.
    if is_timeout && system.is_none_or(|error| error.raw_os_error().is_none()) {
        let budget = Settings::get().timeout.as_secs_f64();
        return format!("timed out after {budget} s (--timeout)");
    }
    let step = match request {
        _ if http.is_some_and(hyper::Error::is_parse) => "not a valid HTTP answer: ",
        Some(error) if error.is_connect() => "cannot connect: ",
        // Only a redirect leads to an address that the command line did not check.
        Some(error) if error.is_redirect() || error.is_builder() => {
            "cannot follow the redirect: "
        }
        Some(error) if error.is_body() || error.is_decode() => "cannot read the body: ",
        _ => "",
    };
    let ended = http.is_some_and(hyper::Error::is_incomplete_message)
        || system.is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof);
    let cause = match find(&causes) {
        Some(error) => tls::describe(error),
        None if ended => "the server closed the connection too early".to_owned(),
        None => causes.last().map(ToString::to_string).unwrap_or_default(),
    };
    format!("{step}{cause}")
}

/// The innermost cause of a type.
fn find<'a, E: Error + 'static>(causes: &[&'a (dyn Error + 'static)]) -> Option<&'a E> {
    causes.iter().rev().find_map(|cause| cause.downcast_ref())
}
