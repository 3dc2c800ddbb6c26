//! The race: checks the answers of all racers, then runs them in rounds until it is known
//! which are slower.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::error::RunError;
use crate::results::{Entrant, Results, Run, SelfPair, Standing};
use crate::run::Runner;

/// A program that races.
#[derive(Clone, Debug)]
pub struct Racer {
    /// Its name.
    pub name: String,
    /// The command that is timed. Its output is discarded.
    pub timed: CommandLine,
    /// The command that is run once before, to check the answers on its stdout.
    pub checked: CommandLine,
    /// A lower bound of its time, if one is known without measuring: waiting that nothing can
    /// shorten.
    pub bound: Option<Duration>,
}

/// A program with its arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandLine {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its working directory.
    pub folder: PathBuf,
    /// Environment variables, in addition to those of this process.
    pub environment: Vec<(String, PathBuf)>,
}

impl CommandLine {
    /// The command for the standard library.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(&self.folder)
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// Checks the output of a racer.
pub trait Check {
    /// Checks the next line of its stdout.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    fn line(&mut self, line: &str) -> Result<(), String>;

    /// Called after the last line.
    ///
    /// # Errors
    ///
    /// What is missing.
    fn finish(&mut self) -> Result<(), String>;
}

/// The racers, and the limits of the race.
pub struct Race {
    /// The racers.
    pub racers: Vec<Racer>,
    /// Groups of names. In each group, every racer has to be told apart from the fastest of
    /// the group. A racer may be in several groups, or in none.
    pub groups: Vec<Vec<String>>,
    /// When the rounds end.
    pub limit: Limit,
    /// A run that takes longer fails. A racer with a longer bound is not started.
    pub timeout: Duration,
}

/// When the rounds end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// After this number of rounds, in each of which every racer runs.
    Rounds(u32),
    /// When every racer is told apart from the fastest of its group, or after this time; but
    /// not before the third round. A racer that is told apart does not run in later rounds.
    Time(Duration),
}

/// The next step of a race.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step<'a> {
    /// Runs a racer to check its answers.
    Check(&'a str),
    /// Runs a racer in this round.
    Round(u32, &'a str),
    /// Runs a racer to watch its memory.
    Memory(&'a str),
}

/// How many runs of a racer are made to watch its memory.
const WATCHED: u32 = 3;

/// A racer whose check took longer is not run again to watch its memory. The memory was also
/// watched in the check.
const WATCH_AGAIN: Duration = Duration::from_secs(1);

/// The race first looks at its ratios after this many rounds. It looks again each time the
/// number of rounds has grown by half: 3, 4, 6, 9, 13, 19, ...
const FIRST_LOOK: u32 = 3;

fn next_look(look: u32) -> u32 {
    look + (look / 2).max(1)
}

impl Race {
    /// Runs the race. A racer that fails is out of it, and the others go on. If `runner` is
    /// interrupted, the result is what has been measured so far. Before the first round that
    /// is nothing, because checks compare no racers.
    ///
    /// `check` makes the check of a racer's answers; `step` is called before every run.
    pub fn run(
        self,
        runner: &mut Runner,
        mut check: impl FnMut(&Racer) -> Box<dyn Check>,
        mut step: impl FnMut(Step),
    ) -> Results {
        let mut results = Results {
            racers: Vec::new(),
            self_pairs: Vec::new(),
            timeout: self.timeout.as_secs_f64(),
        };
        for racer in &self.racers {
            step(Step::Check(&racer.name));
            match self.check(racer, runner, &mut *check(racer)) {
                Some(entrant) => results.racers.push(entrant),
                None => {
                    results.racers.clear();
                    return results;
                }
            }
        }
        self.rounds(&mut results, runner, &mut step);
        self.memory(&mut results, runner, &mut step);
        results
    }

    /// Runs a racer once and checks its answers. Does not run it if its bound is above the
    /// timeout. `None` if the race is interrupted.
    fn check(
        &self,
        racer: &Racer,
        runner: &mut Runner,
        check: &mut dyn Check,
    ) -> Option<Entrant> {
        let mut entrant = Entrant {
            name: racer.name.clone(),
            bound: racer.bound.map(|bound| bound.as_secs_f64()),
            check: None,
            runs: Vec::new(),
            memory: Vec::new(),
            failure: None,
        };
        if racer.bound.is_some_and(|bound| bound > self.timeout) {
            return Some(entrant);
        }
        let mut command = racer.checked.command();
        let run = runner.check(&mut command, self.timeout, |line| check.line(line));
        let finished = run.and_then(|usage| match check.finish() {
            Ok(()) => Ok(usage),
            Err(problem) => Err(RunError::WrongAnswer(problem)),
        });
        match finished {
            Ok(usage) => {
                entrant.check = Some(Run::new(0, &usage));
                entrant.memory.extend(usage.memory);
            }
            Err(RunError::Interrupted) => return None,
            Err(error) => entrant.failure = Some(error.to_string()),
        }
        Some(entrant)
    }

    fn rounds(
        &self,
        results: &mut Results,
        runner: &mut Runner,
        step: &mut impl FnMut(Step),
    ) {
        let start = Instant::now();
        let mut rng = Rng::new();
        let mut look = FIRST_LOOK;
        let mut active = self.active(results, 0);
        for round in 1.. {
            if self.is_over(round, &active, results, start) {
                return;
            }
            let mut order = active.clone();
            // One racer runs twice, a different one each time.
            order.extend(active.get(round as usize % active.len()));
            rng.shuffle(&mut order);
            for index in order {
                if results.racers[index].failure.is_some() {
                    continue;
                }
                step(Step::Round(round, &results.racers[index].name));
                let run = self.time(index, round, results, runner);
                if run.is_none() {
                    return;
                }
            }
            if round == look {
                active = self.active(results, round);
                look = next_look(look);
            }
            active.retain(|index| results.racers[*index].failure.is_none());
        }
    }

    /// Times a racer once more. `None` if the race is interrupted.
    fn time(
        &self,
        index: usize,
        round: u32,
        results: &mut Results,
        runner: &mut Runner,
    ) -> Option<()> {
        let mut command = self.racer(&results.racers[index]).timed.command();
        let entrant = &mut results.racers[index];
        match runner.time(&mut command, self.timeout) {
            Ok(usage) => {
                let run = Run::new(round, &usage);
                match entrant.runs.last().filter(|last| last.round == round) {
                    Some(first) => results.self_pairs.push(SelfPair {
                        round,
                        name: entrant.name.clone(),
                        first: first.wall,
                        second: run.wall,
                    }),
                    None => entrant.runs.push(run),
                }
            }
            Err(RunError::Interrupted) => return None,
            Err(error) => entrant.failure = Some(error.to_string()),
        }
        Some(())
    }

    /// Whether the race ends before this round.
    fn is_over(
        &self,
        round: u32,
        active: &[usize],
        results: &Results,
        start: Instant,
    ) -> bool {
        if active.is_empty() {
            return true;
        }
        match self.limit {
            Limit::Rounds(rounds) => round > rounds,
            Limit::Time(time) => {
                // Assume that the round takes as long as the last one.
                let last = |index: &usize| {
                    results.racers[*index].counted().last().map(|run| run.wall)
                };
                let next: f64 = active.iter().filter_map(last).sum();
                let end = start.elapsed().as_secs_f64() + next;
                round > FIRST_LOOK && end > time.as_secs_f64()
            }
        }
    }

    /// The racers that run in the rounds after `round`.
    fn active(&self, results: &Results, round: u32) -> Vec<usize> {
        let indices = 0..results.racers.len();
        let timed = indices.filter(|index| results.racers[*index].is_timed());
        match self.limit {
            Limit::Rounds(_) => timed.collect(),
            Limit::Time(time) => {
                let mut wanted = Vec::new();
                for group in &self.groups {
                    wanted.extend(still_open(group, results));
                }
                let is_wanted = |entrant: &Entrant| {
                    wanted.contains(&entrant.name)
                        || round < FIRST_LOOK && can_afford_first_look(entrant, time)
                };
                timed
                    .filter(|index| is_wanted(&results.racers[*index]))
                    .collect()
            }
        }
    }

    /// Watches the memory of every racer, in extra runs.
    fn memory(
        &self,
        results: &mut Results,
        runner: &mut Runner,
        step: &mut impl FnMut(Step),
    ) {
        for entrant in &mut results.racers {
            let check = entrant.check.filter(|_| entrant.failure.is_none());
            let is_short = check.is_some_and(|run| run.wall <= WATCH_AGAIN.as_secs_f64());
            if !is_short {
                continue;
            }
            let mut peaks = Vec::new();
            for _ in 0..WATCHED {
                step(Step::Memory(&entrant.name));
                let mut command = self.racer(entrant).timed.command();
                match runner.watch(&mut command, self.timeout) {
                    Ok(usage) => peaks.extend(usage.memory),
                    Err(RunError::Interrupted) => return,
                    Err(error) => {
                        entrant.failure = Some(error.to_string());
                        break;
                    }
                }
            }
            if !peaks.is_empty() {
                entrant.memory = peaks;
            }
        }
    }

    fn racer(&self, entrant: &Entrant) -> &Racer {
        let racer = self.racers.iter().find(|racer| racer.name == entrant.name);
        racer.expect("every entrant is a racer")
    }
}

/// The racers of a group that are neither slower than the fastest nor equal to it. If there
/// are any, the fastest as well.
fn still_open(group: &[String], results: &Results) -> Vec<String> {
    let members = group.iter().filter_map(|name| results.get(name));
    let members: Vec<_> = members.collect();
    let Some(fastest) = results.fastest(members.iter().copied()) else {
        return Vec::new();
    };
    let mut open = Vec::new();
    for racer in members {
        let is_open = racer.name != fastest.name
            && matches!(results.standing(racer, fastest), Standing::Open(_));
        if is_open {
            open.push(racer.name.clone());
        }
    }
    if !open.is_empty() {
        open.push(fastest.name.clone());
    }
    open
}

/// Whether the rounds up to the first look take a racer at most a third of the race's time.
fn can_afford_first_look(entrant: &Entrant, time: Duration) -> bool {
    let check = entrant.check.map_or(f64::INFINITY, |run| run.wall);
    check * f64::from(FIRST_LOOK) <= time.as_secs_f64() / 3.0
}

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod tests;
