//! Examples in a recogniser's documentation are its tests.
//!
//! Each line `before → after` inside a `text` block of the module's documentation is scrubbed for
//! the recogniser's countries and compared.

use super::{Country, Kind, Kinds, Scanner, scrub};

/// A scanner of everything but names of people, which depend on more than one recogniser's rule.
pub(super) fn scanner(countries: &[Country]) -> Scanner {
    Scanner::new(countries).of_kinds(Kind::ALL.into_iter().filter(|kind| *kind != Kind::Name && !kind.is_flag()).collect::<Kinds>())
}

/// Checks every documented example of a source file; returns how many there were.
pub(super) fn check(source: &str, countries: &[Country]) -> usize {
    check_with(source, &scanner(countries))
}

/// As [`check`], with another scanner.
pub(super) fn check_with(source: &str, scanner: &Scanner) -> usize {
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
