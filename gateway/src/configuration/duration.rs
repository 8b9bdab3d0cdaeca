//! Durations, as the configuration spells them: a number with a unit, as in `500ms`, `30s`, `10m` or `1h 30m`; a
//! number alone is seconds.

use std::ops::RangeInclusive;
use std::time::Duration;

/// A duration within limits; `reason` says whose limits they are.
pub(super) fn within(text: &str, limits: RangeInclusive<Duration>, reason: &str) -> Result<Duration, String> {
    let duration = parse(text)?;
    if limits.contains(&duration) {
        return Ok(duration);
    }
    let (least, most) = (show(*limits.start()), show(*limits.end()));
    Err(format!("{text:?} is not between {least} and {most}: {reason}"))
}

/// The shortest spelling that [`within`] reads.
pub(super) fn show(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

fn parse(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    humantime::parse_duration(text).map_err(|_| {
        format!("{text:?} is no duration; give one like 500ms, 30s, 10m or 2h. A number alone is seconds")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units_or_are_seconds() {
        for (text, ms) in
            [("500ms", 500), ("30s", 30_000), ("30", 30_000), ("10m", 600_000), ("1h 30m", 5_400_000)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn what_is_shown_reads_as_the_same() {
        for ms in [1, 50, 1_000, 29_000, 90_000, 7_200_001] {
            let duration = Duration::from_millis(ms);
            assert_eq!(parse(&show(duration)), Ok(duration));
        }
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for text in ["", "x", "-1", "1.5", "10 parsecs", "99999999999999999999", "10m extra", "∞"] {
            let error = parse(text).unwrap_err();
            assert!(error.contains("30s"), "{error}");
        }
    }

    #[test]
    fn what_is_outside_the_limits_is_refused_with_them() {
        let limits = Duration::from_millis(50)..=Duration::from_secs(29);
        let error = within("30s", limits, "AWS allows no others").unwrap_err();
        assert_eq!(error, "\"30s\" is not between 50ms and 29s: AWS allows no others");
    }
}
