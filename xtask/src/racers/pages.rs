//! A page that is raced: its program, its model, and its name among the racers.

/// A concurrency model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    Sequential,
    Threads,
    Processes,
    Async,
    Machines,
}

/// A page that is raced.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The name of its program.
    pub name: &'static str,
    /// Its name among the racers of its workload.
    pub racer: &'static str,
    pub model: Model,
}

impl Page {
    pub const fn new(name: &'static str, racer: &'static str, model: Model) -> Self {
        Page { name, racer, model }
    }

    /// The pages of a workload that has one for each model, by their names in this order.
    pub const fn one_for_each_model(names: [&'static str; 5]) -> [Self; 5] {
        let [sequential, threads, processes, r#async, machines] = names;
        [
            Page::new(sequential, "sequential", Model::Sequential),
            Page::new(threads, "threads", Model::Threads),
            Page::new(processes, "processes", Model::Processes),
            Page::new(r#async, "async", Model::Async),
            Page::new(machines, "machines", Model::Machines),
        ]
    }
}
