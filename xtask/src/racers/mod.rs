//! What is raced: the table of pages, their work and its right answers, and the programs.

pub mod answers;
pub mod build;
pub mod load;
pub mod pages;
pub mod programs;
pub mod python;
pub mod racer;
pub mod site;
pub mod work;
pub mod workloads;
