//! What the environment says about proxies, where reqwest would ignore it without a word.

use std::net::IpAddr;

use super::tls;
use crate::print::shown;

/// Checks what the environment says about proxies and certificates.
///
/// # Errors
///
/// The client could not do what it asks for.
pub(crate) fn check_environment() -> Result<(), String> {
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
        if let Some((name, proxy)) = variable(name)
            && proxy.to_lowercase().starts_with("socks")
        {
            return Err(format!(
                "{name}: a SOCKS proxy cannot be used here, an HTTP proxy can"
            ));
        }
    }
    if let Some((name, hosts)) = variable("NO_PROXY")
        && let Some(host) = hosts.split(',').find(|host| has_port(host.trim()))
    {
        return Err(format!(
            "{name}: {} would be ignored: name the host without its port",
            shown(host.trim())
        ));
    }
    tls::config().map(drop)
}

/// Whether the environment asks for no proxy at all. For a host that is named by its number,
/// reqwest does not heed the asterisk.
pub(crate) fn is_proxy_off() -> bool {
    variable("NO_PROXY")
        .is_some_and(|(_, hosts)| hosts.split(',').any(|host| host.trim() == "*"))
}

/// Whether a host in `NO_PROXY` has a port, which only an IPv6 address without brackets looks
/// like.
fn has_port(host: &str) -> bool {
    let is_address = host.parse::<IpAddr>().is_ok();
    let port = host.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
    !is_address && matches!(port, Some(Ok(_)))
}

/// A variable in capital letters or, without one, in small letters: the order of reqwest.
fn variable(name: &str) -> Option<(String, String)> {
    for name in [name.to_owned(), name.to_lowercase()] {
        if let Ok(value) = std::env::var(&name) {
            return Some((name, value));
        }
    }
    None
}
