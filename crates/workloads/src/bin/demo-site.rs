//! The demo site as a program of its own, for races and manual tests.
//!
//! It prints its address on stdout and serves until its stdin closes. So it ends with the
//! program that started it.

use std::io::{self, Write};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;
use workloads::site;

/// Serve the demo site on the loopback interface until stdin closes.
#[derive(Parser)]
struct Options {
    /// The port to listen on; 0 lets the system choose.
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// How long it waits before it answers for one of the article's addresses or a photo.
    #[arg(long, value_name = "SECONDS", default_value = "0.3", value_parser = delay)]
    delay: Duration,
}

fn main() -> Result<()> {
    let options = Options::parse();
    // Every request in flight uses a descriptor.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        let listener = site::listen(options.port)
            .with_context(|| format!("cannot listen on port {}", options.port))?;
        let mut stdout = io::stdout();
        writeln!(stdout, "http://{}", listener.local_addr()?)?;
        tokio::select! {
            () = site::serve(listener, options.delay) => Ok(()),
            // On a blocking thread, because reading stdin cannot be cancelled.
            read = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink())) => {
                read?.context("cannot read stdin")?;
                Ok(())
            }
        }
    });
    runtime.shutdown_background();
    served
}

fn delay(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().map_err(|error| error.to_string())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
