//! Dates and times: the forms of FHIR, and whether the calendar has them.

use super::primitive::Flaw;

/// Reads a number of exactly `length` digits and leaves the rest.
fn digits(text: &mut &[u8], length: usize) -> Option<u32> {
    if text.len() < length || !text[..length].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = text[..length].iter().fold(0u32, |sum, b| sum * 10 + u32::from(b - b'0'));
    *text = &text[length..];
    Some(value)
}

fn take(text: &mut &[u8], byte: u8) -> bool {
    let found = text.first() == Some(&byte);
    if found {
        *text = &text[1..];
    }
    found
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads `YYYY[-MM[-DD]]`; says whether the day was there.
fn date(text: &mut &[u8]) -> Result<bool, Flaw> {
    let year = digits(text, 4).ok_or(Flaw::Format)?;
    if year == 0 {
        return Err(Flaw::Calendar);
    }
    if !take(text, b'-') {
        return Ok(false);
    }
    let month = digits(text, 2).ok_or(Flaw::Format)?;
    if !(1..=12).contains(&month) {
        return Err(Flaw::Calendar);
    }
    if !take(text, b'-') {
        return Ok(false);
    }
    let day = digits(text, 2).ok_or(Flaw::Format)?;
    if (1..=days_in(year, month)).contains(&day) { Ok(true) } else { Err(Flaw::Calendar) }
}

/// Reads `hh:mm:ss[.fff]`.
fn time(text: &mut &[u8]) -> Result<(), Flaw> {
    let hour = digits(text, 2).ok_or(Flaw::Format)?;
    let minute = take(text, b':').then(|| digits(text, 2)).flatten().ok_or(Flaw::Format)?;
    let second = take(text, b':').then(|| digits(text, 2)).flatten().ok_or(Flaw::Format)?;
    // A leap second is a second.
    if hour > 23 || minute > 59 || second > 60 {
        return Err(Flaw::Calendar);
    }
    if take(text, b'.') {
        let fraction = text.iter().take_while(|b| b.is_ascii_digit()).count();
        if fraction == 0 {
            return Err(Flaw::Format);
        }
        *text = &text[fraction..];
    }
    Ok(())
}

/// Reads `Z` or `+hh:mm`.
fn zone(text: &mut &[u8]) -> Result<(), Flaw> {
    if take(text, b'Z') {
        return Ok(());
    }
    if text.is_empty() {
        return Err(Flaw::NoZone);
    }
    if !take(text, b'+') && !take(text, b'-') {
        return Err(Flaw::Format);
    }
    let hour = digits(text, 2).ok_or(Flaw::Format)?;
    let minute = take(text, b':').then(|| digits(text, 2)).flatten().ok_or(Flaw::Format)?;
    if hour > 14 || minute > 59 || (hour == 14 && minute > 0) { Err(Flaw::Calendar) } else { Ok(()) }
}

fn end(text: &[u8]) -> Result<(), Flaw> {
    if text.is_empty() { Ok(()) } else { Err(Flaw::Format) }
}

pub fn check_date(text: &str) -> Result<(), Flaw> {
    let mut rest = text.as_bytes();
    date(&mut rest)?;
    end(rest)
}

pub fn check_date_time(text: &str) -> Result<(), Flaw> {
    let mut rest = text.as_bytes();
    let whole_day = date(&mut rest)?;
    if whole_day && take(&mut rest, b'T') {
        time(&mut rest)?;
        zone(&mut rest)?;
    }
    end(rest)
}

pub fn check_instant(text: &str) -> Result<(), Flaw> {
    let mut rest = text.as_bytes();
    if !date(&mut rest)? || !take(&mut rest, b'T') {
        return Err(Flaw::Format);
    }
    time(&mut rest)?;
    zone(&mut rest)?;
    end(rest)
}

pub fn check_time(text: &str) -> Result<(), Flaw> {
    let mut rest = text.as_bytes();
    time(&mut rest)?;
    end(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_decides_what_the_form_lets_through() {
        assert!(check_date("2024-02-29").is_ok());
        assert_eq!(check_date("2023-02-29"), Err(Flaw::Calendar));
        assert_eq!(check_date("2020-13-01"), Err(Flaw::Calendar));
        assert_eq!(check_date("2020/01/01"), Err(Flaw::Format));
        assert!(check_date("2020").is_ok());
        assert!(check_date("2020-1").is_err());
    }

    #[test]
    fn a_time_of_day_needs_a_zone() {
        assert_eq!(check_date_time("2020-01-01T10:00:00"), Err(Flaw::NoZone));
        assert!(check_date_time("2020-01-01T10:00:00.123+02:00").is_ok());
        assert_eq!(check_date_time("2020-01-01T25:00:00Z"), Err(Flaw::Calendar));
        assert_eq!(check_instant("2020-01-01"), Err(Flaw::Format));
        assert!(check_time("10:00:00").is_ok());
        assert!(check_time("10:00").is_err());
    }
}
