//! The addresses on the command line or in the file of `--from`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use reqwest::Url;

use crate::print::{is_control_or_format, shown};

/// The longest address that is accepted. hyper's limit for a request is 65,534 bytes.
const MAX_URL_BYTES: usize = 65_000;

/// How many addresses a list may hold.
const MAX_URLS: usize = 1_000_000;

/// How many bytes a list may have, so that an endless file does not fill the memory.
const MAX_LIST_BYTES: u64 = 100 << 20;

/// Checks an address, and returns it in a form that is safe to print.
pub(crate) fn parse_url(text: &str) -> Result<String, String> {
    if text.len() > MAX_URL_BYTES {
        return Err(format!("longer than {MAX_URL_BYTES} bytes"));
    }
    match Url::parse(text) {
        // The normal form of an address has no characters that a terminal would act on.
        Ok(url) if is_http(&url) && text.contains(is_control_or_format) => Ok(url.into()),
        Ok(url) if is_http(&url) => Ok(text.to_owned()),
        Err(problem) if text.starts_with("http") && text.contains("://") => {
            Err(problem.to_string())
        }
        _ => Err("does not begin with http:// or https://".to_owned()),
    }
}

/// Whether it is an HTTP address.
pub(crate) fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Whether an address is on this machine. A proxy on another machine could not reach it.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else {
        return false;
    };
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']);
    host == "localhost"
        || address
            .parse()
            .is_ok_and(|host: Ipv4Addr| host.is_loopback())
        || address
            .parse()
            .is_ok_and(|host: Ipv6Addr| host.is_loopback())
}

/// Reads addresses, one a line, from a file or from stdin (`-`).
pub(crate) fn urls_from(file: &Path) -> Result<Vec<String>, String> {
    if file == Path::new("-") {
        return urls_in(io::stdin(), MAX_LIST_BYTES);
    }
    let file = File::open(file).map_err(|error| error.to_string())?;
    urls_in(file, MAX_LIST_BYTES)
}

fn urls_in(source: impl Read, longest_list: u64) -> Result<Vec<String>, String> {
    let mut source = BufReader::new(source.take(longest_list + 1));
    let mut urls = Vec::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        // Read a few bytes more than the limit: the line end, and one that shows that the line
        // is too long.
        let read = source
            .by_ref()
            .take(MAX_URL_BYTES as u64 + 3)
            .read_until(b'\n', &mut line)
            .map_err(|error| error.to_string())?;
        if read == 0 {
            break;
        }
        if source.get_ref().limit() == 0 {
            return Err(format!("longer than {longest_list} bytes"));
        }
        if line.trim_ascii_end().len() > MAX_URL_BYTES {
            return Err(format!("line {number}: longer than {MAX_URL_BYTES} bytes"));
        }
        let text =
            str::from_utf8(&line).map_err(|_| format!("line {number}: not UTF-8"))?;
        // Windows editors may begin a UTF-8 file with a byte order mark.
        let text = if number == 1 {
            text.trim_start_matches('\u{feff}')
        } else {
            text
        };
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        if urls.len() == MAX_URLS {
            return Err(format!("more than {MAX_URLS} addresses"));
        }
        let url = parse_url(text)
            .map_err(|problem| format!("line {number}: {}: {problem}", shown(text)))?;
        urls.push(url);
    }
    if urls.is_empty() {
        return Err("no address in it".to_owned());
    }
    Ok(urls)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_as_it_is_unless_it_acts_on_a_terminal() {
        for same in ["http://a", "HTTPS://a/b c?d#e", "http://ü/ö"] {
            assert_eq!(parse_url(same).as_deref(), Ok(same));
        }
        assert_eq!(
            parse_url("http://a/\u{1b}[2J\u{202e}\n").as_deref(),
            Ok("http://a/%1B[2J%E2%80%AE")
        );
    }

    #[test]
    fn an_address_begins_with_http() {
        for text in [
            "",
            "www.python.org",
            "localhost:8000",
            "ftp://a",
            "mailto:a@b.c",
        ] {
            let error = "does not begin with http:// or https://";
            assert_eq!(parse_url(text).unwrap_err(), error, "{text}");
        }
        assert!(parse_url("http://").is_err());
    }

    #[test]
    fn loopback_addresses_are_known() {
        for here in [
            "http://localhost:1/",
            "https://127.0.0.2/",
            "http://[::1]:8000/a",
        ] {
            assert!(is_loopback(here), "{here}");
        }
        for elsewhere in ["http://127.example.org/", "http://10.0.0.1/", "nonsense"] {
            assert!(!is_loopback(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn a_list_is_read_up_to_its_bounds() {
        let list = "http://a\n\nhttp://b\nhttp://c";
        let read = |longest| urls_in(list.as_bytes(), longest).map(|urls| urls.len());
        assert_eq!(read(26), Err("longer than 26 bytes".into()));
        assert_eq!(read(27), Ok(3));

        let many = "http://a\n".repeat(MAX_URLS + 1);
        let error = "more than 1000000 addresses".to_owned();
        assert_eq!(urls_in(many.as_bytes(), MAX_LIST_BYTES), Err(error));

        let zeros = urls_in(io::repeat(0), MAX_LIST_BYTES).unwrap_err();
        assert!(zeros.ends_with(": longer than 65000 bytes"), "{zeros}");
        assert!(zeros.len() < 2000);
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_first_address() {
        let read = |list| urls_in(list, MAX_LIST_BYTES);
        let list = "\u{feff}http://a/\r\nhttp://b/\r\n";
        assert_eq!(
            read(list.as_bytes()),
            Ok(vec!["http://a/".to_owned(), "http://b/".to_owned()])
        );
        let utf16 = b"\xFF\xFEh\0t\0t\0p\0";
        assert_eq!(read(&utf16[..]), Err("line 1: not UTF-8".into()));
    }
}
