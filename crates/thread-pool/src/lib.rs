#![doc = include_str!("../README.md")]

mod completed;
mod error;
mod handle;
mod map;
mod pool;
mod shared;
mod sync;
mod task;
mod timeout;

pub use completed::{AsCompleted, as_completed};
pub use error::{BuildError, Error, TimedOut};
pub use handle::Handle;
pub use map::{BoundedMap, Map};
pub use pool::{Builder, InitializerResult, ThreadPool};
pub use shared::{Metrics, Shutdown};
pub use timeout::Timeout;
