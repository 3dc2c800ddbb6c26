//! The addresses that a program is given: what is one, and lists of them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use reqwest::Url;

use crate::print::{acts, shown};

/// What an HTTP request can carry is a little more.
const LONGEST_URL: usize = 65_000;

/// A list may hold so many addresses, in so many bytes. A file without end is refused by
/// then, with no more than that in memory.
const MOST_URLS: usize = 1_000_000;
/// See [`MOST_URLS`].
const LONGEST_LIST: u64 = 100 << 20;

/// Checks an address, and returns it as it is to be asked for and printed.
pub(crate) fn url(text: &str) -> Result<String, String> {
    if text.len() > LONGEST_URL {
        return Err(format!("longer than {LONGEST_URL} bytes"));
    }
    match Url::parse(text) {
        Ok(url) if is_http(&url) => {
            // In its normal form an address has nothing that a terminal would act on.
            let is_clean = !text.contains(acts);
            Ok(if is_clean {
                text.to_owned()
            } else {
                url.into()
            })
        }
        Ok(url) => Err(match meant(text) {
            Some(hint) => hint,
            None => not_http(&url),
        }),
        Err(reqwest_error) => Err(match meant(text) {
            Some(hint) => hint,
            None if text.contains("://") => reqwest_error.to_string(),
            None => "not an http:// or https:// address".to_owned(),
        }),
    }
}

/// Whether a client can ask for an address.
pub(crate) fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Why a client cannot ask for an address.
pub(crate) fn not_http(url: &Url) -> String {
    format!("the scheme is {}, not http or https", shown(url.scheme()))
}

/// What was probably meant by an address that lacks its scheme: `www.python.org`.
fn meant(text: &str) -> Option<String> {
    let url = |scheme| Url::parse(&format!("{scheme}://{text}")).ok();
    let guess = url("https")?;
    let host = guess.host_str()?;
    let is_first = text
        .get(..host.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(host));
    let is_here = host == "localhost" || host.starts_with("127.");
    if !is_first || !(is_here || host.contains('.')) {
        return None;
    }
    let guess = if is_here { url("http")? } else { guess };
    Some(format!(
        "no http:// or https:// in front: did you mean {}?",
        shown(guess.as_str())
    ))
}

/// Reads addresses, one a line, from a file or from stdin (`-`).
pub(crate) fn urls_from(file: &Path) -> Result<Vec<String>, String> {
    let read = || -> io::Result<_> {
        Ok(if file == Path::new("-") {
            urls_in(io::stdin(), MOST_URLS, LONGEST_LIST)
        } else {
            urls_in(File::open(file)?, MOST_URLS, LONGEST_LIST)
        })
    };
    read().map_err(|error| error.to_string())?
}

fn urls_in(
    source: impl Read,
    most_urls: usize,
    longest_list: u64,
) -> Result<Vec<String>, String> {
    let mut source = BufReader::new(source.take(longest_list + 1));
    let mut urls = Vec::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        // Of a line that is too long, so much of it as shows that it is.
        let read = source
            .by_ref()
            .take(LONGEST_URL as u64 + 10)
            .read_until(b'\n', &mut line)
            .map_err(|error| error.to_string())?;
        if read == 0 {
            break;
        }
        if source.get_ref().limit() == 0 {
            return Err(format!("longer than {longest_list} bytes"));
        }
        let named = |problem| format!("line {number}: {problem}");
        let text = str::from_utf8(&line).map_err(|_| named("not UTF-8".to_owned()))?;
        // Windows editors mark a file as UTF-8 by an invisible character at its start.
        let text = match number {
            1 => text.trim_start_matches('\u{feff}').trim(),
            _ => text.trim(),
        };
        if text.is_empty() {
            continue;
        }
        if urls.len() == most_urls {
            return Err(format!("more than {most_urls} addresses"));
        }
        let url =
            url(text).map_err(|problem| named(format!("{}: {problem}", shown(text))))?;
        urls.push(url);
    }
    if urls.is_empty() {
        return Err("no address in it".to_owned());
    }
    Ok(urls)
}

/// The address of a NATS server.
///
/// # Errors
///
/// It is none, or names another protocol, or no host.
pub fn server_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "nats" | "tls" if url.has_host() => Ok(text.to_owned()),
        _ => Err("not of the form nats://HOST:PORT or tls://HOST:PORT".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_it_is_unless_it_acts_on_a_terminal() {
        for same in ["http://a", "HTTPS://a/b c?d#e", "http://ü/ö"] {
            assert_eq!(url(same).as_deref(), Ok(same));
        }
        assert_eq!(
            url("http://a/\u{1b}[2J\u{202e}\n").as_deref(),
            Ok("http://a/%1B[2J%E2%80%AE")
        );
    }

    #[test]
    fn an_address_without_its_scheme_gets_a_hint() {
        let hint = |text| url(text).unwrap_err();
        for (text, meant) in [
            ("www.python.org", "https://www.python.org/"),
            ("WWW.python.org/a?b", "https://www.python.org/a?b"),
            ("www.python.org:443", "https://www.python.org/"),
            ("localhost:8000/python", "http://localhost:8000/python"),
            ("127.0.0.1:8000", "http://127.0.0.1:8000/"),
        ] {
            let hint = hint(text);
            assert!(hint.ends_with(&format!("did you mean {meant}?")), "{hint}");
        }
        for text in [
            "",
            "nonsense",
            "0.5",
            "no.such address",
            "mailto:a@b.c",
            ":1",
        ] {
            let hint = hint(text);
            assert!(!hint.contains("did you mean"), "{text}: {hint}");
        }
    }

    #[test]
    fn a_list_is_read_up_to_its_bounds() {
        let list = "http://a\n\nhttp://b\nhttp://c";
        let read = |most, longest| {
            urls_in(list.as_bytes(), most, longest).map(|urls| urls.len())
        };
        let length = list.len() as u64;
        assert_eq!(read(3, length), Ok(3));
        assert_eq!(read(2, length), Err("more than 2 addresses".into()));
        assert_eq!(read(3, length - 1), Err("longer than 26 bytes".into()));
        // Whitespace counts, too: this has neither an address nor an end.
        let blank = urls_in(io::repeat(b'\n'), 3, 1000);
        assert_eq!(blank, Err("longer than 1000 bytes".into()));

        let zeros = urls_in(io::repeat(0), MOST_URLS, LONGEST_LIST).unwrap_err();
        assert!(zeros.starts_with("line 1: \\u{0}\\u{0}"), "{zeros}");
        assert!(zeros.ends_with(": longer than 65000 bytes"), "{zeros}");
        assert!(zeros.len() < 2000);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_address() {
        let read = |list| urls_in(list, MOST_URLS, LONGEST_LIST);
        let list = "\u{feff}http://a/\r\nhttp://b/\r\n";
        assert_eq!(
            read(list.as_bytes()),
            Ok(vec!["http://a/".to_owned(), "http://b/".to_owned()])
        );
        assert_eq!(
            read("\u{feff}\n".as_bytes()),
            Err("no address in it".into())
        );
        let utf16 = b"\xFF\xFEh\0t\0t\0p\0";
        assert_eq!(read(&utf16[..]), Err("line 1: not UTF-8".into()));
    }
}
