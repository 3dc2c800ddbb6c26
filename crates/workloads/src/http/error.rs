//! Why a URL could not be fetched, in plain words.

use std::error::Error;
use std::fmt;
use std::io;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};

use super::causes::{causes, ended_early, find};
use super::{journey, proxy};
use crate::addresses::{is_http, not_http};
use crate::print::shown;
use crate::settings::Settings;
use crate::tls;

/// Why a URL could not be fetched, in words; the URL itself is named by whoever reports it.
///
/// It can travel between processes, which a [`reqwest::Error`] cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchError {
    /// Where it happened: at the URL itself, or where redirects have led.
    address: String,
    what: String,
}

impl FetchError {
    /// What went wrong with a request that had come to `address`.
    pub(super) fn of(error: &(dyn Error + 'static), address: &Url) -> Self {
        let what = describe(error);
        let what = match proxy::on_the_way_to(address.as_str()) {
            Some(proxy) => format!("through the proxy {proxy}: {what}"),
            None => what,
        };
        Self::new(what, address)
    }

    fn new(what: String, address: &Url) -> Self {
        Self {
            address: address.to_string(),
            what,
        }
    }

    /// The error as the report on `asked` tells it: with the address where it happened, if
    /// that is another.
    pub(crate) fn report(&self, asked: &str) -> String {
        let normal = |url: &str| {
            let mut url = Url::parse(url).ok()?;
            url.set_fragment(None);
            Some(url)
        };
        if normal(asked) == normal(&self.address) {
            self.what.clone()
        } else {
            format!("redirected to {}: {}", shown(&self.address), self.what)
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for FetchError {}

impl From<reqwest::Error> for FetchError {
    /// From the error of a request, which names the address that was asked for.
    fn from(error: reqwest::Error) -> Self {
        match error.url() {
            Some(asked) => {
                let address = journey::led_to(asked);
                Self::of(&error, address.as_ref().unwrap_or(asked))
            }
            None => Self {
                address: String::new(),
                what: describe(&error),
            },
        }
    }
}

/// Refuses a redirect that reqwest has handed on as an answer, because what it leads to is
/// no address.
pub(super) fn check_redirect(
    status: StatusCode,
    headers: &HeaderMap,
    from: &Url,
) -> Result<(), FetchError> {
    let (Some(to), 301 | 302 | 303 | 307 | 308) =
        (headers.get(LOCATION), status.as_u16())
    else {
        return Ok(());
    };
    let to = String::from_utf8_lossy(to.as_bytes());
    let problem = match from.join(&to) {
        Ok(url) if !is_http(&url) => not_http(&url),
        Ok(_) => "not an address that a request could carry".to_owned(),
        Err(error) => error.to_string(),
    };
    let what = format!("cannot follow the redirect to {}: {problem}", shown(&to));
    Err(FetchError::new(what, from))
}

/// Refuses a body that is longer than `--max-bytes`.
pub(super) fn check_length(body: &[u8], address: &Url) -> Result<(), FetchError> {
    let most = Settings::get().max_bytes;
    if body.len() as u64 > most {
        let what = format!("body is longer than {most} bytes (--max-bytes)");
        return Err(FetchError::new(what, address));
    }
    Ok(())
}

/// An error and its causes as one phrase that says what happened and why, each once.
///
/// reqwest and hyper wrap a cause four or five times; the first layers say no more than that
/// sending or reading failed, so it is the last one that tells a person something.
fn describe(error: &(dyn Error + 'static)) -> String {
    let causes = causes(error);
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
        Some(error) if error.is_body() || error.is_decode() => "cannot read the body: ",
        _ => "",
    };
    let cause = match find(&causes) {
        Some(error) => tls::describe(error),
        None if ended_early(&causes) => {
            "the server closed the connection too early".to_owned()
        }
        None => causes.last().map(ToString::to_string).unwrap_or_default(),
    };
    // Some of it may be the server's own words.
    format!("{step}{}", shown(&cause))
}
