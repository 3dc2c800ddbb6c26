//! What to fetch and how: the options that all fetching pages share.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use page_list::parse_positive_seconds;

use crate::addresses::{is_loopback, parse_url, urls_from};
use crate::options::{Common, parse_workers, refuse};
use crate::print::{give_up, print_note, shown};
use crate::settings::Settings;
use crate::site::{DEMO_DELAY, Site};
use crate::{descriptors, http};

/// The command line of every page that fetches.
#[derive(Args, Debug)]
pub(crate) struct Fetching {
    /// Addresses to fetch [default: three of a demo site inside this program]
    #[arg(value_name = "URL")]
    pub(crate) urls: Vec<String>,

    /// Take the addresses from a file, one a line (`-` is stdin)
    #[arg(long, value_name = "FILE", conflicts_with = "urls")]
    from: Option<PathBuf>,

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
    site: Option<Site>,
}

/// The end of `--help`.
pub(crate) const NOTES: &str = "

Certificates: Mozilla's are built in; SSL_CERT_FILE names a file with more.
Proxies: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY are used.
Not supported: cookies set by a redirect, and a compressed body that was not asked for.";

/// What a page fetches if its command line names no address.
pub(crate) struct Demo {
    /// The addresses of a demo site.
    pub(crate) addresses: fn(&Site) -> Vec<String>,
    /// The note that says so.
    pub(crate) note: &'static str,
}

impl Fetching {
    /// Collects the addresses and adopts the settings. Starts the demo site if it is needed.
    /// Ends the program if the command line is wrong.
    pub(crate) fn complete<O: Args>(&mut self, demo: &Demo) {
        self.urls = self
            .addresses()
            .unwrap_or_else(|problem| refuse::<O>(problem));
        // If the command line names no address, these are the demo site's, which are local,
        // too.
        let is_local = self.urls.iter().all(|url| is_loopback(url));
        if !is_local {
            http::check_environment().unwrap_or_else(|problem| refuse::<O>(problem));
        }
        let settings = self.common.settings::<O>();
        self.most_fetches = descriptors::most_fetches().unwrap_or_else(|e| give_up(&e));
        if self.urls.is_empty() {
            let site = Site::start(DEMO_DELAY).unwrap_or_else(|error| {
                give_up(&format_args!("cannot start the demo site: {error}"))
            });
            print_note(demo.note);
            self.urls = (demo.addresses)(&site);
            self.site = Some(site);
        }
        Settings::adopt(Settings {
            timeout: self.timeout,
            max_bytes: self.max_bytes,
            // Each address may be on another host and keep a connection open. If there are more
            // addresses than descriptors, every connection is closed after its request.
            keep_alive: self.urls.len() <= self.most_fetches,
            no_proxy: is_local || http::is_proxy_off(),
            ..settings
        });
    }

    /// The addresses that the command line names; empty if it names none.
    fn addresses(&self) -> Result<Vec<String>, String> {
        if let Some(file) = &self.from {
            return urls_from(file)
                .map_err(|problem| format!("--from {}: {problem}", file.display()));
        }
        let check = |text: &String| {
            parse_url(text).map_err(|problem| format!("URL {}: {problem}", shown(text)))
        };
        self.urls.iter().map(check).collect()
    }

    /// How many to fetch at a time: `--max-workers`, but not more than the limit of open files
    /// allows. If that is less, a note says so.
    pub(crate) fn max_workers(&self) -> usize {
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
    pub(crate) fn urls(&self) -> std::vec::IntoIter<String> {
        self.urls.clone().into_iter()
    }
}
