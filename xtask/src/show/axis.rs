//! A linear axis of time, for timelines in a terminal and in a picture.

use crate::format;

/// An axis from 0 on.
pub struct Axis {
    /// Where it ends.
    pub seconds: f64,
    /// The place of its beginning, and how long it is there.
    pub start: f64,
    pub length: f64,
}

impl Axis {
    pub fn at(&self, seconds: f64) -> f64 {
        let way = seconds / self.seconds.max(f64::MIN_POSITIVE);
        self.start + self.length * way.clamp(0.0, 1.0)
    }

    /// Round values and what they are called: as many as there are in steps of 1, 2 or 5,
    /// but no more than `most`.
    pub fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        let least = self.seconds.max(1e-9) / most.max(1) as f64;
        let decade = 10_f64.powf(least.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * decade);
        // A step that is large enough must not fail by the last bit.
        let enough = |step: &f64| *step >= least * (1.0 - 1e-9);
        let step = steps.into_iter().find(enough).unwrap_or(least);
        let ticks = (0..).map(|i| f64::from(i) * step);
        let ticks = ticks.take_while(|tick| *tick <= self.seconds * (1.0 + 1e-9));
        let name = |tick: f64| match tick {
            0.0 => "0".to_string(),
            tick => format::seconds_short(tick),
        };
        ticks.map(|tick| (tick, name(tick))).collect()
    }
}
