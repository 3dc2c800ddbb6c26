//! The workloads. Each has a file.

pub mod fetch_url;
pub mod heavy_calculation;
pub mod say_after;
pub mod thumbnails;
