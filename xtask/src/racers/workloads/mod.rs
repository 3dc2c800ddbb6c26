//! The workloads, a file each.

pub mod fetch_url;
pub mod heavy_calculation;
pub mod say_after;
pub mod thumbnails;
