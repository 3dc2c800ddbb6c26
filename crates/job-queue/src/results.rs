//! The results of a run, in the order of its arguments or in the order in which they arrive.

use std::collections::{BTreeMap, VecDeque};
use std::marker::PhantomData;
use std::panic::resume_unwind;
use std::sync::Arc;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::messages::{Answer, JobError, decode};
use crate::room::Room;
use crate::submission::Delivery;

/// The results of a [`map`](crate::JobQueue::map), in the order of the arguments. Dropping this
/// ends the run: its waiting jobs are skipped, and its running ones are killed.
///
/// `next` blocks; in async code use [`recv`](Results::recv).
#[must_use = "dropping the results ends the run"]
pub struct Results<'a, O> {
    completed: Completed<'a, O>,
    /// Results that arrived before their turn.
    early: BTreeMap<usize, Ready<O>>,
    next: usize,
}

/// The results of a run in the order in which they arrive, each with the number of its
/// argument, from 0 on.
///
/// `next` blocks; in async code use [`recv`](Completed::recv).
#[must_use = "dropping the results ends the run"]
pub struct Completed<'a, O> {
    deliveries: UnboundedReceiver<Delivery>,
    room: Arc<Room>,
    /// How many arguments a job has; the last one may have fewer.
    chunk_size: usize,
    /// Results that arrived but have not been taken: those of one job arrive together.
    ready: VecDeque<(usize, Ready<O>)>,
    has_ended: bool,
    queue: PhantomData<&'a ()>,
}

/// A result that has arrived but has not been taken.
struct Ready<O> {
    result: Result<O, JobError>,
    /// How many bytes to free in [`Room`] when it is taken. A job's last result frees all bytes
    /// of the job.
    bytes: usize,
}

impl<'a, O: DeserializeOwned> Results<'a, O> {
    pub(crate) fn new(
        deliveries: UnboundedReceiver<Delivery>,
        room: Arc<Room>,
        chunk_size: usize,
    ) -> Results<'a, O> {
        let completed = Completed {
            deliveries,
            room,
            chunk_size,
            ready: VecDeque::new(),
            has_ended: false,
            queue: PhantomData,
        };
        Results {
            completed,
            early: BTreeMap::new(),
            next: 0,
        }
    }

    /// The results in the order in which they arrive (Python: `as_completed`).
    pub fn as_completed(self) -> Completed<'a, O> {
        let mut completed = self.completed;
        completed.ready.extend(self.early);
        completed
    }

    /// The next result, once it is there; none after the last.
    ///
    /// # Panics
    ///
    /// As the iterator of the arguments did.
    pub async fn recv(&mut self) -> Option<Result<O, JobError>> {
        loop {
            if let Some(ready) = self.early.remove(&self.next) {
                self.next += 1;
                self.completed.room.give(1, ready.bytes);
                return Some(ready.result);
            }
            match self.completed.receive().await {
                Some((number, ready)) => drop(self.early.insert(number, ready)),
                None => return None,
            }
        }
    }
}

impl<O: DeserializeOwned> Completed<'_, O> {
    /// The next result, once it is there; none after the last.
    ///
    /// # Panics
    ///
    /// As the iterator of the arguments did.
    pub async fn recv(&mut self) -> Option<(usize, Result<O, JobError>)> {
        let (number, ready) = self.receive().await?;
        self.room.give(1, ready.bytes);
        Some((number, ready.result))
    }

    async fn receive(&mut self) -> Option<(usize, Ready<O>)> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Some(ready);
            }
            if self.has_ended {
                return None;
            }
            // The last delivery says that the run is complete.
            let delivery = self.deliveries.recv().await;
            match delivery.expect("the job queue does not panic") {
                Delivery::Ended(end) => {
                    self.has_ended = true;
                    if let Err(panic) = end {
                        resume_unwind(panic);
                    }
                }
                Delivery::Answers {
                    number,
                    count,
                    answers,
                } => {
                    let bytes = answers.as_ref().map_or(0, Bytes::len);
                    let results = read(answers, count).into_iter();
                    let ready = results.map(|result| Ready { result, bytes: 0 });
                    let first = number * self.chunk_size;
                    self.ready.extend((first..).zip(ready));
                    if let Some((_, last)) = self.ready.back_mut() {
                        last.bytes = bytes;
                    }
                }
            }
        }
    }
}

/// The results in the answers to a job of `count` arguments.
fn read<O: DeserializeOwned>(
    answers: Result<Bytes, JobError>,
    count: usize,
) -> Vec<Result<O, JobError>> {
    let all = |error: JobError| (0..count).map(|_| Err(error.clone())).collect();
    let answers = match answers {
        Ok(answers) => answers,
        Err(error) => return all(error),
    };
    match decode::<Vec<Answer<O>>>(&answers) {
        Ok(answers) if answers.len() == count => {
            answers.into_iter().map(result).collect()
        }
        Ok(mut answers) => match answers.pop() {
            // One failure for all arguments of the job.
            Some(Answer::Failed(why)) if answers.is_empty() => all(JobError::new(why)),
            _ => all(JobError::new(
                "not the answers to this job: their number is wrong",
            )),
        },
        Err(error) => all(JobError::new(format!("not an answer to this job: {error}"))),
    }
}

fn result<O>(answer: Answer<O>) -> Result<O, JobError> {
    match answer {
        Answer::Returned(value) => Ok(value),
        Answer::Failed(why) => Err(JobError::new(why)),
    }
}

impl<O: DeserializeOwned> Iterator for Results<'_, O> {
    type Item = Result<O, JobError>;

    fn next(&mut self) -> Option<Self::Item> {
        pollster::block_on(self.recv())
    }
}

impl<O: DeserializeOwned> Iterator for Completed<'_, O> {
    type Item = (usize, Result<O, JobError>);

    fn next(&mut self) -> Option<Self::Item> {
        pollster::block_on(self.recv())
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;
    use crate::messages::encode;

    /// The results of three jobs. Their answers arrive from the last to the first.
    fn results(end: impl IntoIterator<Item = Delivery>) -> Results<'static, usize> {
        let (sender, deliveries) = unbounded_channel();
        let answers = |number: usize| Delivery::Answers {
            number,
            count: 1,
            answers: Ok(encode(&[Answer::Returned(number)]).unwrap().into()),
        };
        for delivery in [2, 1, 0].map(answers).into_iter().chain(end) {
            assert!(sender.send(delivery).is_ok());
        }
        let room = Arc::new(Room::new(10, 1000));
        room.take(3);
        room.take_bytes(1000);
        Results::new(deliveries, room, 1)
    }

    #[test]
    fn results_that_came_early_are_not_lost_when_the_order_does_not_matter_any_more() {
        let mut results = results([Delivery::Ended(Ok(()))]);
        assert_eq!(results.next(), Some(Ok(0)));
        let rest: Vec<_> = results.as_completed().collect();
        assert_eq!(rest, [(1, Ok(1)), (2, Ok(2))]);
    }

    #[test]
    fn after_the_last_result_there_is_none_however_often_one_asks() {
        let mut results = results([Delivery::Ended(Ok(()))]);
        assert_eq!(results.by_ref().count(), 3);
        assert_eq!(results.next(), None);
    }

    #[test]
    #[should_panic = "the iterator panicked"]
    fn a_panic_of_the_iterator_comes_after_all_results() {
        let panic = Box::new("the iterator panicked");
        let mut results = results([Delivery::Ended(Err(panic))]);
        assert_eq!(results.by_ref().take(3).count(), 3);
        results.next();
    }

    #[test]
    #[should_panic = "the job queue does not panic"]
    fn a_run_that_does_not_say_that_it_has_ended_is_not_taken_for_complete() {
        results([]).for_each(drop);
    }
}
