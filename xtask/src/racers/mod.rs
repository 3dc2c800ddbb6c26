//! What is raced: the workloads, the programs that carry them out, the site they fetch from;
//! and every page there is, as a file.

pub mod catalogue;
pub mod pages;
pub mod python;
pub mod racer;
pub mod site;
pub mod workload;
