//! The command line and the report of the `*-fetch-url` pages.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use page_list::parse_positive_seconds;

use crate::addresses::{is_loopback, parse_url, urls_from};
use crate::exit::Exit;
use crate::http::{self, FetchError};
use crate::options::{
    Common, Page, parse, parse_with_server, parse_workers, refuse, report,
};
use crate::print::{give_up, print_note, shown, without_passwords};
use crate::settings::Settings;
use crate::{descriptors, site};

/// The addresses that the article fetches.
const LIVE_URLS: [&str; 3] = [
    "https://www.python.org/",
    "https://www.djangoproject.com/",
    "https://flask.palletsprojects.com/",
];

/// The command line of the `*-fetch-url` pages.
#[derive(Args, Debug)]
pub struct FetchUrlOptions {
    /// Addresses to fetch [default: three pages of a demo site inside this program]
    #[arg(value_name = "URL")]
    urls: Vec<String>,

    /// Take the addresses from a file, one a line (`-` is stdin)
    #[arg(long, value_name = "FILE", conflicts_with = "urls")]
    from: Option<PathBuf>,

    /// Fetch the three addresses of the article, from the internet
    #[arg(long, conflicts_with_all = ["urls", "from"])]
    live: bool,

    /// Fetch N at a time, 1 to 10000; the sequential page always fetches one
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = parse_workers,
          allow_hyphen_values = true)]
    max_workers: usize,

    /// Give up on an address after this time, redirects and body included; at most a day
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = parse_positive_seconds,
          allow_hyphen_values = true)]
    timeout: Duration,

    /// Give up on a body that is longer than this [default: 100 MiB]
    #[arg(long, value_name = "BYTES", default_value_t = 100 << 20, hide_default_value = true,
          value_parser = clap::value_parser!(u64).range(1..), allow_hyphen_values = true)]
    max_bytes: u64,

    #[command(flatten)]
    common: Common,

    /// How many fetches the system's limit of open files allows at a time.
    #[arg(skip)]
    most_fetches: usize,

    /// Runs the demo site until this is dropped.
    #[arg(skip)]
    _site: Option<site::Site>,
}

impl FetchUrlOptions {
    /// Reads the command line, ends the program if it asks for something impossible, and
    /// starts the demo site if it names no address. `--help` shows `python`, the Python
    /// counterpart of the page.
    pub fn parse(python: &str) -> Self {
        parse(python)
    }

    /// The same for a page that can leave its work to other machines: with the options that say
    /// where, of which one is `--server`.
    pub fn parse_with_server<S: Args>(python: &str) -> (Self, S) {
        parse_with_server(python)
    }

    /// Checks an address that does not come from this command line.
    ///
    /// # Errors
    ///
    /// It does not begin with `http://` or `https://`.
    #[expect(clippy::ptr_arg, reason = "the work function takes a `String`")]
    pub fn check(url: &String) -> Result<(), String> {
        parse_url(url).map(drop)
    }

    /// The addresses that the command line names; empty if it names none.
    fn addresses(&self) -> Result<Vec<String>, String> {
        if let Some(file) = &self.from {
            return urls_from(file)
                .map_err(|problem| format!("--from {}: {problem}", file.display()));
        }
        if self.live {
            return Ok(LIVE_URLS.map(String::from).into());
        }
        let check = |text: &String| {
            parse_url(text).map_err(|problem| format!("URL {}: {problem}", shown(text)))
        };
        self.urls.iter().map(check).collect()
    }

    /// How many to fetch at a time: `--max-workers`, but not more than the limit of open files
    /// allows. If that is less, a note says so.
    pub fn max_workers(&self) -> usize {
        let wanted = self.max_workers.min(self.urls.len());
        if self.most_fetches < wanted {
            print_note(&format!(
                "{} fetches at a time instead of {wanted}: no more than {} open files are \
                 allowed here (ulimit -n)",
                self.most_fetches,
                descriptors::raise_limit(),
            ));
        }
        wanted.min(self.most_fetches)
    }

    /// The addresses to fetch.
    pub fn urls(&self) -> std::vec::IntoIter<String> {
        self.urls.clone().into_iter()
    }

    /// Prints each address with its length on stdout, or on stderr why there is none.
    /// The results come in the order of [`urls`](Self::urls).
    pub fn report<E: Into<anyhow::Error>>(
        &self,
        results: impl IntoIterator<Item = Result<usize, E>>,
    ) -> Exit {
        let results = self.urls().zip(results).map(|(url, result)| {
            result.map_err(|error| {
                let error = error.into();
                // Any other error is the pool's.
                match error.downcast_ref::<FetchError>() {
                    Some(error) => error.report(&url),
                    None => error.to_string(),
                }
            })
        });
        report(self.urls(), results, |url, length| {
            Some(format!("URL: {}, Length: {length}", without_passwords(url)))
        })
    }
}

impl Page for FetchUrlOptions {
    const WHAT: &str = "Fetches web pages";
    const EXAMPLE: &str = "--max-workers 2 https://www.python.org/";
    const NOTES: &str = "

Certificates: Mozilla's are built in; SSL_CERT_FILE names a file with more.
Proxies: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are used.
Not supported: cookies set by a redirect, and a compressed body that was not asked for.";

    fn completed(mut self) -> Self {
        self.urls = self
            .addresses()
            .unwrap_or_else(|problem| refuse::<Self>(problem));
        // Without an address these are the demo site's, which are local too.
        let is_local = self.urls.iter().all(|url| is_loopback(url));
        if !is_local {
            http::check_environment().unwrap_or_else(|problem| refuse::<Self>(problem));
        }
        let settings = self.common.settings::<Self>();
        self.most_fetches = descriptors::most_fetches().unwrap_or_else(|e| give_up(&e));
        if self.urls.is_empty() {
            let site = site::Site::start(site::DEMO_DELAY).unwrap_or_else(|error| {
                give_up(&format_args!("cannot start the demo site: {error}"))
            });
            print_note(
                "no address given, so these are pages of a demo site in this program \
                 (--live fetches the article's)",
            );
            self.urls = site.pages();
            self._site = Some(site);
        }
        Settings::adopt(Settings {
            timeout: self.timeout,
            max_bytes: self.max_bytes,
            // Each address may be on another host, and keep a connection of its own open. With
            // more addresses than descriptors, every connection is closed after its request.
            keep_alive: self.urls.len() <= self.most_fetches,
            no_proxy: is_local || http::is_proxy_off(),
            ..settings
        });
        self
    }
}
