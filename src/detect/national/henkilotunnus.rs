//! Finnish identity codes.

use crate::detect::digits::{Page, Run};
use crate::detect::resolve::Candidate;

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(_page: &Page<'_>, _first: usize, _run: &Run<'_>, _found: &mut Vec<Candidate>) {}
