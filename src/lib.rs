//! gallra forgets people in operational databases when their time has come, and keeps purchase history without identity.
//!
//! The modules in the order in which a night's data flows through them.

// A panic must never reach a user; the tests may panic.
#![cfg_attr(not(test), warn(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::todo, clippy::unimplemented))]

pub mod run;

pub mod session;

pub mod pipeline;

pub mod store;

pub mod snapshot;

pub mod holds;

pub mod decide;

pub mod passes;

pub mod suppression;

pub mod explain;

pub mod publish;

pub mod saved_plan;

pub mod ledger;

pub mod write_back;

pub mod verify;

pub mod kernels;

pub mod detect;

pub mod keys;

pub mod epochs;

pub mod scan;

pub mod candidates;
pub mod demo;
pub mod error;
pub mod files;
pub mod interop;
pub mod progress;
pub mod report;
pub mod secret;
