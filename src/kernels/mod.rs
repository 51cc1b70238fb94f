//! Kernels: pure functions from Arrow arrays to an Arrow array of the same length.
//!
//! No kernel reads a clock, a random source, a file or another thread's work; parameters arrive
//! validated. Supported are `Int64`, `Float64`, `Decimal128`, `Utf8`, `Boolean`, `Date32`,
//! `Timestamp(µs)` with and without zone, and `Binary`, as far as a kernel's own page says so;
//! every other type is a [`KernelError`], which names type, row and reason, never the value.
//! Treatments are idempotent: applied to their own result they change nothing.

pub mod arithmetic;
pub mod band;
mod calendar;
pub mod cast;
pub mod convert;
pub mod derived;
mod error;
pub mod json;
pub mod lookup;
pub mod mean;
pub mod period;
pub mod pseudonym;
pub mod rank;
pub mod replace;
pub mod scrub;
pub mod sums;
mod text;
pub mod truncate;

pub use error::KernelError;
