//! How old something may become: `90d`, `2w`, `12h`, `always`.

use std::fmt;
use std::str::FromStr;

const MINUTE_MS: i64 = 60 * 1000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const UNITS: [(char, i64); 4] = [
    ('w', 7 * DAY_MS),
    ('d', DAY_MS),
    ('h', HOUR_MS),
    ('m', MINUTE_MS),
];
const ALWAYS: &str = "always";

/// How old something may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// So many milliseconds.
    Ms(i64),
    /// As old as it likes.
    Always,
}

/// It is no age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not like 90d, 2w, 12h or 30m, nor `always`")]
pub struct NoAge;

impl Age {
    /// So many days.
    pub const fn days(days: u32) -> Self {
        Self::Ms(days as i64 * DAY_MS)
    }

    /// What is from before this is older, at `now_ms`; both in milliseconds since the epoch.
    pub fn before_ms(self, now_ms: i64) -> i64 {
        match self {
            Age::Ms(ms) => now_ms.saturating_sub(ms),
            Age::Always => i64::MIN,
        }
    }
}

impl FromStr for Age {
    type Err = NoAge;
    fn from_str(text: &str) -> Result<Self, NoAge> {
        if text == ALWAYS {
            return Ok(Age::Always);
        }
        let unit = UNITS
            .into_iter()
            .find_map(|(letter, ms)| Some((text.strip_suffix(letter)?, ms)));
        let (number, unit_ms) = unit.ok_or(NoAge)?;
        let number: u32 = number.parse().map_err(|_| NoAge)?;
        Ok(Age::Ms(i64::from(number) * unit_ms))
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Age::Ms(ms) = *self else {
            return f.write_str(ALWAYS);
        };
        // Weeks are told in days, as everybody counts them.
        let whole = |unit: &&(char, i64)| ms % unit.1 == 0;
        match UNITS[1..].iter().find(whole) {
            Some((letter, unit_ms)) => write!(f, "{}{letter}", ms / unit_ms),
            None => write!(f, "{ms} ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_with_a_unit() {
        for (text, ms, shown) in [
            ("90d", 90 * DAY_MS, "90d"),
            ("2w", 14 * DAY_MS, "14d"),
            ("12h", 12 * HOUR_MS, "12h"),
            ("90m", 90 * MINUTE_MS, "90m"),
            ("0d", 0, "0d"),
            ("4294967295w", 4_294_967_295 * 7 * DAY_MS, "30064771065d"),
        ] {
            let age: Age = text.parse().expect(text);
            assert_eq!(age, Age::Ms(ms));
            assert_eq!(age.to_string(), shown);
            assert_eq!(shown.parse::<Age>().is_ok(), shown != "30064771065d");
        }
        for text in [
            "",
            "d",
            "90",
            "-1d",
            "1.5d",
            "1 d",
            "1y",
            "4294967296d",
            "ever",
        ] {
            assert_eq!(text.parse::<Age>(), Err(NoAge), "{text}");
        }
        assert_eq!(Age::days(1).before_ms(DAY_MS), 0);
        let always: Age = "always".parse().expect("an age");
        assert_eq!(always.before_ms(0), i64::MIN);
        assert_eq!(always.to_string(), "always");
    }
}
