//! The command line and the report of the `*-fetch-url` pages.

use clap::Args;

use crate::addresses::parse_url;
use crate::exit::Exit;
use crate::fetching::{self, Demo, Fetching};
use crate::http::FetchError;
use crate::options::{Page, parse, parse_with_server, report};
use crate::print::without_passwords;
use crate::site::Site;

/// The addresses that the article fetches.
const LIVE_URLS: [&str; 3] = [
    "https://www.python.org/",
    "https://www.djangoproject.com/",
    "https://flask.palletsprojects.com/",
];

/// The command line of the `*-fetch-url` pages.
#[derive(Args, Debug)]
pub struct FetchUrlOptions {
    /// Fetch the three addresses of the article, from the internet
    #[arg(long, conflicts_with_all = ["urls", "from"])]
    live: bool,

    #[command(flatten)]
    fetching: Fetching,
}

impl FetchUrlOptions {
    /// Reads the command line. Ends the program if it is wrong. Starts the demo site if it
    /// names no address. `--help` shows `python`, the Python counterpart of the page.
    pub fn parse(python: &str) -> Self {
        parse(python)
    }

    /// As [`parse`](Self::parse), for a page that can send its work to other machines. `S`
    /// holds the options for that, such as `--server`.
    pub fn parse_with_server<S: Args>(python: &str) -> (Self, S) {
        parse_with_server(python)
    }

    /// Checks an address that comes from another program.
    ///
    /// # Errors
    ///
    /// It does not begin with `http://` or `https://`.
    #[expect(clippy::ptr_arg, reason = "the work function takes a `String`")]
    pub fn check(url: &String) -> Result<(), String> {
        parse_url(url).map(drop)
    }

    /// How many to fetch at a time: `--max-workers`, but not more than the limit of open files
    /// allows. If that is less, a note says so.
    pub fn max_workers(&self) -> usize {
        self.fetching.max_workers()
    }

    /// The addresses to fetch.
    pub fn urls(&self) -> std::vec::IntoIter<String> {
        self.fetching.urls()
    }

    /// Prints each address with its length on stdout, or with its error on stderr. The results
    /// must be in the order of [`urls`](Self::urls).
    pub fn report<E: Into<anyhow::Error>>(
        &self,
        results: impl IntoIterator<Item = Result<usize, E>>,
    ) -> Exit {
        let results = self.urls().zip(results).map(|(url, result)| {
            result.map_err(|error| {
                let error = error.into();
                // Any other error is one of the pool.
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
    const NOTES: &str = fetching::NOTES;

    fn completed(mut self) -> Self {
        if self.live {
            self.fetching.urls = LIVE_URLS.map(String::from).into();
        }
        self.fetching.complete::<Self>(&Demo {
            addresses: Site::pages,
            note: "no address given: fetching from a demo site in this program \
                   (--live: from the article's addresses)",
        });
        self
    }
}
