//! User names.

use crate::detect::digits::Page;
use crate::detect::resolve::Candidate;

/// Offers the user name that this `@` begins.
pub(in crate::detect) fn recognise(_page: &Page<'_>, _at: usize, _found: &mut Vec<Candidate>) {}

/// Offers the user name behind a label that this `:` ends: `user: kim92`.
pub(in crate::detect) fn recognise_label(_page: &Page<'_>, _colon: usize, _found: &mut Vec<Candidate>) {}
