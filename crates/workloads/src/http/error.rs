//! Why a page could not be fetched.

use std::error::Error;
use std::fmt;
use std::io;
use std::iter::successors;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};

use crate::print::shown;
use crate::settings::Settings;

/// Why a page could not be fetched: what happened, and at which address.
///
/// It can travel between processes, which a [`reqwest::Error`] cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchError {
    /// The last address that reqwest knows of: redirects may have led there.
    address: String,
    what: String,
}

impl FetchError {
    /// What went wrong at `address`: the last cause, because the layers before it only say
    /// that sending or reading failed.
    pub(super) fn new(error: &(dyn Error + 'static), address: &Url) -> Self {
        let mut what = String::new();
        let mut is_timeout = false;
        for cause in causes(error) {
            what = shown(&cause.to_string());
            let request = cause.downcast_ref::<reqwest::Error>();
            is_timeout |= request.is_some_and(reqwest::Error::is_timeout);
        }
        if is_timeout {
            what += &format!(" (--timeout {})", Settings::get().timeout.as_secs_f64());
        }
        Self::at(address, what)
    }

    fn at(address: &Url, what: String) -> Self {
        let mut address = address.clone();
        address.set_fragment(None);
        FetchError {
            address: address.into(),
            what,
        }
    }

    /// The error as the report on the address `asked` prints it: with the address where it
    /// happened if that is another one.
    pub(crate) fn report(&self, asked: &str) -> String {
        let Ok(mut sent) = Url::parse(asked) else {
            return self.what.clone();
        };
        // These are no part of the address that a request goes to.
        let _ = sent.set_username("");
        let _ = sent.set_password(None);
        sent.set_fragment(None);
        if sent.as_str() == self.address {
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
    fn from(error: reqwest::Error) -> Self {
        let address = error.url().expect("a request has an address");
        Self::new(&error, address)
    }
}

/// An error and its causes, outermost first.
pub(super) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| {
        // An `io::Error` does not count the error that it wraps among its causes.
        match error.downcast_ref().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}

/// Refuses a redirect that reqwest has handed on as an answer because it cannot follow it.
pub(super) fn check_redirect(
    status: StatusCode,
    headers: &HeaderMap,
    from: &Url,
) -> Result<(), FetchError> {
    match (headers.get(LOCATION), status.as_u16()) {
        (Some(to), 301 | 302 | 303 | 307 | 308) => {
            let to = String::from_utf8_lossy(to.as_bytes());
            let what = format!("cannot follow the redirect to {}", shown(&to));
            Err(FetchError::at(from, what))
        }
        _ => Ok(()),
    }
}

/// Refuses a body that is longer than `--max-bytes`.
pub(super) fn check_length(body: &[u8], address: &Url) -> Result<(), FetchError> {
    let most = Settings::get().max_bytes;
    if body.len() as u64 > most {
        let what = format!("the body is longer than {most} bytes (--max-bytes)");
        return Err(FetchError::at(address, what));
    }
    Ok(())
}
