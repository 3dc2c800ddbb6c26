//! The cost of the pool, compared with the cost of the same work without a pool:
//!
//! ```text
//! RUST_BACKTRACE=0 cargo bench -p process-pool --bench pool
//! ```

#[cfg(target_os = "linux")]
mod linux;

#[cfg(target_os = "linux")]
fn main() -> linux::Result<()> {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("the benchmarks need Linux");
}
