//! Trying again within this process. What may wait longer than a minute is put down, and whoever brought it brings it
//! again.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};

/// The pauses between tries: each twice the one before. When there is no next one, it is given up.
#[derive(Debug, Clone, Copy)]
pub struct Pauses {
    /// The first.
    pub first: Duration,
    /// How many there are; the tries are one more.
    pub times: usize,
    /// Whether others try the same at the same time.
    pub spread: Spread,
}

/// Whether pauses are made longer by chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// As they are: nobody else tries the same.
    None,
    /// By up to as much again, so that many do not come back at once.
    Double,
}

impl Pauses {
    /// From the first one on.
    pub fn begin(self) -> ExponentialBackoff {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(self.first)
            .with_factor(2.0)
            .with_max_times(self.times);
        match self.spread {
            Spread::None => pauses.build(),
            Spread::Double => pauses.with_jitter().build(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let first = Duration::from_millis(100);
        let pauses = |spread| Pauses {
            first,
            times: 4,
            spread,
        };
        let plain: Vec<u128> = pauses(Spread::None)
            .begin()
            .map(|p| p.as_millis())
            .collect();
        assert_eq!(plain, [100, 200, 400, 800]);
        let longest: u32 = pauses(Spread::Double)
            .begin()
            .zip([1, 2, 4, 8])
            .map(|(pause, factor)| {
                assert!(
                    pause >= first * factor && pause <= first * factor * 2,
                    "{pause:?}"
                );
                1
            })
            .sum();
        assert_eq!(longest, 4);
    }
}
