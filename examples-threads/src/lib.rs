//! The thread model: std threads for waiting work, rayon for CPU work. The programs are in
//! `src/bin`; this library holds the one piece that std lacks, a
//! [thread pool](thread_pool::ThreadPool).

pub mod thread_pool;
