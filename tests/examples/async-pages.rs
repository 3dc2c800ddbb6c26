//! Every async page of the phrasebook in one program, on a runtime that the environment sets
//! up. No page may depend on which ready task runs first, so that its output is the same on
//! every runtime.
//!
//! ```text
//! async-pages                                        lists the pages
//! PAGE=gather THREADS=2 EVENT_INTERVAL=1 async-pages  runs one
//! ```
//!
//! Variables, not arguments: a page that starts itself again as another process passes
//! them on. `THREADS=0` is the current-thread runtime.

use std::env;
use std::process::{ExitCode, Termination};

use tokio::runtime::Builder;

struct Page {
    name: &'static str,
    /// Whether it runs with a paused clock, which needs the current-thread runtime.
    is_paused: bool,
    run: fn() -> ExitCode,
}

include!(concat!(env!("OUT_DIR"), "/async_pages.rs"));

fn main() -> ExitCode {
    let Ok(name) = env::var("PAGE") else {
        for page in PAGES {
            let clock = if page.is_paused { "paused" } else { "running" };
            println!("{} {clock}", page.name);
        }
        return ExitCode::SUCCESS;
    };
    let page = page(&name);
    (page.run)()
}

fn page(name: &str) -> &'static Page {
    let mut pages = PAGES.iter();
    pages
        .find(|page| page.name == name)
        .expect("PAGE is one of the list")
}

fn report<T: Termination>(main: fn() -> T) -> ExitCode {
    main().report()
}

/// What `#[tokio::main]` does, with the runtime that the environment asks for.
fn block_on<T>(main: impl Future<Output = T>) -> T {
    let threads = number("THREADS");
    let mut builder = match threads {
        0 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    if threads == 0 {
        builder.start_paused(page(&env::var("PAGE").expect("PAGE is set")).is_paused);
    } else {
        builder.worker_threads(threads);
    }
    let interval = u32::try_from(number("EVENT_INTERVAL")).expect("a small number");
    let runtime = builder.enable_all().event_interval(interval).build();
    runtime.expect("a runtime").block_on(main)
}

fn number(variable: &str) -> usize {
    let value = env::var(variable).unwrap_or_else(|_| panic!("{variable} is set"));
    value.parse().expect("a number")
}
