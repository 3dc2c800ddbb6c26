//! The proxies that the environment names.

use std::sync::LazyLock;

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{NoProxy, Proxy};

/// The proxies, made to leave loopback addresses alone.
///
/// Where they are no proxies, `check_environment` has ended the program.
pub(super) fn proxies() -> impl Iterator<Item = Proxy> {
    let settings = SETTINGS.iter();
    settings.flat_map(|settings| settings.proxies.iter().cloned())
}

/// Says which of the variables names no proxy that a program could use.
pub(super) fn check_environment() -> Result<(), String> {
    SETTINGS.as_ref().map(drop).map_err(String::clone)
}

/// The proxy that an address is fetched through, for errors: without the password that may
/// stand in its address.
pub(super) fn on_the_way_to(url: &str) -> Option<String> {
    let matcher = &SETTINGS.as_ref().ok()?.matcher;
    let proxy = matcher.intercept(&url.parse::<Uri>().ok()?)?;
    let (scheme, host) = (proxy.uri().scheme_str()?, proxy.uri().authority()?);
    Some(format!("{scheme}://{host}"))
}

struct Settings {
    proxies: Vec<Proxy>,
    /// Follows the same rules; reqwest does not tell which proxy it took.
    matcher: Matcher,
}

static SETTINGS: LazyLock<Result<Settings, String>> = LazyLock::new(|| {
    let direct = variable("no_proxy").map_or_else(String::new, |(_, hosts)| hosts);
    // reqwest takes this for a name, which no address is.
    if direct.split(',').any(|host| host.trim() == "*") {
        return Ok(Settings {
            proxies: Vec::new(),
            matcher: Matcher::builder().build(),
        });
    }
    let direct = format!("localhost,127.0.0.0/8,::1,{direct}");
    let no_proxy = NoProxy::from_string(&direct);
    let [http, https, all] = ["http_proxy", "https_proxy", "all_proxy"].map(address);
    let (http, https, all) = (http?, https?, all?);
    let proxy = |named: &Named, make: fn(String) -> reqwest::Result<Proxy>| {
        let (name, address) = named.clone()?;
        let proxy = make(address).map_err(|_| not_a_proxy(&name));
        Some(proxy.map(|proxy| proxy.no_proxy(no_proxy.clone())))
    };
    let proxies = [
        proxy(&http, Proxy::http),
        proxy(&https, Proxy::https),
        proxy(&all, Proxy::all),
    ];
    let address = |named: Named| named.map_or_else(String::new, |(_, address)| address);
    Ok(Settings {
        proxies: proxies.into_iter().flatten().collect::<Result<_, _>>()?,
        matcher: Matcher::builder()
            .http(address(http))
            .https(address(https))
            .all(address(all))
            .no(direct)
            .build(),
    })
});

/// A variable that is set, and what is in it.
type Named = Option<(String, String)>;

/// The address in a variable, if a program could use such a proxy.
fn address(name: &str) -> Result<Named, String> {
    let Some((name, address)) = variable(name) else {
        return Ok(None);
    };
    let scheme = address
        .split_once("://")
        .map_or("http", |(scheme, _)| scheme);
    match scheme {
        "http" | "https" => Ok(Some((name, address))),
        "socks4" | "socks4a" | "socks5" | "socks5h" => Err(format!(
            "{name}: a SOCKS proxy, which this program cannot use (HTTP proxies it can)"
        )),
        _ => Err(not_a_proxy(&name)),
    }
}

/// The address itself is not shown: there may be a password in it.
fn not_a_proxy(name: &str) -> String {
    format!("{name}: not the address of a proxy")
}

/// A variable of the environment with the name that it was found by: in small letters or
/// else, as in Python, in capital ones. One that is empty switches the other off.
fn variable(name: &str) -> Named {
    let names = [name.to_owned(), name.to_uppercase()];
    let found = |name| Some((std::env::var_os(&name)?, name));
    let (value, name) = names.into_iter().find_map(found)?;
    let value = value.to_string_lossy().into_owned();
    (!value.is_empty()).then_some((name, value))
}
