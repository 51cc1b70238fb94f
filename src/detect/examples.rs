//! Examples in a recogniser's documentation are its tests.
//!
//! Each line `before → after` inside a `text` block of the module's documentation is scrubbed for
//! the recogniser's countries and compared.

use super::{Country, Scanner, scrub};

/// Checks every documented example of a source file; returns how many there were.
pub(super) fn check(source: &str, countries: &[Country]) -> usize {
    let scanner = Scanner::new(countries);
    let mut inside = false;
    let mut count = 0;
    for line in source.lines().map_while(|line| line.strip_prefix("//!")) {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.starts_with("```") {
            inside = line == "```text";
        } else if inside {
            let (before, after) = line.split_once(" → ").expect("an example has an arrow");
            assert_eq!(scrub(before, &scanner.scan(before)), after, "{before}");
            count += 1;
        }
    }
    count
}
