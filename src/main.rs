//! The `gallra` program: reads what was typed, runs it, prints one result, and exits with a code that says how it went.

// A panic must never reach a user; the tests may panic.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo, clippy::unimplemented))]

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
