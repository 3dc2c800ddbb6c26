//! Why an address could not be fetched.

use std::error::Error;
use std::fmt;
use std::io;
use std::iter::successors;

use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};

use crate::print::shown;
use crate::settings::Settings;

/// Why an address could not be fetched: the reason, and the address at which it failed.
///
/// Unlike a [`reqwest::Error`], it can be sent between processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchError {
    /// The last address that reqwest names. Redirects may have led there.
    address: String,
    #[serde(rename = "what")]
    reason: String,
}

impl FetchError {
    /// An error at `address`. Its reason is the last cause, because the errors above it only
    /// say that sending or reading failed.
    pub(super) fn new(error: &(dyn Error + 'static), address: &Url) -> Self {
        Self::at(address, reason(error))
    }

    fn at(address: &Url, reason: String) -> Self {
        let mut address = address.clone();
        address.set_fragment(None);
        FetchError {
            address: address.into(),
            reason,
        }
    }

    /// The text for the report: the reason, and the last address if a redirect led from
    /// `requested` to another one.
    pub(crate) fn report(&self, requested: &str) -> String {
        let (Ok(mut requested), Ok(last)) =
            (Url::parse(requested), Url::parse(&self.address))
        else {
            return self.reason.clone();
        };
        // The address in an error has neither of these.
        let _ = requested.set_username("");
        let _ = requested.set_password(None);
        requested.set_fragment(None);
        if requested == last {
            self.reason.clone()
        } else {
            format!("redirected to {}: {}", shown(&self.address), self.reason)
        }
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Error for FetchError {}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        match error.url() {
            Some(address) => Self::new(&error, address),
            // The requested text is no address.
            None => FetchError {
                address: String::new(),
                reason: reason(&error),
            },
        }
    }
}

fn reason(error: &(dyn Error + 'static)) -> String {
    let causes: Vec<_> = causes(error).collect();
    let requests = causes.iter().filter_map(|cause| cause.downcast_ref());
    if let Some(status) = requests.clone().find_map(reqwest::Error::status) {
        return format!("the server answered {status}");
    }
    let last = causes.last().map(ToString::to_string).unwrap_or_default();
    let hint = if requests.clone().any(reqwest::Error::is_timeout) {
        format!(" (--timeout {})", Settings::get().timeout.as_secs_f64())
    } else {
        String::new()
    };
    // It may be text from a server.
    shown(&last) + &hint
}

/// An error and its causes, outermost first.
pub(super) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| {
        // The `source` of an `io::Error` skips the error that it wraps.
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        }
    })
}

/// Refuses a redirect that reqwest could not follow. reqwest returns such a response as an
/// ordinary one.
pub(super) fn check_redirect(
    status: StatusCode,
    headers: &HeaderMap,
    from: &Url,
) -> Result<(), FetchError> {
    match (headers.get(LOCATION), status.as_u16()) {
        (Some(to), 301 | 302 | 303 | 307 | 308) => {
            let to = String::from_utf8_lossy(to.as_bytes());
            let reason = format!("cannot follow the redirect to {}", shown(&to));
            Err(FetchError::at(from, reason))
        }
        _ => Ok(()),
    }
}

/// Refuses a body that is longer than `--max-bytes`.
pub(super) fn check_length(body: &[u8], address: &Url) -> Result<(), FetchError> {
    let limit = Settings::get().max_bytes;
    if body.len() as u64 > limit {
        let reason = format!("the body is longer than {limit} bytes (--max-bytes)");
        return Err(FetchError::at(address, reason));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_told_if_there_was_one() {
        let error = |address: &str| FetchError {
            address: address.to_owned(),
            reason: "refused".to_owned(),
        };
        for same in [
            "http://host",
            "HTTP://HOST:80/",
            "http://user:secret@host/#fragment",
            "no address",
        ] {
            assert_eq!(error("http://host/").report(same), "refused", "{same}");
        }
        // A worker in Python sends the address as it was given, or an empty one.
        for address in ["http://host:80", ""] {
            assert_eq!(
                error(address).report("http://host/"),
                "refused",
                "{address}"
            );
        }
        let led = error("http://user:secret@host/b").report("http://host/a");
        assert_eq!(led, "redirected to http://user:***@host/b: refused");
    }
}
