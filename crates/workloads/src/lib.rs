//! What the pages of all concurrency models share: the command lines and their defaults, the
//! lines that are printed, the HTTP client's settings, and the demo site.
//!
//! A page of the `examples-*` crates contains the work function and the concurrency. From here
//! it takes
//!
//! - its options ([`FetchUrlOptions`], [`HeavyCalculationOptions`], [`SayAfterOptions`],
//!   [`ThumbnailsOptions`]), each of which also prints the results that `main` hands back (`report`);
//! - [`say!`], which prints a line of progress;
//! - for HTTP, [`client`] and [`read_body`];
//! - [`Exit`], what `main` returns, and [`until_ctrl_c`] for async programs.

mod addresses;
mod descriptors;
mod exit;
mod fetch_url;
mod fetching;
mod heavy_calculation;
mod http;
mod options;
mod print;
mod say_after;
mod settings;
pub mod site;
mod thumbnails;
mod trace;

pub use exit::{Exit, until_ctrl_c};
pub use fetch_url::FetchUrlOptions;
pub use heavy_calculation::HeavyCalculationOptions;
pub use http::{FetchError, blocking, client, client_builder, read_body};
pub use print::{print_error, print_line, shown};
pub use say_after::{SayAfterOptions, SayError, Saying};
pub use settings::Settings;
pub use thumbnails::{Photo, ThumbnailError, ThumbnailsOptions};
