//! How the demo speaks: short lines, aligned.

use std::time::Duration;

pub fn title(text: &str) {
    println!("\n{text}");
}

pub fn line(what: &str, text: &str) {
    println!("  {what:<22}{text}");
}

pub fn note(text: &str) {
    println!("  {text}");
}

/// `12 ms`
pub fn took(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}

/// `1 resource`, `2 resources`
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
