//! The async model: tokio tasks. The programs are in `src/bin`; this library holds the one
//! piece that tokio lacks, a [task group](task_group::TaskGroup).

pub mod task_group;
