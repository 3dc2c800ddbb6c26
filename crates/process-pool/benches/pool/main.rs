//! What the pool costs, as ratios to what nobody can do without, in one run:
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
