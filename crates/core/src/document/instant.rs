//! Instants of fields declared `date`: a strict part of ISO 8601, without a clock and without a time zone database.

/// A point in time, ordered. Two spellings of one instant (`…T12:00+02:00`, `…T10:00Z`) are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant {
    /// Seconds since 1970-01-01T00:00:00Z, negative before it.
    pub seconds: i64,
    /// Nanoseconds after that second, 0 to 999,999,999.
    pub nanoseconds: u32,
}

impl Instant {
    /// Reads `YYYY-MM-DD`, optionally followed by `THH:MM`, `:SS`, `.f` (1 to 9 digits) and `Z` or `±HH:MM`.
    ///
    /// Without a zone it is UTC. Years 0000 to 9999 of the proleptic Gregorian calendar. `None` for everything else:
    /// days that no month has, hour 24, second 60, lower-case `t` and `z`, spaces, more than nine digits of fraction.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = Reader(text.as_bytes());
        let year = rest.digits(4)?;
        rest.byte(b'-')?;
        let month = rest.digits(2).filter(|month| (1..=12).contains(month))?;
        rest.byte(b'-')?;
        let day = rest.digits(2).filter(|day| (1..=days_in(year, month)).contains(day))?;
        let mut seconds = days_from_epoch(year, month, day) * 86_400;
        let mut nanoseconds = 0;
        if rest.byte(b'T').is_some() {
            let hour = rest.digits(2).filter(|hour| *hour < 24)?;
            rest.byte(b':')?;
            let minute = rest.digits(2).filter(|minute| *minute < 60)?;
            seconds += i64::from(hour * 3_600 + minute * 60);
            if rest.byte(b':').is_some() {
                seconds += i64::from(rest.digits(2).filter(|second| *second < 60)?);
                if rest.byte(b'.').is_some() {
                    nanoseconds = rest.fraction()?;
                }
            }
            seconds -= rest.zone()?;
        }
        rest.0.is_empty().then_some(Self { seconds, nanoseconds })
    }
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self, wanted: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        (*first == wanted).then(|| self.0 = rest)
    }

    fn digits(&mut self, count: usize) -> Option<u32> {
        let (head, rest) = self.0.split_at_checked(count)?;
        let mut number = 0;
        for byte in head {
            number = number * 10 + u32::from(byte.is_ascii_digit().then(|| byte - b'0')?);
        }
        self.0 = rest;
        Some(number)
    }

    /// 1 to 9 digits, as nanoseconds.
    fn fraction(&mut self) -> Option<u32> {
        let count = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let scale = 10_u32.pow(u32::try_from(9_usize.checked_sub(count)?).ok()?);
        (count > 0).then(|| self.digits(count))?.map(|number| number * scale)
    }

    /// Seconds east of UTC; nothing and `Z` are 0.
    fn zone(&mut self) -> Option<i64> {
        if self.0.is_empty() || self.byte(b'Z').is_some() {
            return Some(0);
        }
        let sign = if self.byte(b'+').is_some() {
            1
        } else {
            self.byte(b'-')?;
            -1
        };
        let hours = self.digits(2).filter(|hours| *hours < 24)?;
        self.byte(b':')?;
        let minutes = self.digits(2).filter(|minutes| *minutes < 60)?;
        Some(sign * i64::from(hours * 3_600 + minutes * 60))
    }
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 => 28 + u32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of year 0 or later, by counting leap days before its year.
fn days_from_epoch(year: u32, month: u32, day: u32) -> i64 {
    let leap_days_before = |year: i64| (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
    let year_start = |year: i64| year * 365 + leap_days_before(year);
    let in_year: u32 = (1..month).map(|month| days_in(year, month)).sum();
    year_start(i64::from(year)) - year_start(1_970) + i64::from(in_year) + i64::from(day) - 1
}

#[cfg(test)]
mod tests {
    use super::Instant;

    fn seconds(text: &str) -> Option<i64> {
        Instant::parse(text).map(|instant| instant.seconds)
    }

    #[test]
    fn known_instants() {
        assert_eq!(seconds("1970-01-01"), Some(0));
        assert_eq!(seconds("1969-12-31T23:59:59Z"), Some(-1));
        assert_eq!(seconds("2000-02-29"), Some(951_782_400));
        assert_eq!(seconds("2024-03-01T00:00:00Z"), Some(1_709_251_200));
        assert_eq!(seconds("0000-01-01"), Some(-62_167_219_200));
        assert_eq!(seconds("9999-12-31T23:59:59Z"), Some(253_402_300_799));
        assert_eq!(seconds("1900-03-01"), Some(-2_203_891_200));
    }

    #[test]
    fn spellings_of_one_instant_are_equal() {
        let noon = Instant::parse("2024-05-06T12:00:00Z");
        for text in ["2024-05-06T12:00", "2024-05-06T14:00+02:00", "2024-05-06T06:30:00.000-05:30"] {
            assert_eq!(Instant::parse(text), noon, "{text}");
        }
        assert_eq!(Instant::parse("2024-05-06T12:00:00.5"), Instant::parse("2024-05-06T12:00:00.500000000Z"));
        assert!(Instant::parse("2024-05-06T12:00:00.000000001") > noon);
        assert!(Instant::parse("2024-05-06") < noon);
    }

    #[test]
    fn everything_else_is_no_date() {
        for text in [
            "",
            "2024",
            "2024-5-06",
            "2024-13-01",
            "2023-02-29",
            "1900-02-29",
            "2024-04-31",
            "2024-00-01",
            "2024-01-00",
            "2024-01-01T",
            "2024-01-01T24:00",
            "2024-01-01T10",
            "2024-01-01T10:60",
            "2024-01-01T10:00:60",
            "2024-01-01T10:00:00.",
            "2024-01-01T10:00:00.0000000001",
            "2024-01-01t10:00",
            "2024-01-01 10:00",
            "2024-01-01Z",
            "2024-01-01T10:00z",
            "2024-01-01T10:00+2",
            "2024-01-01T10:00+02",
            "2024-01-01T10:00+24:00",
            "2024-01-01T10:00Zx",
            "+2024-01-01",
            "2024-01-01T10:00.5",
            "२०२४-01-01",
        ] {
            assert_eq!(Instant::parse(text), None, "{text:?}");
        }
    }
}
